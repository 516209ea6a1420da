//! What happens after the client has seen the beginning.

use crate::{
    ask::{body, read},
    fake::Book,
    provider::{DONE, HELLO, Provider, ROLE, STOP, Step, WORLD, end, piece, stream, stream_head},
    world::{World, eventually, one, quick, settings},
};
use futures::StreamExt as _;
use proto::{Reason, usage::Outcome};
use std::time::{Duration, Instant};

const STREAM: &str = ",\"stream\":true";
const KEEP_ALIVE: &str = ": keep-alive\n\n";

#[tokio::test]
async fn a_stream_that_breaks_is_never_made_to_look_complete() {
    let error = "data: {\"error\":{\"message\":\"out of memory\"}}\n\n";
    let cases = [
        ("cut", vec![stream_head(), piece(ROLE), piece(HELLO), Step::Close], Reason::UpstreamIncomplete),
        ("no end mark", stream(&[ROLE, HELLO, STOP]), Reason::UpstreamIncomplete),
        ("cut in an event", stream(&[ROLE, HELLO, &WORLD[..20]]), Reason::UpstreamIncomplete),
        ("error event", stream(&[ROLE, HELLO, error]), Reason::UpstreamFailed),
        ("broken chunk", stream(&[ROLE, HELLO, "data: {\"choices\":[{]\n\n", DONE]), Reason::UpstreamFailed),
    ];
    let (world, provider) = one(vec![]).await;
    for (n, (what, script, reason)) in cases.into_iter().enumerate() {
        // A pause after the content, so that it is sent before what goes wrong.
        let content = script.iter().position(|s| matches!(s, Step::Send(b) if b.windows(5).any(|w| w == b"Hello")));
        let mut script = script;
        script.insert(content.expect("content") + 1, Step::Pause(Duration::from_millis(50)));
        provider.now(script);
        let answer = world.ask(&body("gpt", STREAM)).await.expect("a beginning");
        assert!(answer.body.contains("Hello") && !answer.body.contains("[DONE]"), "{what}: {}", answer.body);
        let failure = answer.failure.unwrap_or_else(|| panic!("{what} looks complete"));
        assert_eq!(failure.reason, reason, "{what}");
        let settle = &world.settled(n + 1).await[n];
        let expected = if reason == Reason::UpstreamIncomplete { Outcome::Incomplete } else { Outcome::UpstreamError };
        assert_eq!((settle.outcome(), settle.estimated), (expected, true), "{what}");
        assert!(settle.tokens.expect("tokens").output > 0, "{what}: what was delivered counts");
        let end = settle.request_end.as_ref().expect("the end");
        assert_eq!((end.outcome(), end.status_code), (expected, 200), "{what}: the client saw 200");
    }
}

#[tokio::test]
async fn an_end_mark_without_the_empty_line_is_one() {
    let (world, _) = one(stream(&[ROLE, HELLO, STOP, "data: [DONE]"])).await;
    let answer = world.ask(&body("gpt", STREAM)).await.expect("an answer");
    assert_eq!((answer.failure, answer.body), (None, [ROLE, HELLO, STOP, DONE].concat()));
}

