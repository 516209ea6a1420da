//! A stream whose money ends.

use crate::{
    ask::body,
    provider::{COMPLETION, HELLO, ROLE, Step, WORLD, answer, piece, stream_head},
    world::{eventually, one},
};
use futures::StreamExt as _;
use proto::{Failure, Reason, usage::Outcome};
use std::time::Duration;

/// Many words, and no end.
fn endless() -> Vec<Step> {
    let words = (0..200).flat_map(|_| [piece(WORLD), Step::Pause(Duration::from_millis(2))]);
    [stream_head(), piece(ROLE), piece(HELLO)].into_iter().chain(words).chain([Step::Hang]).collect()
}

#[tokio::test]
async fn it_ends_there_and_says_so_and_the_provider_stops_working() {
    let (world, provider) = one(endless()).await;
    world.book().stop_after = Some(20);
    let answer = world.ask(&body("gpt", ",\"stream\":true")).await.expect("a beginning");
    let failure = answer.failure.expect("an end that looks like none");
    assert_eq!(failure.reason, Reason::BudgetExceeded);
    assert!(answer.body.contains("Hello") && !answer.body.contains("[DONE]"), "{}", answer.body);
    let settle = &world.settled(1).await[0];
    assert_eq!((settle.outcome(), settle.estimated), (Outcome::BudgetStopped, true));
    let tokens = settle.tokens.expect("tokens");
    assert!((20..60).contains(&tokens.output) && tokens.input > 0, "what was counted: {tokens:?}");
    let end = settle.request_end.as_ref().expect("the end");
    assert_eq!(
        (end.outcome(), end.status_code, end.error_code.as_str()),
        (Outcome::BudgetStopped, 200, "BUDGET_EXCEEDED")
    );
    eventually("the provider's connection is closed", || provider.gone() == 1).await;
}

#[tokio::test]
async fn the_provider_is_left_before_a_slow_client_has_read_the_end() {
    let (world, provider) = one(endless()).await;
    world.book().stop_after = Some(20);
    let (_, mut stream) = world.open(&body("gpt", ",\"stream\":true")).await.expect("a beginning");
    while world.book().settles.is_empty() {
        stream.next().await.expect("more").expect("data");
    }
    // Settled, and the last word is not read yet.
    eventually("the provider's connection is closed", || provider.gone() == 1).await;
    let last = loop {
        match stream.next().await.expect("a last word") {
            Ok(_) => {}
            Err(status) => break Failure::from(&status),
        }
    };
    assert_eq!(last.reason, Reason::BudgetExceeded);
}

#[tokio::test]
async fn what_ends_before_is_whole_and_so_is_an_answer_in_one_piece() {
    let (world, provider) =
        one(crate::provider::stream(&[ROLE, HELLO, crate::provider::STOP, crate::provider::DONE])).await;
    world.book().stop_after = Some(1_000);
    let answered = world.ask(&body("gpt", ",\"stream\":true")).await.expect("an answer");
    assert_eq!(answered.failure, None);
    provider.now(answer(200, "application/json", COMPLETION));
    world.book().stop_after = Some(1);
    let answered = world.ask(&body("gpt", "")).await.expect("an answer");
    assert_eq!((answered.failure, answered.body.as_str()), (None, COMPLETION), "what is paid for already is given");
    assert!(world.settled(2).await.iter().all(|settle| settle.outcome() == Outcome::Completed));
}
