//! What people complain about in gateways, told on every surface: clients that leave, providers that fail, fall silent or
//! cut, and streams that have to arrive as they were sent. Numbers are those of the complaints.

pub mod all;

use crate::{
    ask::{Answer, read},
    fake::Book,
    provider::{Provider, Step, answer, end, piece},
    world::{World, eventually, quick},
};
use all::{Surface, all};
use bytes::Bytes;
use futures::{StreamExt as _, future::join_all};
use proto::{
    Failure, Reason,
    gateway::{CompleteRequest, CompleteResponse, complete_response::Part},
    usage::Outcome,
};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(1);

impl Surface {
    /// A world with one provider of this surface.
    async fn world(&self, config: gateway::Config, provider: &Provider) -> World {
        World::with(config, Book { providers: vec![self.settings("one", 0, provider)], ..Book::default() }).await
    }

    fn request(&self, streams: bool) -> CompleteRequest {
        CompleteRequest {
            operation: self.operation.into(),
            body: Bytes::from(if streams { self.streaming.clone() } else { self.request.clone() }),
            content_type: self.form.to_owned(),
            ..CompleteRequest::default()
        }
    }

    async fn ask(&self, world: &World, streams: bool) -> Result<Answer, Failure> {
        let (head, stream) = world.send(&world.call(), self.request(streams)).await?;
        Ok(read(head, stream).await)
    }

    /// The head of a stream, and its events until there is content.
    fn begun(&self) -> Vec<Step> {
        std::iter::once(self.head()).chain(self.beginning.iter().map(piece)).collect()
    }

    /// The whole stream.
    fn whole_stream(&self) -> Vec<Step> {
        self.begun().into_iter().chain(self.rest.iter().map(piece)).chain([end()]).collect()
    }
}

