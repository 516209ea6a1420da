//! What happens when a provider fails before the client has seen anything.

use crate::{
    ask::body,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, answer_with, piece, stream, stream_head},
    world::{SECRET, World, eventually, one, settings},
};
use proto::{Reason, usage::Outcome};
use serde_json::Value;
use std::time::{Duration, Instant};

const STREAM: &str = ",\"stream\":true";
const ERROR: &str = "{\"error\":{\"message\":\"no luck today\",\"type\":\"server_error\"}}";

/// A world whose first provider does this, and whose second answers well.
async fn two(first: Vec<Step>, is_stream: bool) -> (World, Provider) {
    let (first, second) = (Provider::start(first).await, Provider::start(good(is_stream)).await);
    let providers = vec![settings("first", 0, first.base_url()), settings("second", 1, second.base_url())];
    (World::new(providers).await, first)
}

fn good(is_stream: bool) -> Vec<Step> {
    if is_stream { stream(&[ROLE, HELLO, STOP, DONE]) } else { answer(200, "application/json", COMPLETION) }
}

/// Every way to fail of which a client never hears, because another provider answers.
fn failures(is_stream: bool) -> Vec<(&'static str, Vec<Step>)> {
    let json = "application/json";
    let mut failures = vec![
        ("500", answer(500, json, ERROR)),
        ("503", answer(503, json, ERROR)),
        ("529", answer(529, json, ERROR)),
        ("429", answer_with(429, json, "retry-after: 3\r\n", ERROR)),
        ("408", answer(408, json, ERROR)),
        ("401", answer(401, json, ERROR)),
        ("403", answer(403, "text/html", "<html>")),
        ("402", answer(402, json, ERROR)),
        ("a redirect", answer_with(302, json, "location: http://127.0.0.1:1/\r\n", "")),
        ("a web page with 200", answer(200, "text/html", "<html>hello</html>")),
        ("an empty body", answer(200, json, "")),
        ("an error with 200", answer(200, json, ERROR)),
        ("broken JSON", answer(200, json, "{\"choices\":[")),
        ("closed without an answer", vec![Step::Close]),
        ("reset", vec![Step::Reset]),
        ("no HTTP", vec![Step::Send(b"hello there\r\n\r\n".to_vec()), Step::Close]),
        ("cut in the head", vec![Step::Send(b"HTTP/1.1 200 OK\r\ncontent-ty".to_vec()), Step::Close]),
    ];
    if is_stream {
        failures.extend([
            ("a whole answer in place of a stream", answer(200, json, COMPLETION)),
            ("nothing but the end", stream(&[DONE])),
            ("a role and the end", stream(&[ROLE, DONE])),
            ("an end without the mark", stream(&[ROLE])),
            ("no events at all", stream(&[])),
            ("an error event", stream(&[ROLE, &format!("data: {ERROR}\n\n")])),
            ("an event named error", stream(&["event: error\ndata: {\"message\":\"no\"}\n\n"])),
            ("a broken chunk", stream(&[ROLE, "data: {\"choices\":[{\"del\n\n"])),
            ("cut after the role", vec![stream_head(), piece(ROLE), Step::Close]),
            ("text that is no event", stream(&["data: hello\n\n"])),
        ]);
    } else {
        let cut = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"choices\":[";
        failures.extend([
            ("a stream in place of an answer", stream(&[HELLO, STOP, DONE])),
            ("cut in the body", vec![Step::Send(cut.to_vec()), Step::Close]),
            ("no choices", answer(200, json, "{\"object\":\"list\"}")),
        ]);
    }
    failures
}

