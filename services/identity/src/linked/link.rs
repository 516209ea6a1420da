//! Links an account elsewhere with one here. Answers `LinkIdentity`.

use super::{Identity, has_password};
use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    mfa,
    sign_in::{
        Person,
        flow::{self, Shown},
    },
    sso,
    user::{User, set_password},
};
use chrono::{DateTime, Utc};
use proto::{Call, id::IdentityId, identity as pb};
use store::{GlobalTx, Tx};
use zeroize::Zeroizing;

/// Errors: [`Error::SignInInvalid`], [`Error::LoginFailed`] for a wrong password, [`Error::StepUpRequired`] and
/// [`Error::SignInAgain`], [`Error::Unconfirmed`], [`Error::Throttled`], [`Error::Linked`].
pub(crate) async fn answer(
    parts: &Parts,
    call: &Call,
    mut request: pb::LinkIdentityRequest,
) -> Result<pb::LinkIdentityResponse, Error> {
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let (id, session) = call.user().map_err(Error::caller)?;
    let mut tx = GlobalTx::read(&parts.db).await?;
    let has_password = has_password(&mut tx, id).await?;
    tx.commit().await?;
    // Whoever has found an open screen shall not make themselves another way in.
    let found = if has_password {
        set_password::step_up(parts, call, password).await?
    } else {
        mfa::signed_in_just_now(parts, session).await?
    };
    // Whoever signed up with the address of somebody else shall not leave themselves a way in. Without letters nobody can
    // confirm theirs.
    if found.user().email_verified_at.is_none() && parts.letters.is_some() {
        return Err(Error::Unconfirmed);
    }
    let shown = Shown { code: &request.code, verifier: &request.code_verifier, browser: &request.browser };
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let held = flow::spend(&mut tx, parts, shown).await?;
    // What the provider of a workspace says counts as long as the domain is the workspace's, and makes no link that stays.
    if sso::is_one(&held.provider) {
        return Err(Error::SignInInvalid);
    }
    let linked = link(&mut tx, parts, call, &found.user(), &held.provider, &held.person).await?;
    tx.commit().await?;
    Ok(pb::LinkIdentityResponse { identity: Some(linked.into_proto()) })
}

/// Makes the link, and tells the owner. Errors: [`Error::Linked`].
pub(crate) async fn link(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    user: &User,
    provider: &str,
    person: &Person,
) -> Result<Identity, Error> {
    let linked = insert(tx, parts, call, user, (provider, person), parts.clock.now()).await?;
    queue::notice(tx, parts, Kind::IdentityLinked, &user.email, user.id).await?;
    Ok(linked)
}

/// The same for an account that is made with it, whose owner knows: it is as old as the account.
/// Errors: [`Error::Linked`].
pub(crate) async fn first(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    user: &User,
    provider: &str,
    person: &Person,
) -> Result<Identity, Error> {
    insert(tx, parts, call, user, (provider, person), user.created_at).await
}

async fn insert(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    user: &User,
    (provider, person): (&str, &Person),
    now: DateTime<Utc>,
) -> Result<Identity, Error> {
    let id = IdentityId::from_uuid(parts.ids.uuid());
    let values = [
        id.into(),
        user.id.into(),
        provider.into(),
        person.issuer.as_str().into(),
        person.subject.as_str().into(),
        person.email.as_deref().into(),
        now.into(),
        now.into(),
    ];
    if tx.execute(store::sql!("user_identity/insert"), &values).await? == 0 {
        return Err(Error::Linked);
    }
    tx.emit(&event::of_user(parts, call, "user.identity_linked", user));
    Ok(Identity {
        id,
        provider: provider.to_owned(),
        issuer: person.issuer.clone(),
        email: person.email.clone(),
        created_at: now,
        last_used_at: Some(now),
    })
}
