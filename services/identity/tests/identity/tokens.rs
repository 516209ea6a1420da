use crate::world::*;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::JwkSet};
use proto::{Reason, identity::GetJwksRequest};
use serde_json::{Value, json};
use store::{GlobalTx, Sql};

const SIGNING_KEY: Sql = Sql {
    name: "test/signing_key",
    postgres: "select kid, private_key from signing_keys",
    sqlite: "select kid, private_key from signing_keys",
};

#[tokio::test]
async fn an_access_token_says_what_the_contract_lists_and_anybody_can_check_it() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let (header, claims) = (part(&ana.access, 0), part(&ana.access, 1));
        let jwks = jwks(&world).await;
        let kid = jwks["keys"][0]["kid"].as_str().unwrap();
        assert_eq!(header, json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid }));
        let now = world.now().timestamp();
        let session = world.resolve(&ana.access).await.unwrap().session_id;
        let expected = json!({
            "iss": "perpetuo", "aud": "perpetuo", "sub": ana.user.id, "email": EMAIL,
            "tenant_id": ana.workspace.workspace_id, "role": "owner", "sid": session,
            "iat": now, "exp": now + 900, "type": "access",
        });
        assert_eq!(claims, expected);

        let set: JwkSet = serde_json::from_value(jwks.clone()).unwrap();
        let key = DecodingKey::from_jwk(set.find(kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.set_audience(&["perpetuo"]);
        jsonwebtoken::decode::<Value>(&ana.access, &key, &validation).expect("the JWKS verifies it");
        let shown = jwks["keys"][0].as_object().unwrap();
        assert!(!shown.contains_key("d"), "no private part: {shown:?}");
    })
    .await;
}

#[tokio::test]
async fn an_access_token_works_for_a_quarter_of_an_hour() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.later(TimeDelta::seconds(899));
        world.resolve(&ana.access).await.expect("still");
        world.later(TimeDelta::seconds(1));
        assert_eq!(reason(world.resolve(&ana.access).await), Reason::TokenExpired);
        world.later(TimeDelta::seconds(-906));
        assert_eq!(reason(world.resolve(&ana.access).await), Reason::TokenInvalid, "from the future");
    })
    .await;
}

#[tokio::test]
async fn altered_tokens_are_refused() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let parts: Vec<_> = ana.access.split('.').collect();
        let mut claims = part(&ana.access, 1);
        claims["role"] = json!("admin");
        let promoted = format!("{}.{}.{}", parts[0], encode(&claims), parts[2]);
        let unsigned = format!("{}.{}.", encode(&json!({ "alg": "none", "typ": "at+jwt" })), parts[1]);
        let none = format!("{}.{}.{}", encode(&json!({ "alg": "none" })), parts[1], parts[2]);
        let two = format!("{}.{}", parts[0], parts[1]);
        let garbage = ["", ".", "..", "a.b.c", "ção.ção.ção", &promoted, &unsigned, &none, &two, &"x".repeat(100_000)];
        for token in garbage {
            assert_eq!(reason(world.resolve(token).await), Reason::TokenInvalid, "{token:.80}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let jwks = jwks(&world).await;
        let public = URL_SAFE_NO_PAD.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(jwks["keys"][0]["kid"].as_str().unwrap().to_owned());
        let forged = jsonwebtoken::encode(&header, &part(&ana.access, 1), &EncodingKey::from_secret(&public)).unwrap();
        assert_eq!(reason(world.resolve(&forged).await), Reason::TokenInvalid);
    })
    .await;
}