#[tokio::test]
async fn another_provider_answers_whatever_the_first_does_wrong() {
    for is_stream in [false, true] {
        let (world, first) = two(vec![], is_stream).await;
        for (n, (what, script)) in failures(is_stream).into_iter().enumerate() {
            first.now(script);
            let answer = world.ask(&body("gpt", if is_stream { STREAM } else { "" })).await;
            let answer = answer.unwrap_or_else(|f| panic!("{what}: {f:?}"));
            assert_eq!((answer.head.provider.as_str(), answer.head.attempts), ("second", 2), "{what}");
            assert_eq!(answer.failure, None, "{what}");
            let settles = world.settled(2 * (n + 1)).await;
            let pair = &settles[2 * n..];
            assert!(pair[0].grant_id.ends_with("/1") && pair[1].grant_id.ends_with("/2"), "{what}");
            assert_ne!(pair[0].outcome(), Outcome::Completed, "{what}");
            assert!(pair[0].request_end.is_none() && !pair[0].error_code.is_empty(), "{what}: {:?}", pair[0]);
            let end = pair[1].request_end.as_ref().map(|e| (e.outcome(), e.status_code));
            assert_eq!(end, Some((Outcome::Completed, 200)), "{what}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_is_passed_over() {
    let second = Provider::start(good(false)).await;
    let providers = vec![
        settings("closed", 0, "http://127.0.0.1:1/v1".to_owned()),
        settings("private", 1, "http://10.255.255.1/v1".to_owned()),
        settings("broken", 2, "not a url".to_owned()),
        settings("second", 3, second.base_url()),
    ];
    let answer = World::new(providers).await.ask(&body("gpt", "")).await.expect("an answer");
    assert_eq!((answer.head.provider.as_str(), answer.head.attempts), ("second", 4));
}

#[tokio::test]
async fn when_every_provider_fails_the_failure_says_how() {
    let json = "application/json";
    let cases = [
        ("500", answer(500, json, ERROR), Reason::UpstreamFailed, Some("500")),
        ("503", answer_with(503, json, "retry-after: 3\r\n", ERROR), Reason::UpstreamOverloaded, Some("503")),
        ("529", answer_with(529, json, "retry-after: 3\r\n", ERROR), Reason::UpstreamOverloaded, Some("529")),
        ("html", answer(200, "text/html", "<html>"), Reason::UpstreamFailed, Some("200")),
        ("error object", answer(200, json, ERROR), Reason::UpstreamFailed, Some("200")),
        ("close", vec![Step::Close], Reason::UpstreamFailed, None),
    ];
    let (world, provider) = one(vec![]).await;
    for (n, (what, script, reason, status)) in cases.into_iter().enumerate() {
        provider.now(script);
        let failure = world.refused(&body("gpt", "")).await;
        assert_eq!((failure.reason, failure.get("attempts")), (reason, Some("1")), "{what}: {failure:?}");
        assert_eq!(failure.get("provider_status"), status, "{what}");
        assert!(failure.message.contains("\"one\""), "{what}: {failure}");
        if reason == Reason::UpstreamOverloaded {
            assert_eq!(failure.retry_after, Some(Duration::from_secs(3)));
        }
        let settles = world.settled(n + 1).await;
        let end = settles[n].request_end.as_ref().expect("the end of the request");
        assert_eq!((end.status_code, end.error_code.as_str()), (i32::from(reason.http()), reason.as_str()), "{what}");
    }
    assert!(world.book().refusals.is_empty(), "an attempt was made, so nothing was refused");
}

#[tokio::test]
async fn what_the_provider_refuses_in_the_request_is_passed_on_and_not_tried_elsewhere() {
    for (status, text) in [(400, ERROR), (404, ERROR), (413, ERROR), (422, "{\"detail\":\"bad temperature\"}")] {
        let (world, _) = two(answer(status, "application/json", text), false).await;
        let answer = world.ask(&body("gpt", STREAM)).await.expect("the provider's refusal");
        assert_eq!((answer.head.status, answer.head.attempts), (i32::from(status), 1));
        assert_eq!(answer.head.content_type, "application/json");
        if text == ERROR {
            assert_eq!(answer.body, ERROR);
        } else {
            let body: Value = serde_json::from_str(&answer.body).expect("JSON");
            assert_eq!(body["error"]["message"], "bad temperature");
        }
        let settle = &world.settled(1).await[0];
        let end = settle.request_end.as_ref().map(|e| e.status_code);
        assert_eq!((settle.outcome(), end), (Outcome::UpstreamError, Some(i32::from(status))));
        assert_eq!(settle.tokens.map(|t| t.input), Some(0));
    }
}

#[tokio::test]
async fn a_provider_that_asks_to_slow_down_is_passed_on_with_the_time_to_wait() {
    let json = "application/json";
    let cases = [
        (answer_with(429, json, "retry-after: 7\r\n", ERROR), 7, "no luck today"),
        (answer_with(429, json, "retry-after-ms: 1200\r\n", ERROR), 2, "no luck today"),
        (answer_with(429, json, "retry-after: 0\r\n", ERROR), 1, "no luck today"),
        (answer(429, json, "{\"detail\":\"slow down\"}"), 1, "slow down"),
        (answer(429, "text/html", "<html>"), 1, "429"),
    ];
    let (world, provider) = one(vec![]).await;
    for (n, (script, wait, said)) in cases.into_iter().enumerate() {
        provider.now(script);
        let more = if n % 2 == 0 { "" } else { STREAM };
        let answer = world.ask(&body("gpt", more)).await.expect("the provider's refusal");
        assert_eq!((answer.head.status, answer.head.retry_after), (429, Some(wait)), "{}", answer.body);
        assert_eq!(answer.head.content_type, json);
        let told: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert!(told["error"]["message"].as_str().is_some_and(|m| m.contains(said)), "{told}");
        let settle = &world.settled(n + 1).await[n];
        let end = settle.request_end.as_ref().expect("the end of the request");
        assert_eq!((end.outcome(), end.status_code), (Outcome::UpstreamError, 429));
        assert_eq!(settle.tokens.map(|t| t.input), Some(0));
    }
}

#[tokio::test]
async fn the_last_of_several_providers_decides_whether_the_client_is_to_slow_down() {
    let json = "application/json";
    let slow_down = || answer_with(429, json, "retry-after: 7\r\n", ERROR);
    for (first, second, status) in [(500, slow_down(), Some(429)), (429, answer(500, json, ERROR), None)] {
        let first = Provider::start(answer(first, json, ERROR)).await;
        let second = Provider::start(second).await;
        let providers = vec![settings("first", 0, first.base_url()), settings("second", 1, second.base_url())];
        match World::new(providers).await.ask(&body("gpt", "")).await {
            Ok(answer) => assert_eq!((Some(answer.head.status), answer.head.attempts), (status, 2)),
            Err(failure) => assert_eq!((None, failure.reason), (status, Reason::UpstreamFailed)),
        }
    }
}

#[tokio::test]
async fn the_next_provider_does_not_wait_for_what_a_busy_one_has_to_say() {
    let head = b"HTTP/1.1 429 Status\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n".to_vec();
    let (world, _) = two(vec![Step::Send(head), Step::Hang], false).await;
    let asked = Instant::now();
    let answer = world.ask(&body("gpt", "")).await.expect("an answer");
    assert_eq!((answer.head.provider.as_str(), answer.head.attempts), ("second", 2));
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_refused_credential_is_named_as_the_providers_and_never_shown() {
    let told = format!("{{\"error\":{{\"message\":\"Incorrect API key provided: {SECRET}\"}}}}");
    let (world, _) = one(answer(401, "application/json", &told)).await;
    let answer = world.ask(&body("gpt", "")).await.expect("the provider's refusal");
    assert_eq!(answer.head.status, 401);
    assert!(answer.body.contains("refused the credential") && answer.body.contains("prov_one"), "{}", answer.body);
    assert!(!answer.body.contains(SECRET));
    let settles = world.settled(1).await;
    assert!(!format!("{settles:?}").contains(SECRET));
}

#[tokio::test]
async fn a_credential_that_a_provider_repeats_stays_inside() {
    let told = format!("{{\"error\":{{\"message\":\"bad key {SECRET}\"}}}}");
    let (world, provider) = one(vec![]).await;
    for status in [200, 400, 429] {
        provider.now(answer(status, "application/json", &told));
        let said = format!("{:?}", world.ask(&body("gpt", "")).await);
        assert!(said.contains("HTTP status 4") || said.contains("reported an error"), "{said}");
        assert!(!said.contains(SECRET), "{said}");
    }
    let event = format!("data: {told}\n\n");
    provider.now(stream(&[ROLE, HELLO, &event]));
    assert!(!format!("{:?}", world.ask(&body("gpt", STREAM)).await).contains(SECRET));
    for more in ["", STREAM] {
        provider.now(answer(200, &format!("text/html; {SECRET}"), "<html>"));
        let said = format!("{:?}", world.ask(&body("gpt", more)).await);
        assert!(said.contains("something else than was asked for") && !said.contains(SECRET), "{said}");
    }
    assert!(!format!("{:?}", world.settled(6).await).contains(SECRET));
}

#[tokio::test]
async fn a_provider_without_a_price_is_passed_over_and_one_with_a_price_answers_as_the_first() {
    let (world, first) = one(answer(200, "application/json", COMPLETION)).await;
    let second = Provider::start(answer(200, "application/json", COMPLETION)).await;
    world.book().providers.push(settings("second", 1, second.base_url()));
    let unpriced = || Some(Reason::UnpricedModel.with("no price").into());
    world.book().refuse_admits = vec![unpriced()];
    let answer = world.ask(&body("gpt", ",\"max_tokens\":7,\"n\":2")).await.expect("an answer");
    assert_eq!((answer.head.provider.as_str(), answer.head.attempts), ("second", 1));
    assert!(first.received().is_empty());
    let admit = world.book().admits[0].clone();
    assert_eq!((admit.attempt, admit.max_output_tokens), (1, 14), "what was refused was no attempt");
    // Without a price anywhere, that is the answer.
    world.book().refuse_admits = vec![unpriced(), unpriced()];
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::UnpricedModel);
    eventually("the refusal is logged", || world.book().refusals.len() == 1).await;
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_the_same_at_every_provider_and_leaves_nothing_to_settle() {
    for reason in [Reason::QuotaExceeded, Reason::BudgetExceeded] {
        let (world, first) = one(answer(200, "application/json", COMPLETION)).await;
        let second = Provider::start(answer(200, "application/json", COMPLETION)).await;
        world.book().providers.push(settings("second", 1, second.base_url()));
        world.book().refuse_admits = vec![Some(reason.with("spent").into())];
        assert_eq!(world.refused(&body("gpt", "")).await.reason, reason);
        assert!(first.received().is_empty() && second.received().is_empty());
        assert!(world.tasks.shutdown(Duration::from_secs(5)).await);
        assert!(world.book().settles.is_empty() && world.book().admits.is_empty());
    }
}

/// A stream of nothing but beginnings, and then it breaks: so many events, each of so many bytes.
async fn beginnings(events: usize, bytes: usize) -> (crate::ask::Answer, World) {
    let event =
        ROLE.replace("\"id\":\"c\"", &format!("\"id\":\"{}\"", "c".repeat(bytes.saturating_sub(ROLE.len()) + 1)));
    assert!(bytes == 0 || event.len() == bytes, "{}", event.len());
    let pieces = std::iter::repeat_n(piece(&event), events);
    let script =
        [stream_head()].into_iter().chain(pieces).chain([Step::Pause(Duration::from_millis(100)), Step::Close]);
    let first = Provider::start(script.collect()).await;
    let second = Provider::start(stream(&[HELLO, STOP, DONE])).await;
    let providers = vec![settings("first", 0, first.base_url()), settings("second", 1, second.base_url())];
    let world = World::new(providers).await;
    (world.ask(&body("gpt", ",\"stream\":true")).await.expect("an answer"), world)
}

/// Beyond 64 events or 256 KiB without content a stream is shown, so that it takes no more memory than that.
#[tokio::test]
async fn beginnings_wait_for_content_up_to_a_bound_and_until_then_another_provider_can_answer() {
    for (events, bytes) in [(1, 0), (63, 0), (3, 64 * 1024), (7, 32 * 1024)] {
        let (answer, _) = beginnings(events, bytes).await;
        assert_eq!((answer.head.provider.as_str(), answer.failure), ("second", None), "{events} of {bytes} bytes");
        assert!(!answer.body.contains("assistant"), "nothing of the first one was shown: {events} of {bytes} bytes");
    }
    for (events, bytes) in [(64, 0), (4, 64 * 1024), (1, 256 * 1024)] {
        let (answer, world) = beginnings(events, bytes).await;
        assert_eq!(answer.head.provider, "first", "{events} of {bytes} bytes");
        assert_eq!(answer.body.matches("assistant").count(), events, "all of it was passed on");
        let failure = answer.failure.expect("no clean end");
        assert_eq!(failure.reason, Reason::UpstreamIncomplete, "{events} of {bytes} bytes");
        assert_eq!(world.settled(1).await[0].outcome(), Outcome::Incomplete);
    }
}
