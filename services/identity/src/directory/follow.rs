//! Members may go, or become something else, without their directory: what it is shown is how it is.

use crate::{Error, Parts};
use proto::{feed::Event, id::UserId};
use serde::Deserialize;
use store::{WorkspaceTx, sql};

/// What the workspace service says of a membership.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Facts {
    /// What they are.
    to: String,
}

/// Applies an event about a member. What the directory has said since, and what follows from it, stands.
pub(crate) async fn apply(tx: &mut WorkspaceTx, parts: &Parts, person: UserId, event: &Event) -> Result<(), Error> {
    let facts: Facts = serde_json::from_str(&event.payload).unwrap_or_default();
    let at = event.at.and_then(proto::time::from_proto).unwrap_or_else(|| parts.clock.now());
    let [workspace, person, at]: [store::Value; 3] = [tx.workspace().into(), person.into(), at.into()];
    match event.kind.as_str() {
        "member.removed" | "member.left" => tx.execute(sql!("directory/left"), &[workspace, person, at]).await?,
        "member.role_changed" => {
            tx.execute(sql!("directory/role_changed"), &[workspace, person, at, facts.to.as_str().into()]).await?
        }
        _ => return Ok(()),
    };
    Ok(())
}
