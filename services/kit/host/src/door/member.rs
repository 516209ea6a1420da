//! What may this person do in this workspace?

use super::{Door, no_such_workspace};
use crate::feed::Loaded;
use proto::{
    Call, Reason, Scopes,
    id::{UserId, WorkspaceId},
    workspace::ResolveMemberRequest,
};
use tonic::Status;

impl Door {
    /// The person's permissions there. Errors: `NOT_FOUND` for who is no member, `SERVICE_UNAVAILABLE`.
    pub(super) async fn scopes(&self, user: UserId, workspace: WorkspaceId, call: &Call) -> Result<Scopes, Status> {
        let key = (user, workspace);
        if let Some(known) = self.members.get(&key, &self.workspace_feed) {
            return Ok(**known);
        }
        let load = async {
            let request = ResolveMemberRequest { workspace_id: workspace.into(), user_id: user.into() };
            let found = self.workspaces.resolve_member(&self.asks(call), request).await.map_err(plain)?;
            let scopes = Scopes::parse(found.permissions.iter().map(String::as_str)).of_workspaces();
            Ok(Loaded { value: scopes, subjects: vec![user.uuid(), workspace.uuid()] })
        };
        // Boxed for the same reason as the look-up of a credential.
        Box::pin(self.members.load(key, &self.workspace_feed, load)).await.map(|found| **found)
    }
}

/// One sentence for absent and foreign workspaces: the answer must not tell which.
fn plain(status: Status) -> Status {
    if Reason::of(&status) == Reason::NotFound { no_such_workspace() } else { status }
}
