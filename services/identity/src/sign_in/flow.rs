//! A sign-in under way, from the first redirect until its code is exchanged. Everything in it works once.
//!
//! `away`: the person is at the provider, and the state finds the row, from the browser that began only. `asking`: somebody
//! has come back, and nobody else can. `back`: a code is out, for a minute. `code`: a second factor is missing, for five.

use super::{Person, oidc::Secrets};
use crate::{Error, Parts};
use aws_lc_rs::{constant_time, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};
use store::{GlobalTx, Tx};
use uuid::Uuid;

/// How long somebody may take at the provider.
const AWAY: TimeDelta = TimeDelta::minutes(10);
/// How long a code is good.
pub(super) const BACK: TimeDelta = TimeDelta::seconds(60);
/// How long it is good while a second factor is looked for.
const WAITS: TimeDelta = TimeDelta::minutes(5);
/// Of rows that are removed in one round; the next one goes on.
const BATCHES: usize = 200;
const PREFIX: &str = "si_";
/// 32 bytes in base64url.
const SECRET: usize = 43;

/// What a sign-in begins with.
pub(super) struct Beginning<'a> {
    pub(super) provider: &'a str,
    pub(super) state: &'a str,
    pub(super) browser: &'a str,
    pub(super) challenge: Option<&'a str>,
    pub(super) redirect_to: Option<&'a str>,
    pub(super) secrets: &'a Secrets,
}

/// One whose browser has come back.
pub(super) struct Returned {
    pub(super) id: Uuid,
    pub(super) redirect_to: Option<String>,
    pub(super) secrets: Secrets,
}

/// What somebody shows who has a code.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) code: &'a str,
    pub(crate) verifier: &'a str,
    pub(crate) browser: &'a str,
}

/// What a code is good for.
pub(crate) struct Held {
    id: Uuid,
    pub(crate) provider: String,
    pub(crate) person: Person,
}

store::row! {
    struct Taken {
        id: Uuid,
        redirect_to: Option<String>,
        held: Vec<u8>,
    }
}

store::row! {
    struct Waiting {
        id: Uuid,
        provider: String,
        browser_sha256: Vec<u8>,
        challenge: Option<String>,
        held: Vec<u8>,
    }
}

/// What a browser keeps: the secret that it has, or a new one.
pub(super) fn browser(shown: &str) -> String {
    if is_secret(shown) { shown.to_owned() } else { secret() }
}

/// Whether it looks like one of ours, or like a challenge (RFC 7636, section 4.2).
pub(super) fn is_secret(text: &str) -> bool {
    text.len() == SECRET && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
}

pub(super) async fn begin(parts: &Parts, beginning: &Beginning<'_>) -> Result<(), Error> {
    let Beginning { provider, state, browser, challenge, redirect_to, secrets } = beginning;
    let id = parts.ids.uuid();
    let values = [
        id.into(),
        (*provider).into(),
        sha256(state).into(),
        sha256(browser).into(),
        (*challenge).into(),
        (*redirect_to).into(),
        seal(parts, id, secrets)?.into(),
        (parts.clock.now() + AWAY).into(),
    ];
    let mut tx = GlobalTx::begin(&parts.db).await?;
    tx.execute(store::sql!("sign_in/begin"), &values).await?;
    tx.commit().await?;
    Ok(())
}

/// The sign-in of this state, for the browser that began it, once. Errors: [`Error::SignInInvalid`].
pub(super) async fn take(parts: &Parts, provider: &str, state: &str, browser: &str) -> Result<Returned, Error> {
    let values = [sha256(state).into(), provider.into(), sha256(browser).into(), parts.clock.now().into()];
    // Looked at first: what anybody makes up costs no write.
    let mut look = GlobalTx::read(&parts.db).await?;
    let away: Option<(Uuid,)> = look.fetch_optional(store::sql!("sign_in/away"), &values).await?;
    look.commit().await?;
    if away.is_none() {
        return Err(Error::SignInInvalid);
    }
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let taken: Option<Taken> = tx.fetch_optional(store::sql!("sign_in/take"), &values).await?;
    tx.commit().await?;
    let Taken { id, redirect_to, held } = taken.ok_or(Error::SignInInvalid)?;
    Ok(Returned { id, redirect_to, secrets: open(parts, id, &held)? })
}

