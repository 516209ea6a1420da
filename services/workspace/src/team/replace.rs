//! Says who is in a team, as a whole or not at all.

use super::{
    MOST_MEMBERS,
    row::{self, TeamRow},
};
use crate::{Workspace, audit::record::Record, error::Error, member, problems::Problems};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::{ReplaceTeamMembersRequest, ReplaceTeamMembersResponse},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{WorkspaceTx, sql};

/// How many one entry of the trail names. Entries are chained one after the other, and a directory may move thousands at once.
const TOLD_AT_ONCE: usize = 100;

/// Errors: `NOT_FOUND`, `REFUSED_VALUE` for who is no member of the workspace, and for too many.
pub(crate) async fn replace(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: ReplaceTeamMembersRequest,
) -> Result<ReplaceTeamMembersResponse, Error> {
    let team = row::id(&request.team_id)?;
    let wanted = read(request.user_ids)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    member::lock(&mut tx).await?;
    let row = row::find(&mut tx, team).await?;
    let rows: Vec<(UserId,)> = tx.fetch_all(sql!("team_member/all"), &[id.into(), team.into()]).await?;
    let there: BTreeSet<UserId> = rows.into_iter().map(|(person,)| person).collect();
    let come: Vec<UserId> = wanted.difference(&there).copied().collect();
    let gone: Vec<UserId> = there.difference(&wanted).copied().collect();
    no_strangers(&mut tx, &come).await?;
    change(service, &mut tx, call, &row, (&come, &gone)).await?;
    tx.commit().await?;
    let count = |people: &[UserId]| i64::try_from(people.len()).unwrap_or(i64::MAX);
    Ok(ReplaceTeamMembersResponse { added: count(&come), removed: count(&gone) })
}

/// Takes the first in and lets the second go. Who is to come is a member of the workspace, which is locked.
pub(super) async fn change(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    call: &Call,
    row: &TeamRow,
    (come, gone): (&[UserId], &[UserId]),
) -> Result<(), Error> {
    if come.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let (workspace, team, now) = (tx.workspace(), row.team_id, service.clock.now());
    if !gone.is_empty() {
        let values = [workspace.into(), team.into(), list(gone).into()];
        tx.execute(sql!(pair "team_member/delete"), &values).await?;
    }
    if !come.is_empty() {
        let values = [workspace.into(), team.into(), list(come).into(), now.into()];
        tx.execute(sql!(pair "team_member/insert"), &values).await?;
    }
    tx.execute(sql!("team/touch"), &[workspace.into(), team.into(), now.into()]).await?;
    for (kind, people) in [("team.member_removed", gone), ("team.member_added", come)] {
        for some in people.chunks(TOLD_AT_ONCE) {
            let people: Vec<String> = some.iter().map(ToString::to_string).collect();
            let payload = json!({ "name": row.name, "user_ids": people });
            let event = Record { kind, subject: team.to_string(), payload };
            event.emit(service, tx, call, &call.actor()).await?;
        }
    }
    Ok(())
}

fn read(ids: Vec<String>) -> Result<BTreeSet<UserId>, Error> {
    let mut problems = Problems::default();
    if ids.len() > MOST_MEMBERS {
        problems.refused("user_ids", format!("must be at most {MOST_MEMBERS}"));
    }
    let mut people = BTreeSet::new();
    for id in ids {
        match id.parse() {
            Ok(person) => drop(people.insert(person)),
            Err(_) => {
                problems.refused("user_ids", "must be ids of members of the workspace (usr_…)");
                break;
            }
        }
    }
    problems.finish()?;
    Ok(people)
}

/// Errors: `REFUSED_VALUE`, which names some of them.
async fn no_strangers(tx: &mut WorkspaceTx, people: &[UserId]) -> Result<(), Error> {
    let values = [tx.workspace().into(), list(people).into()];
    let strangers: Vec<(UserId,)> = tx.fetch_all(sql!(pair "team_member/strangers"), &values).await?;
    let mut problems = Problems::default();
    if !strangers.is_empty() {
        let named: Vec<String> = strangers.iter().map(|(person,)| person.to_string()).collect();
        problems.refused("user_ids", format!("must be members of the workspace: {} is not", named.join(", ")));
    }
    problems.finish()
}

/// People as the statements of either database read them.
fn list(people: &[UserId]) -> Value {
    people.iter().map(|person| Value::from(person.uuid().to_string())).collect()
}
