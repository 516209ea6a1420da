//! How a workspace's routing settings, and what providers did before, decide who is asked.

use crate::{
    ask::body,
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, answer_with, piece, stream, stream_head},
    world::{World, quick, settings},
};
use proto::{
    Reason,
    routing::{Alias, Deadlines, Fallback, Policy, Retries, Settings, Sticky, StickyBy, Strategy, Target, Throughput},
    usage::Outcome,
};
use std::time::{Duration, Instant};

const STREAM: &str = ",\"stream\":true";
const JSON: &str = "application/json";
const ERROR: &str = "{\"error\":{\"message\":\"no luck today\",\"type\":\"server_error\"}}";

fn good() -> Vec<Step> {
    answer(200, JSON, COMPLETION)
}

fn bad(status: u16) -> Vec<Step> {
    answer(status, JSON, ERROR)
}

fn to(provider: &str, model: &str, priority: i32) -> Target {
    Target { provider: provider.to_owned(), model: model.to_owned(), priority: Some(priority), weight: None }
}

fn alias(name: &str, targets: Vec<Target>) -> Settings {
    Settings { aliases: [(name.to_owned(), Alias { targets, policy: None })].into(), ..Settings::default() }
}

/// Both providers, equals, in a workspace that routes like this.
async fn pair(
    first: Vec<Step>,
    second: Vec<Step>,
    routing: Settings,
    config: gateway::Config,
) -> (World, Provider, Provider) {
    let (first, second) = (Provider::start(first).await, Provider::start(second).await);
    let providers = vec![settings("first", 0, first.base_url()), settings("second", 0, second.base_url())];
    let world = World::with(config, Book { providers, routing, ..Book::default() }).await;
    (world, first, second)
}

fn policy(policy: Policy) -> Settings {
    Settings { policy: Some(policy), ..Settings::default() }
}

fn retries(max: i32) -> Policy {
    Policy { retries: Some(Retries { max, base_ms: 20, max_ms: 2_000 }), ..Policy::default() }
}

fn cautious() -> gateway::Config {
    gateway::Config { breaker_failures: 3, breaker_open_ms: 60_000, ..quick() }
}

#[tokio::test]
async fn an_alias_leads_to_its_targets_in_their_order_and_each_gets_the_model_that_it_knows() {
    let routing = alias("smart", vec![to("second", "gpt-big", 0), to("first", "gpt-small", 1)]);
    let (world, first, second) = pair(good(), bad(500), routing, quick()).await;
    let answer = world.ask(&body("smart", "")).await.expect("an answer");
    assert_eq!(
        (answer.head.provider.as_str(), answer.head.model.as_str(), answer.head.attempts),
        ("first", "gpt-small", 2)
    );
    let model_of = |provider: &Provider| {
        let body = provider.received()[0].body.clone();
        serde_json::from_slice::<serde_json::Value>(&body).expect("JSON")["model"].clone()
    };
    assert_eq!((model_of(&first), model_of(&second)), ("gpt-small".into(), "gpt-big".into()));
    let admits = world.book().admits.clone();
    assert!(admits.iter().all(|a| a.subject.as_ref().is_some_and(|s| s.requested_model == "smart")));
    let listed = world.gateway.list_models(&world.call(), Default::default()).await.expect("a list").models;
    assert_eq!((listed[0].id.as_str(), listed[0].owned_by.as_str()), ("smart", "alias"));
    let request = proto::gateway::GetModelRequest { model: "smart".to_owned() };
    assert_eq!(world.gateway.get_model(&world.call(), request).await.expect("a model").model.expect("one").id, "smart");
}

#[tokio::test]
async fn another_model_answers_where_nobody_serves_the_one_that_was_asked_for() {
    let mut routing = Settings::default();
    routing.fallbacks.insert("first/gpt".to_owned(), Fallback { models: vec!["second/other".to_owned()] });
    let (world, first, _) = pair(bad(503), good(), routing, quick()).await;
    let answer = world.ask(&body("first/gpt", "")).await.expect("an answer");
    assert_eq!((answer.head.provider.as_str(), answer.head.model.as_str()), ("second", "other"));
    assert_eq!(first.received().len(), 1);
}

