//! A gateway that is killed owes nothing that the next one does not pay.

use crate::{
    ask::body,
    fake::Book,
    provider::{COMPLETION, HELLO, Provider, ROLE, STOP, Step, USAGE, answer, piece, stream_head},
    world::{World, eventually, quick, settings},
};
use futures::StreamExt as _;
use proto::usage::{Outcome, SettleRequest};
use std::{collections::HashSet, path::Path, time::Duration};
use tempfile::TempDir;

async fn start(dir: &Path, book: Book) -> World {
    World::with(gateway::Config { spool_dir: Some(dir.to_owned()), ..quick() }, book).await
}

/// A gateway with a provider that answers like this, and a ledger that takes nothing.
async fn unheard(dir: &Path, script: Vec<Step>) -> World {
    let provider = Provider::start(script).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    start(dir, Book { providers, fail_settles: usize::MAX, ..Book::default() }).await
}

/// What SIGKILL would leave of the folder now.
fn killed(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(copy.path().join("0")).expect("a folder");
    for file in std::fs::read_dir(dir.join("0")).expect("a place").flatten() {
        std::fs::copy(file.path(), copy.path().join("0").join(file.file_name())).expect("a copy");
    }
    copy
}

/// What the next gateway sends by itself.
async fn sent_by_the_next(dir: &Path, granted: HashSet<String>) -> Vec<SettleRequest> {
    let world = start(dir, Book { granted, ..Book::default() }).await;
    assert!(world.tasks.shutdown(Duration::from_secs(10)).await, "everything is sent");
    let book = world.book();
    book.settles.clone()
}

/// Bytes written down.
fn written(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir.join("0")).into_iter().flatten().flatten();
    files.map(|file| file.metadata().map_or(0, |m| m.len())).sum()
}

#[tokio::test]
async fn an_answer_whose_settlement_the_ledger_did_not_take_is_settled_by_the_next_process() {
    let dir = tempfile::tempdir().expect("a folder");
    let world = unheard(dir.path(), answer(200, "application/json", COMPLETION)).await;
    for _ in 0..2 {
        world.ask(&body("gpt", "")).await.expect("an answer");
    }
    let (left, granted) = (killed(dir.path()), world.book().granted.clone());
    let sent = sent_by_the_next(left.path(), granted.clone()).await;
    assert_eq!(sent.iter().map(|settle| settle.grant_id.clone()).collect::<HashSet<_>>(), granted);
    assert_eq!(sent.len(), 2, "once each");
    for settle in sent {
        assert_eq!((settle.outcome(), settle.estimated, settle.provider_status), (Outcome::Completed, false, 200));
        let tokens = settle.tokens.expect("tokens");
        assert_eq!((tokens.input, tokens.cache_read, tokens.output), (7, 4, 5), "the provider's count");
        assert_eq!(settle.request_end.as_ref().map(|end| end.status_code), Some(200));
    }
    assert!(sent_by_the_next(left.path(), granted).await.is_empty(), "what was taken is not sent again");
}

#[tokio::test]
async fn a_stream_whose_usage_was_known_when_the_process_was_killed_keeps_the_providers_count() {
    let dir = tempfile::tempdir().expect("a folder");
    let script = vec![stream_head(), piece(ROLE), piece(HELLO), piece(STOP), piece(USAGE), Step::Hang];
    let world = unheard(dir.path(), script).await;
    let (_, mut stream) = world.open(&body("gpt", ",\"stream\":true")).await.expect("a stream");
    let reading = async { while stream.next().await.is_some() {} };
    tokio::select! {
        () = reading => panic!("the provider hangs"),
        () = eventually("the usage is written down", || written(dir.path()) > 0) => {}
    }
    let (left, granted) = (killed(dir.path()), world.book().granted.clone());
    let sent = sent_by_the_next(left.path(), granted.clone()).await;
    assert_eq!((sent.len(), sent[0].outcome(), sent[0].estimated), (1, Outcome::Incomplete, false));
    let tokens = sent[0].tokens.expect("tokens");
    assert_eq!((tokens.input, tokens.output), (9, 2));
    let end = sent[0].request_end.as_ref().expect("the end");
    assert_eq!((end.outcome(), end.status_code), (Outcome::Incomplete, 200));
    // Its own end is the last word.
    let before = written(dir.path());
    drop(stream);
    assert!(written(dir.path()) > before, "at once");
    let sent = sent_by_the_next(killed(dir.path()).path(), granted).await;
    assert_eq!((sent.len(), sent[0].outcome(), sent[0].estimated), (1, Outcome::ClientGone, false));
}

#[tokio::test]
async fn what_the_ledger_took_is_not_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let provider = Provider::start(answer(200, "application/json", COMPLETION)).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    let world = start(dir.path(), Book { providers: providers.clone(), ..Book::default() }).await;
    for _ in 0..20 {
        world.ask(&body("gpt", "")).await.expect("an answer");
    }
    assert!(world.tasks.shutdown(Duration::from_secs(5)).await);
    assert_eq!(world.book().settles.len(), 20);
    drop(world);
    let next = start(dir.path(), Book { providers, ..Book::default() }).await;
    next.ask(&body("gpt", "")).await.expect("an answer");
    assert_eq!(next.settled(1).await.len(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_stops_the_start_with_a_sentence() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "not a folder").expect("a file");
    let config = gateway::Config { spool_dir: Some(file), ..quick() };
    let error = World::opened(config, Book::default()).await.err().expect("a refusal").to_string();
    assert!(error.contains("gateway.spool_dir") && !error.contains('\n'), "{error}");
}
