//! May the caller give this role, or take it away?

use crate::{error::Error, role::Given};
use proto::{Call, Scopes};

/// Only if they may themselves do all that it may: an admin makes no owner and removes none, and a key with a few scopes
/// makes nobody who may do more than it. What counts is what the role may do, not what it is called. Errors:
/// `PERMISSION_DENIED`.
pub(crate) fn covers(call: &Call, role: &Given) -> Result<(), Error> {
    within(call.scopes, role)
}

/// The same for whoever may do this. Errors: `PERMISSION_DENIED`.
pub(super) fn within(scopes: Scopes, role: &Given) -> Result<(), Error> {
    match role.permissions.iter().find(|permission| !scopes.contains(*permission)) {
        None => Ok(()),
        Some(beyond) => Err(Error::RoleBeyond { role: role.name.clone(), permission: beyond.as_str() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::roles::Role;
    use proto::id::RequestId;

    fn may(scopes: Scopes) -> Vec<&'static str> {
        let call = Call { scopes, ..Call::anonymous(RequestId::from_uuid(uuid::Uuid::nil())) };
        let given = |role: &&str| Given::of((*role).to_owned(), None);
        Role::ALL.into_iter().map(Role::as_str).filter(|role| covers(&call, &given(role)).is_ok()).collect()
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        assert_eq!(may(Role::Owner.permissions()), ["owner", "admin", "member", "viewer"]);
        assert_eq!(may(Role::Admin.permissions()), ["admin", "member", "viewer"]);
        assert_eq!(may(Role::Member.permissions()), ["member", "viewer"]);
        assert_eq!(may(Scopes::NONE.with(proto::Permission::MembersWrite)), [""; 0]);
    }

    #[test]
    fn of_two_roles_one_may_give_the_other_only_if_it_may_do_all_that_the_other_may() {
        let call = |scopes| Call { scopes, ..Call::anonymous(RequestId::from_uuid(uuid::Uuid::nil())) };
        for &one in proto::Permission::ALL {
            for &other in proto::Permission::ALL {
                let (mine, both) = (Scopes::NONE.with(one), Scopes::NONE.with(one).with(other));
                let given = |permissions| Given { name: "custom".to_owned(), permissions };
                assert!(covers(&call(both), &given(mine)).is_ok());
                assert_eq!(covers(&call(mine), &given(both)).is_ok(), one == other, "{one:?} {other:?}");
            }
        }
    }
}