/// A code for whom the provider named.
pub(super) async fn hold(parts: &Parts, id: Uuid, person: &Person) -> Result<String, Error> {
    let code = format!("{PREFIX}{}", secret());
    let values = [id.into(), sha256(&code).into(), seal(parts, id, person)?.into(), (parts.clock.now() + BACK).into()];
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let held = tx.execute(store::sql!("sign_in/back"), &values).await?;
    tx.commit().await?;
    if held == 0 { Err(Error::SignInInvalid) } else { Ok(code) }
}

/// Forgets one that came to nothing.
pub(super) async fn forget(parts: &Parts, id: Uuid) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&parts.db).await?;
    tx.execute(store::sql!("sign_in/forget"), &[id.into()]).await?;
    tx.commit().await?;
    Ok(())
}

/// What a code is good for, if it is shown by whom it was for: the holder of the secret whose challenge the sign-in began
/// with, or else the same browser. Errors: [`Error::SignInInvalid`].
pub(crate) async fn look(tx: &mut Tx, parts: &Parts, shown: Shown<'_>) -> Result<Held, Error> {
    if !shown.code.starts_with(PREFIX) || shown.code.len() > 128 || shown.verifier.len() > 256 {
        return Err(Error::SignInInvalid);
    }
    let values = [sha256(shown.code).into(), parts.clock.now().into()];
    let waiting: Option<Waiting> = tx.fetch_optional(store::sql!("sign_in/look"), &values).await?;
    let Waiting { id, provider, browser_sha256, challenge, held } = waiting.ok_or(Error::SignInInvalid)?;
    let is_same = |a: &[u8], b: &[u8]| constant_time::verify_slices_are_equal(a, b).is_ok();
    let is_theirs = match challenge {
        Some(challenge) => is_same(URL_SAFE_NO_PAD.encode(sha256(shown.verifier)).as_bytes(), challenge.as_bytes()),
        None => is_same(&sha256(shown.browser), &browser_sha256),
    };
    if !is_theirs {
        return Err(Error::SignInInvalid);
    }
    Ok(Held { id, provider, person: open(parts, id, &held)? })
}

/// The same, and spends it once the transaction commits.
pub(crate) async fn spend(tx: &mut Tx, parts: &Parts, shown: Shown<'_>) -> Result<Held, Error> {
    let held = look(tx, parts, shown).await?;
    let values = [held.id.into(), sha256(shown.code).into()];
    if tx.execute(store::sql!("sign_in/spend"), &values).await? == 0 {
        return Err(Error::SignInInvalid);
    }
    Ok(held)
}

/// Gives somebody time to find their second factor.
pub(crate) async fn wait(parts: &Parts, code: &str) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let values = [sha256(code).into(), (parts.clock.now() + WAITS).into()];
    tx.execute(store::sql!("sign_in/wait"), &values).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes those whose time is over.
pub(crate) async fn prune(parts: &Parts) -> Result<(), Error> {
    for _ in 0..BATCHES {
        let mut tx = GlobalTx::begin(&parts.db).await?;
        let removed = tx.execute(store::sql!("sign_in/prune"), &[parts.clock.now().into()]).await?;
        tx.commit().await?;
        if removed == 0 {
            break;
        }
    }
    Ok(())
}

/// What a row is sealed for.
pub(crate) fn place(id: Uuid) -> String {
    format!("identity/sign_in_flows/held/{id}")
}

fn seal(parts: &Parts, id: Uuid, held: &impl Serialize) -> Result<Vec<u8>, Error> {
    let text = serde_json::to_vec(held).map_err(|why| Error::Internal(format!("a sign-in: {why}")))?;
    Ok(parts.sealer.seal(&text, place(id).as_bytes()))
}

fn open<T: DeserializeOwned>(parts: &Parts, id: Uuid, held: &[u8]) -> Result<T, Error> {
    let text = parts.sealer.open(held, place(id).as_bytes())?;
    serde_json::from_slice(&text).map_err(|_| Error::Seal(store::seal::Error::Damaged))
}

fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn sha256(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}
