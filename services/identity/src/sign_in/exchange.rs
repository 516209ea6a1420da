//! Opens a session with the code that a sign-in ended with. Answers `ExchangeSignIn`.

use super::{
    Person,
    account::{self, Found},
    flow::{self, Held, Shown},
};
use crate::{
    Error, Parts,
    letter::{
        Kind,
        queue::{About, queue},
    },
    linked,
    mfa::code,
    session::{answer::Answer, enter::enter},
    sso,
    user::{
        User,
        admission::{self, Applicant, LetInBy},
        locale,
        sign_up::{self, Draft, First},
    },
};
use proto::{Call, id::UserId, identity as pb};
use store::{GlobalTx, Tx};

/// Errors: [`Error::SignInInvalid`], [`Error::LinkRequired`], [`Error::SignInRefused`], [`Error::SignUpClosed`];
/// [`Error::MfaRequired`] and [`Error::MfaCodeInvalid`], after which the code stays good.
pub(crate) async fn exchange(parts: &Parts, call: &Call, request: pb::ExchangeSignInRequest) -> Result<Answer, Error> {
    let shown = Shown { code: &request.code, verifier: &request.code_verifier, browser: &request.browser };
    if sso::exchange::is_for(parts, shown).await? {
        return sso::exchange::exchange(parts, call, &request, shown).await;
    }
    let let_in_by = admitted(parts, call, &request, shown).await?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let held = flow::spend(&mut tx, parts, shown).await?;
    let (user, is_new) = account(&mut tx, parts, call, &request, &held, let_in_by).await?;
    let mfa_at = match code::show(
        &mut tx,
        parts,
        call,
        &user,
        code::Shown::at_the_door(&request.totp, &request.passkey),
    )
    .await
    {
        Err(error @ (Error::MfaRequired { .. } | Error::MfaCodeInvalid | Error::PasskeyInvalid)) => {
            drop(tx);
            flow::wait(parts, shown.code).await?;
            return Err(error);
        }
        outcome => outcome?,
    };
    tx.commit().await?;
    let answer = enter(parts, call, &user, None, mfa_at).await;
    if is_new { answer.map_err(|error| sign_up::unfinished(error, &user)) } else { answer }
}

/// Who lets somebody in that has no account yet; None for those who have one. Asked before anything is locked, because
/// another service may have to say.
async fn admitted(
    parts: &Parts,
    call: &Call,
    request: &pb::ExchangeSignInRequest,
    shown: Shown<'_>,
) -> Result<Option<LetInBy>, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let held = flow::look(&mut tx, parts, shown).await?;
    let found = account::find(&mut tx, parts, &held.person).await?;
    tx.commit().await?;
    match found {
        Found::Nobody(address) => {
            sso::enforce::not_of(parts, &address).await?;
            let applicant = Applicant { address: &address, is_proven: held.person.is_authority };
            admission::look(parts, call, applicant, &request.invitation).await.map(Some)
        }
        Found::Linked(..) | Found::Same(_) => Ok(None),
    }
}

/// The account that the person opens, linked from now on, and whether it was made just now.
async fn account(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    request: &pb::ExchangeSignInRequest,
    held: &Held,
    let_in_by: Option<LetInBy>,
) -> Result<(User, bool), Error> {
    let Held { provider, person, .. } = held;
    match account::find(tx, parts, person).await? {
        Found::Linked(link, user) => {
            linked::used(tx, parts, link, person).await?;
            Ok((user, false))
        }
        Found::Same(user) => {
            linked::link::link(tx, parts, call, &user, provider, person).await?;
            Ok((user, false))
        }
        Found::Nobody(address) => {
            // It was there a moment ago, and nobody was asked to let the person in.
            let let_in_by = let_in_by.ok_or(Error::SignInInvalid)?;
            if let_in_by == LetInBy::Operators {
                let applicant = Applicant { address: &address, is_proven: person.is_authority };
                admission::admit(tx, parts, applicant, &request.invitation).await?;
            }
            let user = draft(parts, person, address, &request.accept_language);
            let made = Draft { user: &user, password_hash: None, workspace_name: String::new() };
            sign_up::create(tx, parts, call, made, First::Own).await?;
            confirmed_or_asked(tx, parts, &user).await?;
            linked::link::first(tx, parts, call, &user, provider, person).await?;
            Ok((user, true))
        }
    }
}

/// Who is known to read the address needs no other sign-up of it; anybody else is asked by a letter, as by a sign-up.
async fn confirmed_or_asked(tx: &mut Tx, parts: &Parts, user: &User) -> Result<(), Error> {
    if user.email_verified_at.is_some() {
        tx.execute(store::sql!("sign_up/forget"), &[user.email.as_str().into()]).await?;
    } else if parts.letters.is_some() {
        let about = About { user: Some(user.id), ..About::default() };
        queue(tx, parts, Kind::VerifyEmail, &user.email, about).await?;
    }
    Ok(())
}

/// Somebody whose address the provider has confirmed. Ours it is only if the provider is who gives it out.
fn draft(parts: &Parts, person: &Person, address: String, accept_language: &str) -> User {
    let now = parts.clock.now();
    User {
        id: UserId::from_uuid(parts.ids.uuid()),
        name: account::name(person, &address),
        email: address,
        locale: locale::negotiate(accept_language).to_owned(),
        created_at: now,
        disabled_at: None,
        email_verified_at: person.is_authority.then_some(now),
        mfa_enabled_at: None,
        platform_role: None,
    }
}
