//! Tokens of peers, and of those who would like to be.

use super::*;
use crate::{
    Clock, ClockHand,
    testing::{reason, start},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::{Reason, identity, rpc::Signer, workspace};
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc};

struct Peers {
    dir: tempfile::TempDir,
    signer: Arc<dyn Signer>,
    verifier: Verifier,
    hand: ClockHand,
}

impl Peers {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Keys::generate(dir.path(), Role::ALL).expect("keys");
        let keys = Keys::load(dir.path(), Role::ALL).expect("keys");
        let (clock, hand) = Clock::manual(start());
        Self { signer: keys.signer(clock.clone()), verifier: keys.verifier(clock), hand, dir }
    }

    fn token(&self) -> String {
        let token = self.signer.token(Role::Gateway, &identity::RESOLVE_KEY).expect("a token");
        token.to_str().expect("text").to_owned()
    }

    fn refusal(&self, token: &str) -> Reason {
        reason(self.verifier.verify(token.as_bytes(), &identity::RESOLVE_KEY))
    }

    fn private(&self, role: Role) -> EncodingKey {
        EncodingKey::from_ed_pem(&fs::read(self.dir.path().join(format!("{role}.key"))).expect("a key")).expect("a key")
    }
}

fn header(alg: Algorithm, kid: &str) -> Header {
    Header { typ: Some(TYPE.to_owned()), kid: Some(kid.to_owned()), ..Header::new(alg) }
}

fn claims() -> Claims {
    let now = start().timestamp();
    let text = str::to_owned;
    Claims {
        iss: text("gateway"),
        aud: text("identity"),
        sub: subject(&identity::RESOLVE_KEY),
        iat: now,
        exp: now + 60,
    }
}

fn sign(header: &Header, claims: &Claims, key: &EncodingKey) -> String {
    jsonwebtoken::encode(header, claims, key).expect("a token")
}

#[test]
fn a_token_proves_the_role_of_its_caller_for_one_rpc() {
    let peers = Peers::new();
    let token = peers.token();
    assert_eq!(peers.verifier.verify(token.as_bytes(), &identity::RESOLVE_KEY).expect("a peer"), Role::Gateway);
    let other_rpc = peers.verifier.verify(token.as_bytes(), &identity::RESOLVE_TOKEN);
    assert_eq!(reason(other_rpc), Reason::TokenInvalid);
    let other_service = peers.verifier.verify(token.as_bytes(), &workspace::OPEN_ROUTING);
    assert_eq!(reason(other_service), Reason::TokenInvalid);
}

#[test]
fn a_token_for_another_audience_is_refused() {
    let peers = Peers::new();
    let claims = Claims { aud: "workspace".to_owned(), ..claims() };
    let token = sign(&header(Algorithm::EdDSA, "gateway"), &claims, &peers.private(Role::Gateway));
    assert_eq!(peers.refusal(&token), Reason::TokenInvalid);
}

#[test]
fn a_token_lives_for_a_minute_also_when_it_is_remembered() {
    let peers = Peers::new();
    let token = peers.token();
    peers.verifier.verify(token.as_bytes(), &identity::RESOLVE_KEY).expect("a peer");
    peers.hand.advance(Duration::seconds(64));
    peers.verifier.verify(token.as_bytes(), &identity::RESOLVE_KEY).expect("within what clocks may differ");
    peers.hand.advance(Duration::seconds(2));
    assert_eq!(peers.refusal(&token), Reason::TokenExpired);
    peers.hand.set(start() - Duration::seconds(10));
    assert_eq!(peers.refusal(&token), Reason::TokenInvalid, "nor is one from the future good");
}

#[test]
fn a_token_that_lives_longer_than_a_minute_is_refused() {
    let peers = Peers::new();
    for exp in [claims().iat + 61, i64::MAX, claims().iat - 1] {
        let claims = Claims { exp, ..claims() };
        let token = sign(&header(Algorithm::EdDSA, "gateway"), &claims, &peers.private(Role::Gateway));
        assert_eq!(peers.refusal(&token), Reason::TokenInvalid, "{exp}");
    }
}

