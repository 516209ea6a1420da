//! Services over real connections, as peers and internal teams call them.

use super::*;
use crate::{
    Clock,
    peer::{Channels, Keys},
    testing::{World, reason, start},
};
use futures::StreamExt as _;
use proto::{
    Call, Permission, Principal, Reason, Scopes,
    feed::WatchRequest,
    id::{RequestId, UserId},
    identity::{GetJwksRequest, GetMeRequest, Identity, ListApiKeysRequest, identity_client::IdentityClient},
};
use std::time::Duration as Wait;
use tokio::{task::JoinHandle, time::timeout};
use tonic::{Code, Request, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus as Health, health_client::HealthClient,
};
use tonic_reflection::pb::{v1, v1alpha};

struct Served {
    world: World,
    address: String,
    /// Identity as another process reaches it.
    remote: Identity,
    readiness: Readiness,
    stop: CancellationToken,
    end: JoinHandle<Result<(), tonic::transport::Error>>,
}

async fn serve_identity() -> Served {
    let dir = tempfile::tempdir().expect("a directory");
    Keys::generate(dir.path(), Role::ALL).expect("keys");
    let keys = Keys::load(dir.path(), Role::ALL).expect("keys");
    let world = World::with_peers(&keys).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let signer = keys.signer(Clock::manual(start()).0);
    let channels = Channels::open([(Role::Identity, vec![address.clone()])], signer).expect("channels");
    let remote = Identity::remote(channels.peer(Role::Identity).expect("a peer"));
    let (readiness, stop) = (Readiness::new(), CancellationToken::new());
    let serving = Serving {
        services: Routes::new(world.identity.clone().into_grpc(world.door.clone())),
        roles: vec![Role::Identity],
        door: world.door.clone(),
        readiness: readiness.clone(),
        overload: crate::Overload::default(),
        tls: None,
    };
    let (tasks, until) = (world.tasks.clone(), stop.clone());
    let end = world.tasks.tracker().spawn(async move { serve(listener, serving, &tasks, until).await });
    Served { world, address, remote, readiness, stop, end }
}

impl Served {
    async fn channel(&self) -> Channel {
        Channel::from_shared(self.address.clone()).expect("an address").connect().await.expect("a connection")
    }

    async fn client(&self) -> IdentityClient<Channel> {
        IdentityClient::new(self.channel().await)
    }
}

fn bearer<T>(message: T, credential: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {credential}").parse().expect("ascii"));
    request
}

#[tokio::test]
async fn a_peer_is_believed_about_its_caller() {
    let served = serve_identity().await;
    let user = UserId::from_uuid(served.world.ids.uuid());
    let call = Call {
        principal: Principal::User { id: user, session: proto::id::SessionId::from_uuid(served.world.ids.uuid()) },
        scopes: Scopes::NONE.with(Permission::Account),
        ..served.world.call()
    };
    let me = served.remote.called_by(Role::Edge).get_me(&call, GetMeRequest {}).await.expect("an answer");
    let me = me.user.expect("a user");
    assert_eq!((me.id, me.name), (user.to_string(), call.request_id.to_string()));
}

#[tokio::test]
async fn a_client_gets_a_call_of_its_own_whatever_it_claims() {
    let served = serve_identity().await;
    let (token, user, _) = served.world.token(None);
    let mut client = served.client().await;
    let missing = client.get_me(GetMeRequest {}).await;
    assert_eq!(reason(missing), Reason::CredentialsMissing);
    let mut forged = bearer(GetMeRequest {}, &token);
    let claimed = Call {
        principal: Principal::Service(Role::Edge),
        ..Call::service(Role::Edge, RequestId::from_uuid(served.world.ids.uuid()))
    };
    claimed.write(forged.metadata_mut());
    let me = client.get_me(forged).await.expect("an answer").into_inner().user.expect("a user");
    assert_eq!(me.id, user.to_string());
    assert_ne!(me.name, claimed.request_id.to_string());
    let mut forged = Request::new(GetMeRequest {});
    claimed.write(forged.metadata_mut());
    assert_eq!(reason(client.get_me(forged).await), Reason::CredentialsMissing);
}

