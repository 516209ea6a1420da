//! Who operates the platform, and what was done to it: for `perpetuo admin`, which works on the database itself.
//!
//! Running processes hear of a change through the feed, so that a role that is taken away ends within a second.

mod grant;
mod invite;
mod list;
mod log_out;
mod revoke;

pub use grant::{Granted, grant};
pub use invite::{Invited, invite};
pub use list::{Operator, list};
pub use log_out::{Whose, log_out};
pub use revoke::{Revoked, revoke};

use crate::{Error, user::email};
use chrono::{DateTime, Utc};
use host::{Clock, Ids};
use proto::{
    PlatformRole,
    id::{EventId, UserId},
};
use serde_json::Value;
use store::{Db, GlobalTx, Tx, outbox::Event};

/// Whoever works on the host.
pub struct Host {
    /// Opened with [`crate::SCHEMA`].
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// As what they do is recorded: `operator:<login>@host`.
    pub actor: String,
}

/// Something that is done to the platform.
pub(crate) struct Act<'a> {
    /// `user.platform_role_granted`
    pub(crate) action: &'static str,
    pub(crate) subject: String,
    pub(crate) actor: &'a str,
    pub(crate) facts: Value,
}

store::row! {
    struct Account {
        id: UserId,
        disabled_at: Option<DateTime<Utc>>,
        mfa_enabled_at: Option<DateTime<Utc>>,
        passkeys: i64,
        role: Option<String>,
    }
}

impl Account {
    fn platform(&self) -> Option<PlatformRole> {
        PlatformRole::parse(self.role.as_deref()?)
    }
}

/// The account of an address. Errors: [`Error::NotFound`].
async fn account(tx: &mut GlobalTx, address: &str) -> Result<Account, Error> {
    find(tx, &email::normal(address)).await?.ok_or(Error::NotFound("account: its owner signs up first"))
}

async fn find(tx: &mut GlobalTx, address: &str) -> Result<Option<Account>, Error> {
    Ok(tx.fetch_optional(store::sql!("platform_role/of_email"), &[address.into()]).await?)
}

/// Writes an act into the trail, and tells everybody who follows the feed.
pub(crate) async fn record(tx: &mut Tx, clock: &Clock, ids: &Ids, act: Act<'_>) -> Result<(), Error> {
    let event = Event {
        id: EventId::from_uuid(ids.uuid()),
        kind: act.action,
        workspace: None,
        subject: act.subject,
        actor: act.actor.to_owned(),
        impersonator: None,
        at: clock.now(),
        request_id: String::new(),
        payload: act.facts,
    };
    Ok(store::platform_audit::record(tx, &event).await?)
}
