//! Metered events of a workspace, and how much of each resource it used.

use super::{
    time,
    usage::{Period, PeriodBody},
};
use crate::{app::Shared, auth::Caller, error::Result, json::Json, query::Query};
use axum::extract::State;
use proto::{
    Call, Permission,
    limits::{Period as LimitPeriod, ResourceLimit},
    usage::{
        self, Allowance, GetResourceUsageRequest, Layer, LayerKind, RecordUsageRequest, RecordedEvent, ResourceLimits,
        ResourceUsage,
    },
    workspace::{GetWorkspaceRequest, Workspace},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Events that were metered elsewhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUsageEvents {
    /// At most 1,000: all of them are recorded, or none.
    events: Vec<NewUsageEvent>,
    /// `false`: it has been used, and is recorded whatever limits say. Hard limits refuse what comes after it.
    #[serde(default = "yes")]
    #[schema(default = true)]
    enforce_limits: bool,
}

const fn yes() -> bool {
    true
}

/// One use of a resource. `source` and `id` are its identity: the same event again is counted once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUsageEvent {
    /// Who metered it; not beginning with `perpetuo`.
    #[schema(example = "shop")]
    source: String,
    #[schema(example = "order-4711")]
    id: String,
    /// Lower-case letters, digits, `.`, `_` and `-`.
    #[schema(example = "tickets")]
    resource: String,
    /// Not negative, unless it corrects.
    quantity: i64,
    /// When it was used: at most 5 minutes ahead, and not before what the ledger keeps.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T08:00:00Z")]
    at: time::Instant,
    /// At most 20 texts.
    #[serde(default)]
    properties: BTreeMap<String, String>,
    /// The event that this one corrects: `quantity` is added to it.
    corrects: Option<EventName>,
}

/// The name of an event.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventName {
    source: String,
    id: String,
}

/// What became of the events, in their order.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageEvents {
    data: Vec<UsageEventBody>,
}

/// What became of one event.
#[derive(Serialize, ToSchema)]
struct UsageEventBody {
    source: String,
    id: String,
    /// It had been recorded before, and is counted once.
    duplicate: bool,
}

/// Totals of a period by resource.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResourceUsages {
    data: Vec<ResourceUsageBody>,
    period: PeriodBody,
}

/// How much was used of a resource.
#[derive(Serialize, ToSchema)]
#[schema(as = ResourceUsage)]
struct ResourceUsageBody {
    resource: String,
    /// Without corrections.
    events: i64,
    /// With corrections.
    quantity: i64,
}

/// Record metered events. What is answered is durable; the same request may be sent again. Events that do not fit into
/// what plan and workspace allow of a resource are refused together.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/usage/events", tag = "Logs and usage",
    request_body = NewUsageEvents, params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "All are recorded", body = UsageEvents),
        (status = 402, description = "It does not fit into a limit, which is named with its numbers; nothing was recorded"),
        (status = 409, description = "An id was recorded before with another payload; nothing was recorded")))]
pub(crate) async fn record_usage(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewUsageEvents>,
) -> Result<Json<UsageEvents>> {
    let events = body.events.into_iter().map(Into::into).collect();
    let limits = if body.enforce_limits { Some(limits(&app, &call).await?) } else { None };
    let request = RecordUsageRequest { events, limits };
    let recorded = app.services.usage.record_usage(&call, request).await?;
    Ok(Json(UsageEvents { data: recorded.events.into_iter().map(Into::into).collect() }))
}

/// Sum up the metered resources of a workspace.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/resources", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "One entry for each resource that was used", body = ResourceUsages)))]
pub(crate) async fn get_resource_usage(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<ResourceUsages>> {
    let (from, to) = period.to_proto();
    let sums = app.services.usage.get_resource_usage(&call, GetResourceUsageRequest { from, to }).await?;
    Ok(Json(ResourceUsages {
        data: sums.resources.into_iter().map(Into::into).collect(),
        period: PeriodBody::new(sums.from, sums.to)?,
    }))
}

/// What the workspace may use: whoever may record in it need not be allowed to read it.
async fn limits(app: &Shared, call: &Call) -> Result<ResourceLimits> {
    let reading = Call { scopes: call.scopes.with(Permission::WorkspaceRead), ..call.clone() };
    let workspace = app.services.workspaces.get_workspace(&reading, GetWorkspaceRequest {}).await?.workspace;
    Ok(rules(workspace.unwrap_or_default()))
}

/// What holds for resources in a workspace.
pub(super) fn rules(workspace: Workspace) -> ResourceLimits {
    let Workspace { id, plan, time_zone, limits, .. } = workspace;
    let allowance = |limit: ResourceLimit| Allowance {
        period: match limit.period() {
            LimitPeriod::Day => usage::Period::Day,
            LimitPeriod::Month => usage::Period::Month,
            LimitPeriod::Total => usage::Period::Total,
            LimitPeriod::Unspecified => usage::Period::Unspecified,
        }
        .into(),
        resource: limit.resource,
        limit: limit.quantity,
        soft: limit.soft,
        ..Allowance::default()
    };
    let allowances = limits.unwrap_or_default().resources.into_iter().map(allowance).collect();
    let layer = Layer { kind: LayerKind::Workspace.into(), id, allowances, ..Layer::default() };
    ResourceLimits { plan, time_zone, layers: vec![layer] }
}

impl From<NewUsageEvent> for usage::UsageEvent {
    fn from(event: NewUsageEvent) -> Self {
        let NewUsageEvent { source, id, resource, quantity, at, properties, corrects } = event;
        let corrects = corrects.map(|EventName { source, id }| usage::EventName { source, id });
        let properties = properties.into_iter().collect();
        Self { source, id, resource, quantity, at: Some(at.to_proto()), properties, corrects }
    }
}

impl From<RecordedEvent> for UsageEventBody {
    fn from(event: RecordedEvent) -> Self {
        let RecordedEvent { source, id, duplicate } = event;
        Self { source, id, duplicate }
    }
}

impl From<ResourceUsage> for ResourceUsageBody {
    fn from(usage: ResourceUsage) -> Self {
        let ResourceUsage { resource, events, quantity } = usage;
        Self { resource, events, quantity }
    }
}