#[test]
fn no_other_algorithm_counts() {
    let peers = Peers::new();
    let encode = |json: String| URL_SAFE_NO_PAD.encode(json);
    let payload = encode(serde_json::to_string(&claims()).expect("json"));
    for alg in ["none", "None", "NONE"] {
        let head = encode(format!(r#"{{"alg":"{alg}","typ":"peer+jwt","kid":"gateway"}}"#));
        assert_eq!(peers.refusal(&format!("{head}.{payload}.")), Reason::TokenInvalid);
    }
    // The classic confusion: the public key, which everybody has, used as the secret of an HMAC.
    let public = fs::read(peers.dir.path().join("gateway.pub")).expect("a key");
    let raw = URL_SAFE_NO_PAD.encode(&public);
    for secret in [public.as_slice(), raw.as_bytes()] {
        let token = sign(&header(Algorithm::HS256, "gateway"), &claims(), &EncodingKey::from_secret(secret));
        assert_eq!(peers.refusal(&token), Reason::TokenInvalid);
    }
}

#[test]
fn a_role_cannot_sign_for_another() {
    let peers = Peers::new();
    let workspace = peers.private(Role::Workspace);
    let posing = sign(&header(Algorithm::EdDSA, "gateway"), &claims(), &workspace);
    assert_eq!(peers.refusal(&posing), Reason::TokenInvalid);
    let mixed = sign(&header(Algorithm::EdDSA, "workspace"), &claims(), &workspace);
    assert_eq!(peers.refusal(&mixed), Reason::TokenInvalid, "the issuer must be whose key it is");
    let unknown = sign(&header(Algorithm::EdDSA, "operator"), &claims(), &workspace);
    assert_eq!(peers.refusal(&unknown), Reason::TokenInvalid);
    let untyped = Header { typ: Some("at+jwt".to_owned()), ..header(Algorithm::EdDSA, "gateway") };
    assert_eq!(peers.refusal(&sign(&untyped, &claims(), &peers.private(Role::Gateway))), Reason::TokenInvalid);
}

#[test]
fn an_altered_token_is_refused() {
    let peers = Peers::new();
    let token = peers.token();
    let (rest, signature) = token.rsplit_once('.').expect("a token");
    let (head, _) = rest.split_once('.').expect("a token");
    let other = Claims { sub: subject(&identity::RESOLVE_TOKEN), ..claims() };
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_string(&other).expect("json"));
    let altered = format!("{head}.{payload}.{signature}");
    assert_eq!(reason(peers.verifier.verify(altered.as_bytes(), &identity::RESOLVE_TOKEN)), Reason::TokenInvalid);
    for garbage in ["", "..", "a.b.c", &"x".repeat(100_000), &token[..token.len() - 2]] {
        assert_eq!(peers.refusal(garbage), Reason::TokenInvalid);
    }
}

#[test]
fn a_token_is_signed_once_for_half_of_its_life() {
    let peers = Peers::new();
    let first = peers.token();
    peers.hand.advance(Duration::seconds(29));
    assert_eq!(peers.token(), first);
    peers.hand.advance(Duration::seconds(1));
    assert_ne!(peers.token(), first);
}

#[test]
fn private_keys_are_private_and_generating_again_changes_none() {
    let peers = Peers::new();
    let read = |name: &str| fs::read(peers.dir.path().join(name)).expect("a file");
    let before = (read("gateway.key"), read("gateway.pub"));
    fs::remove_file(peers.dir.path().join("gateway.pub")).expect("removed");
    Keys::generate(peers.dir.path(), Role::ALL).expect("keys");
    assert_eq!((read("gateway.key"), read("gateway.pub")), before);
    let mode = fs::metadata(peers.dir.path().join("gateway.key")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_missing_or_broken_key_is_one_sentence_that_says_what_to_run() {
    let missing = Keys::load(Path::new("/nowhere/peers"), &[Role::Gateway]).err().expect("missing").to_string();
    assert!(missing.contains("perpetuo keys generate") && missing.contains("/nowhere/peers"), "{missing}");
    let peers = Peers::new();
    fs::write(peers.dir.path().join("edge.pub"), "nonsense").expect("written");
    let broken = Keys::load(peers.dir.path(), &[]).err().expect("broken").to_string();
    assert!(broken.contains("edge.pub") && broken.contains("generate"), "{broken}");
}

#[test]
fn a_process_signs_for_its_own_roles_only() {
    let peers = Peers::new();
    let keys = Keys::load(peers.dir.path(), &[Role::Edge]).expect("keys");
    let signer = keys.signer(Clock::manual(start()).0);
    signer.token(Role::Edge, &identity::RESOLVE_KEY).expect("a token");
    assert_eq!(reason(signer.token(Role::Gateway, &identity::RESOLVE_KEY)), Reason::ServiceUnavailable);
}

#[tokio::test]
async fn an_address_that_is_none_is_named() {
    let signer = Peers::new().signer;
    for bad in ["identity:9090/x y", "ftp://identity:9090", "https://identity:9090", "", "identity"] {
        let error = Channels::open([(Role::Identity, vec![bad.to_owned()])], signer.clone()).err();
        assert!(error.is_some_and(|e| e.to_string().starts_with("peers.identity:")), "{bad:?}");
    }
    let channels = Channels::open([], signer).expect("no channels");
    assert!(channels.peer(Role::Identity).err().is_some_and(|e| e.to_string().contains("peers.identity is not set")));
}
