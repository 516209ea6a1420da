//! Passkeys, as thieves, phishers and broken devices try them.

use crate::{
    device::{Device, decode, encode},
    world::*,
};
use chrono::TimeDelta;
use futures::future::join_all;
use identity::{Config, Login};
use proto::{Call, Reason, identity::*};
use serde_json::{Value, json};

/// Changes one byte of a member of the response.
fn bent(mut shown: Value, member: &str, at: usize) -> Value {
    let mut bytes = decode(&shown["response"][member]);
    bytes[at] ^= 1;
    shown["response"][member] = encode(&bytes).into();
    shown
}

#[tokio::test]
async fn whatever_is_wrong_with_a_passkey_is_one_answer_and_opens_nothing() {
    everywhere(async |world| {
        let (ana, call) = world.confirmed(EMAIL).await;
        let (mut device, _) = world.device_of(&call).await;
        let (eve, of_eve) = world.confirmed("eve@example.com").await;
        let (mut device_of_eve, _) = world.device_of(&of_eve).await;
        let mut tried = vec![];
        let mut fails = async |name: &str, shown: Value| {
            let refused = world.sign_in_as(&shown).await.expect_err(name);
            tried.push((name.to_owned(), refused.reason, refused.message));
        };
        let ask = async || world.ask_at_the_door().await;

        device.origin = "https://api.example.com.evil.net".to_owned();
        fails("another origin", device.get(&ask().await)).await;
        device.origin = "http://api.example.com".to_owned();
        fails("without TLS", device.get(&ask().await)).await;
        device.origin = "https://app.example.com".to_owned();
        fails("a neighbour's page", device.get(&ask().await)).await;
        device.origin = crate::device::ORIGIN.to_owned();
        device.domain = "example.com".to_owned();
        fails("for another domain", device.get(&ask().await)).await;
        device.domain = "api.example.com".to_owned();
        device.verifies = false;
        fails("its owner was not verified", device.get(&ask().await)).await;
        device.verifies = true;
        fails("bent client data", bent(device.get(&ask().await), "clientDataJSON", 40)).await;
        fails("bent flags", bent(device.get(&ask().await), "authenticatorData", 36)).await;
        fails("a bent domain", bent(device.get(&ask().await), "authenticatorData", 0)).await;
        fails("a bent signature", bent(device.get(&ask().await), "signature", 20)).await;
        let mut other_kind = device.get(&ask().await);
        let text = String::from_utf8(decode(&other_kind["response"]["clientDataJSON"])).unwrap();
        other_kind["response"]["clientDataJSON"] =
            encode(text.replace("webauthn.get", "webauthn.create").as_bytes()).into();
        fails("another ceremony", other_kind).await;
        fails("nobody's", Device::new().get(&ask().await)).await;
        let mut for_ana = device_of_eve.get(&ask().await);
        for_ana["response"]["userHandle"] = encode(&device.user).into();
        fails("Eve's, which says it is Ana's", for_ana).await;
        let mut with_anas = device_of_eve.get(&ask().await);
        with_anas["rawId"] = encode(&device.id).into();
        with_anas["id"] = encode(&device.id).into();
        fails("signed by Eve's under the id of Ana's", with_anas).await;
        let mut anonymous = device.get(&ask().await);
        anonymous["response"]["userHandle"] = Value::Null;
        fails("without a name", anonymous).await;
        fails("a challenge that nobody gave", device.get(r#"{"challenge":"AQIDBAUGBwgJCgsMDQ4PEA"}"#)).await;
        fails("no answer at all", json!({"id": "AQID"})).await;
        fails("far too long", json!({"id": "A".repeat(100_000)})).await;
        let late = ask().await;
        world.later(TimeDelta::minutes(5));
        fails("too late", device.get(&late)).await;
        let asked = ask().await;
        let shown = device.get(&asked);
        let access = world.sign_in_as(&shown).await.expect("an honest one");
        assert_eq!(world.resolve(&access).await.unwrap().user_id, ana.user.id);
        fails("the same again", shown).await;
        fails("another answer to the same challenge", device.get(&asked)).await;
        device.count -= 2;
        fails("a count that stands", device.get(&ask().await)).await;
        device.count = 1;
        fails("a count that went back", device.get(&ask().await)).await;
        device.count = 0;
        fails("a count that was given up", device.get(&ask().await)).await;

        let first = (tried[0].1, tried[0].2.clone());
        assert_eq!(first.0, Reason::LoginFailed);
        for (name, reason, message) in &tried {
            assert_eq!((*reason, message), (first.0, &first.1), "{name}");
        }
        let copies = world.events().await.into_iter().filter(|e| e.kind == "user.passkey_refused").collect::<Vec<_>>();
        assert_eq!(copies.len(), 3, "a count that does not grow is in the trail");
        assert!(copies.iter().all(|event| event.subject == ana.user.id && event.subject != eve.user.id));
        device.count = 50;
        world.sign_in_as(&device.get(&ask().await)).await.expect("the owner's device goes on");
    })
    .await;
}

#[tokio::test]
async fn a_passkey_that_was_not_asked_for_is_not_taken() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        let other = world.login(EMAIL, PASSWORD).await.unwrap();
        let other = world.call(&other.access).await;
        let ask = async |call: &Call| world.begin_passkey(call, PASSWORD).await.expect("options");
        let fails = async |name: &str, call: &Call, made: &Value| {
            let refused = world.add_passkey(call, made).await.expect_err(name);
            assert_eq!(refused.reason, Reason::RefusedValue, "{name}: {refused:?}");
            assert!(refused.fields.iter().any(|(field, _)| field == "credential"), "{name}: {refused:?}");
        };
        let mut phished = Device { origin: "https://evil.net".to_owned(), ..Device::new() };
        fails("another origin", &call, &phished.create(&ask(&call).await)).await;
        let mut strange = Device { domain: "evil.net".to_owned(), ..Device::new() };
        fails("another domain", &call, &strange.create(&ask(&call).await)).await;
        let mut careless = Device { verifies: false, ..Device::new() };
        fails("nobody was verified", &call, &careless.create(&ask(&call).await)).await;
        let mut device = Device::new();
        fails("another session's", &other, &device.create(&ask(&call).await)).await;
        fails("what was asked at the door", &call, &device.create(&with_user(&world.ask_at_the_door().await))).await;
        let late = ask(&call).await;
        world.later(TimeDelta::minutes(5));
        fails("too late", &call, &device.create(&late)).await;
        let asked = ask(&call).await;
        let made = device.create(&asked);
        let bent = bent(made.clone(), "clientDataJSON", 2);
        assert!(world.add_passkey(&call, &bent).await.is_err(), "bent");
        world.add_passkey(&call, &made).await.expect("an honest one");
        fails("the same again", &call, &made).await;
        fails("the same device", &call, &device.create(&ask(&call).await)).await;
        // Devices choose their ids: one that takes somebody else's opens nothing.
        let (_, eve) = world.confirmed("eve@example.com").await;
        let mut taken = Device { id: device.id.clone(), ..Device::new() };
        let refused = world.add_passkey(&eve, &taken.create(&ask(&eve).await)).await;
        assert_eq!(reason(refused), Reason::Conflict);
        for odd in [json!({}), json!({"id": "AQID"}), json!({"id": "A".repeat(100_000)})] {
            assert_eq!(reason(world.add_passkey(&call, &odd).await), Reason::InvalidArgument);
        }
        assert_eq!(world.passkeys(&call).await.len(), 1);
    })
    .await;
}