/// A write for each of them costs more than everything else that a stream does.
#[tokio::test]
async fn chunks_that_arrive_together_leave_together() {
    let mut pieces = vec![ROLE, HELLO];
    pieces.extend([WORLD; 200]);
    pieces.extend([STOP, DONE]);
    let all = stream(&pieces).into_iter().flat_map(|step| match step {
        Step::Send(bytes) => bytes,
        _ => vec![],
    });
    let (world, _) = one(vec![Step::Send(all.collect())]).await;
    let (head, parts) = world.open(&body("gpt", STREAM)).await.expect("a beginning");
    let parts: Vec<_> = parts.collect().await;
    let count = parts.len();
    let answer = read(head, futures::stream::iter(parts).boxed()).await;
    assert_eq!((answer.failure, answer.body), (None, pieces.concat()), "not a byte is another");
    assert!(count < pieces.len() / 4, "{count} parts for {} chunks", pieces.len());
    assert_eq!(world.settled(1).await[0].outcome(), Outcome::Completed);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_providers_call_at_once() {
    let (world, provider) = one(vec![stream_head(), piece(ROLE), piece(HELLO), Step::Hang]).await;
    let (_, mut stream) = world.open(&body("gpt", STREAM)).await.expect("a beginning");
    stream.next().await.expect("content").expect("data");
    let left = Instant::now();
    drop(stream);
    eventually("the provider's call ends", || provider.gone() == 1).await;
    assert!(left.elapsed() < Duration::from_secs(5), "{:?}", left.elapsed());
    let settle = &world.settled(1).await[0];
    assert_eq!((settle.outcome(), settle.estimated), (Outcome::ClientGone, true));
    let tokens = settle.tokens.expect("tokens");
    assert!(tokens.input > 0 && tokens.output > 0, "{tokens:?}");
    assert_eq!(settle.request_end.as_ref().map(|e| e.status_code), Some(200));
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_begins_ends_the_providers_call_too() {
    let (world, provider) = one(vec![Step::Hang]).await;
    for more in ["", STREAM] {
        let before = provider.gone();
        let request = body("gpt", more);
        let waiting = world.open(&request);
        assert!(tokio::time::timeout(Duration::from_millis(200), waiting).await.is_err());
        eventually("the provider's call ends", || provider.gone() == before + 1).await;
    }
    for settle in world.settled(2).await {
        assert_eq!(settle.outcome(), Outcome::ClientGone);
        assert_eq!(settle.request_end.as_ref().map(|e| e.status_code), Some(499));
    }
}

async fn impatient(script: Vec<Step>) -> (World, Provider) {
    let provider = Provider::start(script).await;
    let book = Book { providers: vec![settings("one", 0, provider.base_url())], ..Book::default() };
    (World::with(gateway::Config { heartbeat_ms: 150, ..quick() }, book).await, provider)
}

#[tokio::test]
async fn silence_is_filled_with_comments_and_content_follows_whole() {
    let pause = || Step::Pause(Duration::from_millis(400));
    let script = vec![stream_head(), piece(ROLE), piece(HELLO), pause(), piece(WORLD), piece(STOP), piece(DONE), end()];
    let (world, _) = impatient(script).await;
    let answer = world.ask(&body("gpt", STREAM)).await.expect("an answer");
    assert_eq!(answer.failure, None);
    assert!(answer.body.matches(KEEP_ALIVE).count() >= 2, "{}", answer.body);
    assert_eq!(answer.body.replace(KEEP_ALIVE, ""), [ROLE, HELLO, WORLD, STOP, DONE].concat());
}

#[tokio::test]
async fn a_head_that_cannot_wait_for_content_leaves_alone_and_another_provider_may_still_answer() {
    let slow = Provider::start(vec![Step::Pause(Duration::from_millis(1_400)), Step::Close]).await;
    let second = Provider::start(stream(&[ROLE, HELLO, STOP, DONE])).await;
    let providers = vec![settings("slow", 0, slow.base_url()), settings("second", 1, second.base_url())];
    let config = gateway::Config { heartbeat_ms: 150, ..quick() };
    let world = World::with(config, Book { providers, ..Book::default() }).await;
    let asked = Instant::now();
    let (head, stream) = world.open(&body("gpt", STREAM)).await.expect("a head");
    assert!(asked.elapsed() < Duration::from_millis(1_300), "{:?}", asked.elapsed());
    assert_eq!((head.status, head.provider.as_str(), head.attempts), (200, "slow", 1));
    let answer = crate::ask::read(head, stream).await;
    assert!(answer.body.starts_with(KEEP_ALIVE), "{}", answer.body);
    assert_eq!((answer.body.replace(KEEP_ALIVE, ""), answer.failure), ([ROLE, HELLO, STOP, DONE].concat(), None));
}

#[tokio::test]
async fn after_such_a_head_every_failure_is_told_in_the_stream() {
    let refusal = crate::provider::answer(400, "application/json", "{\"error\":{\"message\":\"too hot\"}}");
    let busy = crate::provider::answer_with(429, "application/json", "retry-after: 7\r\n", "{}");
    for (script, reason, said) in [
        (vec![Step::Close], Reason::UpstreamFailed, "closed the connection"),
        (refusal, Reason::UpstreamFailed, "too hot"),
        (busy, Reason::UpstreamOverloaded, "429"),
    ] {
        let script = [vec![Step::Pause(Duration::from_millis(400))], script].concat();
        let (world, _) = impatient(script).await;
        let answer = world.ask(&body("gpt", STREAM)).await.expect("a head");
        assert_eq!((answer.head.status, answer.body.replace(KEEP_ALIVE, "").as_str()), (200, ""));
        let failure = answer.failure.expect("a failure in the stream");
        assert!(failure.reason == reason && failure.message.contains(said), "{failure:?}");
        let wait = (reason == Reason::UpstreamOverloaded).then_some(Duration::from_secs(7));
        assert_eq!(failure.retry_after, wait);
        let end = world.settled(1).await[0].request_end.clone().expect("the end");
        assert_eq!(end.status_code, 200, "what the client saw");
    }
}
