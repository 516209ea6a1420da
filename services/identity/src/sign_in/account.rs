//! Which account here does a person elsewhere open?

use super::Person;
use crate::{
    Error, Parts,
    user::{self, User},
};
use proto::id::{IdentityId, UserId};
use store::Tx;

/// What there is for a person.
pub(super) enum Found {
    /// The account that they are linked with.
    Linked(IdentityId, User),
    /// One with the same address, which they may open: the provider vouches for it, and we know it, too.
    Same(User),
    /// None, and one may be made for this address.
    Nobody(String),
}

store::row! {
    struct Link {
        id: IdentityId,
        user_id: UserId,
    }
}

/// Errors: [`Error::LinkRequired`] where nothing proves that an account is theirs, [`Error::SignInRefused`] for one that is
/// disabled.
pub(super) async fn find(tx: &mut Tx, parts: &Parts, person: &Person) -> Result<Found, Error> {
    let values = [person.issuer.as_str().into(), person.subject.as_str().into()];
    let link: Option<Link> = tx.fetch_optional(store::sql!("user_identity/find"), &values).await?;
    if let Some(Link { id, user_id }) = link {
        let user: User = tx.fetch_one(store::sql!("user/by_id"), &[user_id.into()]).await?;
        return open(parts, user).map(|user| Found::Linked(id, user));
    }
    // The same answer whether the address has an account or not, as nobody vouches for it.
    let address = person.confirmed().ok_or(Error::LinkRequired)?;
    let same: Option<User> = tx.fetch_optional(store::sql!("user/list_by_email"), &[address.into()]).await?;
    match same {
        None => Ok(Found::Nobody(address.to_owned())),
        // Somebody else may have signed up with the address, and wait for its owner to move in. Operators link theirs
        // themselves: no provider decides over the platform.
        Some(user) if user.email_verified_at.is_none() || !person.is_authority || user.platform_role.is_some() => {
            Err(Error::LinkRequired)
        }
        Some(user) => open(parts, user).map(Found::Same),
    }
}

/// Whether anybody may come into this account.
fn open(parts: &Parts, user: User) -> Result<User, Error> {
    if user.disabled_at.is_some() {
        return Err(Error::SignInRefused("the account is disabled: ask whoever runs this installation".to_owned()));
    }
    if parts.verifies_first && user.email_verified_at.is_none() {
        let why = "the address of the account is not confirmed: log in by a link in a letter once";
        return Err(Error::SignInRefused(why.to_owned()));
    }
    Ok(user)
}

/// The name of somebody whose account is made: the provider's, or what stands before the `@`.
pub(crate) fn name(person: &Person, address: &str) -> String {
    let given: String = person.name.chars().filter(|c| !c.is_control()).take(user::MAX_NAME).collect();
    match given.trim() {
        "" => address.split('@').next().unwrap_or(address).to_owned(),
        given => given.to_owned(),
    }
}
