//! Whose address is it? What follows when somebody shows that they read it.

use super::User;
use crate::{
    Error, Parts, event,
    linked::{self, Ending},
    mfa, passkey,
    session::end,
    token::one_time::Of,
};
use proto::Call;
use store::Tx;

/// Whether the person who confirms the address is known to be who chose the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Password {
    /// They follow the link of a sign-up or of a letter that the account's owner asked for. Links that were made before end
    /// all the same, but for the one that the account was made with.
    Theirs,
    /// They were not asked. Somebody else may have signed up with their address, and wait for them to move in: a password
    /// from before the first confirmation ends, its sessions with it, and a second factor, passkeys and links that were set up with it.
    Unknown,
}

/// The account that a token is of, as long as the address is still its own. Errors: [`Error::LinkInvalid`].
pub(crate) async fn holder(tx: &mut Tx, of: &Of) -> Result<User, Error> {
    let id = of.user.ok_or(Error::LinkInvalid)?;
    let found: Option<User> = tx.fetch_optional(store::sql!("user/by_id"), &[id.into()]).await?;
    found.filter(|user| user.disabled_at.is_none() && user.email == of.email).ok_or(Error::LinkInvalid)
}

/// Notes that the address is the person's. Nothing changes if it was known.
pub(crate) async fn confirm(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    user: User,
    password: Password,
) -> Result<User, Error> {
    let now = parts.clock.now();
    let values = [user.id.into(), user.email.as_str().into(), now.into()];
    if tx.execute(store::sql!("user/verify"), &values).await? == 0 {
        return Ok(user);
    }
    let mut user = User { email_verified_at: Some(now), ..user };
    if password == Password::Unknown {
        let values = [user.id.into(), parts.hasher.none().into()];
        tx.execute(store::sql!("user/set_password"), &values).await?;
        mfa::clear(tx, user.id).await?;
        linked::clear(tx, parts, call, &user, Ending::All).await?;
        user.mfa_enabled_at = None;
        end::end_others(tx, parts, call, user.id, None, "address_confirmed").await?;
    } else {
        linked::clear(tx, parts, call, &user, Ending::Later).await?;
    }
    passkey::clear(tx, parts, call, &user).await?;
    tx.emit(&event::of_user(parts, call, "user.email_verified", &user));
    Ok(user)
}
