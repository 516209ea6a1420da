//! Members may go, or become something else, without their directory: what it is shown is how it is.

use crate::{Error, Parts};
use proto::{feed::Event, id::UserId};
use serde::Deserialize;
use store::{WorkspaceTx, sql};

/// What the workspace service says of a membership.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Facts {
    /// What they were.
    role: String,
    /// What they are.
    to: String,
}

/// Applies an event about a member. What the directory has said since, and what follows from it, stands.
pub(crate) async fn apply(tx: &mut WorkspaceTx, parts: &Parts, person: UserId, event: &Event) -> Result<(), Error> {
    let facts: Facts = serde_json::from_str(&event.payload).unwrap_or_default();
    let at = event.at.and_then(proto::time::from_proto).unwrap_or_else(|| parts.clock.now());
    let (sql, role) = match event.kind.as_str() {
        "member.removed" | "member.left" => (sql!("directory/left"), facts.role),
        "member.role_changed" => (sql!("directory/role_changed"), facts.to),
        _ => return Ok(()),
    };
    let values = [tx.workspace().into(), person.into(), at.into(), role.as_str().into()];
    tx.execute(sql, &values).await?;
    Ok(())
}