#[tokio::test]
async fn a_tenants_credential_never_reaches_what_is_for_peers() {
    let served = serve_identity().await;
    let (key, ..) = served.world.key();
    let mut client = served.client().await;
    let resolve = proto::identity::ResolveKeyRequest::default();
    let refused = client.resolve_key(bearer(resolve.clone(), &key)).await;
    assert_eq!(reason(refused), Reason::PermissionDenied);
    let mut posing = bearer(resolve, &key);
    posing.metadata_mut().insert("x-peer-token", "e30.e30.e30".parse().expect("ascii"));
    assert_eq!(reason(client.resolve_key(posing).await), Reason::TokenInvalid);
}

#[tokio::test]
async fn who_has_no_or_an_expired_credential_may_still_log_in() {
    let served = serve_identity().await;
    let mut client = served.client().await;
    let jwks = client.get_jwks(GetJwksRequest {}).await.expect("open to all").into_inner();
    assert_eq!(jwks.jwks_json, "anonymous");
    let expired = bearer(GetJwksRequest {}, "e30.e30.e30");
    assert_eq!(client.get_jwks(expired).await.expect("open to all").into_inner().jwks_json, "anonymous");
    let (token, user, _) = served.world.token(None);
    let known = client.get_jwks(bearer(GetJwksRequest {}, &token)).await.expect("open to all").into_inner();
    assert_eq!(known.jwks_json, user.to_string());
}

#[tokio::test]
async fn a_fault_in_a_handler_is_an_answer_and_the_connection_goes_on() {
    let served = serve_identity().await;
    let (key, ..) = served.world.key();
    let mut client = served.client().await;
    let status = client.list_api_keys(bearer(ListApiKeysRequest::default(), &key)).await.expect_err("a fault");
    assert_eq!((status.code(), Reason::of(&status)), (Code::Internal, Reason::Internal));
    assert!(!status.message().contains("fault"), "{status:?}");
    client.get_jwks(GetJwksRequest {}).await.expect("the same connection");
}

#[tokio::test]
async fn health_is_open_and_follows_readiness() {
    let served = serve_identity().await;
    let mut client = HealthClient::new(served.channel().await);
    for (ready, expected) in [(true, Health::Serving), (false, Health::NotServing)] {
        if !ready {
            served.readiness.fail("stopping");
        }
        let mut last = None;
        for _ in 0..100 {
            let service = "perpetuo.identity.v1.Identity".to_owned();
            last = client.check(HealthCheckRequest { service }).await.ok().map(|r| r.into_inner().status());
            if last == Some(expected) {
                break;
            }
            tokio::time::sleep(Wait::from_millis(50)).await;
        }
        assert_eq!(last, Some(expected));
    }
}

#[tokio::test]
async fn reflection_lists_what_the_caller_may_use() {
    use v1::{server_reflection_client::ServerReflectionClient, server_reflection_request::MessageRequest};
    let served = serve_identity().await;
    let mut client = ServerReflectionClient::new(served.channel().await);
    let ask = |request| {
        let request = v1::ServerReflectionRequest { host: String::new(), message_request: Some(request) };
        futures::stream::iter([request])
    };
    let list = || ask(MessageRequest::ListServices(String::new()));
    assert_eq!(reason(client.server_reflection_info(list()).await), Reason::CredentialsMissing);
    let (key, ..) = served.world.key();
    let mut answers = client.server_reflection_info(bearer(list(), &key)).await.expect("a stream").into_inner();
    let listed = format!("{:?}", answers.next().await.expect("an answer").expect("services"));
    assert!(listed.contains("perpetuo.identity.v1.Identity") && listed.contains("grpc.health.v1.Health"), "{listed}");
    assert!(!listed.contains("perpetuo.usage"), "it does not run here: {listed}");

    let symbol =
        |name: &str| ask(MessageRequest::FileContainingSymbol(format!("perpetuo.identity.v1.Identity.{name}")));
    let allowed = client.server_reflection_info(bearer(symbol("ListApiKeys"), &key)).await.expect("a stream");
    assert!(allowed.into_inner().next().await.expect("an answer").is_ok());
    for hidden in ["ResolveKey", "CreateApiKey", "Watch"] {
        let answer = client.server_reflection_info(bearer(symbol(hidden), &key)).await.expect("a stream");
        assert!(answer.into_inner().next().await.expect("an answer").is_err(), "{hidden}");
    }
}

