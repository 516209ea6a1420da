//! Accounts elsewhere that open an account here.

pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod unlink;

use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    passkey,
    password::hash,
    sign_in::Person,
    user::User,
};
use chrono::{DateTime, Utc};
use proto::{
    Call,
    id::{IdentityId, UserId},
    identity as pb,
};
use store::{Tx, Value};

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

/// Which links end when the owner of an account shows that they are it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All: whoever was in the account before may have made them.
    All,
    /// Those that came after the account itself. The one that it was made with is as good as the password of a sign-up.
    Later,
}

/// Ends links of an account, and tells its owner if there were any.
pub(crate) async fn clear(tx: &mut Tx, parts: &Parts, call: &Call, user: &User, ending: Ending) -> Result<(), Error> {
    let of: [Value; 1] = [user.id.into()];
    let ended = match ending {
        Ending::All => tx.execute(store::sql!("user_identity/delete_all"), &of).await?,
        Ending::Later => tx.execute(store::sql!("user_identity/delete_later"), &of).await?,
    };
    if ended > 0 {
        queue::notice(tx, parts, Kind::IdentityUnlinked, &user.email, user.id).await?;
        tx.emit(&event::of_user(parts, call, "user.identity_unlinked", user));
    }
    Ok(())
}

/// Whether the account can be logged in to by a password.
pub(crate) async fn has_password(tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let (hash,): (String,) = tx.fetch_one(store::sql!("user/has_password"), &[user.into()]).await?;
    Ok(!hash::is_none(&hash))
}

/// Whether anything opens the account: a password, a passkey, or an account at a provider. What is linked with one that was
/// taken out of the configuration opens nothing.
pub(crate) async fn is_open(tx: &mut Tx, parts: &Parts, user: UserId) -> Result<bool, Error> {
    if has_password(tx, user).await? || (parts.relying_party.is_some() && passkey::count(tx, user).await? > 0) {
        return Ok(true);
    }
    let linked: Vec<Identity> = tx.fetch_all(store::sql!("user_identity/list"), &[user.into()]).await?;
    Ok(linked.iter().any(|identity| parts.providers.know(&identity.issuer)))
}
