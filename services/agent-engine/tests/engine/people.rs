//! Somebody who knows is asked; and nobody's name is ever in here.

use crate::house::{House, on_both_databases};
use proto::{
    Reason,
    engine::{AnswerQuestionsRequest, Depth, Fact, Part, Phase},
};
use serde_json::{Value, json};

on_both_databases!(
    what_is_missing_is_asked_for_and_used,
    what_nobody_answers_is_assumed_and_marked,
    time_spent_waiting_for_answers_is_not_taken_from_the_deadline,
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

async fn what_nobody_answers_is_assumed_and_marked(house: &House) {
    let mut request = house.request(Depth::Quick);
    request.interactive = true;
    let id = request.execution_id.clone();
    house.create(&request).await;
    house.until(&id, |execution| execution.phase() == Phase::AwaitingInput).await;
    house.answers_are_due(&id).await;
    let ended = house.ended(&id).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"));
    let events = house.events(&id, 0).await;
    let ready = events.iter().find(|event| event.r#type == "brief.ready").unwrap();
    let ready: Value = serde_json::from_slice(&ready.data).unwrap();
    assert_eq!(ready["assumed"], json!(["cac"]));
    let told: Vec<Value> = house.board.asked.lock().unwrap().iter().map(|asked| asked.data.clone()).collect();
    let agents = told.iter().filter(|data| data["role"] != "chair" && !data["levers"].is_null());
    assert!(agents.clone().count() >= 3 && agents.clone().all(|data| data["brief"]["unknown"][0]["key"] == "cac"));
    let report = house.document(&id, Part::Report).await;
    let facts = report["brief"]["facts"].as_array().unwrap();
    let cac = facts.iter().find(|fact| fact["key"] == "cac").unwrap();
    assert_eq!((cac["value"].as_f64(), cac["source"].as_str()), (Some(800.0), Some("assumed")));
}

async fn time_spent_waiting_for_answers_is_not_taken_from_the_deadline(house: &House) {
    for is_answered in [true, false] {
        let mut request = house.request(Depth::Quick);
        request.interactive = true;
        let id = request.execution_id.clone();
        house.create(&request).await;
        house.until(&id, |execution| execution.phase() == Phase::AwaitingInput).await;
        // An analysis of this depth has two minutes.
        house.has_waited(&id, 3_600).await;
        if is_answered {
            house.engine().answer_questions(&house.call(), answers(&id)).await.unwrap();
        } else {
            house.answers_are_due(&id).await;
        }
        let ended = house.ended(&id).await;
        assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"), "{is_answered}: {ended:?}");
    }
}

async fn answers_that_nobody_asked_for_are_refused(house: &House) {
    let ended = house.run(Depth::Quick).await;
    let refused = house.engine().answer_questions(&house.call(), answers(&ended.execution_id)).await.unwrap_err();
    assert_eq!(Reason::of(&refused), Reason::Conflict);
}
