//! Requests that are repeated under an Idempotency-Key.
//!
//! Complaint 34: a retried call is billed twice.

use crate::{
    ask::{Answer, body, read},
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, end, piece, stream, stream_head},
    world::{World, eventually, quick, settings},
};
use proto::{
    Call, Failure, Reason,
    gateway::{CompleteRequest, Operation},
    id::RequestId,
    usage::Outcome,
};
use std::time::Duration;

const STREAM: &str = ",\"stream\":true";
const JSON: &str = "application/json";

async fn world(script: Vec<Step>) -> (World, Provider) {
    let provider = Provider::start(script).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    (World::with(quick(), Book { providers, ..Book::default() }).await, provider)
}

async fn ask(world: &World, key: &str, body: &str) -> Result<Answer, Failure> {
    let call =
        Call { idempotency_key: Some(key.into()), request_id: RequestId::from_uuid(world.ids.uuid()), ..world.call() };
    let request = CompleteRequest {
        operation: Operation::ChatCompletions.into(),
        body: body.to_owned().into(),
        ..Default::default()
    };
    let (head, stream) = world.send(&call, request).await?;
    Ok(read(head, stream).await)
}

#[tokio::test]
async fn a_repeated_request_gets_the_answer_of_before_and_is_in_the_ledger_once() {
    for (more, script) in [("", answer(200, JSON, COMPLETION)), (STREAM, stream(&[ROLE, HELLO, STOP, DONE]))] {
        let (world, provider) = world(script).await;
        let first = ask(&world, "k", &body("gpt", more)).await.expect("an answer");
        let again = ask(&world, "k", &body("gpt", more)).await.expect("an answer");
        assert_eq!((first.head.replayed, again.head.replayed), (false, true));
        assert_eq!((&first.body, &first.head.content_type), (&again.body, &again.head.content_type));
        assert_eq!((again.head.provider.as_str(), again.failure), ("one", None));
        assert_eq!((provider.received().len(), world.settled(1).await.len(), world.book().admits.len()), (1, 1, 1));
        eventually("it is logged", || world.book().refusals.len() == 1).await;
        let end = world.book().refusals[0].request_end.clone().expect("an end");
        assert_eq!((end.outcome(), end.status_code), (Outcome::Replayed, 200));
    }
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused_and_another_key_is_another_request() {
    let (world, provider) = world(answer(200, JSON, COMPLETION)).await;
    ask(&world, "k", &body("gpt", "")).await.expect("an answer");
    let failure = ask(&world, "k", &body("gpt", ",\"n\":1")).await.expect_err("refused");
    assert_eq!(failure.reason, Reason::IdempotencyMismatch);
    assert!(!ask(&world, "l", &body("gpt", "")).await.expect("an answer").head.replayed);
    assert_eq!(provider.received().len(), 2);
}

#[tokio::test]
async fn of_two_at_once_one_runs_and_the_other_is_told_so() {
    let slow = [vec![Step::Pause(Duration::from_millis(400))], answer(200, JSON, COMPLETION)].concat();
    let (world, provider) = world(slow).await;
    let body = body("gpt", "");
    let (first, second) = tokio::join!(ask(&world, "k", &body), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ask(&world, "k", &body).await
    });
    assert!(first.is_ok());
    assert_eq!(second.expect_err("under way").reason, Reason::Conflict);
    assert!(ask(&world, "k", &body).await.expect("an answer").head.replayed);
    assert_eq!(provider.received().len(), 1);
}

#[tokio::test]
async fn a_request_that_failed_may_be_sent_again() {
    let (world, provider) = world(answer(500, JSON, "{}")).await;
    ask(&world, "k", &body("gpt", "")).await.expect_err("the provider failed");
    eventually("the place is given back", || world.book().answers.is_empty()).await;
    provider.now(stream(&[ROLE, HELLO]));
    assert!(ask(&world, "k", &body("gpt", STREAM)).await.expect("a beginning").failure.is_some());
    eventually("the place is given back", || world.book().answers.is_empty()).await;
    provider.now(answer(200, JSON, COMPLETION));
    assert!(!ask(&world, "k", &body("gpt", "")).await.expect("an answer").head.replayed);
}

