//! How routing settings are written.

mod policy;

use crate::json::Object;
use policy::PolicyBody;
use proto::routing::{Alias, Fallback, PlatformUse, Responses, Settings, Target};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How a workspace routes.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = Routing, example = json!({
    "aliases": {"smart": {"targets": [
        {"model": "openai/gpt-5", "priority": 0, "weight": 95},
        {"model": "openai/gpt-5.1", "priority": 0, "weight": 5},
        {"model": "simulator/chat", "priority": 1},
    ]}},
    "fallbacks": {"openai/gpt-5": ["smart"]},
    "policy": {"retries": {"max": 2}, "deadlines": {"first_content_ms": 20_000}},
}))]
pub(crate) struct RoutingBody {
    /// Virtual models by name: what requests may send as `model`. An alias goes before every other meaning of its name.
    /// At most 100.
    #[schema(value_type = BTreeMap<String, AliasBody>)]
    aliases: BTreeMap<String, Object<AliasBody>>,
    /// By the model that a request names: the models, or aliases, that are tried in this order once nobody who serves it
    /// answers. The lists of those models do not count.
    fallbacks: BTreeMap<String, Vec<String>>,
    /// How attempts are made, as far as an alias does not say otherwise.
    #[schema(value_type = PolicyBody)]
    policy: Object<PolicyBody>,
    /// What is kept of responses (`POST /v1/responses`). Null: what the platform is set to.
    #[schema(value_type = Option<ResponsesBody>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    responses: Option<Object<ResponsesBody>>,
    /// Whether models are called with credentials of the platform, which charges for them by plan. Null: `without_own`.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<PlatformUseBody>,
}

/// When providers of the platform are asked. The workspace's own ones always go first, whatever the priorities.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlatformUse)]
enum PlatformUseBody {
    /// For models that none of the workspace's own providers serves: what one of them serves never becomes a charge.
    WithoutOwn,
    /// Also for what the workspace's own ones serve, once they have failed.
    Fallback,
    /// Never.
    Off,
}

/// How long clients can come back to a response. Fewer days than before hold for those that are kept already, too.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingResponses)]
struct ResponsesBody {
    /// Days, up to 365. 0: no response is kept, whatever `store` says.
    keep_days: i32,
}

/// A virtual model.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Alias)]
struct AliasBody {
    /// 1 to 16.
    #[schema(value_type = Vec<TargetBody>)]
    targets: Vec<Object<TargetBody>>,
    /// What differs from the workspace's policy.
    #[serde(default)]
    #[schema(value_type = PolicyBody)]
    policy: Object<PolicyBody>,
}

/// Where a virtual model leads.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Target)]
struct TargetBody {
    /// As a request would name it; it may be another alias. With `provider`: as that provider knows it.
    #[schema(example = "openai/gpt-5")]
    model: String,
    /// Name of the only provider to ask. `platform`: only those of the platform, in this place, also beside the workspace's own
    /// ones. Null: whoever serves the model.
    #[serde(default)]
    provider: Option<String>,
    /// Lower is tried first. Null: its place in the list.
    #[serde(default)]
    priority: Option<i32>,
    /// Share among targets of the same priority. Null: 1.
    #[serde(default)]
    weight: Option<i32>,
}

impl From<RoutingBody> for Settings {
    fn from(body: RoutingBody) -> Self {
        let fallbacks = body.fallbacks.into_iter().map(|(model, models)| (model, Fallback { models }));
        Self {
            aliases: body.aliases.into_iter().map(|(name, Object(alias))| (name, alias.into())).collect(),
            fallbacks: fallbacks.collect(),
            policy: body.policy.0.into_policy(),
            responses: body.responses.map(|Object(ResponsesBody { keep_days })| Responses { keep_days }),
            platform: body.platform.map_or(PlatformUse::Unspecified, PlatformUse::from).into(),
        }
    }
}

impl From<Settings> for RoutingBody {
    fn from(settings: Settings) -> Self {
        let platform = PlatformUseBody::of(settings.platform());
        let Settings { aliases, fallbacks, policy, responses, .. } = settings;
        Self {
            aliases: aliases.into_iter().map(|(name, alias)| (name, Object(alias.into()))).collect(),
            fallbacks: fallbacks.into_iter().map(|(model, fallback)| (model, fallback.models)).collect(),
            policy: Object(policy.unwrap_or_default().into()),
            responses: responses.map(|Responses { keep_days }| Object(ResponsesBody { keep_days })),
            platform,
        }
    }
}

impl PlatformUseBody {
    const fn of(wish: PlatformUse) -> Option<Self> {
        match wish {
            PlatformUse::Unspecified => None,
            PlatformUse::WithoutOwn => Some(Self::WithoutOwn),
            PlatformUse::Fallback => Some(Self::Fallback),
            PlatformUse::Off => Some(Self::Off),
        }
    }
}

impl From<PlatformUseBody> for PlatformUse {
    fn from(body: PlatformUseBody) -> Self {
        match body {
            PlatformUseBody::WithoutOwn => Self::WithoutOwn,
            PlatformUseBody::Fallback => Self::Fallback,
            PlatformUseBody::Off => Self::Off,
        }
    }
}

impl From<AliasBody> for Alias {
    fn from(body: AliasBody) -> Self {
        let targets = body.targets.into_iter().map(|Object(target)| target.into()).collect();
        Self { targets, policy: body.policy.0.into_policy() }
    }
}

impl From<Alias> for AliasBody {
    fn from(alias: Alias) -> Self {
        let targets = alias.targets.into_iter().map(|target| Object(target.into())).collect();
        Self { targets, policy: Object(alias.policy.unwrap_or_default().into()) }
    }
}

impl From<TargetBody> for Target {
    fn from(body: TargetBody) -> Self {
        let TargetBody { model, provider, priority, weight } = body;
        Self { model, provider: provider.unwrap_or_default(), priority, weight }
    }
}

impl From<Target> for TargetBody {
    fn from(target: Target) -> Self {
        let Target { model, provider, priority, weight } = target;
        Self { model, provider: Some(provider).filter(|name| !name.is_empty()), priority, weight }
    }
}
