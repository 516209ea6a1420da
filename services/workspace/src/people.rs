//! What is known of people: the names and addresses that are shown beside members. Identity owns them.

use crate::{Workspace, error::Error, member::depart};
use proto::{feed::Event, id::UserId, time};
use serde::Deserialize;
use store::{SystemTx, Tx, sql};

/// What identity's feed says of a person.
#[derive(Deserialize)]
struct Person {
    email: String,
    name: String,
}

/// Remembers what provisioning says of somebody, unless identity's feed has said it.
pub(crate) async fn meet(tx: &mut Tx, person: UserId, email: &str, name: &str) -> Result<(), Error> {
    tx.execute(sql!("person/insert"), &[person.into(), email.into(), name.into()]).await?;
    Ok(())
}

/// Goes on if the person was not erased, and lets nobody erase them until the transaction ends. Errors: `NOT_FOUND`.
pub(crate) async fn hold(tx: &mut Tx, person: UserId) -> Result<(), Error> {
    let known: Option<(String,)> = tx.fetch_optional(sql!(pair "person/hold"), &[person.into()]).await?;
    if known.is_some_and(|(email,)| email.is_empty()) { Err(Error::NotFound("person")) } else { Ok(()) }
}

/// Forgets who `user.erased` is about, and everything that came in between since they have left. A row without a name stays, so
/// that what a slower process has still to say of them is not believed. May be repeated.
pub(crate) async fn forget(service: &Workspace, event: &Event) -> Result<(), Error> {
    let Ok(person) = event.subject.parse::<UserId>() else {
        tracing::warn!(position = event.position, "event of a person cannot be read, skipped");
        return Ok(());
    };
    let mut tx = SystemTx::begin(&service.db, "forget a person").await?;
    // Whoever has the address by now is somebody else.
    let at = event.at.and_then(time::from_proto).unwrap_or_else(|| service.clock.now());
    tx.execute(sql!("invitation/forget_of_person"), &[person.into(), at.into()]).await?;
    tx.execute(sql!("person/erase"), &[person.into(), event.position.into()]).await?;
    tx.execute(sql!("directory/forget"), &[person.into()]).await?;
    store::replay::forget(&mut tx, &person.to_string()).await?;
    tx.commit().await?;
    depart::leave_behind(service, person, event).await
}

/// Remembers what `user.created` and `user.updated` say. One that cannot be read is skipped: waiting for it would
/// hold up everything that comes after.
pub(crate) async fn learn(tx: &mut Tx, subject: &str, payload: &str, position: i64) -> Result<(), Error> {
    let (Ok(id), Ok(person)) = (subject.parse::<UserId>(), serde_json::from_str::<Person>(payload)) else {
        tracing::warn!(subject, position, "event of a person cannot be read, skipped");
        return Ok(());
    };
    tx.execute(sql!("person/follow"), &[id.into(), person.email.into(), person.name.into(), position.into()]).await?;
    Ok(())
}
