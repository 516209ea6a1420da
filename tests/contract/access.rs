//! Who may call what: the same refusals in one process as over the wire.

use crate::{Handles, anonymous, checks, reason};
use proto::{Call, Permission, Reason, Role, Scopes, identity, usage, workspace};

checks!(
    peers_of_another_role_are_refused,
    a_permission_is_needed_and_named,
    without_a_credential_it_is_unauthenticated,
    a_deadline_ends_the_wait,
    a_message_that_is_too_large_is_refused,
);

async fn peers_of_another_role_are_refused(h: &Handles) -> anyhow::Result<()> {
    // These are for the gateway: not even the edge may call them.
    let call = h.somebody().await?.call;
    let workspace_id = call.workspace.map(String::from).unwrap_or_default();
    let refused = [
        reason(h.usage.admit(&call, usage::AdmitRequest::default()).await)?,
        reason(h.usage.settle(&call, usage::SettleRequest::default()).await)?,
        reason(h.usage.record_refusal(&call, usage::RecordRefusalRequest::default()).await)?,
        reason(h.usage.peek_limits(&call, usage::PeekLimitsRequest::default()).await)?,
        reason(h.workspaces.open_routing(&call, workspace::OpenRoutingRequest { workspace_id }).await)?,
        reason(h.workspaces.provision_workspace(&call, workspace::ProvisionWorkspaceRequest::default()).await)?,
        reason(h.identity.get_key_policy(&call, identity::GetKeyPolicyRequest::default()).await)?,
    ];
    anyhow::ensure!(refused.iter().all(|r| *r == Reason::PermissionDenied), "{refused:?}");
    let gateway = h.called_by(Role::Gateway);
    let beat = usage::HeartbeatRequest { instance_id: crate::random().to_string() };
    gateway.usage.heartbeat(&Call::service(Role::Gateway, call.request_id), beat).await?;
    Ok(())
}

async fn a_permission_is_needed_and_named(h: &Handles) -> anyhow::Result<()> {
    let mut call = h.somebody().await?.call;
    call.scopes = Scopes::NONE.with(Permission::Inference);
    let status = h.workspaces.list_providers(&call, workspace::ListProvidersRequest::default()).await.err();
    let failure = status.as_ref().map(proto::Failure::from).ok_or_else(|| anyhow::anyhow!("was not refused"))?;
    anyhow::ensure!(failure.reason == Reason::PermissionDenied, "{failure:?}");
    anyhow::ensure!(failure.get("permission") == Some("providers.read"), "{failure:?}");
    Ok(())
}

async fn without_a_credential_it_is_unauthenticated(h: &Handles) -> anyhow::Result<()> {
    let call = anonymous();
    let refused = [
        reason(h.workspaces.get_workspace(&call, workspace::GetWorkspaceRequest {}).await)?,
        reason(h.identity.get_me(&call, identity::GetMeRequest {}).await)?,
        reason(h.usage.get_usage(&call, usage::GetUsageRequest::default()).await)?,
        reason(h.gateway.list_models(&call, proto::gateway::ListModelsRequest {}).await)?,
    ];
    anyhow::ensure!(refused.iter().all(|r| *r == Reason::CredentialsMissing), "{refused:?}");
    Ok(())
}

async fn a_deadline_ends_the_wait(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call.until(tokio::time::Instant::now());
    let refused = reason(h.identity.get_me(&call, identity::GetMeRequest {}).await)?;
    anyhow::ensure!(refused == Reason::DeadlineExceeded, "{refused:?}");
    Ok(())
}

async fn a_message_that_is_too_large_is_refused(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let body = vec![b' '; proto::rpc::MAX_MESSAGE_BYTES + 1].into();
    let request = proto::gateway::CompleteRequest { operation: 1, body, ..Default::default() };
    let refused = h.gateway.complete(&call, request).await.err().map(|s| Reason::of(&s));
    anyhow::ensure!(refused == Some(Reason::BodyTooLarge), "{refused:?}");
    Ok(())
}
