//! What does this service ask others? Only what a workspace is, and never on the way to a model.

use crate::{Billing, Error};
use chrono_tz::Tz;
use proto::{
    Call, Permission, Reason, Role, Scopes,
    id::{RequestId, WorkspaceId},
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