/// The door's challenge, for a device that is asked to make a passkey.
fn with_user(asked: &str) -> String {
    let mut options: Value = serde_json::from_str(asked).expect("options");
    options["user"] = json!({"id": "AQID"});
    options.to_string()
}

#[tokio::test]
async fn one_of_many_answers_to_a_challenge_wins_whichever_process_is_asked() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        let (mut device, _) = world.device_of(&call).await;
        let replica = world.replica(Config::default());
        let asked = world.ask_at_the_door().await;
        let answers: Vec<String> = (0..8).map(|_| device.get(&asked).to_string()).collect();
        let tries = answers.into_iter().enumerate().map(|(at, credential)| {
            let identity = if at % 2 == 0 { &world.identity } else { &replica };
            let call = world.anonymous();
            async move { identity.sign_in_with_passkey(&call, SignInWithPasskeyRequest { credential }).await }
        });
        let won = join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(won, 1);
    })
    .await;
}

#[tokio::test]
async fn an_account_has_ten_passkeys_at_most() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        let asked = world.begin_passkey(&call, PASSWORD).await.expect("options");
        for _ in 0..10 {
            world.device_of(&call).await;
        }
        assert_eq!(reason(world.begin_passkey(&call, PASSWORD).await), Reason::Conflict);
        let late = world.add_passkey(&call, &Device::new().create(&asked)).await;
        assert_eq!(reason(late), Reason::Conflict, "what was asked before does not get around it");
        assert_eq!(world.passkeys(&call).await.len(), 10);
    })
    .await;
}

#[tokio::test]
async fn a_network_that_fails_on_and_on_waits() {
    let login = Login { address_failures: 3, ..Login::default() };
    everywhere_with(Config { login, ..Config::default() }, async |world| {
        let from = || Call { client: Some("203.0.113.7".parse().expect("an address")), ..world.anonymous() };
        for _ in 0..3 {
            let shown = Device::new().get(&world.ask_at_the_door().await);
            assert_eq!(reason(world.sign_in_with(&shown, from()).await), Reason::LoginFailed);
        }
        let shown = Device::new().get(&world.ask_at_the_door().await);
        assert_eq!(reason(world.sign_in_with(&shown, from()).await), Reason::RateLimited);
        for _ in 0..30 {
            world.identity.begin_passkey_sign_in(&from(), BeginPasskeySignInRequest {}).await.expect("options");
        }
        let more = world.identity.begin_passkey_sign_in(&from(), BeginPasskeySignInRequest {}).await;
        assert_eq!(reason(more.map_err(failure)), Reason::RateLimited);
    })
    .await;
}
