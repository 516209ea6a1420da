//! Executions of the agent engine: whose they are, and what pays for their model calls.
//!
//! The engine knows an id and a token that pays; here is for whom. What a problem is about and what was decided is the engine's,
//! but for the title that lists show.

pub(crate) mod budget;
pub(crate) mod close;
pub(crate) mod delete;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod list_doomed;
pub(crate) mod list_open;
pub(crate) mod open;
mod token;

use crate::error::Error;
use chrono::{DateTime, Utc};
use proto::{
    Call, Permission,
    id::{ExecutionId, WorkspaceId},
    time,
    workspace::OwnedExecution,
};
use store::{Tx, seal::Sealer, sql};
use uuid::Uuid;

/// How an execution may have ended.
const OUTCOMES: [&str; 3] = ["completed", "failed", "cancelled"];

store::row! {
    /// What belongs to a workspace.
    struct ExecutionRow {
        execution_id: ExecutionId,
        workspace_id: WorkspaceId,
        entry_id: Uuid,
        created_by: String,
        depth: String,
        sealed_title: Vec<u8>,
        created_at: DateTime<Utc>,
        closed_at: Option<DateTime<Utc>>,
        outcome: String,
    }
}

impl ExecutionRow {
    /// As the edge knows it. Errors: the title does not open.
    fn opened(self, sealer: &Sealer) -> Result<OwnedExecution, Error> {
        let title = self.title(sealer)?;
        Ok(self.titled(title))
    }

    fn title(&self, sealer: &Sealer) -> Result<String, Error> {
        text(sealer, &self.sealed_title, &place(self.workspace_id, self.execution_id, "title"))
    }

    fn titled(self, title: String) -> OwnedExecution {
        OwnedExecution {
            execution_id: self.execution_id.to_string(),
            workspace_id: self.workspace_id.to_string(),
            created_by: self.created_by,
            title,
            depth: self.depth,
            created_at: Some(time::to_proto(self.created_at)),
            closed_at: self.closed_at.map(time::to_proto),
            outcome: self.outcome,
        }
    }
}

/// The id in a request. What is none is an execution that does not exist.
fn parse(id: &str) -> Result<ExecutionId, Error> {
    id.parse().map_err(|_| absent())
}

fn absent() -> Error {
    Error::NotFound("execution")
}

/// Goes on if the caller may do this: the edge passes on what whoever asks it may. Errors: `PERMISSION_DENIED`.
fn needs(call: &Call, permission: Permission) -> Result<(), Error> {
    if call.scopes.contains(permission) { Ok(()) } else { Err(Error::Lacks(permission)) }
}

/// An execution of the workspace. Errors: `NOT_FOUND`.
async fn row(tx: &mut Tx, workspace: WorkspaceId, id: ExecutionId) -> Result<ExecutionRow, Error> {
    tx.fetch_optional(sql!("execution/get"), &[workspace.into(), id.into()]).await?.ok_or_else(absent)
}

/// Where a part of it is stored: copied to another one it does not open.
fn place(workspace: WorkspaceId, id: ExecutionId, part: &str) -> Vec<u8> {
    format!("executions/{workspace}/{id}/{part}").into_bytes()
}

/// What was sealed for the place. Only text ever is, so anything else is damage.
fn text(sealer: &Sealer, sealed: &[u8], place: &[u8]) -> Result<String, Error> {
    let opened = sealer.open(sealed, place)?;
    Ok(std::str::from_utf8(&opened).map_err(|_| store::seal::Error::Damaged)?.to_owned())
}
