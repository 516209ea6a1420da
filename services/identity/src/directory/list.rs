//! Whom does the directory have? Answers `GetDirectoryUser` and `ListDirectoryUsers`.

use super::{parse, refusal, row::Entry};
use crate::{Error, Parts, input::Problems, user::email};
use proto::{Call, id::UserId, identity as pb};
use serde_json::json;
use store::{Value, WorkspaceTx, sql};

const MOST: i32 = 500;
const MOST_IDS: usize = 5_000;

/// Errors: `NOT_FOUND`.
pub(crate) async fn get(
    parts: &Parts,
    call: &Call,
    request: pb::GetDirectoryUserRequest,
) -> Result<pb::GetDirectoryUserResponse, Error> {
    let person = parse(&request.user_id)?;
    let workspace = call.workspace().map_err(Error::caller)?;
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let values = [workspace.into(), person.into()];
    let found: Option<Entry> = tx.fetch_optional(sql!("directory/get"), &values).await?;
    tx.commit().await?;
    Ok(pb::GetDirectoryUserResponse { user: Some(found.ok_or_else(refusal::absent)?.to_proto()?) })
}

/// Errors: `INVALID_ARGUMENT`.
pub(crate) async fn list(
    parts: &Parts,
    call: &Call,
    request: pb::ListDirectoryUsersRequest,
) -> Result<pb::ListDirectoryUsersResponse, Error> {
    let mut problems = Problems::default();
    if !(0..=MOST).contains(&request.limit) {
        problems.missing("limit", format!("must be from 0 to {MOST}"));
    }
    if request.offset < 0 {
        problems.missing("offset", "must not be negative");
    }
    if request.user_ids.len() > MOST_IDS {
        problems.missing("user_ids", format!("must have at most {MOST_IDS} entries"));
    }
    problems.none()?;
    let workspace = call.workspace().map_err(Error::caller)?;
    // What is no id is nobody's.
    let ids = request.user_ids.iter().filter_map(|id| id.parse::<UserId>().ok());
    let ids: Vec<_> = ids.map(|id| id.uuid().to_string()).collect();
    let which: [Value; 4] = [
        workspace.into(),
        request.user_name.map(|name| email::normal(&name)).into(),
        request.external_id.into(),
        (!request.user_ids.is_empty()).then(|| json!(ids)).into(),
    ];
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let (total,): (i64,) = tx.fetch_one(sql!(pair "directory/count"), &which).await?;
    let mut entries: Vec<Entry> = vec![];
    if request.limit > 0 {
        let paged = [request.limit.into(), request.offset.into()];
        let values: Vec<Value> = which.into_iter().chain(paged).collect();
        entries = tx.fetch_all(sql!(pair "directory/list"), &values).await?;
    }
    tx.commit().await?;
    let users = entries.iter().map(Entry::to_proto).collect::<Result<_, _>>()?;
    Ok(pb::ListDirectoryUsersResponse { users, total })
}
