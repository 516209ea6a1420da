//! How long the gateway waits.

use crate::{
    ask::body,
    fake::Book,
    provider::{HELLO, Provider, ROLE, Step, piece, stream_head},
    world::{World, quick, settings},
};
use proto::{Reason, usage::Outcome};
use std::time::{Duration, Instant};

async fn hurried(script: Vec<Step>, total_ms: u64) -> (World, Provider) {
    let provider = Provider::start(script).await;
    let book = Book { providers: vec![settings("one", 0, provider.base_url())], ..Book::default() };
    let config = gateway::Config { first_byte_ms: 300, idle_ms: 300, total_ms, ..quick() };
    (World::with(config, book).await, provider)
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_given_up_after_the_first_byte_deadline() {
    let (world, provider) = hurried(vec![Step::Hang], 10_000).await;
    let asked = Instant::now();
    let failure = world.refused(&body("gpt", "")).await;
    assert_eq!((failure.reason, failure.get("phase")), (Reason::UpstreamTimeout, Some("first_byte")));
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    crate::world::eventually("the call ends", || provider.gone() == 1).await;
    assert_eq!(world.settled(1).await[0].request_end.as_ref().map(|e| e.status_code), Some(504));
}

#[tokio::test]
async fn a_stream_that_stalls_ends_with_an_error_after_the_idle_deadline() {
    let (world, _) = hurried(vec![stream_head(), piece(ROLE), piece(HELLO), Step::Hang], 10_000).await;
    let answer = world.ask(&body("gpt", ",\"stream\":true")).await.expect("a beginning");
    let failure = answer.failure.expect("a failure");
    assert_eq!((failure.reason, failure.get("phase")), (Reason::UpstreamTimeout, Some("idle")));
    assert!(answer.body.contains("Hello"));
    assert_eq!(world.settled(1).await[0].outcome(), Outcome::UpstreamError);
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_after_the_idle_deadline() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{".to_vec();
    let (world, _) = hurried(vec![Step::Send(head), Step::Hang], 10_000).await;
    let failure = world.refused(&body("gpt", "")).await;
    assert_eq!((failure.reason, failure.get("phase")), (Reason::UpstreamTimeout, Some("idle")));
}

#[tokio::test]
async fn a_stream_that_drips_for_ever_is_ended_by_the_total_deadline() {
    let drip = [piece(HELLO), Step::Pause(Duration::from_millis(100))];
    let script = [vec![stream_head(), piece(ROLE)], drip.iter().cycle().take(100).cloned().collect()].concat();
    let (world, _) = hurried(script, 700).await;
    let asked = Instant::now();
    let failure = world.ask(&body("gpt", ",\"stream\":true")).await.expect("a beginning").failure.expect("a failure");
    assert_eq!((failure.reason, failure.get("phase")), (Reason::UpstreamTimeout, Some("total")));
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_provider_that_is_late_is_replaced_by_one_that_is_not() {
    let late = Provider::start(vec![Step::Hang]).await;
    let good = Provider::start(crate::provider::answer(200, "application/json", crate::provider::COMPLETION)).await;
    let providers = vec![settings("late", 0, late.base_url()), settings("good", 1, good.base_url())];
    let config = gateway::Config { first_byte_ms: 200, ..quick() };
    let world = World::with(config, Book { providers, ..Book::default() }).await;
    let answer = world.ask(&body("gpt", "")).await.expect("an answer");
    assert_eq!(answer.head.provider, "good");
    assert!(answer.head.overhead_us < 150_000, "the provider's time is not ours: {}", answer.head.overhead_us);
    assert!(world.settled(2).await[0].estimated, "it may have worked");
}