/// Complaint 10: the client leaves, and the provider goes on for nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_ends_the_providers_call_within_a_second_in_every_phase() {
    for surface in all() {
        let provider = Provider::start(vec![]).await;
        let world = surface.world(quick(), &provider).await;
        let mut phases = vec![("before the head of a whole answer", vec![Step::Hang], false)];
        let half = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{".to_vec();
        if surface.is_json() {
            phases.push(("in the middle of a whole answer", vec![Step::Send(half), Step::Hang], false));
        }
        if surface.streams() {
            phases.push(("before the head of a stream", vec![Step::Hang], true));
            phases.push(("before the first content", vec![surface.head(), Step::Hang], true));
            phases.push(("in the content", [surface.begun(), vec![Step::Hang]].concat(), true));
        }
        for (phase, script, streams) in phases {
            let what = format!("{}: {phase}", surface.name);
            provider.now(script);
            let (arrived, gone) = (provider.received().len(), provider.gone());
            let call = world.call();
            let mut asking = Box::pin(world.send(&call, surface.request(streams)));
            let mut opened = None;
            while provider.received().len() == arrived || (phase == "in the content" && opened.is_none()) {
                if opened.is_none() {
                    opened = tokio::time::timeout(Duration::from_millis(20), &mut asking).await.ok();
                } else {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            let left = Instant::now();
            drop(asking);
            drop(opened);
            eventually(&what, || provider.gone() > gone).await;
            assert!(left.elapsed() < SOON, "{what}: {:?}", left.elapsed());
        }
        eventually("all are settled as left", || {
            let book = world.book();
            !book.settles.is_empty() && book.settles.iter().all(|settle| settle.outcome() == Outcome::ClientGone)
        })
        .await;
    }
}

/// Ways to fail before there is content.
fn faults(surface: &Surface, streams: bool) -> Vec<(&'static str, Vec<Step>)> {
    let half = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{".to_vec();
    let error = r#"{"error":{"message":"out of coffee","type":"server_error","code":"x"}}"#;
    let mut faults = vec![
        ("silent", vec![Step::Hang]),
        ("reset", vec![Step::Reset]),
        ("closed", vec![Step::Close]),
        ("500", answer(500, "application/json", error)),
        ("529", answer(529, "application/json", error)),
        ("401", answer(401, "application/json", error)),
        ("of another type", answer(200, "text/html", "<html>It works!</html>")),
        ("an error with a good status", answer(200, "application/json", error)),
    ];
    if streams {
        faults.push(("silent after its head", vec![surface.head(), Step::Hang]));
        faults.push(("cut after its head", vec![surface.head(), Step::Close]));
        if surface.is_json() {
            faults.push((
                "an error as its first event",
                vec![surface.head(), piece(format!("data: {error}\n\n")), end()],
            ));
            faults.push(("malformed", vec![surface.head(), piece("data: {\"mess\n\n"), end()]));
        }
    } else if surface.is_json() {
        faults.push(("cut in its body", vec![Step::Send(half.clone()), Step::Close]));
        faults.push(("stalled in its body", vec![Step::Send(half), Step::Hang]));
        faults.push(("malformed", answer(200, "application/json", "{\"mess")));
        faults.push(("empty", answer(200, "application/json", "")));
    }
    faults
}

/// Complaints 4, 6 and 8: a cut, stalled, silent or malformed answer, or an error with a good status, never leads on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_provider_does_wrong_before_the_first_content_the_next_one_answers() {
    let hurried = gateway::Config { first_byte_ms: 250, idle_ms: 250, first_content_ms: 500, ..quick() };
    for surface in all() {
        let (faulty, good) = (Provider::start(vec![]).await, Provider::start(vec![]).await);
        let providers = vec![surface.settings("faulty", 0, &faulty), surface.settings("good", 1, &good)];
        let world = World::with(hurried.clone(), Book { providers, ..Book::default() }).await;
        for streams in [false, true].into_iter().filter(|streams| !streams || surface.streams()) {
            good.now(if streams { surface.whole_stream() } else { surface.answer() });
            for (fault, script) in faults(&surface, streams) {
                let what = format!("{} {fault}, streams: {streams}", surface.name);
                faulty.now(script);
                let before = world.book().settles.len();
                let told = surface.ask(&world, streams).await.unwrap_or_else(|failure| panic!("{what}: {failure}"));
                assert_eq!((told.head.provider.as_str(), told.head.attempts), ("good", 2), "{what}");
                assert!(told.failure.is_none() && !told.body.is_empty(), "{what}: {told:?}");
                let settled = world.settled(before + 2).await;
                let lost = settled[before..].iter().find(|s| s.grant_id.ends_with("/1")).expect("an attempt");
                assert!(matches!(lost.outcome(), Outcome::UpstreamError | Outcome::Incomplete), "{what}: {lost:?}");
            }
        }
    }
}

/// Complaints 3 and 7: an answer that breaks off ends cleanly, and is logged as a success.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_first_content_a_stream_that_breaks_never_looks_complete() {
    let hurried = gateway::Config { first_byte_ms: 500, idle_ms: 250, ..quick() };
    for surface in all().into_iter().filter(|surface| surface.streams() && surface.is_json()) {
        let provider = Provider::start(vec![]).await;
        let world = surface.world(hurried.clone(), &provider).await;
        for (what, then, outcome) in [
            ("cut", vec![Step::Close], Outcome::Incomplete),
            ("reset", vec![Step::Reset], Outcome::Incomplete),
            ("ended early", vec![end()], Outcome::Incomplete),
            ("stalled", vec![Step::Hang], Outcome::UpstreamError),
            ("malformed", vec![piece("data: ]\n\n"), Step::Hang], Outcome::UpstreamError),
        ] {
            // A pause, so that the content is sent before what goes wrong.
            let pause = vec![Step::Pause(Duration::from_millis(50))];
            provider.now([surface.begun(), pause, then].concat());
            let before = world.book().settles.len();
            let told = surface.ask(&world, true).await.unwrap_or_else(|f| panic!("{}: {what}: {f}", surface.name));
            let failure = told.failure.unwrap_or_else(|| panic!("{} looks complete: {what}", surface.name));
            assert_ne!(failure.reason, Reason::Internal, "{}: {what}", surface.name);
            assert!(!surface.ends.iter().any(|end| told.body.contains(end)), "{}: {what}: {}", surface.name, told.body);
            let settle = world.settled(before + 1).await[before].clone();
            assert_eq!(settle.outcome(), outcome, "{}: {what}", surface.name);
            let ended = settle.request_end.expect("the end of the request");
            assert_eq!((ended.outcome(), ended.status_code), (outcome, 200), "{}: {what}", surface.name);
        }
    }
}

/// Complaint 11: something between kills a connection on which nothing is heard while the model thinks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_model_thinks_its_client_hears_that_it_does() {
    let told = all().into_iter().filter(|surface| surface.streams() && surface.is_json()).map(|surface| async move {
        let pause = || vec![Step::Pause(Duration::from_millis(500))];
        let rest = surface.rest.iter().map(piece).chain([end()]).collect();
        // Before its head, before its first content, and between two contents.
        let script = [pause(), vec![surface.head()], pause(), surface.begun().split_off(1), pause(), rest].concat();
        let provider = Provider::start(script).await;
        let world = surface.world(gateway::Config { heartbeat_ms: 150, ..quick() }, &provider).await;
        let told = surface.ask(&world, true).await.expect("a stream");
        assert_eq!(told.failure, None, "{}", surface.name);
        let beats = told.body.matches(": keep-alive\n\n").count();
        assert!(beats >= 5, "{}: {beats} in one and a half seconds", surface.name);
        provider.now(surface.whole_stream());
        let quiet = surface.ask(&world, true).await.expect("a stream").body;
        let without = |body: &str| all::nameless(&body.replace(": keep-alive\n\n", ""));
        assert_eq!(without(&told.body), without(&quiet), "{}", surface.name);
    });
    join_all(told).await;
}