/// An answer that takes a while, in the middle and before it begins.
fn slow(more: &str, before: Duration) -> Vec<Step> {
    let pause = Duration::from_millis(400);
    if more.is_empty() {
        return [vec![Step::Pause(before + pause)], answer(200, JSON, COMPLETION)].concat();
    }
    let begin = vec![Step::Pause(before), stream_head(), piece(ROLE), piece(HELLO), Step::Pause(pause)];
    [begin, vec![piece(STOP), piece(DONE), end()]].concat()
}

#[tokio::test]
async fn a_client_that_left_finds_the_whole_answer_when_it_comes_back_and_pays_for_one() {
    let (none, late) = (Duration::ZERO, Duration::from_millis(500));
    // In the middle of a stream, before its beginning, while a head waits for it, and while a whole answer is made.
    for (more, before, heartbeat_ms) in
        [(STREAM, none, 5_000), (STREAM, late, 5_000), (STREAM, late, 100), ("", none, 5_000)]
    {
        let provider = Provider::start(slow(more, before)).await;
        let book = Book { providers: vec![settings("one", 0, provider.base_url())], ..Book::default() };
        let world = World::with(gateway::Config { heartbeat_ms, ..quick() }, book).await;
        let request = body("gpt", more);
        let late = tokio::time::timeout(Duration::from_millis(200), ask(&world, "k", &request)).await;
        assert!(late.is_err(), "it takes longer");
        assert_eq!(ask(&world, "k", &request).await.expect_err("it is under way").reason, Reason::Conflict);
        eventually("it is kept", || world.book().answers.values().any(|(_, answer)| answer.is_some())).await;
        let again = ask(&world, "k", &request).await.expect("an answer");
        assert!(again.head.replayed && again.failure.is_none(), "{more} {heartbeat_ms}");
        let whole = if more.is_empty() { COMPLETION.to_owned() } else { [ROLE, HELLO, STOP, DONE].concat() };
        assert_eq!(again.body, whole);
        let settled = world.settled(1).await;
        assert_eq!((provider.received().len(), settled.len()), (1, 1));
        assert_eq!(settled[0].outcome(), Outcome::Completed);
    }
}

#[tokio::test]
async fn a_client_that_leaves_while_its_place_is_taken_blocks_its_key_for_nobody() {
    let (world, provider) = world(answer(200, JSON, COMPLETION)).await;
    world.book().claim_delay = Duration::from_millis(300);
    let request = body("gpt", "");
    let late = tokio::time::timeout(Duration::from_millis(100), ask(&world, "k", &request)).await;
    assert!(late.is_err(), "it takes longer");
    tokio::time::sleep(Duration::from_millis(300)).await;
    eventually("the place is given back", || world.book().answers.is_empty()).await;
    assert!(provider.received().is_empty(), "nobody waits for an answer");
    world.book().claim_delay = Duration::ZERO;
    assert!(!ask(&world, "k", &request).await.expect("an answer").head.replayed);
}

#[tokio::test]
async fn an_answer_that_is_too_long_to_be_kept_ends_with_its_client() {
    let chunk =
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", "x".repeat(512 * 1024));
    let script = [vec![stream_head()], vec![piece(&chunk); 10], vec![Step::Hang]].concat();
    let (world, provider) = world(script).await;
    let left = tokio::time::timeout(Duration::from_millis(800), ask(&world, "k", &body("gpt", STREAM))).await;
    assert!(left.is_err());
    eventually("the provider's call ends", || provider.gone() == 1).await;
    assert_eq!(world.settled(1).await[0].outcome(), Outcome::ClientGone);
    eventually("the place is given back", || world.book().answers.is_empty()).await;
}

#[tokio::test]
async fn sound_is_given_again_as_well() {
    let (world, provider) = world(answer(200, "audio/mpeg", "sound")).await;
    let call = |n: u128| Call {
        idempotency_key: Some("k".into()),
        request_id: RequestId::from_uuid(uuid::Uuid::from_u128(n)),
        ..world.call()
    };
    let request = || CompleteRequest {
        operation: Operation::Speech.into(),
        body: "{\"model\":\"gpt\",\"input\":\"Hi\",\"voice\":\"alloy\"}".into(),
        ..Default::default()
    };
    for (n, replayed) in [(1, false), (2, true)] {
        let (head, stream) = world.send(&call(n), request()).await.expect("an answer");
        assert_eq!((head.replayed, head.content_type.as_str()), (replayed, "audio/mpeg"));
        assert_eq!(read(head, stream).await.body, "sound");
    }
    assert_eq!(provider.received().len(), 1);
}
