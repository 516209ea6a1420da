//! May the caller give this role, or take it away?

use super::roles;
use crate::error::Error;
use proto::{Call, Scopes};

/// Only if they may themselves do all that it may: an admin makes no owner and removes none, and a key with a few scopes
/// makes nobody who may do more than it. Errors: `PERMISSION_DENIED`.
pub(crate) fn covers(call: &Call, role: &str) -> Result<(), Error> {
    within(call.scopes, role)
}

/// The same for whoever may do this. Errors: `PERMISSION_DENIED`.
pub(super) fn within(scopes: Scopes, role: &str) -> Result<(), Error> {
    match roles::permissions_of(role).iter().find(|permission| !scopes.contains(*permission)) {
        None => Ok(()),
        Some(beyond) => Err(Error::RoleBeyond { role: role.to_owned(), permission: beyond.as_str() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::roles::Role;
    use proto::id::RequestId;

    fn may(scopes: Scopes) -> Vec<&'static str> {
        let call = Call { scopes, ..Call::anonymous(RequestId::from_uuid(uuid::Uuid::nil())) };
        Role::ALL.into_iter().map(Role::as_str).filter(|role| covers(&call, role).is_ok()).collect()
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        assert_eq!(may(Role::Owner.permissions()), ["owner", "admin", "member", "viewer"]);
        assert_eq!(may(Role::Admin.permissions()), ["admin", "member", "viewer"]);
        assert_eq!(may(Role::Member.permissions()), ["member", "viewer"]);
        assert_eq!(may(Scopes::NONE.with(proto::Permission::MembersWrite)), [""; 0]);
    }
}
