//! What is known of people: the names and addresses that are shown beside members. Identity owns them.

use crate::error::Error;
use proto::id::UserId;
use serde::Deserialize;
use store::{Tx, sql};

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
