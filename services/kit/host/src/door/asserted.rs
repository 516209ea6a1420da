//! What may a peer say about who stands behind its call?

use proto::{Call, Principal, Reason, Role};
use tonic::Status;

/// One kind of fact that a peer passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    User,
    Key,
    Workspace,
}

/// A role that meets users passes on whom it met. One that works for no tenant gets a row with nothing in it.
const MAY_ASSERT: &[(Role, &[Fact])] = &[
    (Role::Edge, &[Fact::User, Fact::Key, Fact::Workspace]),
    (Role::Gateway, &[Fact::User, Fact::Key, Fact::Workspace]),
    (Role::Identity, &[Fact::User, Fact::Key, Fact::Workspace]),
    (Role::Workspace, &[Fact::User, Fact::Key, Fact::Workspace]),
    (Role::UsageMetering, &[Fact::User, Fact::Key, Fact::Workspace]),
];

/// Refuses a call that says more than `peer` may. Errors: `PERMISSION_DENIED`.
pub(super) fn check(peer: Role, call: &Call) -> Result<(), Status> {
    let allowed = MAY_ASSERT.iter().find(|(role, _)| *role == peer).map_or(&[][..], |(_, facts)| facts);
    if facts(call).all(|fact| allowed.contains(&fact)) {
        return Ok(());
    }
    Err(Reason::PermissionDenied.with(format!("the role {peer} may not say this about its caller")).into())
}

fn facts(call: &Call) -> impl Iterator<Item = Fact> {
    let principal = match call.principal {
        Principal::User { .. } => Some(Fact::User),
        Principal::Key { .. } => Some(Fact::Key),
        Principal::Anonymous | Principal::Service(_) => None,
    };
    principal.into_iter().chain(call.workspace.map(|_| Fact::Workspace))
}
