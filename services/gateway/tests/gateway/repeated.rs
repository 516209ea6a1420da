//! Requests that are repeated under an Idempotency-Key.
//!
//! Complaint 34: a retried call is billed twice.

use crate::{
    ask::{Answer, body, read},
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, stream},
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
async fn a_request_that_failed_or_was_left_may_be_sent_again() {
    let (world, provider) = world(answer(500, JSON, "{}")).await;
    ask(&world, "k", &body("gpt", "")).await.expect_err("the provider failed");
    eventually("the place is given back", || world.book().answers.is_empty()).await;
    provider.now(stream(&[ROLE, HELLO]));
    assert!(ask(&world, "k", &body("gpt", STREAM)).await.expect("a beginning").failure.is_some());
    eventually("the place is given back", || world.book().answers.is_empty()).await;
    provider.now(vec![Step::Hang]);
    drop(tokio::time::timeout(Duration::from_millis(200), ask(&world, "k", &body("gpt", ""))).await);
    eventually("the place is given back", || world.book().answers.is_empty()).await;
    provider.now(answer(200, JSON, COMPLETION));
    assert!(!ask(&world, "k", &body("gpt", "")).await.expect("an answer").head.replayed);
}
