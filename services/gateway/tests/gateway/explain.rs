//! Why a request went where it went, and where it would have gone under other settings.

use crate::{
    ask::{body, read},
    fake::Book,
    provider::{COMPLETION, Provider, answer},
    world::{World, eventually, quick, settings},
};
use proto::{
    Failure, Reason,
    gateway::{CompleteRequest, DryRunRoutingRequest, Operation, Place},
    id::RequestId,
    routing::{Alias, Policy, Settings, Strategy, Target},
    usage::RequestLog,
};
use serde_json::{Value, json};
use std::time::Duration;

const JSON: &str = "application/json";
const ERROR: &str = "{\"error\":{\"message\":\"no luck today\",\"type\":\"server_error\"}}";

fn to(provider: &str, model: &str, priority: i32) -> Target {
    Target { provider: provider.to_owned(), model: model.to_owned(), priority: Some(priority), weight: None }
}

fn alias(name: &str, targets: Vec<Target>) -> Settings {
    Settings { aliases: [(name.to_owned(), Alias { targets, policy: None })].into(), ..Settings::default() }
}

async fn three(routing: Settings) -> (World, Vec<Provider>) {
    let mut providers = vec![];
    for script in [answer(500, JSON, ERROR), answer(200, JSON, COMPLETION), answer(200, JSON, COMPLETION)] {
        providers.push(Provider::start(script).await);
    }
    let known = ["a", "b", "c"].iter().zip(&providers).map(|(name, provider)| settings(name, 0, provider.base_url()));
    let prices = [("m".to_owned(), 2_000_000_000), ("dear".to_owned(), 9_000_000_000)].into();
    let book = Book { providers: known.collect(), routing, prices, ..Book::default() };
    (World::with(gateway::Config { breaker_failures: 1, ..quick() }, book).await, providers)
}

async fn explained(world: &World, body: &str) -> Value {
    let settled = world.book().settles.len();
    let operation = Operation::ChatCompletions.into();
    let request = CompleteRequest { operation, body: body.to_owned().into(), explain: true, ..Default::default() };
    let (head, stream) = world.send(&world.call(), request).await.expect("an answer");
    let attempts = usize::try_from(read(head, stream).await.head.attempts).expect("a number");
    let settles = world.settled(settled + attempts).await;
    let end = settles.last().and_then(|settle| settle.request_end.clone()).expect("the end of the request");
    serde_json::from_str(&end.explanation_json).expect("an explanation")
}

