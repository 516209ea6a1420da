//! Exactly one settlement for each admitted attempt, whatever happens.

use crate::{
    ask::body,
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, end, piece, stream, stream_head},
    world::{World, eventually, one, quick, settings},
};
use futures::StreamExt as _;
use proto::{Reason, usage::Outcome};
use std::{collections::HashMap, time::Duration};

#[tokio::test]
async fn a_settlement_is_repeated_until_it_is_acknowledged() {
    let (world, _) = one(answer(200, "application/json", COMPLETION)).await;
    world.book().fail_settles = 3;
    world.ask(&body("gpt", "")).await.expect("an answer");
    world.settled(1).await;
    assert!(world.tasks.shutdown(Duration::from_secs(5)).await, "nothing is left to do");
    assert_eq!(world.book().settles.len(), 1);
}

#[tokio::test]
async fn a_client_that_leaves_while_admission_is_under_way_is_settled_all_the_same() {
    let (world, provider) = one(answer(200, "application/json", COMPLETION)).await;
    world.book().admit_delay = Duration::from_millis(300);
    let request = body("gpt", "");
    assert!(tokio::time::timeout(Duration::from_millis(100), world.open(&request)).await.is_err());
    let settle = &world.settled(1).await[0];
    assert_eq!((settle.outcome(), settle.estimated), (Outcome::ClientGone, false));
    assert_eq!(settle.tokens.map(|t| t.input), Some(0), "the provider was never asked");
    assert!(provider.received().is_empty());
}

#[tokio::test]
async fn an_admission_that_may_have_happened_is_settled() {
    let (world, provider) = one(answer(200, "application/json", COMPLETION)).await;
    world.book().refuse_admits = vec![Some(Reason::ServiceUnavailable.with("away").into())];
    let failure = world.refused(&body("gpt", "")).await;
    assert_eq!(failure.reason, Reason::ServiceUnavailable);
    assert!(provider.received().is_empty(), "nothing reaches a provider without admission");
    // The fake knows no such grant and says so, which ends it.
    assert!(world.tasks.shutdown(Duration::from_secs(5)).await);
    assert!(world.book().settles.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_leave_at_any_moment_leave_one_settlement_each() {
    let pause = || Step::Pause(Duration::from_millis(2));
    let steps = [pause(), stream_head(), pause(), piece(ROLE), piece(HELLO), pause(), piece(HELLO), pause()];
    let script = [steps.to_vec(), vec![piece(STOP), piece(DONE), end()]].concat();
    let first = Provider::start(vec![pause(), Step::Close]).await;
    let second = Provider::start(script).await;
    let providers = vec![settings("first", 0, first.base_url()), settings("second", 1, second.base_url())];
    let world =
        World::with(quick(), Book { providers, admit_delay: Duration::from_millis(1), ..Book::default() }).await;
    let request = body("gpt", ",\"stream\":true");
    let mut fell_back = false;
    // The slower the machine, the later is the moment at which a second provider is asked.
    for slowness in [1, 2, 4, 8, 16] {
        let before = world.book().admits.len();
        let clients = (0..200_u64).map(|n| {
            let (world, request) = (&world, &request);
            async move {
                let patience = Duration::from_micros(n * 97 % 16_000 * slowness);
                let asking = async {
                    if let Ok((_, mut stream)) = world.open(request).await {
                        while stream.next().await.is_some() {}
                    }
                };
                drop(tokio::time::timeout(patience, asking).await);
            }
        });
        futures::stream::iter(clients).buffer_unordered(16).collect::<Vec<()>>().await;
        fell_back = world.book().admits.len() > before + 200;
        if fell_back {
            break;
        }
    }
    assert!(world.tasks.shutdown(Duration::from_secs(10)).await, "every settlement arrives");
    let book = world.book();
    assert!(fell_back, "some fell back: {}", book.admits.len());
    let settled = settled(&book);
    assert!(settled.values().all(|n| *n == 1), "{settled:?}");
    assert_eq!(settled.len(), book.admits.len());
    let gone = book.settles.iter().filter(|s| s.outcome() == Outcome::ClientGone).count();
    assert!(gone > 20, "{gone} left early");
}

#[tokio::test]
async fn a_stream_is_settled_before_its_end_leaves_so_that_the_next_request_finds_its_place_free() {
    let (world, _) = one(stream(&[ROLE, HELLO, STOP, DONE])).await;
    let (_, mut stream) = world.open(&body("gpt", ",\"stream\":true")).await.expect("a stream");
    while let Some(Ok(next)) = stream.next().await {
        if format!("{next:?}").contains("[DONE]") {
            break;
        }
    }
    drop(stream);
    let settle = &world.settled(1).await[0];
    assert_eq!(
        settle.outcome(),
        Outcome::Completed,
        "a client that stops reading at the end mark has left nothing out"
    );
}

#[tokio::test]
async fn a_client_that_leaves_between_two_attempts_is_in_the_log() {
    let (world, _) = one(answer(500, "application/json", "{}")).await;
    let second = Provider::start(answer(200, "application/json", COMPLETION)).await;
    world.book().providers.push(settings("second", 1, second.base_url()));
    // The first attempt's settlement is what the second waits for.
    world.book().fail_settles = 6;
    let request = body("gpt", "");
    assert!(tokio::time::timeout(Duration::from_millis(300), world.open(&request)).await.is_err());
    eventually("its end is logged", || world.book().refusals.len() == 1).await;
    let end = world.book().refusals[0].request_end.clone().expect("an end");
    assert_eq!((end.outcome(), end.status_code), (Outcome::ClientGone, 499));
    assert!(second.received().is_empty());
}

#[tokio::test]
async fn the_instance_says_that_it_lives() {
    let (world, _) = one(vec![]).await;
    eventually("a heartbeat", || world.book().heartbeats > 0).await;
}

/// Sorted by grant: how many settlements each has.
fn settled(book: &Book) -> HashMap<String, usize> {
    let mut count = HashMap::new();
    for settle in &book.settles {
        *count.entry(settle.grant_id.clone()).or_default() += 1;
    }
    count
}