/// Complaint 12: characters that are cut by the network are lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_the_network_cuts_a_stream_it_says_the_same() {
    for surface in all().into_iter().filter(Surface::streams) {
        let provider = Provider::start(surface.whole_stream()).await;
        let world = surface.world(quick(), &provider).await;
        let whole = surface.ask(&world, true).await.expect("a stream");
        assert!(whole.body.contains("日本") || !surface.is_json(), "{}: {}", surface.name, whole.body);
        let bytes: Vec<u8> = surface.beginning.iter().chain(&surface.rest).flat_map(|text| text.bytes()).collect();
        for newline in ["\n", "\r\n"] {
            let text = String::from_utf8(bytes.clone()).expect("text").replace("\r\n", "\n").replace('\n', newline);
            let drips = text.as_bytes().chunks(1).map(piece);
            provider.now(std::iter::once(surface.head()).chain(drips).chain([end()]).collect());
            let cut = surface.ask(&world, true).await.expect("a stream");
            assert_eq!(cut.failure, None, "{}", surface.name);
            // The last line end may be the CR alone: the stream is over then.
            let told = |body: &str| all::nameless(body.replace("\r\n", "\n").trim_end());
            assert_eq!(told(&cut.body), told(&whole.body), "{}", surface.name);
        }
    }
}

