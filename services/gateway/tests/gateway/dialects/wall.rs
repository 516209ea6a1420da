//! Each way in which providers fail, at each dialect, whole and streaming.

use super::{
    assembled, chunks, json,
    native::{Native, all},
    settings,
};
use crate::{
    ask::body,
    fake::Book,
    provider::{COMPLETION, Provider, Step, answer, answer_with, end, piece, stream},
    world::{World, eventually, quick, settings as openai},
};
use proto::{Reason, usage::Outcome};
use std::time::Duration;

const STREAM: &str = r#","stream":true"#;

/// Before the first content, by name. `whole` tells what of a whole answer, `streams` of a stream.
fn faults(native: &Native, streams: bool) -> Vec<(&'static str, Vec<Step>)> {
    let cut = |bytes: Vec<u8>, then: Step| vec![Step::Send(bytes), then];
    let whole_head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{".to_vec();
    let after_head = |then: Step| {
        // Of lines there are no comments.
        let nothing = if native.dialect == "ollama" { "\n" } else { ": hm\n\n" };
        if streams { vec![native.head(), piece(nothing), then] } else { cut(whole_head.clone(), then) }
    };
    let good =
        |text: &str| if streams { native.stream(&[text.to_owned()]) } else { answer(200, "application/json", text) };
    let error = if streams { &native.error } else { &native.whole_error };
    let garbage = if native.dialect == "ollama" { "{\"mess\n" } else { "data: {\"mess\n\n" };
    vec![
        ("silent", vec![Step::Hang]),
        ("stalls after its headers", after_head(Step::Hang)),
        ("is cut", after_head(Step::Close)),
        ("resets", after_head(Step::Reset)),
        ("resets before its headers", vec![Step::Reset]),
        ("malformed", good(garbage)),
        ("an error within a good status", good(error)),
        ("empty", if streams { vec![native.head(), end()] } else { answer(200, "application/json", "") }),
        ("of another type", answer(200, "text/html", "<html>It works!</html>")),
        ("500", answer(500, "application/json", &native.whole_error)),
        ("529", answer(529, "application/json", &native.whole_error)),
        ("401", answer(401, "application/json", &native.whole_error)),
    ]
}

fn impatient() -> gateway::Config {
    gateway::Config { first_byte_ms: 250, idle_ms: 250, ..quick() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_before_the_first_content_the_next_provider_answers() {
    let backup = Provider::start(vec![]).await;
    for native in all() {
        let faulty = Provider::start(vec![]).await;
        let mut first = settings(native.dialect, "", &faulty);
        first.name = "faulty".to_owned();
        let providers = vec![first, openai("backup", 1, backup.base_url())];
        let world = World::with(impatient(), Book { providers, ..Book::default() }).await;
        for streams in [false, true] {
            let good = stream(&[crate::provider::HELLO, crate::provider::STOP, crate::provider::DONE]);
            backup.now(if streams { good } else { answer(200, "application/json", COMPLETION) });
            for (fault, script) in faults(&native, streams) {
                faulty.now(script);
                let what = format!("{} {fault}, streams: {streams}", native.dialect);
                let before = world.book().settles.len();
                let asked = body("m", if streams { STREAM } else { "" });
                let answered = world.ask(&asked).await.unwrap_or_else(|e| panic!("{what}: {e}"));
                assert_eq!((answered.head.provider.as_str(), answered.head.attempts), ("backup", 2), "{what}");
                assert!(answered.failure.is_none() && answered.body.contains("日本"), "{what}: {answered:?}");
                let settled = world.settled(before + 2).await;
                let lost = settled[before..].iter().find(|s| s.grant_id.ends_with("/1")).expect("an attempt");
                assert!(matches!(lost.outcome(), Outcome::UpstreamError | Outcome::Incomplete), "{what}: {lost:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_first_content_a_stream_never_looks_complete() {
    for native in all() {
        let provider = Provider::start(vec![]).await;
        let providers = vec![settings(native.dialect, "", &provider)];
        let world = World::with(impatient(), Book { providers, ..Book::default() }).await;
        let begun = || std::iter::once(native.head()).chain(native.beginning.iter().map(piece));
        let garbage = if native.dialect == "ollama" { "]\n" } else { "data: ]\n\n" };
        let ends: [(&str, Vec<Step>, Reason); 6] = [
            ("cut", begun().chain([Step::Close]).collect(), Reason::UpstreamIncomplete),
            ("reset", begun().chain([Step::Reset]).collect(), Reason::UpstreamIncomplete),
            ("ended early", begun().chain([end()]).collect(), Reason::UpstreamIncomplete),
            ("stalled", begun().chain([Step::Hang]).collect(), Reason::UpstreamTimeout),
            ("malformed", begun().chain([piece(garbage), Step::Hang]).collect(), Reason::UpstreamFailed),
            ("an error", begun().chain([piece(&native.error), Step::Hang]).collect(), Reason::UpstreamFailed),
        ];
        for (what, script, reason) in ends {
            provider.now(script);
            let answered =
                world.ask(&body("m", STREAM)).await.unwrap_or_else(|e| panic!("{}: {what}: {e}", native.dialect));
            assert!(answered.body.contains("Hello 日本"), "{}: {what}: {answered:?}", native.dialect);
            assert!(!answered.body.contains("[DONE]"), "{}: {what}: {answered:?}", native.dialect);
            assert_eq!(answered.failure.map(|f| f.reason), Some(reason), "{}: {what}", native.dialect);
        }
    }
}

#[tokio::test]
async fn however_slowly_a_stream_drips_it_says_the_same() {
    for native in all() {
        let mut script = vec![native.head()];
        let all: String = native.all().concat();
        // In the middle of characters, of lines and of their ends.
        script.extend(all.as_bytes().chunks(3).map(piece));
        script.push(end());
        let provider = Provider::start(script).await;
        let providers = vec![settings(native.dialect, "", &provider)];
        let world = World::with(quick(), Book { providers, ..Book::default() }).await;
        let answered = world.ask(&body("m", STREAM)).await.expect("an answer");
        let (text, _, _, finish) = assembled(&chunks(&answered));
        assert_eq!((text.as_str(), finish.as_str()), ("Hello 日本", "stop"), "{}", native.dialect);
    }
}

#[tokio::test]
async fn a_429_keeps_its_status_and_how_long_to_wait() {
    for native in all() {
        let script = answer_with(429, "application/json", "retry-after: 7\r\n", &native.whole_error);
        let provider = Provider::start(script).await;
        let providers = vec![settings(native.dialect, "", &provider)];
        let world = World::with(quick(), Book { providers, ..Book::default() }).await;
        for more in ["", STREAM] {
            let answered = world.ask(&body("m", more)).await.expect("an answer");
            assert_eq!((answered.head.status, answered.head.retry_after), (429, Some(7)), "{}", native.dialect);
            let error = &json(&answered.body)["error"];
            assert_eq!(error["message"], "out of coffee", "{}", native.dialect);
            assert_ne!(error["code"], "None");
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_call_in_every_phase() {
    for native in all() {
        let provider = Provider::start(vec![]).await;
        let providers = vec![settings(native.dialect, "", &provider)];
        let world = World::with(quick(), Book { providers, ..Book::default() }).await;
        let begun = std::iter::once(native.head()).chain(native.beginning.iter().map(piece)).chain([Step::Hang]);
        for (phase, script, more) in [
            ("before the headers", vec![Step::Hang], STREAM),
            ("before the headers of a whole answer", vec![Step::Hang], ""),
            ("before the content", vec![native.head(), Step::Hang], STREAM),
            ("in the content", begun.collect(), STREAM),
        ] {
            provider.now(script);
            let (arrived, gone) = (provider.received().len(), provider.gone());
            let asked = body("m", more);
            {
                let mut asking = Box::pin(world.open(&asked));
                let mut opened = None;
                while provider.received().len() == arrived || (phase == "in the content" && opened.is_none()) {
                    if opened.is_none() {
                        opened = tokio::time::timeout(Duration::from_millis(20), &mut asking).await.ok();
                    } else {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
            }
            eventually(&format!("{} is left {phase}", native.dialect), || provider.gone() > gone).await;
        }
    }
}
