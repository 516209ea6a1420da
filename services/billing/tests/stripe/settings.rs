//! Which settings can be worked with, and what of them is ever shown?

use crate::{
    fake::Fake,
    house::{self, House, KEY, WEBHOOK_SECRET},
};
use billing::{
    payment::{Method, Provider as _, Trouble},
    stripe::{Config, Stripe},
};
use egress::Guard;
use host::Clock;

fn usable() -> Config {
    Config { secret_key: Some(KEY.into()), webhook_secrets: vec![WEBHOOK_SECRET.into()], ..Config::default() }
}

fn problem(config: &Config) -> String {
    Stripe::new(config, &house::guard(), &Clock::system()).unwrap_err().to_string()
}

#[test]
fn settings_that_cannot_be_worked_with_are_named() {
    Stripe::new(&usable(), &house::guard(), &Clock::system()).unwrap();
    let url = |text: &str| Config { api_url: text.to_owned(), ..usable() };
    for (config, field) in [
        (Config::default(), "secret_key"),
        (Config { secret_key: Some("pk_test_1".into()), ..usable() }, "secret_key"),
        (Config { secret_key: Some("sk_test_1\n".into()), ..usable() }, "secret_key"),
        (Config { webhook_secrets: vec!["we_1".into()], ..usable() }, "webhook_secrets"),
        (Config { webhook_secrets: vec!["whsec_".into()], ..usable() }, "webhook_secrets"),
        (Config { currencies: vec!["usd".to_owned()], ..usable() }, "currencies"),
        (Config { currencies: vec!["UGX".to_owned()], ..usable() }, "currencies"),
        (Config { timeout_seconds: 0, ..usable() }, "timeout_seconds"),
        (url("http://api.stripe.com"), "api_url"),
        (url("https://user@example.com"), "api_url"),
        (url("https://10.0.0.1"), "api_url"),
        (url("https://example.com/?a=b"), "api_url"),
        (url("api.stripe.com"), "api_url"),
    ] {
        let problem = problem(&config);
        assert!(problem.starts_with(&format!("billing.stripe.{field} ")), "{field}: {problem}");
    }
    let strict = Guard::new(&egress::Config::default(), true, vec![]);
    let local = url("http://127.0.0.1:12111");
    assert!(Stripe::new(&local, &strict, &Clock::system()).is_err(), "this machine has to be listed");
    Stripe::new(&local, &house::guard(), &Clock::system()).unwrap();
}

#[test]
fn every_setting_has_a_default_and_an_unknown_one_is_refused() {
    let config: Config = serde_json::from_str("{}").unwrap();
    assert_eq!((config.api_url.as_str(), config.is_on()), ("https://api.stripe.com", false));
    assert!(serde_json::from_str::<Config>(r#"{"secret":"sk_1"}"#).is_err());
    let config: Config = serde_json::from_str(r#"{"secret_key":"sk_1","webhook_secrets":["whsec_1"]}"#).unwrap();
    assert!(config.is_on());
    let shown = serde_json::to_string(&config).unwrap();
    assert!(!shown.contains("sk_1") && !shown.contains("whsec_1"), "{shown}");
}

#[test]
fn cards_are_taken_in_the_currencies_that_are_named() {
    let config = Config { currencies: vec!["USD".to_owned()], ..usable() };
    let stripe = Stripe::new(&config, &house::guard(), &Clock::system()).unwrap();
    assert_eq!((stripe.methods("USD"), stripe.methods("BRL")), (vec![Method::Card], vec![]));
    assert_eq!(stripe.name(), "stripe");
}

#[tokio::test]
async fn secrets_are_in_no_text_also_when_stripe_repeats_them() {
    let house = House::new().await;
    let other = Fake::start(0, "sk_test_another").await;
    let config = house::config(&other);
    let stripe = Stripe::new(&config, &house::guard(), &house.clock).unwrap();
    let Err(Trouble::Refused(why)) = stripe.create(&house.order()).await else { panic!("refused") };
    assert!(why.contains("Invalid API Key provided: [hidden]") && why.contains("billing.stripe.secret_key"), "{why}");
    for text in [format!("{stripe:?}"), format!("{config:?}"), why] {
        assert!(!text.contains(KEY) && !text.contains(WEBHOOK_SECRET), "{text}");
    }
}

#[tokio::test]
async fn without_a_webhook_secret_nobody_is_answered() {
    let house = House::new().await;
    let config = Config { webhook_secrets: vec![], ..house::config(&house.fake) };
    let stripe = Stripe::new(&config, &house::guard(), &house.clock).unwrap();
    let notification = billing::payment::Notification {
        channel: "stripe".to_owned(),
        body: b"{}".to_vec(),
        signature: format!("t=1,v1={}", "0".repeat(64)),
        secret: String::new(),
        at: house.clock.now(),
    };
    assert_eq!(stripe.verify(&notification), Err(billing::payment::Unverified::Unused));
}
