//! Somebody who knows is asked; and nobody's name is ever in here.

use crate::house::{House, on_both_databases};
use proto::{
    Reason,
    engine::{AnswerQuestionsRequest, Depth, Fact, Part, Phase},
};

on_both_databases!(
    what_is_missing_is_asked_for_and_used,
    what_nobody_answers_is_assumed,
    answers_that_nobody_asked_for_are_refused,
);

fn answers(id: &str) -> AnswerQuestionsRequest {
    let fact = Fact { key: "cac".to_owned(), value: 900.0, ..Fact::default() };
    AnswerQuestionsRequest { execution_id: id.to_owned(), answers: vec![fact] }
}

async fn what_is_missing_is_asked_for_and_used(house: &House) {
    let mut request = house.request(Depth::Quick);
    request.interactive = true;
    house.create(&request).await;
    let id = &request.execution_id;
    let waiting = house.until(id, |execution| execution.phase() == Phase::AwaitingInput).await;
    assert_eq!(waiting.questions[0].key, "cac");
    assert!(waiting.answers_due_at.is_some());
    house.restart().await;
    let answered = house.engine().answer_questions(&house.call(), answers(id)).await.unwrap();
    assert!(answered.execution.unwrap().questions.is_empty());
    let ended = house.ended(id).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"));
    let report = house.document(id, Part::Report).await;
    let facts = report["brief"]["facts"].as_array().unwrap();
    let cac = facts.iter().find(|fact| fact["key"] == "cac").unwrap();
    assert_eq!((cac["value"].as_f64(), cac["source"].as_str()), (Some(900.0), Some("answered")));
    assert_eq!(house.board.labels().iter().filter(|label| label.starts_with("frame")).count(), 1);
}

async fn what_nobody_answers_is_assumed(house: &House) {
    let mut request = house.request(Depth::Quick);
    request.interactive = true;
    house.create(&request).await;
    house.until(&request.execution_id, |execution| execution.phase() == Phase::AwaitingInput).await;
    house.answers_are_due(&request.execution_id).await;
    let ended = house.ended(&request.execution_id).await;
    assert_eq!(ended.phase(), Phase::Completed);
}

async fn answers_that_nobody_asked_for_are_refused(house: &House) {
    let ended = house.run(Depth::Quick).await;
    let refused = house.engine().answer_questions(&house.call(), answers(&ended.execution_id)).await.unwrap_err();
    assert_eq!(Reason::of(&refused), Reason::Conflict);
}
