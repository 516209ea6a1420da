//! Where do the limits of a caller stand?

use super::{COST, NANOS_PER_MICRO, Terms, layer, period};
use crate::{allowed::Permit, operation::Operation, service::Inner};
use proto::{
    Call, Role,
    gateway::{GetLimitsResponse, Limit},
    limits::{Limits, ResourceLimit},
    money::Nanos,
    usage::{Allowance, CredentialOwner, Layer, LayerKind, LimitKind, LimitState, PeekLimitsRequest, Period},
};
use std::sync::Arc;
use tokio::time::Instant;
use tonic::Status;

/// How long usage-metering may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Every limit that could meet a request of this caller, those of all models included.
pub(crate) async fn get_limits(gateway: &Arc<Inner>, call: &Call) -> Result<GetLimitsResponse, Status> {
    let workspace = call.workspace()?;
    let routing = gateway.routings.get(workspace, call.request_id).await?;
    let permit = Permit::of(gateway, call, workspace).await?;
    let routing = match permit.team() {
        None => routing,
        Some(team) => gateway.routings.with_team(routing, workspace, team, call.request_id).await?,
    };
    let terms = Terms::new(call, &permit, workspace, routing.clone());
    // What a plan limits is what the platform pays for: shown to whoever could come to it.
    let owner = if terms.may_be_charged() { CredentialOwner::Platform } else { CredentialOwner::Workspace };
    let Terms { mut layers, client, .. } = terms;
    let limited = routing.per_model.models.iter().filter(|(_, limits)| !limits.is_unlimited());
    layers.extend(limited.map(|(name, limits)| layer(LayerKind::Model, name.clone(), limits, &routing.currency)));
    let resources = resources(&routing.limits);
    match layers.iter_mut().find(|layer| layer.kind() == LayerKind::Workspace) {
        Some(layer) => layer.allowances.extend(resources),
        None if resources.is_empty() => {}
        None => {
            let (kind, id) = (LayerKind::Workspace.into(), workspace.to_string());
            layers.push(Layer { kind, id, allowances: resources, ..Layer::default() });
        }
    }
    let request = PeekLimitsRequest {
        workspace_id: workspace.to_string(),
        layers,
        client_address: client.map(|address| address.to_string()).unwrap_or_default(),
        plan: routing.plan.clone(),
        time_zone: routing.time_zone.clone(),
        credential_owner: owner.into(),
        operation: Operation::Chat.name().to_owned(),
    };
    let own = Call { workspace: Some(workspace), ..Call::service(Role::Gateway, call.request_id) };
    let answer = gateway.usage.peek_limits(&own.until(Instant::now() + PATIENCE), request).await?;
    Ok(GetLimitsResponse { limits: answer.limits.into_iter().filter_map(limit).collect() })
}

/// What a workspace allows of resources that are recorded: a request uses nothing of them.
fn resources(limits: &Limits) -> Vec<Allowance> {
    let allowance = |limit: &ResourceLimit| Allowance {
        resource: limit.resource.clone(),
        period: period(limit.period()).into(),
        limit: limit.quantity,
        soft: limit.soft,
        ..Allowance::default()
    };
    limits.resources.iter().map(allowance).collect()
}

/// As people see it; None for what this release does not know.
fn limit(state: LimitState) -> Option<Limit> {
    let layer = match state.layer() {
        LayerKind::Workspace => "workspace",
        LayerKind::ApiKey => "api_key",
        LayerKind::User => "user",
        LayerKind::Plan => "plan",
        LayerKind::Model => "model",
        LayerKind::Team => "team",
        LayerKind::Address => "address",
        LayerKind::Platform => "platform",
        LayerKind::Unspecified => return None,
    };
    let is_money = state.resource == COST;
    let kind = match state.kind() {
        LimitKind::RequestsPerMinute => "requests_per_minute",
        LimitKind::TokensPerMinute => "tokens_per_minute",
        LimitKind::ConcurrentRequests => "concurrent_requests",
        LimitKind::Quota if is_money => "budget",
        LimitKind::Quota => "quota",
        LimitKind::Unspecified => return None,
    };
    let period = match state.period() {
        Period::Unspecified => "",
        Period::Day => "day",
        Period::Month => "month",
        Period::Total => "total",
    };
    let (limit, used) = match is_money {
        true => (state.limit / NANOS_PER_MICRO, Nanos(state.used).to_micros()),
        false => (state.limit, state.used),
    };
    Some(Limit {
        layer: layer.to_owned(),
        id: state.id,
        kind: kind.to_owned(),
        resource: state.resource,
        period: period.to_owned(),
        limit,
        used,
        remaining: (limit - used).max(0),
        resets_at: state.resets_at,
        soft: state.soft,
        currency: state.currency,
    })
}
