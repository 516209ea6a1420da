//! A second call where nothing has come from the first, and copies of requests for another model.

use crate::{
    ask::{body, read},
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, end, piece, stream_head},
    world::{World, eventually, quick, settings},
};
use proto::{
    Reason,
    gateway::{CompleteRequest, Operation},
    routing::{Hedge, Policy, Settings, Shadow},
    usage::Outcome,
};
use serde_json::Value;
use std::time::{Duration, Instant};

const JSON: &str = "application/json";
const STREAM: &str = ",\"stream\":true";

fn late(ms: u64, rest: Vec<Step>) -> Vec<Step> {
    [vec![Step::Pause(Duration::from_millis(ms))], rest].concat()
}

fn routing(policy: Policy) -> Settings {
    Settings { policy: Some(policy), ..Settings::default() }
}

fn hedge(after_ms: i32, max_percent: i32) -> Settings {
    routing(Policy { hedge: Some(Hedge { after_ms, max_percent }), ..Policy::default() })
}

async fn two(routing: Settings, one: Vec<Step>, other: Vec<Step>) -> (World, Provider, Provider) {
    let (one, other) = (Provider::start(one).await, Provider::start(other).await);
    let providers = vec![settings("one", 0, one.base_url()), settings("two", 1, other.base_url())];
    (World::with(quick(), Book { providers, routing, ..Book::default() }).await, one, other)
}

fn outcomes(world: &World) -> Vec<(String, Outcome, bool)> {
    let settles = world.book().settles.clone();
    let mut all: Vec<_> = settles
        .iter()
        .map(|s| (s.grant_id.split('/').nth(1).unwrap_or_default().to_owned(), s.outcome(), s.request_end.is_some()))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn who_is_slow_is_outrun_left_and_metered() {
    let (world, one, other) = two(hedge(100, 100), vec![Step::Hang], answer(200, JSON, COMPLETION)).await;
    let began = Instant::now();
    let request = CompleteRequest {
        operation: Operation::ChatCompletions.into(),
        body: body("gpt", "").into(),
        explain: true,
        ..CompleteRequest::default()
    };
    let (head, stream) = world.send(&world.call(), request).await.expect("an answer");
    let answered = read(head, stream).await;
    assert!(began.elapsed() < Duration::from_millis(1_000), "{:?}", began.elapsed());
    assert_eq!(
        (answered.head.provider.as_str(), answered.head.attempts, answered.body.as_str()),
        ("two", 2, COMPLETION)
    );
    eventually("the first is left", || one.gone() == 1).await;
    world.settled(2).await;
    let expected = [("1".to_owned(), Outcome::Outrun, false), ("2".to_owned(), Outcome::Completed, true)];
    assert_eq!((outcomes(&world), other.received().len()), (expected.to_vec(), 1));
    let settles = world.book().settles.clone();
    let outrun = settles.iter().find(|s| s.outcome() == Outcome::Outrun).expect("a row");
    assert!(outrun.estimated && outrun.tokens.is_some_and(|t| t.input > 0), "what it may cost is shown: {outrun:?}");
    let end = settles.iter().find_map(|s| s.request_end.clone()).expect("an end");
    let told: Value = serde_json::from_str(&end.explanation_json).expect("JSON");
    let attempts: Vec<_> =
        told["attempts"].as_array().expect("attempts").iter().map(|a| a["provider"].clone()).collect();
    assert_eq!(attempts, ["one", "two"]);
    let (fault, outcome) = (&told["attempts"][0]["fault"], &told["candidates"][0]["outcome"]);
    assert!(
        fault.as_str().is_some_and(|f| f.contains("sooner")) && outcome.as_str().is_some_and(|o| o.contains("sooner"))
    );
}

#[tokio::test]
async fn who_answers_in_time_is_not_hedged_and_who_answers_first_after_all_is_heard() {
    let (world, _one, other) = two(hedge(500, 100), answer(200, JSON, COMPLETION), answer(200, JSON, COMPLETION)).await;
    assert_eq!(world.ask(&body("gpt", "")).await.expect("an answer").head.provider, "one");
    assert!(other.received().is_empty());
    let script = late(300, answer(200, JSON, COMPLETION));
    let (world, _one, other) = two(hedge(100, 100), script, vec![Step::Hang]).await;
    let answered = world.ask(&body("gpt", "")).await.expect("an answer");
    assert_eq!((answered.head.provider.as_str(), answered.head.attempts), ("one", 2));
    eventually("the second is left", || other.gone() == 1).await;
    world.settled(2).await;
    let expected = [("1".to_owned(), Outcome::Completed, true), ("2".to_owned(), Outcome::Outrun, false)];
    assert_eq!(outcomes(&world), expected);
}

#[tokio::test]
async fn a_stream_is_hedged_until_its_first_content() {
    let begun = vec![stream_head(), piece(ROLE), Step::Hang];
    let good = vec![stream_head(), piece(ROLE), piece(HELLO), piece(STOP), piece(DONE), end()];
    let (world, one, _other) = two(hedge(100, 100), begun, good).await;
    let answered = world.ask(&body("gpt", STREAM)).await.expect("an answer");
    assert_eq!(answered.head.provider, "two");
    assert!(answered.failure.is_none() && answered.body.ends_with(DONE), "{answered:?}");
    assert_eq!(answered.body.matches("\"role\"").count(), 1, "nothing of the first one is in it");
    eventually("the first is left", || one.gone() == 1).await;
}

#[tokio::test]
async fn if_one_of_two_fails_the_other_is_waited_for_and_if_both_do_the_failure_is_told() {
    let slow = || late(300, answer(200, JSON, COMPLETION));
    let (world, _one, _other) = two(hedge(100, 100), slow(), answer(500, JSON, "{}")).await;
    assert_eq!(world.ask(&body("gpt", "")).await.expect("an answer").head.provider, "one");
    world.settled(2).await;
    let expected = [("1".to_owned(), Outcome::Completed, true), ("2".to_owned(), Outcome::UpstreamError, false)];
    assert_eq!(outcomes(&world), expected);
    let (world, _one, _other) = two(hedge(100, 100), late(300, answer(500, JSON, "{}")), answer(500, JSON, "{}")).await;
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::UpstreamFailed);
    world.settled(2).await;
    assert_eq!(outcomes(&world).iter().filter(|(_, _, is_last)| *is_last).count(), 1, "{:?}", outcomes(&world));
}

