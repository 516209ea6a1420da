//! Makes a person a member of the transaction's workspace.

use crate::{Workspace, audit::record::Record, error::Error, people};
use proto::{Call, id::UserId};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Adds them with this role. Errors: `NOT_FOUND` for somebody who was erased.
pub(crate) async fn add(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    call: &Call,
    person: UserId,
    role: &str,
) -> Result<(), Error> {
    by(service, tx, call, person, (role, &person.to_string())).await
}

/// The same, where somebody else has done it.
pub(crate) async fn by(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    call: &Call,
    person: UserId,
    (role, actor): (&str, &str),
) -> Result<(), Error> {
    people::hold(tx, person).await?;
    let values =
        [service.ids.uuid().into(), tx.workspace().into(), person.into(), role.into(), service.clock.now().into()];
    tx.execute(sql!("member/insert"), &values).await?;
    let payload = json!({ "role": role });
    let event = Record { kind: "member.added", subject: person.to_string(), payload };
    event.emit(service, tx, call, actor).await?;
    Ok(())
}