/// Complaint 13: something on the way holds a stream back, and it arrives at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chunks_arrive_with_the_spacing_in_which_they_were_sent() {
    let told = all().into_iter().filter(Surface::streams).map(|surface| async move {
        let spacing = Duration::from_millis(100);
        let content = surface.beginning.last().expect("content").clone();
        let more = std::iter::repeat_n([Step::Pause(spacing), piece(&content)], 19).flatten();
        let rest = surface.rest.iter().map(piece).chain([end()]);
        let provider = Provider::start(surface.begun().into_iter().chain(more).chain(rest).collect()).await;
        let world = surface.world(quick(), &provider).await;
        let (_, mut stream) = world.send(&world.call(), surface.request(true)).await.expect("a stream");
        let mut arrived = vec![];
        while let Some(Ok(CompleteResponse { part: Some(Part::Data(data)) })) = stream.next().await {
            let times = data.windows(surface.content.len()).filter(|w| *w == surface.content.as_bytes()).count();
            arrived.extend(std::iter::repeat_n(Instant::now(), times));
        }
        assert!(arrived.len() >= 20, "{}: {} of 20 arrived", surface.name, arrived.len());
        let gaps: Vec<Duration> = arrived[..20].windows(2).map(|pair| pair[1] - pair[0]).collect();
        let late = gaps.iter().filter(|gap| **gap < spacing / 2 || **gap > spacing * 2).count();
        assert!(late <= 4, "{}: {gaps:?}", surface.name);
    });
    join_all(told).await;
}

/// Complaint 17: with providers that name their answers badly or not at all, only the first one is in the log.
#[tokio::test]
async fn answers_with_the_same_id_or_none_are_rows_of_their_own() {
    for surface in all() {
        let provider = Provider::start(surface.answer()).await;
        let world = surface.world(quick(), &provider).await;
        for _ in 0..3 {
            surface.ask(&world, false).await.expect("an answer");
        }
        let settled = world.settled(3).await;
        let mut grants: Vec<String> = settled.into_iter().map(|settle| settle.grant_id).collect();
        grants.sort();
        grants.dedup();
        assert_eq!(grants.len(), 3, "{}", surface.name);
        let admitted = world.book().admits.clone();
        assert!(admitted.iter().all(|admit| admit.subject.as_ref().is_some_and(|s| s.request_id.starts_with("req_"))));
    }
}

/// Complaint 44: a status of the provider becomes a 500, which clients repeat.
#[tokio::test]
async fn what_a_provider_says_of_a_request_keeps_its_status() {
    for surface in all() {
        let provider = Provider::start(vec![]).await;
        let world = surface.world(quick(), &provider).await;
        for (status, body) in [
            (
                400,
                r#"{"error":{"message":"no such voice","type":"invalid_request_error","param":"voice","code":null}}"#,
            ),
            (401, r#"{"error":{"message":"bad key","type":"x","code":"None"}}"#),
            (404, "{\"detail\":\"no such model\"}"),
            (422, "<html>"),
            (429, "{}"),
        ] {
            provider.now(answer(status, "application/json", body));
            let told = surface.ask(&world, false).await.expect("an answer");
            assert_eq!(told.head.status, i32::from(status), "{} {status}", surface.name);
            let told: serde_json::Value = serde_json::from_str(&told.body).expect("JSON");
            let error = &told["error"];
            assert!(
                error["message"].as_str().is_some_and(|text| !text.is_empty()),
                "{} {status}: {told}",
                surface.name
            );
            assert!(error["type"].as_str().is_some_and(|kind| kind != "None"), "{} {status}: {told}", surface.name);
        }
    }
}

#[tokio::test]
async fn a_model_that_a_key_may_not_call_is_refused_on_every_surface_and_nobody_is_asked() {
    for surface in all() {
        let provider = Provider::start(vec![]).await;
        let world = surface.world(quick(), &provider).await;
        world.book().key_models = vec!["another-model".to_owned(), "another/*".to_owned()];
        // Counting tokens and their like have no streams.
        for streams in [false, true].into_iter().filter(|streams| !streams || !surface.streaming.is_empty()) {
            let refused = surface.ask(&world, streams).await.expect_err("a refusal");
            assert_eq!(refused.reason, Reason::ModelNotAllowed, "{:?}: {refused}", surface.operation);
        }
        assert!(provider.received().is_empty() && world.book().admits.is_empty(), "{:?}", surface.operation);
    }
}
