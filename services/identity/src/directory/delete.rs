//! The directory has somebody no more. Answers `DeleteDirectoryUser`.

use super::{
    begin, event, find, parse,
    row::{self, Change},
    settle,
};
use crate::{Error, Parts};
use proto::{Call, identity as pb};
use serde_json::json;

/// What is left says only that the account was made for it, for when they come back.
pub(crate) async fn delete(
    parts: &Parts,
    call: &Call,
    request: pb::DeleteDirectoryUserRequest,
) -> Result<pb::DeleteDirectoryUserResponse, Error> {
    let person = parse(&request.user_id)?;
    let mut tx = begin(parts, call).await?;
    let workspace = tx.workspace();
    let entry = find(&mut tx, person, request.version).await?;
    let change = Change { said: None, undo: entry.as_undo()?, pending: true, scopes: entry.asked_with(call) };
    row::write(&mut tx, parts, person, change).await?;
    let facts = json!({ "was_active": entry.active });
    tx.emit(&event::of(parts, call, "directory.user_deleted", (workspace, person), facts));
    tx.commit().await?;
    settle::settle(parts, call, (workspace, person)).await?;
    Ok(pb::DeleteDirectoryUserResponse {})
}
