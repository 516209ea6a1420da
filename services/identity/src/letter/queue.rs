//! Puts a letter into the queue, in the transaction that is the reason for it.

use super::Kind;
use crate::{Error, Parts};
use host::{Clock, Ids};
use proto::id::UserId;
use store::Tx;
use uuid::Uuid;

/// What a letter is about.
#[derive(Default)]
pub(crate) struct About {
    pub(crate) user: Option<UserId>,
    pub(crate) sign_up: Option<Uuid>,
    /// What it says beside, nothing of it secret. A JSON object or null.
    pub(crate) facts: serde_json::Value,
}

/// Queues a letter to an address that is in its normal form, once in a minute whoever asks for it how often. Errors:
/// [`Error::NoMail`] where none are sent.
pub(crate) async fn queue(tx: &mut Tx, parts: &Parts, kind: Kind, to: &str, about: About) -> Result<(), Error> {
    if parts.letters.is_none() {
        return Err(Error::NoMail);
    }
    let minute = parts.clock.now().timestamp() / 60;
    put(tx, &parts.clock, kind, to, about, (parts.ids.uuid(), minute)).await
}

/// Puts it there, unless the slot is taken.
async fn put(
    tx: &mut Tx,
    clock: &Clock,
    kind: Kind,
    to: &str,
    about: About,
    (id, slot): (Uuid, i64),
) -> Result<(), Error> {
    let now = clock.now();
    let facts = if about.facts.is_null() { serde_json::json!({}) } else { about.facts };
    let values = [
        id.into(),
        kind.as_str().into(),
        to.into(),
        about.user.into(),
        about.sign_up.into(),
        facts.into(),
        slot.into(),
        now.into(),
        (now + kind.worth()).into(),
    ];
    tx.execute(store::sql!("mail/queue"), &values).await?;
    Ok(())
}

/// Queues the letter that invites an address to sign up, once in a minute. Whoever calls it works on the host, and knows that
/// letters are sent there.
pub(crate) async fn invitation(tx: &mut Tx, (clock, ids): (&Clock, &Ids), to: &str, locale: &str) -> Result<(), Error> {
    let about = About { facts: serde_json::json!({ "locale": locale }), ..About::default() };
    let minute = clock.now().timestamp() / 60;
    put(tx, clock, Kind::Invitation, to, about, (ids.uuid(), minute)).await
}

/// Queues a letter that only tells what has happened; where none are sent nobody is told. Each is a letter of its own: what
/// happens twice in a minute is told twice.
pub(crate) async fn notice(tx: &mut Tx, parts: &Parts, kind: Kind, to: &str, user: UserId) -> Result<(), Error> {
    notice_of(tx, parts, kind, to, About { user: Some(user), ..About::default() }).await
}

/// The same with what it says beside.
pub(crate) async fn notice_of(tx: &mut Tx, parts: &Parts, kind: Kind, to: &str, about: About) -> Result<(), Error> {
    if parts.letters.is_none() {
        return Ok(());
    }
    let id = parts.ids.uuid();
    // The low half of an id is all chance, and below zero where minutes are above.
    let slot = id.as_u64_pair().1.cast_signed();
    put(tx, &parts.clock, kind, to, about, (id, slot)).await
}
