//! Of which team is a key, and how many are of one?

use super::policy::Behind;
use crate::{Error, Parts, input::Problems};
use proto::{
    Call, Permission, Reason,
    id::{TeamId, WorkspaceId},
    identity as pb,
    workspace::ResolveTeamRequest,
};
use store::WorkspaceTx;

/// The team that a new key names, for whoever may make it. Workspace is asked; what changes while it answers is told by its
/// feed, and the doors ask again. Errors: `REFUSED_VALUE` for a team that is none, and for a person who is not in it;
/// [`Error::NotInTeam`] for a service account of a team that is not the caller's.
pub(super) async fn of(
    parts: &Parts,
    call: &Call,
    behind: &Behind,
    (asked, service_account): (&str, bool),
) -> Result<Option<TeamId>, Error> {
    if asked.is_empty() {
        return Ok(None);
    }
    let workspace = call.workspace().map_err(Error::caller)?;
    let Ok(team) = asked.parse::<TeamId>() else { return refused("must be the id of a team (team_…)") };
    if !exists(parts, call, (workspace, team), String::new()).await? {
        return refused("must be a team of this workspace");
    }
    let is_in_it = match behind.user {
        Some(user) => exists(parts, call, (workspace, team), user.to_string()).await?,
        None => false,
    };
    match (is_in_it, service_account || behind.user.is_none()) {
        (true, _) => Ok(Some(team)),
        // Of the workspace, and as good as its team: whoever looks after members may give it one.
        (false, true) if call.scopes.contains(Permission::MembersWrite) => Ok(Some(team)),
        (false, true) => Err(Error::NotInTeam),
        // It would work for nobody.
        (false, false) => refused("must be a team in which you are, or the key that of a service account"),
    }
}

async fn exists(
    parts: &Parts,
    call: &Call,
    (workspace, team): (WorkspaceId, TeamId),
    user_id: String,
) -> Result<bool, Error> {
    let request = ResolveTeamRequest { workspace_id: workspace.to_string(), team_id: team.to_string(), user_id };
    match parts.workspaces.resolve_team(call, request).await {
        Ok(_) => Ok(true),
        Err(status) if Reason::of(&status) == Reason::NotFound => Ok(false),
        Err(status) => Err(Error::workspaces(status)),
    }
}

fn refused(problem: &str) -> Result<Option<TeamId>, Error> {
    let mut problems = Problems::default();
    problems.refused("team_id", problem);
    problems.none().map(|()| None)
}

/// Answers `CountTeamKeys`. Of what is no team there is none.
pub(crate) async fn count(
    parts: &Parts,
    call: &Call,
    request: pb::CountTeamKeysRequest,
) -> Result<pb::CountTeamKeysResponse, Error> {
    let Ok(team) = request.team_id.parse::<TeamId>() else { return Ok(pb::CountTeamKeysResponse::default()) };
    let mut tx = WorkspaceTx::read(&parts.db, call.workspace().map_err(Error::caller)?).await?;
    let values = [tx.workspace().into(), team.into(), parts.clock.now().into()];
    let (active,): (i64,) = tx.fetch_one(store::sql!("api_key/count_of_team"), &values).await?;
    tx.commit().await?;
    Ok(pb::CountTeamKeysResponse { active })
}
