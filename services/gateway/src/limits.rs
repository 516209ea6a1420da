//! Which limits apply to a caller, and where do they stand?

use crate::{Error, cache::routing::Routing, service::Inner};
use proto::{
    Call, Principal, Role,
    gateway::{GetLimitsResponse, Limit},
    id::WorkspaceId,
    usage::{Layer, LayerKind, LimitKind, LimitState, PeekLimitsRequest},
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tonic::Status;

/// How long usage-metering may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The layers that limit anything: of the workspace, and of the key if a key calls.
pub(crate) async fn layers(
    gateway: &Inner,
    call: &Call,
    workspace: WorkspaceId,
    routing: &Routing,
) -> Result<Vec<Layer>, Error> {
    let own = routing.limits;
    let of_workspace = layer(LayerKind::Workspace, || workspace.to_string(), own.rpm, own.tpm, own.concurrency);
    let Principal::Key { id } = call.principal else { return Ok(of_workspace.into_iter().collect()) };
    let policy = gateway.policies.get(workspace, id, call.request_id).await?;
    let of_key = layer(LayerKind::ApiKey, || id.to_string(), policy.rpm, policy.tpm, policy.concurrency);
    Ok(of_workspace.into_iter().chain(of_key).collect())
}

fn layer(
    kind: LayerKind,
    id: impl FnOnce() -> String,
    rpm: Option<i64>,
    tpm: Option<i64>,
    concurrency: Option<i64>,
) -> Option<Layer> {
    let is_limited = rpm.is_some() || tpm.is_some() || concurrency.is_some();
    is_limited.then(|| Layer { kind: kind.into(), id: id(), rpm, tpm, concurrency, ..Layer::default() })
}

pub(crate) async fn get_limits(gateway: &Arc<Inner>, call: &Call) -> Result<GetLimitsResponse, Status> {
    let workspace = call.workspace()?;
    let routing = gateway.routings.get(workspace, call.request_id).await?;
    let layers = layers(gateway, call, workspace, &routing).await?;
    if layers.is_empty() {
        return Ok(GetLimitsResponse::default());
    }
    let own = Call { workspace: Some(workspace), ..Call::service(Role::Gateway, call.request_id) };
    let request = PeekLimitsRequest { workspace_id: workspace.to_string(), layers, ..PeekLimitsRequest::default() };
    let answer = gateway.usage.peek_limits(&own.until(Instant::now() + PATIENCE), request).await?;
    Ok(GetLimitsResponse { limits: answer.limits.iter().filter_map(limit).collect() })
}

fn limit(state: &LimitState) -> Option<Limit> {
    let layer = match state.layer() {
        LayerKind::Workspace => "workspace",
        LayerKind::ApiKey => "api_key",
        LayerKind::User => "user",
        LayerKind::Plan => "plan",
        LayerKind::Model => "model",
        LayerKind::Address => "address",
        LayerKind::Platform => "platform",
        LayerKind::Unspecified => return None,
    };
    let kind = match state.kind() {
        LimitKind::RequestsPerMinute => "requests_per_minute",
        LimitKind::TokensPerMinute => "tokens_per_minute",
        LimitKind::ConcurrentRequests => "concurrent_requests",
        LimitKind::Quota => "quota",
        LimitKind::Unspecified => return None,
    };
    let LimitState { limit, used, remaining, reset_ms, .. } = *state;
    Some(Limit { layer: layer.to_owned(), kind: kind.to_owned(), limit, used, remaining, reset_ms })
}