#[tokio::test]
async fn the_log_says_who_could_have_answered_and_why_each_did_not() {
    let (world, _providers) = three(alias("x", vec![to("a", "m", 0), to("b", "m", 1), to("c", "dear", 2)])).await;
    explained(&world, &body("x", ",\"max_tokens\":100")).await;
    eventually("prices are known", || !world.book().prices.is_empty()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let told = explained(&world, &body("x", ",\"max_tokens\":100")).await;
    assert_eq!((told["requested_model"].as_str(), told["is_alias"].as_bool()), (Some("x"), Some(true)));
    let fact = |field: &str| {
        told["candidates"].as_array().expect("candidates").iter().map(|c| c[field].clone()).collect::<Vec<_>>()
    };
    // By now the first one has failed, and is asked last.
    assert_eq!(fact("provider"), ["b", "c", "a"]);
    assert_eq!(fact("outcome"), ["answered", "not needed", "not needed"]);
    assert_eq!(fact("breaker"), ["closed", "closed", "open"]);
    let bounds: Vec<i64> = fact("price_bound_nanos").iter().filter_map(Value::as_i64).collect();
    assert_eq!(bounds.len(), 3, "{told}");
    assert!(bounds[0] > 200_000 && bounds[0] == bounds[2] && bounds[1] > bounds[0], "{bounds:?}");
    assert_eq!(told["candidates"][0]["currency"], "USD");
    let attempt = &told["attempts"][0];
    assert_eq!((attempt["provider"].as_str(), attempt["status"].as_u64()), (Some("b"), Some(200)));
    for phase in ["began_ms", "admission_ms", "head_ms", "first_content_ms", "total_ms"] {
        assert!(attempt[phase].is_u64(), "{phase} in {attempt}");
    }
}

#[tokio::test]
async fn a_failure_and_what_was_left_out_are_told() {
    let (world, _providers) = three(alias("x", vec![to("a", "m", 0), to("b", "m", 1)])).await;
    let told = explained(&world, &body("x", "")).await;
    assert_eq!(told["candidates"][0]["outcome"], "failed: it failed: it answered with HTTP status 500");
    assert_eq!((told["attempts"][0]["fault"].is_string(), told["attempts"][1]["fault"].is_null()), (true, true));
    assert_eq!(told["left_out"], json!([{"provider": "c", "why": "it does not serve this model"}]));
}

#[tokio::test]
async fn nothing_is_kept_for_who_does_not_ask() {
    let (world, _providers) = three(Settings::default()).await;
    let answer = world.ask(&body("gpt", "")).await.expect("an answer");
    let settles = world.settled(usize::try_from(answer.head.attempts).expect("a number")).await;
    let end = settles.last().and_then(|settle| settle.request_end.clone()).expect("an end");
    assert_eq!(end.explanation_json, "");
}

#[tokio::test]
async fn the_cheapest_is_asked_where_cost_is_what_counts_as_soon_as_prices_are_known() {
    let equals = vec![to("b", "dear", 0), to("c", "m", 0)];
    let policy = Policy { strategy: Strategy::Cost.into(), ..Policy::default() };
    let (world, _providers) = three(Settings { policy: Some(policy), ..alias("x", equals) }).await;
    world.ask(&body("x", "")).await.expect("an answer");
    tokio::time::sleep(Duration::from_millis(200)).await;
    for _ in 0..10 {
        assert_eq!(world.ask(&body("x", "")).await.expect("an answer").head.model, "m");
    }
}

fn log(number: u128, model: &str) -> RequestLog {
    RequestLog {
        id: RequestId::from_uuid(uuid::Uuid::from_u128(number)).to_string(),
        created_at: Some(proto::time::to_proto(chrono::DateTime::from_timestamp(1_790_000_000, 0).expect("a time"))),
        requested_model: model.to_owned(),
        provider: "a".to_owned(),
        model: model.to_owned(),
        outcome: "completed".to_owned(),
        ..RequestLog::default()
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_have_gone_where_and_calls_nobody() {
    let (world, providers) = three(alias("x", vec![to("a", "m", 0)])).await;
    world.book().logs = (1..=40).map(|n| log(n, "x")).chain([log(41, "a/other"), log(42, "")]).collect();
    let canary = vec![Target { weight: Some(3), ..to("b", "m", 0) }, Target { weight: Some(1), ..to("c", "dear", 0) }];
    let request = || DryRunRoutingRequest { routing: Some(alias("x", canary.clone())), last: 41 };
    let dry = world.gateway.dry_run_routing(&world.call(), request()).await.expect("a dry run");
    assert_eq!((dry.requests.len(), dry.changed), (41, 40));
    let place = |provider: &str, model: &str| Place { provider: provider.to_owned(), model: model.to_owned() };
    let share = |wanted: Place| dry.shares.iter().find(|s| s.place == Some(wanted.clone())).map(|s| (s.now, s.then));
    assert_eq!(share(place("a", "m")), Some((40, 0)));
    assert_eq!(share(place("a", "other")), Some((1, 1)));
    let (canaries, most) = (share(place("c", "dear")).expect("a share").1, share(place("b", "m")).expect("a share").1);
    assert!(canaries + most == 40 && (3..=18).contains(&canaries), "{canaries} and {most}");
    assert_eq!(dry.requests[0].now, [place("a", "m")]);
    assert_eq!(dry.requests[0].then.len(), 2);
    // The same question has the same answer.
    assert_eq!(world.gateway.dry_run_routing(&world.call(), request()).await.expect("a dry run"), dry);
    assert!(providers.iter().all(|provider| provider.connections() == 0) && world.book().admits.is_empty());
}

#[tokio::test]
async fn a_dry_run_of_settings_that_could_not_be_kept_says_what_is_wrong() {
    let (world, _providers) = three(Settings::default()).await;
    for (routing, last, field) in [(alias("wrong", vec![]), 0, "aliases.wrong"), (Settings::default(), 2_000, "last")] {
        let request = DryRunRoutingRequest { routing: Some(routing), last };
        let failure = Failure::from(&world.gateway.dry_run_routing(&world.call(), request).await.expect_err("refused"));
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, field));
    }
}
