//! The directory brings somebody. Answers `CreateDirectoryUser`.

use super::{account, begin, event, refusal, row, said, settle};
use crate::{Error, Parts, domain};
use proto::{Call, identity as pb};
use serde_json::json;

/// Somebody who was a member before is one of the directory's from now on, with the role that they have.
pub(crate) async fn create(
    parts: &Parts,
    call: &Call,
    request: pb::CreateDirectoryUserRequest,
) -> Result<pb::CreateDirectoryUserResponse, Error> {
    let mut said = said::read(request.profile)?;
    if !said.active {
        // Nobody looks whether this caller may give a role to somebody who is no member: whoever makes them one says it again.
        said.role = String::new();
    }
    let mut tx = begin(parts, call).await?;
    let workspace = tx.workspace();
    if !domain::verified_by(&mut tx, workspace, &said.user_name).await? {
        return Err(refusal::domain(&said.user_name));
    }
    let (person, made) = account::find_or_make(&mut tx, parts, call, &said).await?;
    if !row::insert(&mut tx, parts, call, person, (&said, made)).await.map_err(|error| taken(error, &said.user_name))? {
        return Err(refusal::taken(&said.user_name));
    }
    let facts = json!({ "active": said.active, "account_made": made });
    tx.emit(&event::of(parts, call, "directory.user_created", (workspace, person), facts));
    tx.commit().await?;
    let entry = settle::settle(parts, call, (workspace, person)).await?;
    Ok(pb::CreateDirectoryUserResponse { user: Some(entry.to_proto()?) })
}

/// The name is another row's: of somebody whose account has another address by now.
pub(super) fn taken(error: Error, user_name: &str) -> Error {
    match error {
        Error::Store(store::Error::Unique { .. }) => refusal::taken(user_name),
        other => other,
    }
}
