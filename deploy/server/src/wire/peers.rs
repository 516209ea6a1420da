//! Are the other roles there yet?

use super::Base;
use crate::peering;
use proto::Role;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The process is not ready before each of its peers has answered once. One that goes away later does not make it
/// unready again: its callers get a clear answer from us, and from a balancer with nobody left behind it they would not.
pub fn expect(base: &Base) {
    for role in base.roles.calls() {
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

const fn name(role: Role) -> &'static str {
    match role {
        Role::Edge => "peer edge",
        Role::Identity => "peer identity",
        Role::Workspace => "peer workspace",
        Role::Gateway => "peer gateway",
        Role::UsageMetering => "peer usage-metering",
    }
}
