//! Which account does somebody open whom the provider of a workspace names?

use super::Connection;
use crate::{
    Error, Parts, domain, event,
    letter::{Kind, queue},
    sign_in::{Person, account},
    user::{
        User,
        confirm::{self, Password},
        locale,
        sign_up::{self, Draft, First},
    },
};
use proto::{Call, id::UserId};
use store::Tx;

/// The account, and whether it was made just now. The domains are looked at in the same transaction: what the provider says counts
/// as long as they are the workspace's. Errors: [`Error::SignInRefused`].
pub(super) async fn open(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    connection: &Connection,
    person: &Person,
    accept_language: &str,
) -> Result<(User, bool), Error> {
    let workspace = connection.workspace_id;
    let address = person.proven().filter(|_| person.issuer == connection.issuer).ok_or_else(|| {
        refused(
            "the provider does not say that it has confirmed your address: ask whoever runs it in your organisation",
        )
    })?;
    if !domain::verified_by(tx, workspace, address).await? {
        return Err(refused("the address that the provider names is of no domain that this workspace has verified"));
    }
    let values = [workspace.into(), connection.id.into(), person.subject.as_str().into()];
    let linked: Option<(UserId,)> = tx.fetch_optional(store::sql!("sso_identity/find"), &values).await?;
    // Whoever has come before goes on to come. A record that is missing makes nothing new: the domain may be somebody else's by now.
    if linked.is_none() && !domain::vouched_by(tx, workspace, address).await? {
        return Err(refused(
            "the record that proves the domain of your address is missing: ask whoever looks after it to make it again",
        ));
    }
    let known: Option<User> = match linked {
        Some((user,)) => Some(tx.fetch_one(store::sql!("user/by_id"), &[user.into()]).await?),
        None => tx.fetch_optional(store::sql!("user/list_by_email"), &[address.into()]).await?,
    };
    let Some(user) = known else { return make(tx, parts, call, connection, person, address, accept_language).await };
    if user.disabled_at.is_some() {
        return Err(refused("the account is disabled: ask whoever runs this installation"));
    }
    if user.platform_role.is_some() {
        return Err(refused("this account operates the platform, over which no provider decides: log in by password"));
    }
    // Whoever has another address by now has an account that is nobody's but theirs.
    if !domain::verified_by(tx, workspace, &user.email).await? {
        return Err(refused("the account has an address of another domain by now: log in another way"));
    }
    // Somebody else may have signed up with the address, and wait for its owner to move in.
    let user = confirm::confirm(tx, parts, call, user, Password::Unknown).await?;
    if linked.is_some() {
        let now = parts.clock.now();
        let [workspace, connection, subject] = values;
        let values = [workspace, connection, subject, address.into(), now.into()];
        tx.execute(store::sql!("sso_identity/used"), &values).await?;
    } else {
        link(tx, parts, connection, person, address, &user).await?;
        queue::notice(tx, parts, Kind::IdentityLinked, &user.email, user.id).await?;
        tx.emit(&event::of_user(parts, call, "user.identity_linked", &user));
    }
    Ok((user, false))
}

/// An account of somebody who has none: whoever owns the domain vouches for them, whoever else may sign up.
async fn make(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    connection: &Connection,
    person: &Person,
    address: &str,
    accept_language: &str,
) -> Result<(User, bool), Error> {
    let now = parts.clock.now();
    let user = User {
        id: UserId::from_uuid(parts.ids.uuid()),
        name: account::name(person, address),
        email: address.to_owned(),
        locale: locale::negotiate(accept_language).to_owned(),
        created_at: now,
        disabled_at: None,
        email_verified_at: Some(now),
        mfa_enabled_at: None,
        platform_role: None,
    };
    // Who becomes a member of the workspace needs none of their own.
    let first = if connection.provision { First::None } else { First::Own };
    let made = Draft { user: &user, password_hash: None, workspace_name: String::new() };
    sign_up::create(tx, parts, call, made, first).await?;
    tx.execute(store::sql!("sign_up/forget"), &[user.email.as_str().into()]).await?;
    link(tx, parts, connection, person, address, &user).await?;
    tx.emit(&event::of_user(parts, call, "user.identity_linked", &user));
    Ok((user, true))
}

async fn link(
    tx: &mut Tx,
    parts: &Parts,
    connection: &Connection,
    person: &Person,
    address: &str,
    user: &User,
) -> Result<(), Error> {
    let values = [
        connection.workspace_id.into(),
        connection.id.into(),
        person.subject.as_str().into(),
        user.id.into(),
        address.into(),
        parts.clock.now().into(),
    ];
    // Of two who come at once the second finds it the next time.
    if tx.execute(store::sql!("sso_identity/insert"), &values).await? == 0 {
        return Err(Error::SignInInvalid);
    }
    Ok(())
}

fn refused(why: &str) -> Error {
    Error::SignInRefused(why.to_owned())
}
