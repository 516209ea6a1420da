//! What does this service ask others? What a workspace is, and what it has used; never on the way to a model.

use crate::{Billing, Error};
use chrono_tz::Tz;
use proto::{
    Call, Permission, Reason, Role, Scopes,
    id::{RequestId, WorkspaceId},
    usage::{CredentialOwner, LayerKind, LimitKind, LimitState, PeekLimitsRequest},
    workspace::GetWorkspaceRequest,
};

/// What matters here of a workspace.
pub(crate) struct Workspace {
    pub plan: String,
    pub currency: String,
    pub zone: Tz,
}

/// Errors: [`Error::NoWorkspace`], [`Error::Peer`].
pub(crate) async fn workspace(service: &Billing, id: WorkspaceId) -> Result<Workspace, Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    let call = Call { workspace: Some(id), scopes: Scopes::NONE.with(Permission::WorkspaceRead), ..call };
    match service.workspaces.get_workspace(&call, GetWorkspaceRequest {}).await {
        Ok(found) => {
            let found = found.workspace.unwrap_or_default();
            let zone = found.time_zone.parse().unwrap_or(Tz::UTC);
            Ok(Workspace { plan: found.plan, currency: found.currency, zone })
        }
        Err(status) if Reason::of(&status) == Reason::NotFound => Err(Error::NoWorkspace),
        Err(status) => Err(Error::Peer(Box::new(status))),
    }
}

/// Where the quotas of a plan stand. Errors: [`Error::Peer`].
pub(crate) async fn quotas(service: &Billing, id: WorkspaceId, plan: &str, zone: Tz) -> Result<Vec<LimitState>, Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    let request = PeekLimitsRequest {
        workspace_id: id.to_string(),
        plan: plan.to_owned(),
        time_zone: zone.name().to_owned(),
        // What the platform pays for is what a plan limits of models.
        credential_owner: CredentialOwner::Platform.into(),
        ..PeekLimitsRequest::default()
    };
    let call = Call { workspace: Some(id), ..call };
    let found = service.usage.peek_limits(&call, request).await.map_err(|status| Error::Peer(Box::new(status)))?;
    let mut quotas = found.limits;
    quotas.retain(|state| state.kind() == LimitKind::Quota && state.layer() == LayerKind::Plan);
    Ok(quotas)
}