#[tokio::test]
async fn a_provider_that_stumbles_is_asked_again_and_every_try_has_a_row_of_its_own() {
    let (world, first, second) = pair(bad(500), good(), policy(retries(2)), quick()).await;
    world.book().routing.aliases = alias("x", vec![to("first", "m", 0), to("second", "m", 1)]).aliases;
    world.tell("workspace.routing_changed", "");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let answer = world.ask(&body("x", "")).await.expect("an answer");
    assert_eq!((answer.head.provider.as_str(), answer.head.attempts), ("second", 4));
    assert_eq!((first.received().len(), second.received().len()), (3, 1));
    let settles = world.settled(4).await;
    let ends: Vec<_> = settles.iter().map(|s| (s.grant_id.rsplit('/').next().unwrap_or(""), s.outcome())).collect();
    let failed = Outcome::UpstreamError;
    assert_eq!(ends, [("1", failed), ("2", failed), ("3", failed), ("4", Outcome::Completed)]);
    assert!(answer.head.overhead_us < 150_000, "pauses are not our work: {}", answer.head.overhead_us);
}

#[tokio::test]
async fn a_retry_waits_for_as_long_as_the_provider_asks() {
    let provider = Provider::start(answer_with(429, JSON, "retry-after-ms: 400\r\n", ERROR)).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    let world = World::with(quick(), Book { providers, routing: policy(retries(1)), ..Book::default() }).await;
    let asked = Instant::now();
    let answer = world.ask(&body("gpt", "")).await.expect("the provider's refusal");
    assert_eq!((answer.head.status, answer.head.attempts), (429, 2));
    assert!(asked.elapsed() >= Duration::from_millis(400), "{:?}", asked.elapsed());
    assert_eq!(provider.received().len(), 2);
}

