//! The directory says something else of somebody. Answers `ReplaceDirectoryUser`.

use super::{
    account, begin, create, event, find, parse, refusal,
    row::{self, Change, Entry},
    said::{self, Said},
    settle,
};
use crate::{Error, Parts, domain};
use proto::{Call, identity as pb};
use serde_json::json;
use store::WorkspaceTx;

pub(crate) async fn replace(
    parts: &Parts,
    call: &Call,
    request: pb::ReplaceDirectoryUserRequest,
) -> Result<pb::ReplaceDirectoryUserResponse, Error> {
    let person = parse(&request.user_id)?;
    let mut said = said::read(request.profile)?;
    let mut tx = begin(parts, call).await?;
    let workspace = tx.workspace();
    let entry = find(&mut tx, person, request.version).await?;
    let before = entry.said()?;
    if !said.active {
        // Nobody looks whether this caller may give a role to somebody who is no member: whoever makes them one says it again.
        said.role = entry.role_of_now();
    }
    if said != before {
        allowed(&mut tx, &entry, (&before, &said)).await?;
        // Whoever was to be what was said before, and is not yet, is not left behind.
        let pending = entry.pending || touches_membership(&before, &said);
        let undo = if pending { entry.as_undo()? } else { None };
        let change = Change { said: Some(&said), undo, pending, scopes: entry.asked_with(call) };
        row::write(&mut tx, parts, person, change).await.map_err(|error| create::taken(error, &said.user_name))?;
        // Else with the membership, which may be refused.
        if !pending {
            account::follow(&mut tx, parts, call, (&entry, &before, &said)).await?;
        }
        let kind = if before.active && !said.active { "directory.user_deactivated" } else { "directory.user_updated" };
        let facts = json!({ "changed": said.changed(&before), "active": said.active });
        tx.emit(&event::of(parts, call, kind, (workspace, person), facts));
    }
    tx.commit().await?;
    let entry = settle::settle(parts, call, (workspace, person)).await?;
    Ok(pb::ReplaceDirectoryUserResponse { user: Some(entry.to_proto()?) })
}

/// Whether another membership follows from it.
fn touches_membership(before: &Said, said: &Said) -> bool {
    before.active != said.active || said.active && !said.role.is_empty() && before.role != said.role
}

/// Errors: `REFUSED_VALUE` for an address outside of the workspace's domains, or of an account that is not the directory's or not any more;
/// `CONFLICT` for the address of another account.
async fn allowed(tx: &mut WorkspaceTx, entry: &Entry, (before, said): (&Said, &Said)) -> Result<(), Error> {
    let is_renamed = said.user_name != before.user_name;
    let comes_back = said.active && !before.active;
    let workspace = tx.workspace();
    if (is_renamed || comes_back) && !domain::verified_by(tx, workspace, &said.user_name).await? {
        return Err(refusal::domain(&said.user_name));
    }
    let is_called_otherwise = entry.made_account && said.name() != before.name();
    if is_called_otherwise {
        account::still_vouches(tx, entry, &before.user_name).await?;
    }
    if is_renamed {
        account::may_rename(tx, entry, before).await?;
        account::is_free(tx, entry, &said.user_name).await?;
    }
    Ok(())
}
