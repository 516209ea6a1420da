//! Logs in by a link in a letter. Answers `SendMagicLink` and `LoginWithMagicLink`.

use super::{answer::Answer, enter::enter};
use crate::{
    Error, Parts,
    letter::{Kind, queue},
    mfa::code::{self, Shown},
    token::one_time,
    user::{confirm, email},
};
use proto::{Call, identity as pb};
use store::GlobalTx;

/// Queues the letter, whoever it is to.
pub(crate) async fn send(parts: &Parts, request: pb::SendMagicLinkRequest) -> Result<pb::SendMagicLinkResponse, Error> {
    ask(parts, Kind::MagicLink, &request.email).await?;
    Ok(pb::SendMagicLinkResponse {})
}

/// Queues a letter to an address of which nobody says whether it has an account. Errors: `INVALID_ARGUMENT` and
/// `REFUSED_VALUE` for what is no address, [`Error::NoMail`].
pub(crate) async fn ask(parts: &Parts, kind: Kind, address: &str) -> Result<(), Error> {
    let address = email::read(address)?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    queue::queue(&mut tx, parts, kind, &address, queue::About::default()).await?;
    tx.commit().await?;
    Ok(())
}

/// Opens a session with the token of a link, which shows that its holder reads the address.
pub(crate) async fn login(parts: &Parts, call: &Call, request: pb::LoginWithMagicLinkRequest) -> Result<Answer, Error> {
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let of = one_time::take(&mut tx, &request.token, &[Kind::MagicLink], parts.clock.now()).await?;
    let user = confirm::holder(&mut tx, &of).await?;
    let user = confirm::confirm(&mut tx, parts, call, user, confirm::Password::Unknown).await?;
    // Without a code nothing is spent: the same link comes again with one.
    let mfa_at = code::show(&mut tx, parts, call, &user, Shown::at_the_door(&request.totp, &request.passkey)).await?;
    tx.commit().await?;
    enter(parts, call, &user, None, mfa_at).await
}