#[tokio::test]
async fn no_algorithm_but_ours_is_taken_even_with_a_right_signature() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let (header, claims) = (part(&ana.access, 0), part(&ana.access, 1));
        let pair = stolen_key(&world).await;
        let public = pair.public_key().as_ref().to_vec();
        for algorithm in [
            "none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS512",
            "ES256", "ES384", "ES512", "Ed25519", "eddsa", "EDDSA",
        ] {
            let mut header = header.clone();
            header["alg"] = json!(algorithm);
            let signed = sign(&pair, &header, &claims);
            let message = signed.rsplit_once('.').expect("three parts").0.to_owned();
            let mac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &public);
            let mac = aws_lc_rs::hmac::sign(&mac, message.as_bytes());
            for token in [signed, format!("{message}."), format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref()))]
            {
                assert_eq!(reason(world.resolve(&token).await), Reason::TokenInvalid, "{algorithm}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_not_used() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let document = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let claims = part(&ana.access, 1);
        let kid = jwks(&world).await["keys"][0]["kid"].clone();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
        for header in [
            json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid }),
            json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid, "jwk": jwk }),
            json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid, "jku": "https://evil.example/jwks.json" }),
            json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid, "x5u": "https://evil.example/cert.pem" }),
            json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "another" }),
            json!({ "alg": "EdDSA", "typ": "at+jwt" }),
        ] {
            assert_eq!(reason(world.resolve(&sign(&pair, &header, &claims)).await), Reason::TokenInvalid, "{header}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_right_signature_is_not_enough() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let (header, claims) = (part(&ana.access, 0), part(&ana.access, 1));
        let pair = stolen_key(&world).await;
        let resolve = async |header: &Value, claims: &Value| world.resolve(&sign(&pair, header, claims)).await;
        resolve(&header, &claims).await.expect("what we would sign ourselves");

        let with = |of: &Value, name: &str, value: Value| {
            let mut changed = of.clone();
            changed[name] = value;
            changed
        };
        for (name, value) in [
            ("typ", json!("JWT")),
            ("typ", json!("rt+jwt")),
            ("x5c", json!(["MIIB"])),
            ("x5t", json!("thumb")),
            ("x5t#S256", json!("thumb")),
            ("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" })),
            ("typ", Value::Null),
            ("kid", Value::Null),
            ("jku", json!("https://evil.example/jwks.json")),
            ("x5u", json!("https://evil.example/cert.pem")),
            ("crit", json!(["exp"])),
        ] {
            let changed = with(&header, name, value);
            assert_eq!(reason(resolve(&changed, &claims).await), Reason::TokenInvalid, "{changed}");
        }
        let bob = world.sign_up("bob@example.com").await;
        for (name, value) in [
            ("iss", json!("https://other.example")),
            ("iss", Value::Null),
            ("aud", json!("another")),
            ("aud", json!(["perpetuo", "another"])),
            ("type", json!("refresh")),
            ("exp", Value::Null),
            ("iat", json!(world.now().timestamp() + 60)),
            ("sid", json!("ses_nonsense")),
            ("sub", json!(bob.user.id)),
        ] {
            let changed = with(&claims, name, value);
            assert_eq!(reason(resolve(&header, &changed).await), Reason::TokenInvalid, "{changed}");
        }
        let ended = with(&claims, "sid", json!("ses_00000000000000000000000000"));
        assert_eq!(reason(resolve(&header, &ended).await), Reason::SessionEnded);
    })
    .await;
}

/// The signing key, as only the holder of the master key can read it.
async fn stolen_key(world: &World) -> Ed25519KeyPair {
    let mut tx = GlobalTx::read(&world.fresh).await.expect("a transaction");
    let (kid, sealed): (String, Vec<u8>) = tx.fetch_one(SIGNING_KEY, &[]).await.expect("a key");
    tx.commit().await.expect("nothing to commit");
    let place = format!("identity/signing_keys/private_key/{kid}");
    let opened = world.master.sealer().open(&sealed, place.as_bytes()).expect("the master key opens it");
    Ed25519KeyPair::from_pkcs8(&opened).expect("PKCS#8")
}

fn sign(pair: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()).as_ref());
    format!("{message}.{signature}")
}

#[tokio::test]
async fn tokens_with_invented_keys_do_not_make_us_ask_the_database_each_time() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let mut header = part(&ana.access, 0);
        header["kid"] = json!("invented");
        let invented = format!("{}.{}", encode(&header), ana.access.split_once('.').unwrap().1);
        world.fresh.db.close().await;
        for n in 0..100 {
            header["kid"] = json!(format!("invented-{n}"));
            let other = format!("{}.{}", encode(&header), ana.access.split_once('.').unwrap().1);
            for token in [&invented, &other] {
                assert_eq!(reason(world.resolve(token).await), Reason::TokenInvalid);
            }
        }
        // Enough time has passed: now it would ask, and cannot.
        world.later(TimeDelta::seconds(6));
        assert_eq!(reason(world.resolve(&invented).await), Reason::ServiceUnavailable);
    })
    .await;
}

#[tokio::test]
async fn tokens_of_another_installation_or_issuer_are_refused() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        let config = identity::Config { issuer: "https://other.example".to_owned(), ..Default::default() };
        let other = world.replica(config);
        let request = login_of(EMAIL, PASSWORD);
        let theirs = other.login(&world.anonymous(), request).await.unwrap().tokens.unwrap().access_token;
        assert_eq!(part(&theirs, 1)["iss"], "https://other.example");
        resolve_at(&other, &world.anonymous(), &theirs).await.expect("theirs is good for them");
        assert_eq!(reason(world.resolve(&theirs).await), Reason::TokenInvalid);
    })
    .await;
    let tokens = std::sync::Mutex::new(vec![]);
    for _ in 0..2 {
        everywhere(async |world| {
            let token = world.sign_up(EMAIL).await.access;
            let foreign = tokens.lock().unwrap().pop();
            if let Some(foreign) = foreign {
                let foreign: String = foreign;
                assert_eq!(reason(world.resolve(&foreign).await), Reason::TokenInvalid);
            }
            tokens.lock().unwrap().push(token);
        })
        .await;
    }
}

pub async fn jwks(world: &World) -> Value {
    let answer = world.identity.get_jwks(&world.anonymous(), GetJwksRequest {}).await.expect("a JWKS");
    serde_json::from_str(&answer.jwks_json).expect("JSON")
}

pub fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
