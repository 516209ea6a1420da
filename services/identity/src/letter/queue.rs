//! Puts a letter into the queue, in the transaction that is the reason for it.

use super::Kind;
use crate::{Error, Parts};
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

/// Queues a letter to an address that is in its normal form. Errors: [`Error::NoMail`] where none are sent.
pub(crate) async fn queue(tx: &mut Tx, parts: &Parts, kind: Kind, to: &str, about: About) -> Result<(), Error> {
    if parts.letters.is_none() {
        return Err(Error::NoMail);
    }
    let now = parts.clock.now();
    let facts = if about.facts.is_null() { serde_json::json!({}) } else { about.facts };
    let values = [
        parts.ids.uuid().into(),
        kind.as_str().into(),
        to.into(),
        about.user.into(),
        about.sign_up.into(),
        facts.into(),
        (now.timestamp() / 60).into(),
        now.into(),
        (now + kind.worth()).into(),
    ];
    tx.execute(store::sql!("mail/queue"), &values).await?;
    Ok(())
}

/// Queues a letter that only tells what has happened; where none are sent nobody is told.
pub(crate) async fn notice(tx: &mut Tx, parts: &Parts, kind: Kind, to: &str, user: UserId) -> Result<(), Error> {
    notice_of(tx, parts, kind, to, About { user: Some(user), ..About::default() }).await
}

/// The same with what it says beside.
pub(crate) async fn notice_of(tx: &mut Tx, parts: &Parts, kind: Kind, to: &str, about: About) -> Result<(), Error> {
    match queue(tx, parts, kind, to, about).await {
        Err(Error::NoMail) => Ok(()),
        outcome => outcome,
    }
}