#[tokio::test]
async fn older_reflection_clients_are_served_too() {
    use v1alpha::{server_reflection_client::ServerReflectionClient, server_reflection_request::MessageRequest};
    let served = serve_identity().await;
    let mut client = ServerReflectionClient::new(served.channel().await);
    let list = || {
        let message_request = Some(MessageRequest::ListServices(String::new()));
        futures::stream::iter([v1alpha::ServerReflectionRequest { host: String::new(), message_request }])
    };
    assert_eq!(reason(client.server_reflection_info(list()).await), Reason::CredentialsMissing);
    let (token, ..) = served.world.token(None);
    let answers = client.server_reflection_info(bearer(list(), &token)).await.expect("a stream");
    let listed = format!("{:?}", answers.into_inner().next().await.expect("an answer").expect("services"));
    assert!(listed.contains("perpetuo.identity.v1.Identity"), "{listed}");
}

#[tokio::test]
async fn stopping_ends_feeds_and_lets_running_calls_finish() {
    let served = serve_identity().await;
    let edge = served.remote.called_by(Role::Edge);
    let mut feed = edge.watch(&served.world.call(), WatchRequest { after: None }).await.expect("a feed");
    feed.next().await.expect("a heartbeat").expect("a heartbeat");
    let (key, ..) = served.world.key();
    served.world.state.slow_ms.store(600, std::sync::atomic::Ordering::SeqCst);
    let request = proto::identity::ResolveKeyRequest { sha256: crate::door::key::hash(&key).to_vec().into() };
    let (caller, call) = (edge.clone(), served.world.call());
    let running = served.world.tasks.spawn("running", async move { caller.resolve_key(&call, request).await });
    tokio::time::sleep(Wait::from_millis(200)).await;
    served.stop.cancel();
    let ended = async {
        loop {
            if let Some(Err(status)) = feed.next().await {
                return status;
            }
        }
    };
    let status = timeout(Wait::from_secs(2), ended).await.expect("the feed ends");
    assert_eq!(Reason::of(&status), Reason::ServiceUnavailable);
    running.await.expect("a task").expect("what was running is answered");
    drop(feed);
    timeout(Wait::from_secs(5), served.end).await.expect("it ends").expect("a task").expect("served");
}

#[tokio::test]
async fn a_peer_that_comes_back_is_called_again_without_a_restart() {
    let served = serve_identity().await;
    let edge = served.remote.called_by(Role::Edge);
    edge.get_jwks(&served.world.call(), GetJwksRequest {}).await.expect("there");
    served.stop.cancel();
    timeout(Wait::from_secs(5), served.end).await.expect("it ends").expect("a task").expect("served");
    let away = edge.get_jwks(&served.world.call(), GetJwksRequest {}).await;
    assert_eq!(reason(away), Reason::ServiceUnavailable);
    let address = served.address.trim_start_matches("http://");
    let listener = TcpListener::bind(address).await.expect("the same port");
    let serving = Serving {
        services: Routes::new(served.world.identity.clone().into_grpc(served.world.door.clone())),
        roles: vec![Role::Identity],
        door: served.world.door.clone(),
        readiness: Readiness::new(),
        overload: crate::Overload::default(),
        tls: None,
    };
    let tasks = served.world.tasks.clone();
    let again = CancellationToken::new();
    let _served = again.clone().drop_guard();
    served.world.tasks.tracker().spawn(async move { serve(listener, serving, &tasks, again).await });
    let mut back = edge.get_jwks(&served.world.call(), GetJwksRequest {}).await;
    for _ in 0..40 {
        if back.is_ok() {
            break;
        }
        tokio::time::sleep(Wait::from_millis(50)).await;
        back = edge.get_jwks(&served.world.call(), GetJwksRequest {}).await;
    }
    back.expect("it is back");
}
