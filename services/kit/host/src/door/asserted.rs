//! What may a peer say about who stands behind its call?

use proto::{Call, Principal, Reason, Role};
use tonic::Status;

/// One kind of fact that a peer passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    User,
    Key,
    Workspace,
    /// What only an operator of the platform may do.
    Platform,
}

/// A role that meets users passes on whom it met. One that works for no tenant gets a row with nothing in it.
const MAY_ASSERT: &[(Role, &[Fact])] = &[
    (Role::Edge, &[Fact::User, Fact::Key, Fact::Workspace, Fact::Platform]),
    (Role::Gateway, &[Fact::User, Fact::Key, Fact::Workspace, Fact::Platform]),
    (Role::Identity, &[Fact::User, Fact::Key, Fact::Workspace, Fact::Platform]),
    (Role::Workspace, &[Fact::User, Fact::Key, Fact::Workspace, Fact::Platform]),
    (Role::Billing, &[Fact::User, Fact::Key, Fact::Workspace, Fact::Platform]),
    // It works for nobody that it knows.
    (Role::AgentEngine, &[]),
    (Role::UsageMetering, &[Fact::User, Fact::Key, Fact::Workspace, Fact::Platform]),
];

/// Refuses a call that says more than `peer` may. Errors: `PERMISSION_DENIED`.
pub(super) fn check(peer: Role, call: &Call) -> Result<(), Status> {
    let allowed = MAY_ASSERT.iter().find(|(role, _)| *role == peer).map_or(&[][..], |(_, facts)| facts);
    if allows(allowed, call) {
        return Ok(());
    }
    Err(Reason::PermissionDenied.with(format!("the role {peer} may not say this about its caller")).into())
}

fn allows(allowed: &[Fact], call: &Call) -> bool {
    facts(call).all(|fact| allowed.contains(&fact))
}

fn facts(call: &Call) -> impl Iterator<Item = Fact> {
    let principal = match call.principal {
        Principal::User { .. } => Some(Fact::User),
        Principal::Key { .. } => Some(Fact::Key),
        Principal::Anonymous | Principal::Service(_) => None,
    };
    let platform = call.scopes.is_operators().then_some(Fact::Platform);
    principal.into_iter().chain(call.workspace.map(|_| Fact::Workspace)).chain(platform)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::{Reason, id};
    use uuid::Uuid;

    fn call(workspace: bool) -> Call {
        let id = id::RequestId::from_uuid(Uuid::from_u128(1));
        let workspace = workspace.then(|| id::WorkspaceId::from_uuid(Uuid::from_u128(2)));
        let principal = Principal::Key { id: id::KeyId::from_uuid(Uuid::from_u128(3)) };
        Call { workspace, principal, ..Call::anonymous(id) }
    }

    #[test]
    fn a_role_without_tenants_may_name_none() {
        assert!(allows(&[], &Call::service(Role::Edge, call(false).request_id)));
        assert!(allows(&[Fact::Key], &call(false)));
        assert!(!allows(&[Fact::Key], &call(true)));
        assert!(!allows(&[Fact::User, Fact::Workspace], &call(true)));
        let operator = Call { scopes: proto::PlatformRole::Developer.scopes(), ..call(false) };
        assert!(!allows(&[Fact::Key], &operator) && allows(&[Fact::Key, Fact::Platform], &operator));
    }

    #[test]
    fn every_role_has_a_row() {
        for &role in Role::ALL {
            let said = check(role, &call(true)).map_err(|s| Reason::of(&s));
            // Who works for no tenant says nothing of one.
            let promised = if role == Role::AgentEngine { Err(Reason::PermissionDenied) } else { Ok(()) };
            assert_eq!(said, promised, "{role}");
        }
    }
}
