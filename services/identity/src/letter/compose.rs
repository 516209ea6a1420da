//! Writes a queued letter: who it is to, in which language, and with which link.

use super::{Kind, Letters, work::Queued};
use crate::{Error, Parts, sso, token::one_time, user::User};
use mail::Mail;
use minijinja::{Value, context};
use store::{GlobalTx, Tx};

store::row! {
    /// Somebody whose account is not made yet.
    struct Waiting {
        email: String,
        name: String,
        locale: String,
    }
}

/// The letter; None if there is nobody to write to, or nothing to write about any more. Its token is kept by the time
/// that it is returned.
pub(super) async fn compose(parts: &Parts, letters: &Letters, queued: &Queued) -> Result<Option<Mail>, Error> {
    let Some(kind) = Kind::parse(&queued.kind) else { return Ok(None) };
    // Asked beforehand: another service has to say whose owner somebody is.
    let is_link = matches!(kind, Kind::MagicLink | Kind::ResetPassword);
    if is_link && sso::enforce::holds_up_letters(parts, &queued.recipient).await? {
        return refer(parts, queued).await.map(Some);
    }
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let mail = write(&mut tx, parts, letters, queued, kind).await?;
    tx.commit().await?;
    Ok(mail)
}

/// In the place of a link that would open nothing: how people of this domain come in.
async fn refer(parts: &Parts, queued: &Queued) -> Result<Mail, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let holder = by_email(&mut tx, &queued.recipient).await?;
    tx.commit().await?;
    let (name, locale) = holder.map(|user| (user.name, user.locale)).unwrap_or_default();
    let domain = queued.recipient.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
    let values = context! { name => mail::one_line(&name), domain => domain };
    lay_out(parts, queued, "sso_required", &locale, &values, None)
}

async fn write(
    tx: &mut Tx,
    parts: &Parts,
    letters: &Letters,
    queued: &Queued,
    kind: Kind,
) -> Result<Option<Mail>, Error> {
    let holder = by_email(tx, &queued.recipient).await?;
    let (template, name, locale, linked) = match kind {
        // An address belongs to one account: its holder hears that somebody tried.
        Kind::SignUp | Kind::ChangeEmail if holder.is_some() => {
            let Some(user) = holder else { return Ok(None) };
            ("account_exists", user.name, user.locale, false)
        }
        Kind::SignUp => {
            let Some(id) = queued.sign_up_id else { return Ok(None) };
            let found: Option<Waiting> = tx.fetch_optional(store::sql!("sign_up/waiting"), &[id.into()]).await?;
            let Some(waiting) = found.filter(|w| w.email == queued.recipient) else { return Ok(None) };
            (kind.as_str(), waiting.name, waiting.locale, true)
        }
        // Who has an account by now needs none.
        Kind::Invitation if holder.is_some() => return Ok(None),
        Kind::Invitation => (kind.as_str(), String::new(), queued.fact("locale"), true),
        Kind::ChangeEmail
        | Kind::PasswordChanged
        | Kind::EmailChanged
        | Kind::MfaEnabled
        | Kind::MfaDisabled
        | Kind::RecoveryCodeUsed
        | Kind::IdentityLinked
        | Kind::IdentityUnlinked
        | Kind::PasskeyAdded
        | Kind::PasskeyRemoved
        | Kind::Impersonated
        | Kind::DomainLost => {
            let Some(user) = by_id(tx, queued).await? else { return Ok(None) };
            (kind.as_str(), user.name, user.locale, kind == Kind::ChangeEmail)
        }
        Kind::VerifyEmail => {
            let Some(user) = holder.filter(|u| u.email_verified_at.is_none()) else { return Ok(None) };
            (kind.as_str(), user.name, user.locale, true)
        }
        Kind::MagicLink | Kind::ResetPassword => {
            let Some(user) = holder.filter(|u| u.disabled_at.is_none()) else { return Ok(None) };
            (kind.as_str(), user.name, user.locale, true)
        }
    };
    let values = context! {
        name => mail::one_line(&name), email => queued.recipient.clone(), minutes => kind.worth().num_minutes(),
        hours => kind.worth().num_hours(), days => kind.worth().num_days(), reason => queued.fact("reason"), until => queued.fact("until"),
        write => queued.facts["write"] == true, domain => queued.fact("domain"),
    };
    let link = if linked { Some(link(tx, parts, letters, queued, kind).await?) } else { None };
    lay_out(parts, queued, template, &locale, &values, link).map(Some)
}

fn lay_out(
    parts: &Parts,
    queued: &Queued,
    template: &str,
    locale: &str,
    values: &Value,
    link: Option<String>,
) -> Result<Mail, Error> {
    let letter = parts.templates.write(template, locale, values).map_err(Error::Internal)?;
    Ok(Mail { to: queued.recipient.clone(), letter, link, is_link_logged: true, file: None, id: queued.id })
}

/// A link with a new token.
async fn link(tx: &mut Tx, parts: &Parts, letters: &Letters, queued: &Queued, kind: Kind) -> Result<String, Error> {
    let user = match kind {
        Kind::SignUp | Kind::Invitation => None,
        Kind::ChangeEmail => queued.user_id,
        _ => by_email(tx, &queued.recipient).await?.map(|user| user.id),
    };
    let of = one_time::Of { kind, user, sign_up: queued.sign_up_id, email: queued.recipient.clone() };
    let token = one_time::make(tx, &of, parts.clock.now() + kind.worth()).await?;
    let page = kind.page().ok_or_else(|| Error::Internal(format!("{} has no page", kind.as_str())))?;
    Ok(format!("{}{page}?{}={}", letters.link_base, kind.parameter(), token.as_str()))
}

async fn by_email(tx: &mut Tx, address: &str) -> Result<Option<User>, Error> {
    Ok(tx.fetch_optional(store::sql!("user/list_by_email"), &[address.into()]).await?)
}

async fn by_id(tx: &mut Tx, queued: &Queued) -> Result<Option<User>, Error> {
    let Some(id) = queued.user_id else { return Ok(None) };
    Ok(tx.fetch_optional(store::sql!("user/by_id"), &[id.into()]).await?)
}
