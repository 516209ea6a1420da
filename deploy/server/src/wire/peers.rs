//! Are the other roles there yet?

use super::Base;
use crate::peering;
use crate::roles::Roles;
use proto::Role;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The process is not ready before each of its peers has answered once. One that goes away later does not make it
/// unready again: its callers get a clear answer from us, and from a balancer with nobody left behind it they would not.
pub fn expect(base: &Base) {
    for role in expected(&base.roles) {
        let (channels, ids, own) = (base.channels.clone(), base.ids.clone(), base.first_role());
        let met = Arc::new(AtomicBool::new(false));
        base.readiness.check(name(role), move || {
            let (channels, ids, met) = (channels.clone(), ids.clone(), met.clone());
            async move {
                if met.load(Ordering::Relaxed) {
                    return Ok(());
                }
                peering::check(&channels, role, own, &ids).await?;
                met.store(true, Ordering::Relaxed);
                Ok(())
            }
        });
    }
}

/// Those that start before the roles here. Never both of two that call each other: on Kubernetes nobody reaches a
/// process that is not ready, so they would wait for each other for ever.
fn expected(roles: &Roles) -> Vec<Role> {
    let place = |role| Role::ALL.iter().position(|other| *other == role);
    let last = roles.iter().map(place).max().flatten();
    roles.calls().into_iter().filter(|role| place(*role) < last).collect()
}

const fn name(role: Role) -> &'static str {
    match role {
        Role::Edge => "peer edge",
        Role::Identity => "peer identity",
        Role::Workspace => "peer workspace",
        Role::Gateway => "peer gateway",
        Role::UsageMetering => "peer usage-metering",
        Role::Billing => "peer billing",
        Role::AgentEngine => "peer agent-engine",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_roles_wait_for_each_other() {
        let expected = |role: Role| expected(&role.as_str().parse().unwrap());
        for &one in Role::ALL {
            for other in expected(one) {
                assert!(!expected(other).contains(&one), "{one} and {other} wait for each other");
            }
        }
        assert_eq!(expected(Role::Identity), [Role::Workspace]);
        assert_eq!(expected(Role::Edge).len(), 6);
    }
}
