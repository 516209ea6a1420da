//! Does another role answer, and does it know who we are?

use host::Ids;
use host::peer::Channels;
use proto::billing::{Billing, ListPlansRequest};
use proto::engine::{AgentEngine, GetExecutionRequest};
use proto::gateway::{Gateway, GetLimitsRequest};
use proto::identity::{Identity, ResolveKeyRequest};
use proto::rpc::Peer;
use proto::usage::{PeekLimitsRequest, Usage};
use proto::workspace::{ResolveMemberRequest, Workspaces};
use proto::{Call, Reason, Role, id::RequestId};
use std::time::Duration;
use tokio::time::Instant;
use tonic::Status;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Asks `role` in the name of `own`.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub async fn check(channels: &Channels, role: Role, own: Role, ids: &Ids) -> Result<(), String> {
    let peer = channels.peer(role).map_err(|error| error.to_string())?;
    let call = Call::service(own, RequestId::from_uuid(ids.uuid())).until(Instant::now() + PATIENCE);
    verdict(&ask(peer, role, own, &call).await).map_err(str::to_owned)
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
        Role::Billing => Billing::remote(peer).called_by(own).list_plans(call, ListPlansRequest {}).await.map(drop),
        Role::Gateway => {
            Gateway::remote(peer).called_by(own).get_limits(call, GetLimitsRequest::default()).await.map(drop)
        }
        Role::AgentEngine => {
            let request = GetExecutionRequest::default();
            AgentEngine::remote(peer).called_by(own).get_execution(call, request).await.map(drop)
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
