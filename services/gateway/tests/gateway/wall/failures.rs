//! Providers that fail: what the client hears, what the ledger is told, and that the provider is left.

use super::{
    SOON, Told,
    cells::Cell,
    each,
    faults::{self, Expected, Fault},
    settled, shape,
};
use crate::{
    provider::Provider,
    world::{SECRET, World, eventually, quick},
};
use futures::future::{join, join_all};
use proto::usage::Outcome;
use std::time::{Duration, Instant};

/// Deadlines that a test can wait for by the hundred.
fn hurried() -> gateway::Config {
    gateway::Config {
        connect_ms: 4_000,
        first_byte_ms: 1_000,
        idle_ms: 1_000,
        first_content_ms: 1_500,
        total_ms: 3_000,
        ..quick()
    }
}

/// Never a clean end after a failure; status, wait and words of the surface; the outcome in the log; the provider is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_fails_is_told_of_in_the_words_of_the_surface_and_the_next_one_answers_if_there_is_one() {
    // They mostly wait for deadlines.
    each(24, |cell| async move {
        let slow = faults::slow(&cell);
        let quick = faults::quick(&cell);
        let backup = Provider::start(cell.good()).await;
        // Those that take long have a provider each, and are tried at once.
        let providers = join_all((0..=slow.len()).map(|_| Provider::start(vec![]))).await;
        let world = cell.world(hurried(), &providers, Some(&backup)).await;
        let slow = join_all(slow.iter().enumerate().map(|(n, fault)| tried(&cell, &world, &providers, n, fault)));
        let last = providers.len() - 1;
        let quick = async {
            for fault in &quick {
                tried(&cell, &world, &providers, last, fault).await;
            }
        };
        join(slow, quick).await;
    })
    .await;
}

async fn tried(cell: &Cell, world: &World, providers: &[Provider], n: usize, fault: &Fault) {
    let (provider, what) = (&providers[n], format!("{}: {}", cell.name, fault.name));
    provider.now(fault.script.clone());
    let gone = provider.gone();
    let (alone, backed) = (format!("m{n}/m{n}"), format!("m{n}"));
    // What the client has seen the beginning of is the same whoever else is there, and so is what takes all the time there is.
    let is_last_word = fault.begun || fault.name == faults::DRIPS || matches!(fault.expected, Expected::Status(400));
    let calls = if is_last_word { 1 } else { 2 };
    let one = async {
        heard(cell, world, &what, fault, cell.ask(world, &alone).await).await;
    };
    let other = async {
        if calls > 1 {
            answered(cell, world, &what, fault, cell.ask(world, &backed).await).await;
        }
    };
    join(one, other).await;
    if fault.goes_on {
        let told = Instant::now();
        eventually(&format!("{what}: the provider is left"), || provider.gone() >= gone + calls).await;
        assert!(told.elapsed() < SOON, "{what}: left after {:?}", told.elapsed());
    }
}