#[tokio::test]
async fn a_client_that_leaves_both_leaves_one_end() {
    let (world, one, other) = two(hedge(50, 100), vec![Step::Hang], vec![Step::Hang]).await;
    let text = body("gpt", "");
    let asked = tokio::time::timeout(Duration::from_millis(300), world.ask(&text)).await;
    assert!(asked.is_err());
    eventually("both are left", || one.gone() == 1 && other.gone() == 1).await;
    world.settled(2).await;
    let expected = [("1".to_owned(), Outcome::ClientGone, true), ("2".to_owned(), Outcome::ClientGone, false)];
    assert_eq!(outcomes(&world), expected);
}

#[tokio::test]
async fn second_calls_are_no_more_than_the_policy_allows() {
    let (world, _one, other) = two(hedge(20, 50), late(60, answer(200, JSON, COMPLETION)), vec![Step::Hang]).await;
    for _ in 0..10 {
        world.ask(&body("gpt", "")).await.expect("an answer");
    }
    assert!((4..=5).contains(&other.received().len()), "{}", other.received().len());
}

fn shadow(percent: f64) -> Settings {
    routing(Policy { shadow: Some(Shadow { model: "two/other".to_owned(), percent }), ..Policy::default() })
}

#[tokio::test]
async fn a_shadow_gets_a_copy_is_metered_for_itself_and_delays_nobody() {
    let (world, one, other) =
        two(shadow(100.0), answer(200, JSON, COMPLETION), late(400, answer(200, JSON, COMPLETION))).await;
    let began = Instant::now();
    let answered = world.ask(&body("one/gpt", ",\"x\":1.50")).await.expect("an answer");
    assert!(began.elapsed() < Duration::from_millis(300), "{:?}", began.elapsed());
    assert_eq!((answered.head.provider.as_str(), answered.head.attempts), ("one", 1));
    let settles = world.settled(2).await;
    let copy = String::from_utf8_lossy(&other.received()[0].body).into_owned();
    assert_eq!(copy, body("other", ",\"x\":1.50"));
    assert_eq!(one.received().len(), 1);
    let admits = world.book().admits.clone();
    let operations: Vec<_> = admits.iter().map(|a| a.subject.clone().expect("a subject").operation).collect();
    assert!(operations.contains(&"chat.completions.shadow".to_owned()) && operations.len() == 2, "{operations:?}");
    let first =
        admits.iter().find_map(|a| a.subject.clone().filter(|s| s.operation == "chat.completions")).expect("one");
    let shadow = settles.iter().find(|s| !s.grant_id.starts_with(&first.request_id)).expect("another");
    let end = shadow.request_end.clone().expect("an end");
    assert_eq!((shadow.outcome(), shadow.tokens.map(|t| t.output)), (Outcome::Completed, Some(5)));
    assert!(end.explanation_json.contains(&first.request_id) && end.explanation_json.contains("shadow"), "{end:?}");
}

#[tokio::test]
async fn a_shadow_that_fails_fails_nobody_and_few_are_drawn_of_few() {
    let (world, _one, other) = two(shadow(100.0), answer(200, JSON, COMPLETION), answer(500, JSON, "{}")).await;
    assert_eq!(world.ask(&body("one/gpt", "")).await.expect("an answer").head.status, 200);
    eventually("the shadow was asked", || other.received().len() == 1).await;
    let (world, _one, other) = two(shadow(0.001), answer(200, JSON, COMPLETION), answer(200, JSON, COMPLETION)).await;
    for _ in 0..20 {
        world.ask(&body("one/gpt", "")).await.expect("an answer");
    }
    world.settled(20).await;
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn shadows_beyond_the_most_at_once_are_left_out() {
    let (one, other) = (Provider::start(answer(200, JSON, COMPLETION)).await, Provider::start(vec![Step::Hang]).await);
    let providers = vec![settings("one", 0, one.base_url()), settings("two", 1, other.base_url())];
    let config = gateway::Config { shadows_at_once: 2, ..quick() };
    let world = World::with(config, Book { providers, routing: shadow(100.0), ..Book::default() }).await;
    for _ in 0..6 {
        world.ask(&body("one/gpt", "")).await.expect("an answer");
    }
    eventually("two are under way", || other.received().len() == 2).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((other.received().len(), one.received().len()), (2, 6));
}
