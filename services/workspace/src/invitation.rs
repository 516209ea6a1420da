//! Invitations: a letter to an address, whose link makes whoever has that address a member.
//!
//! Nobody who invites learns whether an address has an account: the answer, its time and the letter are the same.

pub(crate) mod accept;
pub(crate) mod check;
pub(crate) mod create;
pub(crate) mod letter;
pub(crate) mod list;
pub(crate) mod post;
pub(crate) mod prune;
pub(crate) mod resend;
pub(crate) mod revoke;
mod token;

use crate::{Workspace, error::Error};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{id::InvitationId, time, workspace as pb};
use store::{WorkspaceTx, sql};

store::row! {
    /// An invitation that was neither accepted nor revoked.
    struct Invitation {
        invitation_id: InvitationId,
        email: String,
        role: String,
        locale: String,
        invited_by: String,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
        generation: i64,
        asked_at: DateTime<Utc>,
        sent_at: Option<DateTime<Utc>>,
    }
}

impl Invitation {
    fn to_proto(&self, now: DateTime<Utc>) -> pb::Invitation {
        pb::Invitation {
            id: self.invitation_id.to_string(),
            email: self.email.clone(),
            role: self.role.clone(),
            locale: self.locale.clone(),
            invited_by: self.invited_by.clone(),
            created_at: Some(time::to_proto(self.created_at)),
            expires_at: Some(time::to_proto(self.expires_at)),
            sent_at: self.sent_at.map(time::to_proto),
            expired: self.expires_at <= now,
        }
    }
}

/// The id in a request. What is none is an invitation that does not exist.
fn parse(id: &str) -> Result<InvitationId, Error> {
    id.parse().map_err(|_| absent())
}

fn absent() -> Error {
    Error::NotFound("invitation")
}

/// An open invitation of the transaction's workspace. Errors: `NOT_FOUND`.
async fn find(tx: &mut WorkspaceTx, id: InvitationId) -> Result<Invitation, Error> {
    let values = [tx.workspace().into(), id.into()];
    tx.fetch_optional(sql!("invitation/get"), &values).await?.ok_or_else(absent)
}

/// For how long a link works.
fn life(service: &Workspace) -> TimeDelta {
    TimeDelta::days(i64::from(service.config.invitation_days))
}

/// Goes on if the workspace may have another letter sent. Whoever may invite could else have us write to the whole world.
/// Errors: `RATE_LIMITED`, [`Error::NoMail`].
async fn may_write(service: &Workspace, tx: &mut WorkspaceTx, now: DateTime<Utc>) -> Result<(), Error> {
    if service.letters.is_none() {
        return Err(Error::NoMail);
    }
    let values = [tx.workspace().into(), (now - TimeDelta::days(1)).into()];
    let (letters,): (i64,) = tx.fetch_one(sql!("invitation/letters"), &values).await?;
    if letters < i64::from(service.config.max_invitations) {
        return Ok(());
    }
    let why = "the workspace has invited as many addresses as it may within 24 hours";
    Err(Error::TooManyLetters(why, std::time::Duration::from_secs(3600)))
}
