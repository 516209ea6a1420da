//! What a provider of the platform looks like, and how it comes from and becomes the contract's.

use crate::{
    api::providers::body::{ProviderBody, json},
    error::{Error, Result},
};
use proto::{
    id::ProviderId,
    workspace::{
        CreatePlatformProviderRequest, CreateProviderRequest, Models, Names, PlatformProvider,
        UpdatePlatformProviderRequest, UpdateProviderRequest,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A provider of the platform.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformProvider)]
pub(crate) struct PlatformProviderBody {
    #[serde(flatten)]
    provider: ProviderBody,
    /// Names of plans whose workspaces may use it.
    plans: Vec<String>,
    /// Ids of workspaces that may use it, whatever their plan is. Neither plans nor workspaces: all may.
    workspaces: Vec<String>,
}

/// A new provider of the platform.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "openai", "api_key": "sk-…", "name": "openai", "models": ["gpt-5-mini"], "plans": ["pro"]}))]
pub(crate) struct NewPlatformProvider {
    /// Its kind, such as `openai` (any OpenAI-compatible server) or `anthropic`; a wrong one is answered with all there are.
    provider: String,
    /// Its key. Left out for servers that need none.
    api_key: Option<String>,
    /// Unique in the platform: workspaces see `platform/<name>`. Default: the kind.
    name: Option<String>,
    /// What an OpenAI SDK takes, including `/v1`. Default: the kind's own.
    base_url: Option<String>,
    /// Lower is tried first, among those of the platform: a workspace's own ones always go before. Default: 0.
    priority: Option<i32>,
    /// Share among equal priorities. Default: 1.
    weight: Option<i32>,
    /// Default: true.
    enabled: Option<bool>,
    /// Models that it serves. Default: any.
    models: Option<Vec<String>>,
    /// Settings of this kind of provider.
    options: Option<Map<String, Value>>,
    /// Names of plans whose workspaces may use it.
    #[serde(default)]
    plans: Vec<String>,
    /// Ids of workspaces that may use it, whatever their plan is. Default: without plans, too, all may, the free ones included.
    #[serde(default)]
    workspaces: Vec<String>,
}

/// What to change. Fields that are left out, or null, stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": true, "plans": ["pro", "enterprise"]}))]
pub(crate) struct PlatformProviderChange {
    /// Replaces the key; empty removes it.
    api_key: Option<String>,
    name: Option<String>,
    base_url: Option<String>,
    priority: Option<i32>,
    weight: Option<i32>,
    enabled: Option<bool>,
    /// Replaces the list; empty means any.
    models: Option<Vec<String>>,
    /// Replaces all settings.
    options: Option<Map<String, Value>>,
    /// Replaces the list.
    plans: Option<Vec<String>>,
    /// Replaces the list.
    workspaces: Option<Vec<String>>,
}

impl PlatformProviderBody {
    pub(super) fn new(provider: Option<PlatformProvider>) -> Result<Self> {
        provider.ok_or_else(|| Error::incomplete("the provider"))?.try_into()
    }

    pub(super) fn id(&self) -> &str {
        &self.provider.id
    }
}

impl TryFrom<PlatformProvider> for PlatformProviderBody {
    type Error = Error;

    fn try_from(provider: PlatformProvider) -> Result<Self> {
        let PlatformProvider { provider, plans, workspaces } = provider;
        Ok(Self { provider: ProviderBody::new(provider)?, plans, workspaces })
    }
}

impl From<NewPlatformProvider> for CreatePlatformProviderRequest {
    fn from(new: NewPlatformProvider) -> Self {
        let provider = CreateProviderRequest {
            provider: new.provider,
            api_key: new.api_key,
            name: new.name.unwrap_or_default(),
            base_url: new.base_url.unwrap_or_default(),
            priority: new.priority,
            weight: new.weight,
            enabled: new.enabled,
            models: new.models.unwrap_or_default(),
            options_json: new.options.map(json).unwrap_or_default(),
        };
        Self { provider: Some(provider), plans: new.plans, workspaces: new.workspaces }
    }
}

impl PlatformProviderChange {
    pub(super) fn of(self, id: ProviderId) -> UpdatePlatformProviderRequest {
        let provider = UpdateProviderRequest {
            provider_id: id.to_string(),
            api_key: self.api_key,
            name: self.name,
            base_url: self.base_url,
            priority: self.priority,
            weight: self.weight,
            enabled: self.enabled,
            models: self.models.map(|names| Models { names }),
            options_json: self.options.map(json),
        };
        let names = |names: Option<Vec<String>>| names.map(|names| Names { names });
        let (plans, workspaces) = (names(self.plans), names(self.workspaces));
        UpdatePlatformProviderRequest { provider: Some(provider), plans, workspaces }
    }
}