/// Complaint 33: gateways retry into a window that the provider said is closed.
#[tokio::test]
async fn nobody_retries_into_a_closed_window_the_next_provider_is_asked() {
    let closed = answer_with(429, JSON, "retry-after: 60\r\n", ERROR);
    let routing = Settings { policy: Some(retries(5)), ..alias("x", vec![to("first", "m", 0), to("second", "m", 1)]) };
    let (world, first, _) = pair(closed, good(), routing, quick()).await;
    let asked = Instant::now();
    let answer = world.ask(&body("x", "")).await.expect("an answer");
    assert_eq!((answer.head.provider.as_str(), answer.head.attempts), ("second", 2));
    assert_eq!(first.received().len(), 1);
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn retries_do_not_outlive_the_deadline_of_the_request() {
    let deadlines = Deadlines { total_ms: 600, ..Deadlines::default() };
    let routing = policy(Policy {
        retries: Some(Retries { max: 10, base_ms: 200, max_ms: 10_000 }),
        deadlines: Some(deadlines),
        ..Policy::default()
    });
    let provider = Provider::start(bad(500)).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    let world = World::with(quick(), Book { providers, routing, ..Book::default() }).await;
    let asked = Instant::now();
    let failure = world.refused(&body("gpt", "")).await;
    assert_eq!(failure.reason, Reason::UpstreamFailed);
    assert!((2..=4).contains(&provider.received().len()), "{} attempts", provider.received().len());
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_client_that_leaves_during_a_pause_is_logged_and_no_provider_is_asked_for_it() {
    let provider = Provider::start(bad(500)).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    let slow = Policy { retries: Some(Retries { max: 1, base_ms: 5_000, max_ms: 10_000 }), ..Policy::default() };
    let world = World::with(quick(), Book { providers, routing: policy(slow), ..Book::default() }).await;
    drop(tokio::time::timeout(Duration::from_millis(500), world.ask(&body("gpt", ""))).await);
    crate::world::eventually("it is logged", || world.book().refusals.len() == 1).await;
    assert_eq!((provider.received().len(), world.settled(1).await.len()), (1, 1));
    let end = world.book().refusals[0].request_end.clone().expect("an end");
    assert_eq!((end.outcome(), end.status_code), (Outcome::ClientGone, 499));
}

#[tokio::test]
async fn each_deadline_of_the_workspace_ends_the_phase_that_it_is_for() {
    let hang = |steps: Vec<Step>| [steps, vec![Step::Hang]].concat();
    let deadlines = [
        ("first_byte", Deadlines { headers_ms: 300, ..Deadlines::default() }, hang(vec![])),
        (
            "first_content",
            Deadlines { first_content_ms: 300, ..Deadlines::default() },
            hang(vec![stream_head(), piece(ROLE)]),
        ),
        ("idle", Deadlines { idle_ms: 300, ..Deadlines::default() }, hang(vec![stream_head(), piece(ROLE)])),
        ("total", Deadlines { total_ms: 300, ..Deadlines::default() }, hang(vec![stream_head(), piece(ROLE)])),
    ];
    for (phase, deadlines, script) in deadlines {
        let provider = Provider::start(script).await;
        let providers = vec![settings("one", 0, provider.base_url())];
        let config = gateway::Config { first_byte_ms: 20_000, idle_ms: 20_000, total_ms: 20_000, ..quick() };
        let routing = policy(Policy { deadlines: Some(deadlines), ..Policy::default() });
        let world = World::with(config, Book { providers, routing, ..Book::default() }).await;
        let failure = world.refused(&body("gpt", STREAM)).await;
        assert_eq!((failure.reason, failure.get("phase")), (Reason::UpstreamTimeout, Some(phase)));
    }
}

/// Complaint 9: one token a second beats every idle deadline.
#[tokio::test]
async fn a_provider_that_drips_is_left_before_the_client_has_seen_anything() {
    let drip = [piece(HELLO), Step::Pause(Duration::from_millis(200))];
    let script = [vec![stream_head(), piece(ROLE)], drip.iter().cycle().take(60).cloned().collect()].concat();
    let floor = Throughput { tokens_per_second: 100, window_ms: 500 };
    let routing = Settings {
        policy: Some(Policy { min_throughput: Some(floor), ..Policy::default() }),
        ..alias("x", vec![to("first", "m", 0), to("second", "m", 1)])
    };
    let (world, first, second) = pair(script, stream(&[ROLE, HELLO, STOP, DONE]), routing, quick()).await;
    let answer = world.ask(&body("x", STREAM)).await.expect("an answer");
    assert_eq!((answer.head.provider.as_str(), answer.failure), ("second", None));
    assert_eq!((first.received().len(), second.received().len()), (1, 1));
    let settles = world.settled(2).await;
    assert!(settles[0].estimated && settles[0].error_message.contains("throughput"), "{:?}", settles[0]);
}

#[tokio::test]
async fn after_some_failures_a_provider_is_asked_last_and_comes_back_by_itself() {
    let config = gateway::Config { breaker_open_ms: 400, ..cautious() };
    let routing = alias("x", vec![to("first", "m", 0), to("second", "m", 1)]);
    let (world, first, _) = pair(bad(500), good(), routing, config).await;
    for _ in 0..6 {
        assert_eq!(world.ask(&body("x", "")).await.expect("an answer").head.provider, "second");
    }
    assert_eq!(first.received().len(), 3, "then it is left alone");
    first.now(good());
    tokio::time::sleep(Duration::from_millis(500)).await;
    for _ in 0..3 {
        assert_eq!(world.ask(&body("x", "")).await.expect("an answer").head.provider, "first");
    }
}

#[tokio::test]
async fn one_request_at_a_time_sees_whether_a_provider_is_back() {
    let config = gateway::Config { breaker_open_ms: 300, ..cautious() };
    let routing = alias("x", vec![to("first", "m", 0), to("second", "m", 1)]);
    let (world, first, _) = pair(bad(500), good(), routing, config).await;
    for _ in 0..3 {
        world.ask(&body("x", "")).await.expect("an answer");
    }
    first.now(vec![Step::Pause(Duration::from_millis(500))].into_iter().chain(good()).collect());
    tokio::time::sleep(Duration::from_millis(400)).await;
    let ask = || async { world.ask(&body("x", "")).await.expect("an answer").head.provider };
    let answers = futures::future::join_all((0..10).map(|_| ask())).await;
    assert_eq!(first.received().len(), 4, "{answers:?}");
    assert_eq!(answers.iter().filter(|name| *name == "first").count(), 1);
    assert_eq!(ask().await, "first", "it is back");
}

#[tokio::test]
async fn retry_after_is_a_cooldown() {
    let routing = alias("x", vec![to("first", "m", 0), to("second", "m", 1)]);
    let (world, first, _) =
        pair(answer_with(503, JSON, "retry-after: 30\r\n", ERROR), good(), routing, cautious()).await;
    for _ in 0..4 {
        assert_eq!(world.ask(&body("x", "")).await.expect("an answer").head.provider, "second");
    }
    assert_eq!(first.received().len(), 1);
}

#[tokio::test]
async fn where_nobody_else_is_left_a_failing_provider_is_asked_all_the_same() {
    let provider = Provider::start(bad(500)).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    let world = World::with(cautious(), Book { providers, ..Book::default() }).await;
    for _ in 0..6 {
        world.refused(&body("gpt", "")).await;
    }
    provider.now(good());
    assert_eq!(world.ask(&body("gpt", "")).await.expect("an answer").head.provider, "one");
    assert_eq!(provider.received().len(), 7);
}

/// Complaint 43: balancing load destroys prompt caches, and affinity must not pin for ever.
#[tokio::test]
async fn requests_of_one_conversation_stay_with_one_provider_until_it_fails() {
    let sticky = Sticky { by: StickyBy::Conversation.into(), idle_seconds: 0 };
    let routing = policy(Policy { sticky: Some(sticky), ..Policy::default() });
    let (world, first, second) = pair(good(), good(), routing, quick()).await;
    let ask = || async { world.ask(&body("gpt", "")).await.expect("an answer").head.provider };
    let home = ask().await;
    for _ in 0..12 {
        assert_eq!(ask().await, home);
    }
    let (failing, other) = if home == "first" { (&first, "second") } else { (&second, "first") };
    failing.now(bad(500));
    assert_eq!(ask().await, other);
    failing.now(good());
    for _ in 0..12 {
        assert_eq!(ask().await, other, "the cache is warm there now");
    }
}

#[tokio::test]
async fn who_sends_a_prompt_cache_key_stays_where_it_is_known_without_any_settings() {
    let (world, first, second) = pair(good(), good(), Settings::default(), quick()).await;
    for key in 0..12 {
        let keyed = format!(",\"prompt_cache_key\":\"conversation-{key}\"");
        let mut homes = vec![];
        for _ in 0..4 {
            homes.push(world.ask(&body("gpt", &keyed)).await.expect("an answer").head.provider);
        }
        assert!(homes.iter().all(|home| *home == homes[0]), "{homes:?}");
    }
    assert!(!first.received().is_empty() && !second.received().is_empty(), "keys share the load");
}

#[tokio::test]
async fn the_fastest_of_late_is_asked_where_speed_is_what_counts() {
    let slow: Vec<Step> = vec![Step::Pause(Duration::from_millis(150))].into_iter().chain(good()).collect();
    let routing = policy(Policy { strategy: Strategy::Latency.into(), ..Policy::default() });
    let (world, first, second) = pair(slow, good(), routing, quick()).await;
    for _ in 0..12 {
        world.ask(&body("gpt", "")).await.expect("an answer");
    }
    assert_eq!((first.received().len(), second.received().len()), (1, 11), "each is tried, then the fastest");
}

#[tokio::test]
async fn who_has_least_to_do_is_asked_where_that_is_what_counts() {
    let slow: Vec<Step> = vec![Step::Pause(Duration::from_millis(600))].into_iter().chain(good()).collect();
    let routing = policy(Policy { strategy: Strategy::LeastBusy.into(), ..Policy::default() });
    let (world, first, second) = pair(slow.clone(), slow, routing, quick()).await;
    let ask = |n: u64| {
        let world = &world;
        async move {
            tokio::time::sleep(Duration::from_millis(20 * n)).await;
            world.ask(&body("gpt", "")).await.expect("an answer")
        }
    };
    futures::future::join_all((0..8).map(ask)).await;
    assert_eq!((first.received().len(), second.received().len()), (4, 4));
}

/// Complaint 44: what the provider refuses is shown as a failure of ours, so that clients repeat it.
#[tokio::test]
async fn what_a_provider_refuses_keeps_its_status_so_that_nobody_repeats_it() {
    for status in [401, 404] {
        let routing = policy(retries(3));
        let provider = Provider::start(bad(status)).await;
        let providers = vec![settings("one", 0, provider.base_url())];
        let world = World::with(quick(), Book { providers, routing, ..Book::default() }).await;
        let answer = world.ask(&body("gpt", "")).await.expect("the provider's refusal");
        assert_eq!((answer.head.status, answer.head.attempts), (i32::from(status), 1));
        let error: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        assert!(error["error"]["message"].is_string() && error["error"]["type"] != "None", "{error}");
    }
}
