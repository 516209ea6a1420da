//! Accounts elsewhere that open an account here.

pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod unlink;

use crate::{Error, Parts, sign_in::Person};
use chrono::{DateTime, Utc};
use proto::{
    id::{IdentityId, UserId},
    identity as pb,
};
use store::Tx;

store::row! {
    /// One of them.
    pub(crate) struct Identity {
        id: IdentityId,
        provider: String,
        issuer: String,
        email: Option<String>,
        created_at: DateTime<Utc>,
        last_used_at: Option<DateTime<Utc>>,
    }
}

impl Identity {
    fn into_proto(self) -> pb::LinkedIdentity {
        pb::LinkedIdentity {
            id: self.id.to_string(),
            provider: self.provider,
            issuer: self.issuer,
            email: self.email.unwrap_or_default(),
            created_at: Some(proto::time::to_proto(self.created_at)),
            last_used_at: self.last_used_at.map(proto::time::to_proto),
        }
    }
}

/// Notes that it was used, and the address that its provider tells by now.
pub(crate) async fn used(tx: &mut Tx, parts: &Parts, id: IdentityId, person: &Person) -> Result<(), Error> {
    let values = [id.into(), parts.clock.now().into(), person.email.as_deref().into()];
    tx.execute(store::sql!("user_identity/used"), &values).await?;
    Ok(())
}

/// Ends all links of an account whose owner has come only now: whoever had it before made them.
pub(crate) async fn clear(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    tx.execute(store::sql!("user_identity/delete_all"), &[user.into()]).await?;
    Ok(())
}

/// Whether the account can be logged in to by a password.
async fn has_password(tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let (has,): (bool,) = tx.fetch_one(store::sql!("user/has_password"), &[user.into()]).await?;
    Ok(has)
}
