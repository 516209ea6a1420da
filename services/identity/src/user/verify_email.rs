//! Follows the link of a letter about an address. Answers `VerifyEmail`.

use super::{
    User,
    confirm::{self, Password},
    memberships,
    sign_up::{self, Draft, First},
};
use crate::{
    Error, Parts,
    config::Consent,
    consent, event,
    letter::{Kind, queue},
    mfa::code::{self, Shown},
    session::{answer::Answer, enter::enter},
    sso::enforce::{self, Way},
    token::one_time::{self, Of},
};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    identity as pb,
};
use store::{GlobalTx, Tx};

store::row! {
    /// A sign-up whose address was not confirmed yet.
    struct Waiting {
        email: String,
        password_hash: String,
        name: String,
        locale: String,
        workspace_name: String,
        consents: Option<serde_json::Value>,
        address: Option<String>,
    }
}

const KINDS: [Kind; 3] = [Kind::SignUp, Kind::VerifyEmail, Kind::ChangeEmail];

/// Makes the account of a sign-up, confirms the address of one, or changes it; then opens a session. Errors: [`Error::LinkInvalid`];
/// [`Error::SsoRequired`] also for an address that is left behind; those of a second factor.
pub(crate) async fn verify(parts: &Parts, call: &Call, request: pb::VerifyEmailRequest) -> Result<Answer, Error> {
    let around = leaving(parts, call, &request.token).await?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let of = one_time::take(&mut tx, &request.token, &KINDS, parts.clock.now()).await?;
    let user = match of.kind {
        Kind::SignUp => {
            let user = sign_up(&mut tx, parts, call, &of).await?;
            tx.commit().await?;
            return enter(parts, call, &user, None, None).await.map_err(|error| sign_up::unfinished(error, &user));
        }
        Kind::ChangeEmail => change(&mut tx, parts, call, &of).await?,
        _ => {
            let user = confirm::holder(&mut tx, &of).await?;
            confirm::confirm(&mut tx, parts, call, user, Password::Theirs).await?
        }
    };
    // Without a code nothing is spent: the same link comes again with one.
    let mfa_at = code::show(&mut tx, parts, call, &user, Shown::at_the_door(&request.totp, &request.passkey)).await?;
    // Its owners alone get around their provider, and with a second factor only.
    if let (Some(workspace), None) = (around, mfa_at) {
        return Err(Error::SsoRequired { workspace });
    }
    tx.commit().await?;
    enter(parts, call, &user, None, mfa_at).await
}

/// The workspace whose provider somebody leaves behind with their address, as its owner. Looked at first and spent later: another
/// service is asked, and no row is locked meanwhile. Errors: [`Error::SsoRequired`] for everybody else.
async fn leaving(parts: &Parts, call: &Call, token: &str) -> Result<Option<WorkspaceId>, Error> {
    let mut look = GlobalTx::begin(&parts.db).await?;
    let of = one_time::take(&mut look, token, &KINDS, parts.clock.now()).await?;
    let Some(id) = of.user.filter(|_| of.kind == Kind::ChangeEmail) else { return Ok(None) };
    let before: Option<User> = look.fetch_optional(store::sql!("user/by_id"), &[id.into()]).await?;
    drop(look);
    let Some(before) = before else { return Ok(None) };
    let all = memberships::of(parts, call, id).await?;
    enforce::check(parts, &before, &all, Way { connection: None, has_mfa: true }).await
}

async fn sign_up(tx: &mut Tx, parts: &Parts, call: &Call, of: &Of) -> Result<User, Error> {
    let id = of.sign_up.ok_or(Error::LinkInvalid)?;
    let found: Option<Waiting> = tx.fetch_optional(store::sql!("sign_up/find"), &[id.into()]).await?;
    let waiting = found.filter(|waiting| waiting.email == of.email).ok_or(Error::LinkInvalid)?;
    let now = parts.clock.now();
    let user = User {
        id: UserId::from_uuid(parts.ids.uuid()),
        email: waiting.email.clone(),
        name: waiting.name.clone(),
        locale: waiting.locale.clone(),
        created_at: now,
        disabled_at: None,
        email_verified_at: Some(now),
        mfa_enabled_at: None,
        platform_role: None,
    };
    let Waiting { password_hash, workspace_name, consents, address, .. } = waiting;
    let password_hash = Some(password_hash);
    let made = sign_up::create(tx, parts, call, Draft { user: &user, password_hash, workspace_name }, First::Own).await;
    match made {
        // Another sign-up of the same address was confirmed first.
        Err(Error::EmailTaken) => return Err(Error::LinkInvalid),
        outcome => outcome?,
    };
    // What a text of before says no longer is as good as nothing.
    let consents: Vec<Consent> = consents.and_then(|all| serde_json::from_value(all).ok()).unwrap_or_default();
    consent::write(tx, parts, user.id, address, &consents).await?;
    tx.execute(store::sql!("sign_up/forget"), &[user.email.as_str().into()]).await?;
    Ok(user)
}

async fn change(tx: &mut Tx, parts: &Parts, call: &Call, of: &Of) -> Result<User, Error> {
    let id = of.user.ok_or(Error::LinkInvalid)?;
    let found: Option<User> = tx.fetch_optional(store::sql!("user/by_id"), &[id.into()]).await?;
    let before = found.filter(|user| user.disabled_at.is_none()).ok_or(Error::LinkInvalid)?;
    let now = parts.clock.now();
    if tx.execute(store::sql!("user/change_email"), &[id.into(), of.email.as_str().into(), now.into()]).await? == 0 {
        return Err(Error::LinkInvalid);
    }
    // Links that went to the address of before must not work for the account any more.
    tx.execute(store::sql!("one_time_token/forget"), &[id.into()]).await?;
    queue::notice(tx, parts, Kind::EmailChanged, &before.email, id).await?;
    let after = User { email: of.email.clone(), email_verified_at: Some(now), ..before };
    tx.emit(&event::of_user(parts, call, "user.updated", &after));
    Ok(after)
}
