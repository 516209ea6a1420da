//! What was asked of a device, until somebody answers: once, for five minutes, whichever process is asked.

use crate::{Error, Parts};
use aws_lc_rs::digest;
use chrono::TimeDelta;
use proto::id::SessionId;
use serde::{Serialize, de::DeserializeOwned};
use store::{GlobalTx, Tx};

/// For so long.
pub(crate) const WAITS: TimeDelta = TimeDelta::minutes(5);
/// What one round removes at most is this many times 500.
const BATCHES: usize = 100;

/// What the answer may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A passkey is added, in this session.
    Add(SessionId),
    /// A passkey is shown, in this session.
    StepUp(SessionId),
    /// Somebody comes in.
    SignIn,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::StepUp(_) => "step_up",
            Self::SignIn => "sign_in",
        }
    }

    const fn session(self) -> Option<SessionId> {
        match self {
            Self::Add(session) | Self::StepUp(session) => Some(session),
            Self::SignIn => None,
        }
    }
}

store::row! {
    struct Asked {
        purpose: String,
        session_id: Option<SessionId>,
        state: serde_json::Value,
    }
}

/// Keeps what was asked, until it is answered or its time is over.
pub(super) async fn keep(
    tx: &mut Tx,
    parts: &Parts,
    purpose: Purpose,
    challenge: &[u8],
    state: &impl Serialize,
) -> Result<(), Error> {
    let state = serde_json::to_value(state).map_err(|why| Error::Internal(format!("a challenge: {why}")))?;
    let values = [
        sha256(challenge).into(),
        purpose.as_str().into(),
        purpose.session().into(),
        state.into(),
        (parts.clock.now() + WAITS).into(),
    ];
    tx.execute(store::sql!("passkey_challenge/insert"), &values).await?;
    Ok(())
}

/// What was asked with this challenge; it is spent once the transaction commits. None: nothing was, it was answered
/// before, its time is over, or it was for something else.
pub(super) async fn take<T: DeserializeOwned>(
    tx: &mut Tx,
    parts: &Parts,
    purpose: Purpose,
    challenge: &[u8],
) -> Result<Option<T>, Error> {
    let values = [sha256(challenge).into(), parts.clock.now().into()];
    let asked: Option<Asked> = tx.fetch_optional(store::sql!("passkey_challenge/take"), &values).await?;
    let is_it = |asked: &Asked| asked.purpose == purpose.as_str() && asked.session_id == purpose.session();
    let Some(Asked { state, .. }) = asked.filter(is_it) else { return Ok(None) };
    serde_json::from_value(state).map(Some).map_err(|why| Error::Internal(format!("a challenge: {why}")))
}

/// Removes those whose time is over.
pub(crate) async fn prune(parts: &Parts) -> Result<(), Error> {
    for _ in 0..BATCHES {
        let mut tx = GlobalTx::begin(&parts.db).await?;
        let removed = tx.execute(store::sql!("passkey_challenge/prune"), &[parts.clock.now().into()]).await?;
        tx.commit().await?;
        if removed == 0 {
            break;
        }
    }
    Ok(())
}

fn sha256(challenge: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, challenge).as_ref().to_vec()
}
