//! Are the other roles where they should be, and do they know us?

use super::Findings;
use crate::roles::Roles;
use crate::settings::Settings;
use host::peer::{Channels, Keys};
use host::{Clock, Ids};
use proto::gateway::{Gateway, GetLimitsRequest};
use proto::identity::{Identity, ResolveKeyRequest};
use proto::rpc::Peer;
use proto::usage::{PeekLimitsRequest, Usage};
use proto::workspace::{ResolveMemberRequest, Workspaces};
use proto::{Call, Reason, Role};
use std::time::Duration;
use tokio::time::Instant;
use tonic::Status;

const PATIENCE: Duration = Duration::from_secs(3);

/// Every role elsewhere that the roles here call.
pub async fn check(settings: &Settings, roles: &Roles, findings: &mut Findings) {
    let clock = Clock::system();
    let called: Vec<Role> = roles.calls().into_iter().filter(|role| !settings.peer(*role).is_empty()).collect();
    let Some(own) = roles.iter().next().filter(|_| !called.is_empty()) else { return };
    // Missing keys have been told already.
    let Ok(keys) = Keys::load(&settings.peer_keys_dir(), roles.as_slice()) else { return };
    let addresses = called.iter().map(|role| (*role, settings.peer(*role).to_vec()));
    let channels = match Channels::open(addresses, keys.signer(clock.clone())) {
        Ok(channels) => channels,
        Err(error) => return findings.fail("peers", error.to_string()),
    };
    let call = Call::service(own, proto::id::RequestId::from_uuid(Ids::new(clock).uuid()));
    for role in called {
        let name = format!("peer {role}");
        let answer = match channels.peer(role) {
            Ok(peer) => ask(peer, role, own, &call.clone().until(Instant::now() + PATIENCE)).await,
            Err(error) => return findings.fail(&name, error.to_string()),
        };
        match verdict(&answer) {
            Ok(()) => findings.ok(&name, "it answers and knows us".to_owned()),
            Err(problem) => findings.fail(&name, format!("{problem} (peers: {})", settings.peer(role).join(", "))),
        }
    }
}

/// Asks something that changes nothing. What matters is whether the refusal is about who we are.
async fn ask(peer: Peer, role: Role, own: Role, call: &Call) -> Result<(), Status> {
    match role {
        Role::Identity => {
            let request = ResolveKeyRequest { sha256: vec![0; 32].into() };
            Identity::remote(peer).called_by(own).resolve_key(call, request).await.map(drop)
        }
        Role::Workspace => {
            let request = ResolveMemberRequest::default();
            Workspaces::remote(peer).called_by(own).resolve_member(call, request).await.map(drop)
        }
        Role::UsageMetering => {
            let request = PeekLimitsRequest::default();
            Usage::remote(peer).called_by(own).peek_limits(call, request).await.map(drop)
        }
        Role::Gateway => {
            Gateway::remote(peer).called_by(own).get_limits(call, GetLimitsRequest::default()).await.map(drop)
        }
        Role::Edge => Ok(()),
    }
}

fn verdict(answer: &Result<(), Status>) -> Result<(), &'static str> {
    let Err(status) = answer else { return Ok(()) };
    match Reason::of(status) {
        Reason::ServiceUnavailable | Reason::DeadlineExceeded => {
            Err("it does not answer: see whether it runs, and whether the address is right")
        }
        Reason::TokenInvalid | Reason::TokenExpired | Reason::CredentialsMissing => {
            Err("it does not accept our key: give both processes keys of the same `perpetuo keys generate`, \
                 and compare their clocks")
        }
        // It has let us in, and refuses what we ask for.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn being_refused_a_wish_is_not_being_refused_at_the_door() {
        let answer = |reason: Reason| verdict(&Err(reason.with("x").into()));
        assert!(answer(Reason::UnknownKey).is_ok() && answer(Reason::NotFound).is_ok());
        assert!(answer(Reason::PermissionDenied).is_ok() && answer(Reason::InvalidArgument).is_ok());
        assert!(answer(Reason::TokenInvalid).unwrap_err().contains("keys generate"));
        assert!(verdict(&Err(Status::unavailable("tcp"))).unwrap_err().contains("whether it runs"));
    }
}