/// Nobody else can answer.
async fn heard(cell: &Cell, world: &World, what: &str, fault: &Fault, told: Told) {
    let settle = settled(world, what, &told.id, 1).await;
    let end = settle.request_end.clone().unwrap_or_else(|| panic!("{what} tells no end: {settle:?}"));
    let (reason, outcome) = match fault.expected {
        Expected::Failure(reason, outcome) => (reason, outcome),
        Expected::Status(status) => {
            let answer = told.answer.unwrap_or_else(|failure| panic!("{what}: {failure}"));
            let wait = (status == 429).then_some(7);
            assert_eq!((answer.head.status, answer.head.retry_after), (i32::from(status), wait), "{what}");
            let sentence = shape::sentence(what, cell.operation, answer.head.status, &answer.body);
            // What is said of a credential may show it.
            let is_quoted = if status == 401 { sentence.contains("credential") } else { sentence == "out of coffee" };
            assert!(is_quoted && !sentence.contains(SECRET), "{what}: {sentence}");
            assert_eq!((settle.outcome(), end.status_code), (Outcome::UpstreamError, status.into()), "{what}");
            return;
        }
    };
    let failure = match told.answer {
        Err(failure) => {
            assert!(!fault.begun, "{what}: the content did not leave: {failure}");
            failure
        }
        Ok(answer) => {
            assert!(fault.begun, "{what}: {answer:?}");
            assert!(answer.body.contains(cell.content), "{what}: {}", answer.body);
            assert!(cell.end.is_empty() || !answer.body.contains(cell.end), "{what} ends well: {}", answer.body);
            answer.failure.unwrap_or_else(|| panic!("{what} looks complete: {}", answer.body))
        }
    };
    assert_eq!(failure.reason, reason, "{what}: {failure}");
    assert!(!failure.message.is_empty() && !failure.message.contains(SECRET), "{what}: {failure}");
    if fault.name.ends_with("with Retry-After") {
        assert_eq!(failure.retry_after, Some(Duration::from_secs(7)), "{what}");
    }
    let status = if fault.begun { 200 } else { reason.openai_http() };
    assert_eq!((settle.outcome(), end.outcome(), end.status_code), (outcome, outcome, status.into()), "{what}");
}

/// Somebody else answers, and the client sees nothing of what was before.
async fn answered(cell: &Cell, world: &World, what: &str, fault: &Fault, told: Told) {
    let answer = told.answer.unwrap_or_else(|failure| panic!("{what}, with a backup: {failure}"));
    assert_eq!((answer.head.provider.as_str(), answer.head.attempts), ("backup", 2), "{what}");
    assert!(answer.failure.is_none(), "{what}: {answer:?}");
    assert!(answer.body.contains(cell.content) && answer.body.contains(ending(cell)), "{what}: {answer:?}");
    let lost = settled(world, what, &told.id, 1).await;
    let outcome = match fault.expected {
        Expected::Failure(_, outcome) => outcome,
        Expected::Status(_) => Outcome::UpstreamError,
    };
    assert_eq!((lost.outcome(), lost.request_end), (outcome, None), "{what}: the request goes on");
    assert_eq!(settled(world, what, &told.id, 2).await.outcome(), Outcome::Completed, "{what}");
}

fn ending(cell: &Cell) -> &'static str {
    if cell.streams { cell.end } else { "" }
}

/// What ends well looks so, however slowly it comes and however the network cuts it: without that the rest would show nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_drips_says_the_same_as_what_comes_at_once() {
    each(6, |cell| async move {
        let provider = Provider::start(cell.good()).await;
        let world = cell.world(quick(), std::slice::from_ref(&provider), None).await;
        let told = cell.ask(&world, "m0").await;
        let whole = told.answer.unwrap_or_else(|failure| panic!("{}: {failure}", cell.name));
        assert!(whole.failure.is_none() && whole.body.contains(cell.content), "{}: {whole:?}", cell.name);
        assert!(whole.body.contains(ending(&cell)), "{}: {}", cell.name, whole.body);
        assert_eq!(settled(&world, &cell.name, &told.id, 1).await.outcome(), Outcome::Completed, "{}", cell.name);
        if cell.streams {
            provider.now(cell.crumbs());
            let answer = cell.ask(&world, "m0").await.answer;
            let crumbs = answer.unwrap_or_else(|failure| panic!("{}: {failure}", cell.name));
            assert_eq!(crumbs.failure, None, "{}", cell.name);
            assert_eq!(shape_of(&crumbs.body), shape_of(&whole.body), "{}", cell.name);
        }
    })
    .await;
}

/// A stream without ids and times, which no two have in common: they are numbers, most of them hexadecimal.
fn shape_of(body: &str) -> String {
    let said = body.replace(": keep-alive\n\n", "");
    said.chars().filter(|c| !c.is_ascii_hexdigit()).collect()
}
