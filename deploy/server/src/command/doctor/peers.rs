//! Are the other roles where they should be, and do they know us?

use super::Findings;
use crate::peering;
use crate::roles::Roles;
use crate::settings::Settings;
use host::peer::{Channels, Keys};
use host::{Clock, Ids};
use proto::Role;

/// Every role elsewhere that the roles here call.
pub async fn check(settings: &Settings, roles: &Roles, findings: &mut Findings) {
    let clock = Clock::system();
    let ids = Ids::new(clock.clone());
    let called: Vec<Role> = roles.calls().into_iter().filter(|role| !settings.peer(*role).is_empty()).collect();
    let Some(own) = roles.iter().next().filter(|_| !called.is_empty()) else { return };
    // Missing keys have been told already.
    let Ok(keys) = Keys::load(&settings.peer_keys_dir(), roles.as_slice()) else { return };
    let addresses = called.iter().map(|role| (*role, settings.peer(*role).to_vec()));
    let channels = match Channels::open(addresses, keys.signer(clock)) {
        Ok(channels) => channels,
        Err(error) => return findings.fail("peers", error.to_string()),
    };
    for role in called {
        let name = format!("peer {role}");
        match peering::check(&channels, role, own, &ids).await {
            Ok(()) => findings.ok(&name, "it answers and knows us".to_owned()),
            Err(problem) => findings.fail(&name, format!("{problem} (peers: {})", settings.peer(role).join(", "))),
        }
    }
}
