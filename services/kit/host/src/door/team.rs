//! Is the team of a key there, and whoever answers for the key in it?

use super::Door;
use crate::feed::Loaded;
use proto::{
    Call, Reason,
    id::{TeamId, UserId, WorkspaceId},
    workspace::ResolveTeamRequest,
};
use tonic::Status;

/// A place in a team: somebody's, or, of a service account, the team itself.
pub(super) type Seat = (WorkspaceId, TeamId, Option<UserId>);

impl Door {
    /// Goes on if it is there. Errors: `KEY_REVOKED`, `SERVICE_UNAVAILABLE`.
    pub(super) async fn seat(&self, seat: Seat, call: &Call) -> Result<(), Status> {
        if self.teams.get(&seat, &self.workspace_feed).is_some() {
            return Ok(());
        }
        let (workspace, team, user) = seat;
        let load = async {
            let request = ResolveTeamRequest {
                workspace_id: workspace.into(),
                team_id: team.into(),
                user_id: user.map(String::from).unwrap_or_default(),
            };
            self.workspaces.resolve_team(&self.asks(call), request).await.map_err(gone)?;
            let subjects = [Some(team.uuid()), Some(workspace.uuid()), user.map(UserId::uuid)];
            Ok(Loaded { value: (), subjects: subjects.into_iter().flatten().collect() })
        };
        // Boxed for the same reason as the look-up of a credential.
        Box::pin(self.teams.load(seat, &self.workspace_feed, load)).await.map(drop)
    }
}

/// What a key hears whose team has gone, or whose member has left it.
fn gone(status: Status) -> Status {
    match Reason::of(&status) {
        Reason::NotFound => {
            let why =
                "the team of this API key is gone, or whoever made it is not in the team any more: create a new one";
            Reason::KeyRevoked.with(why).into()
        }
        _ => status,
    }
}
