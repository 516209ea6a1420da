//! Makes the membership what the directory has said, whoever finds that it is not: each request, and upkeep.

use super::{
    account, event, refusal,
    row::{self, Change, Entry},
    said::Said,
};
use crate::{Error, Parts, session::end, user::memberships};
use proto::{
    Call, Failure,
    id::{UserId, WorkspaceId},
    workspace::{BringMemberRequest, RetireMemberRequest},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// How much was done of what cannot be done as a whole.
enum After {
    Nothing,
    /// All but what the account was to become. What they were whose membership was ended by it; empty: nobody's was.
    Membership(String),
}

/// So often what was done is out of date when it is done: somebody says something else meanwhile.
const TRIES: u32 = 5;

/// Of two at once both may do it: the workspace service does each version once. Errors: why it cannot be done, after which what
/// was said before stands again; a service is away, and upkeep does it later.
pub(super) async fn settle(parts: &Parts, call: &Call, of: (WorkspaceId, UserId)) -> Result<Entry, Error> {
    for _ in 0..TRIES {
        let entry = read(parts, of).await?;
        if !entry.pending {
            return Ok(entry);
        }
        match membership(parts, call, &entry).await {
            Ok(role) => match done(parts, call, &entry, role.clone()).await {
                Ok(Some(done)) => return Ok(done),
                Ok(None) => {}
                Err(Error::Input(failure)) => {
                    undo(parts, call, &entry, (&failure, After::Membership(role))).await?;
                    return Err(Error::Input(failure));
                }
                Err(error) => return Err(error),
            },
            Err(Error::Workspaces(failure)) if refusal::is_final(&failure) => {
                undo(parts, call, &entry, (&failure, After::Nothing)).await?;
                return Err(Error::Input(failure));
            }
            Err(error) => return Err(error),
        }
    }
    read(parts, of).await
}

async fn read(parts: &Parts, (workspace, person): (WorkspaceId, UserId)) -> Result<Entry, Error> {
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let values = [workspace.into(), person.into()];
    let entry = tx.fetch_optional(sql!("directory/any"), &values).await?.ok_or_else(refusal::absent)?;
    tx.commit().await?;
    Ok(entry)
}

/// What they were, for whoever is no member any more.
async fn membership(parts: &Parts, call: &Call, entry: &Entry) -> Result<String, Error> {
    let (workspace_id, user_id) = (entry.workspace_id.to_string(), entry.user_id.to_string());
    let version = entry.version;
    if entry.is_member() {
        let said = entry.said()?;
        let request = BringMemberRequest {
            workspace_id,
            user_id,
            version,
            email: said.user_name.clone(),
            name: said.name(),
            role: said.role,
            role_before: entry.role_before.clone(),
            scopes: entry.scopes(),
        };
        parts.workspaces.bring_member(call, request).await.map_err(Error::workspaces)?;
        return Ok(String::new());
    }
    let request =
        RetireMemberRequest { workspace_id, user_id, version, ends_owners: entry.made_account, scopes: entry.scopes() };
    let answer = parts.workspaces.retire_member(call, request).await.map_err(Error::workspaces)?;
    Ok(answer.role)
}

/// Notes that it is done, unless something else was said meanwhile: then None. Whose account was made for the directory, and who is
/// nowhere else, has no open sessions any more. Errors: [`Error::Input`] where the account cannot be what was said.
async fn done(parts: &Parts, call: &Call, entry: &Entry, role: String) -> Result<Option<Entry>, Error> {
    let is_nowhere =
        !entry.is_member() && entry.made_account && memberships::of(parts, call, entry.user_id).await?.is_empty();
    let mut tx = WorkspaceTx::begin(&parts.db, entry.workspace_id).await?;
    let Some(mut now) = row::lock(&mut tx, entry.user_id).await?.filter(|now| now.version == entry.version) else {
        return Ok(None);
    };
    if !now.pending {
        // Somebody else was at it as well, and has noted it.
        return Ok(Some(now));
    }
    if is_nowhere {
        end::end_others(&mut tx, parts, call, entry.user_id, None, "directory_ended").await?;
    }
    if let (Some(before), true) = (before(entry)?, entry.is_there()) {
        account::follow(&mut tx, parts, call, (entry, &before, &entry.said()?)).await?;
    }
    let role = if role.is_empty() { entry.role_before.clone() } else { role };
    let values = [entry.workspace_id.into(), entry.user_id.into(), entry.version.into(), role.as_str().into()];
    tx.execute(sql!("directory/settle"), &values).await?;
    tx.commit().await?;
    (now.pending, now.undo, now.role_before) = (false, None, role);
    Ok(Some(now))
}

/// Puts back what was said before: nothing, of somebody who was to come. A membership that was done already follows it.
async fn undo(parts: &Parts, call: &Call, entry: &Entry, (why, after): (&Failure, After)) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&parts.db, entry.workspace_id).await?;
    let now = row::lock(&mut tx, entry.user_id).await?;
    if now.is_none_or(|now| now.version != entry.version || !now.pending) {
        // Something else was said meanwhile, of which whoever said it will hear.
        return Ok(());
    }
    let (said, pending) = (before(entry)?, matches!(after, After::Membership(_)));
    // Where the membership cannot go back either, it stays as it is by then, and the account as it was.
    let stays =
        said.clone().filter(|_| pending).map(|said| Said { active: entry.active, role: entry.role.clone(), ..said });
    let undo = stays.map(|said| json!(said));
    let change = Change { said: said.as_ref(), undo, pending, scopes: entry.asked() };
    row::write(&mut tx, parts, entry.user_id, change).await?;
    if let After::Membership(role) = after
        && !role.is_empty()
    {
        let values = [entry.workspace_id.into(), entry.user_id.into(), role.as_str().into()];
        tx.execute(sql!("directory/was"), &values).await?;
    }
    let kind = if said.is_some() { "directory.user_updated" } else { "directory.user_deleted" };
    let facts = json!({ "undone": why.reason.as_str(), "active": said.is_some_and(|said| said.active) });
    tx.emit(&event::of(parts, call, kind, (entry.workspace_id, entry.user_id), facts));
    tx.commit().await?;
    Ok(())
}

fn before(entry: &Entry) -> Result<Option<Said>, Error> {
    let undo = entry.undo.clone().map(serde_json::from_value).transpose();
    undo.map_err(|why| Error::Internal(format!("what a directory said before: {why}")))
}
