//! Does a provider work? One cheap real call says so.

use crate::{cache::routing::Routing, limits::Terms, models, provider::Provider, service::Inner, ticket::Ticket};
use proto::{
    Call,
    gateway::{TestPlatformProviderRequest, TestPlatformProviderResponse, TestProviderRequest, TestProviderResponse},
    id::WorkspaceId,
    workspace::GetProviderRequest,
};
use std::sync::Arc;
use tokio::time::Instant;
use tonic::Status;
use uuid::Uuid;

/// As logs name the operation.
const OPERATION: &str = "test";
/// How many models are named.
const MOST_MODELS: usize = 200;

/// Tests a provider of the call's workspace. Errors: `NOT_FOUND`; a provider that fails is an answer.
pub(crate) async fn test_provider(
    gateway: &Arc<Inner>,
    call: &Call,
    request: TestProviderRequest,
) -> Result<TestProviderResponse, Status> {
    let workspace = call.workspace()?;
    // Whoever tests has often just changed the settings: what the cache has may be older.
    let routing = Arc::new(gateway.routings.load(workspace, call.request_id).await?);
    let Some(provider) = routing.providers.iter().find(|p| p.id == request.provider_id) else {
        return absent(gateway, call, request).await;
    };
    Ok(tried(gateway, call, workspace, provider, routing.clone()).await)
}

/// Tests a provider of the platform. Errors: `NOT_FOUND`; a provider that fails is an answer.
pub(crate) async fn test_platform_provider(
    gateway: &Arc<Inner>,
    call: &Call,
    request: TestPlatformProviderRequest,
) -> Result<TestPlatformProviderResponse, Status> {
    // It reaches a provider, so it has its row in the ledger like every call; of no workspace, as the platform has none.
    let nobody = WorkspaceId::from_uuid(Uuid::nil());
    let found = gateway.routings.platform_provider(request.provider_id, nobody, call.request_id).await?;
    let result = match found {
        (Some(provider), true) => tried(gateway, call, nobody, &Arc::new(provider), Arc::default()).await,
        (_, enabled) => cannot_be_tried(enabled),
    };
    Ok(TestPlatformProviderResponse { result: Some(result) })
}

/// Asks it what it has.
async fn tried(
    gateway: &Arc<Inner>,
    call: &Call,
    workspace: WorkspaceId,
    provider: &Arc<Provider>,
    routing: Arc<Routing>,
) -> TestProviderResponse {
    let ticket = Arc::new(Ticket::new(gateway, call, workspace, OPERATION));
    let began = Instant::now();
    let terms = Terms::unlimited(call, routing);
    let answer = models::ask(&ticket, provider, &terms, 1, true).await;
    let latency_ms = i32::try_from(began.elapsed().as_millis()).unwrap_or(i32::MAX);
    match answer {
        Ok(listed) => {
            let models = listed.into_iter().take(MOST_MODELS).map(|m| m.id).collect();
            TestProviderResponse { ok: true, latency_ms, models, error: String::new() }
        }
        Err(fault) => {
            let fault = if provider.is_platform() { fault.of_platform() } else { fault };
            let error = format!("the provider {:?} {fault}", provider.name);
            TestProviderResponse { ok: false, latency_ms, models: vec![], error }
        }
    }
}

/// A provider that is not among those which can be called: switched off, or not there at all.
async fn absent(gateway: &Inner, call: &Call, request: TestProviderRequest) -> Result<TestProviderResponse, Status> {
    let ask = GetProviderRequest { provider_id: request.provider_id };
    let provider = gateway.workspaces.get_provider(call, ask).await?.provider.unwrap_or_default();
    Ok(cannot_be_tried(provider.enabled))
}

fn cannot_be_tried(enabled: bool) -> TestProviderResponse {
    let error = if enabled {
        "the provider cannot be called: its kind is switched off or unknown here".to_owned()
    } else {
        "the provider is disabled: set enabled to true, then test it again".to_owned()
    };
    TestProviderResponse { ok: false, latency_ms: 0, models: vec![], error }
}
