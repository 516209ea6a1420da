//! Sessions: a person on one device, from login to logout. Each is a family of refresh tokens.

pub(crate) mod answer;
pub(crate) mod end;
pub(crate) mod enter;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod magic_link;
pub(crate) mod open;
pub(crate) mod outcome;
pub(crate) mod prune;
pub(crate) mod refresh;
pub(crate) mod switch;

use crate::{Error, Parts, token::refresh_token::Secret, user::User};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::{SessionId, UserId, WorkspaceId};
use store::{GlobalTx, seal::Sealer};
use uuid::Uuid;

store::row! {
    /// A session with the person whose it is.
    #[derive(Debug)]
    pub(crate) struct Found {
        pub(crate) id: SessionId,
        pub(crate) user_id: UserId,
        pub(crate) workspace_id: Option<WorkspaceId>,
        secret: Vec<u8>,
        pub(crate) generation: i64,
        pub(crate) rotated_at: DateTime<Utc>,
        last_used_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
        ended_at: Option<DateTime<Utc>>,
        /// When a second factor was shown in it, the last time.
        pub(crate) mfa_at: Option<DateTime<Utc>>,
        /// By which connection of a workspace it began; None: otherwise.
        pub(crate) sso_connection_id: Option<Uuid>,
        /// When its person said who they are: by a password, a link in a letter, or a provider.
        pub(crate) opened_at: DateTime<Utc>,
        email: String,
        name: String,
        locale: String,
        created_at: DateTime<Utc>,
        disabled_at: Option<DateTime<Utc>>,
        email_verified_at: Option<DateTime<Utc>>,
        mfa_enabled_at: Option<DateTime<Utc>>,
        platform_role: Option<String>,
        /// How many passkeys they have.
        pub(crate) passkeys: i64,
        /// The operator who acts for the person in it; None: it is the person's own.
        pub(crate) impersonator_id: Option<UserId>,
    }
}

/// What a token pair is made of.
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) secret: Secret,
    /// Of the refresh token to hand out.
    pub(crate) generation: i64,
    /// Whether a second factor was shown in it.
    pub(crate) has_mfa: bool,
}

/// The session with this id, dead or alive.
pub(crate) async fn find(parts: &Parts, id: SessionId) -> Result<Option<Found>, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let found = tx.fetch_optional(store::sql!("session/by_id"), &[id.into()]).await?;
    tx.commit().await?;
    Ok(found)
}

impl Found {
    /// Goes on if the session can be used. Errors: [`Error::SessionEnded`], [`Error::SessionExpired`].
    pub(crate) fn check(&self, parts: &Parts) -> Result<(), Error> {
        let now = parts.clock.now();
        if self.ended_at.is_some() || self.disabled_at.is_some() {
            return Err(Error::SessionEnded);
        }
        // What an operator opened is used by one token, and ends with it.
        let is_idle = self.impersonator_id.is_none() && now >= self.last_used_at + idle(parts);
        if now >= self.expires_at || is_idle {
            return Err(Error::SessionExpired);
        }
        Ok(())
    }

    /// The secret of the family. Errors: [`Error::Seal`].
    pub(crate) fn secret(&self, sealer: &Sealer) -> Result<Secret, Error> {
        Secret::open(sealer, &self.secret, self.id)
    }

    /// Whether the person has anything to show beside a password.
    pub(crate) fn has_second_factor(&self) -> bool {
        self.mfa_enabled_at.is_some() || self.passkeys > 0
    }

    /// The person.
    pub(crate) fn user(&self) -> User {
        User {
            id: self.user_id,
            email: self.email.clone(),
            name: self.name.clone(),
            locale: self.locale.clone(),
            created_at: self.created_at,
            disabled_at: self.disabled_at,
            email_verified_at: self.email_verified_at,
            mfa_enabled_at: self.mfa_enabled_at,
            platform_role: self.platform_role.clone(),
        }
    }
}

/// How long a session lives without being used.
fn idle(parts: &Parts) -> TimeDelta {
    TimeDelta::days(i64::from(parts.config.session.idle_days))
}
