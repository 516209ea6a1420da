//! The account of somebody whom a directory has. It is the person's own; only what the directory has made follows what it says.

use super::{refusal, row::Entry, said::Said};
use crate::{
    Error, Parts, domain, event,
    letter::{Kind, queue},
    user::{
        User,
        confirm::{self, Password},
    },
};
use proto::{Call, id::UserId};
use store::{Tx, sql};

/// So often it is looked again: somebody may sign up with the address at this moment.
const TRIES: u32 = 3;

/// The account with the address that is said, or one that is made for it, and whether it was. The owner of the domain vouches for the
/// address: nobody opens an account with it who signed up before and has never shown that they read it. Errors: `CONFLICT` for
/// one that is disabled.
pub(super) async fn find_or_make(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    said: &Said,
) -> Result<(UserId, bool), Error> {
    for _ in 0..TRIES {
        let address = said.user_name.as_str();
        let found: Option<User> = tx.fetch_optional(sql!("user/list_by_email"), &[address.into()]).await?;
        if let Some(user) = found {
            if user.disabled_at.is_some() {
                return Err(refusal::disabled());
            }
            let user = confirm::confirm(tx, parts, call, user, Password::Unknown).await?;
            return Ok((user.id, false));
        }
        let user = make(parts, said);
        let values = [
            user.id.into(),
            address.into(),
            parts.hasher.none().into(),
            user.name.as_str().into(),
            user.locale.as_str().into(),
            user.created_at.into(),
            user.email_verified_at.into(),
        ];
        if tx.execute(sql!("user/insert"), &values).await? > 0 {
            // Whoever waits with a sign-up of the address comes too late.
            tx.execute(sql!("sign_up/forget"), &[address.into()]).await?;
            tx.emit(&event::of_user(parts, call, "user.created", &user));
            return Ok((user.id, true));
        }
    }
    Err(Error::EmailTaken)
}

fn make(parts: &Parts, said: &Said) -> User {
    let now = parts.clock.now();
    User {
        id: UserId::from_uuid(parts.ids.uuid()),
        email: said.user_name.clone(),
        name: said.name(),
        locale: "en".to_owned(),
        created_at: now,
        disabled_at: None,
        email_verified_at: Some(now),
        mfa_enabled_at: None,
        platform_role: None,
    }
}

/// Whether the directory may give the account another address. Errors: `REFUSED_VALUE` where it has not made it, its owner
/// has changed its address since, or it operates the platform; and where the domain of the address that it has now is the workspace's
/// no more: its new owner vouches for the account.
pub(super) async fn may_rename(tx: &mut Tx, entry: &Entry, before: &Said) -> Result<(), Error> {
    let user: User = tx.fetch_one(sql!("user/by_id"), &[entry.user_id.into()]).await?;
    let is_its = entry.made_account && user.email == before.user_name && user.platform_role.is_none();
    if !is_its {
        return Err(refusal::theirs());
    }
    still_vouches(tx, entry, &user.email).await
}

/// Errors: `REFUSED_VALUE` where the domain of an address is not the workspace's any more.
pub(super) async fn still_vouches(tx: &mut Tx, entry: &Entry, address: &str) -> Result<(), Error> {
    let is_its = domain::verified_by(tx, entry.workspace_id, address).await?;
    if is_its { Ok(()) } else { Err(refusal::domain(address)) }
}

/// Goes on where no other account has this address. Errors: `CONFLICT`.
pub(super) async fn is_free(tx: &mut Tx, entry: &Entry, address: &str) -> Result<(), Error> {
    let found: Option<User> = tx.fetch_optional(sql!("user/list_by_email"), &[address.into()]).await?;
    let is_free = found.is_none_or(|other| other.id == entry.user_id);
    if is_free { Ok(()) } else { Err(refusal::address_taken(address)) }
}

/// An account that the directory has made is called as it says, and has the address that it says, from now on, as long as the address
/// of before is in a domain of the workspace. Errors: `CONFLICT` for an address that another account has, and as [`may_rename`].
pub(super) async fn follow(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    (entry, before, said): (&Entry, &Said, &Said),
) -> Result<(), Error> {
    if !entry.made_account {
        return Ok(());
    }
    tx.execute(sql!("user/lock"), &[entry.user_id.into()]).await?;
    let found: Option<User> = tx.fetch_optional(sql!("user/by_id"), &[entry.user_id.into()]).await?;
    let Some(user) = found else { return Ok(()) };
    let mut after = user.clone();
    if said.user_name != before.user_name {
        may_rename(tx, entry, before).await?;
        let now = parts.clock.now();
        let values = [user.id.into(), said.user_name.as_str().into(), now.into()];
        if tx.execute(sql!("user/change_email"), &values).await? == 0 {
            return Err(refusal::address_taken(&said.user_name));
        }
        tx.execute(sql!("one_time_token/forget"), &[user.id.into()]).await?;
        queue::notice(tx, parts, Kind::EmailChanged, &user.email, user.id).await?;
        after = User { email: said.user_name.clone(), email_verified_at: Some(now), ..after };
    }
    // What somebody calls themselves stands until the directory says something else, and so does what they are called who have moved to
    // an address for which it does not vouch.
    if said.name() != before.name() && domain::verified_by(tx, entry.workspace_id, &user.email).await? {
        after.name = said.name();
        let values = [user.id.into(), after.name.as_str().into(), user.locale.as_str().into()];
        tx.execute(sql!("user/update_profile"), &values).await?;
    }
    if (&after.email, &after.name) != (&user.email, &user.name) {
        tx.emit(&event::of_user(parts, call, "user.updated", &after));
    }
    Ok(())
}
