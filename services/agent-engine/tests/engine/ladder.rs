//! What models write that is not what they were asked for.

use crate::{
    board::Fault,
    house::{House, on_both_databases},
};
use proto::{
    Reason,
    engine::{Depth, Part, Phase},
};
use serde_json::json;

on_both_databases!(
    what_can_be_repaired_is_not_asked_for_again,
    what_cannot_is_asked_for_again_with_what_is_wrong,
    what_never_fits_leaves_its_agent_out,
    a_model_that_runs_out_of_room_gets_more_of_it,
    an_answer_that_is_always_cut_off_is_none,
    an_answer_in_another_language_is_asked_for_again,
    a_model_that_takes_no_schemas_is_told_in_words,
    an_answer_that_breaks_off_is_asked_for_once_more,
    a_gateway_that_is_away_is_waited_for,
);

fn count(house: &House, label: &str) -> usize {
    house.board.labels().iter().filter(|asked| *asked == label).count()
}

async fn what_can_be_repaired_is_not_asked_for_again(house: &House) {
    let text =
        "Here it is:\n```json\n{\"findings\": [{\"severity\": \"info\", \"text\": \"All is well with it.\",},]}\n```";
    house.board.fault("review.reviewer", &[Fault::Text(text.to_owned())]);
    let ended = house.run(Depth::Standard).await;
    assert_eq!((ended.quality.as_str(), count(house, "review.reviewer")), ("full", 1));
    let report = house.document(&ended.execution_id, Part::Report).await;
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["text"] == "All is well with it."), "{findings:?}");
}

async fn what_cannot_is_asked_for_again_with_what_is_wrong(house: &House) {
    house.board.fault("opinion.commercial", &[Fault::Text("I'd rather talk.".to_owned()), Fault::Cut]);
    let ended = house.run(Depth::Quick).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"));
    assert_eq!(count(house, "opinion.commercial"), 3);
    let asked = house.board.asked.lock().unwrap().clone();
    let last = asked.iter().rfind(|asked| asked.label == "opinion.commercial").unwrap();
    let messages = last.body["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 6, "it sees what it wrote and what is wrong with it");
    assert_eq!(messages[2]["content"], "I'd rather talk.");
    assert!(messages[5]["content"].as_str().unwrap().contains("cut off"), "{}", messages[5]);
}

async fn what_never_fits_leaves_its_agent_out(house: &House) {
    house.board.fault("opinion.market", &vec![Fault::Text("{\"claims\": 7}".to_owned()); 3]);
    let ended = house.run(Depth::Standard).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "partial"), "{ended:?}");
    let report = house.document(&ended.execution_id, Part::Report).await;
    assert_eq!(report["missing"][0], json!({"step": "opinion.market", "reason": "invalid_output"}));
    let events = house.events(&ended.execution_id, 0).await;
    assert!(events.iter().any(|event| event.r#type == "agent.absent"));
    assert_eq!(count(house, "ballot.market"), 0, "who has not thought about it does not vote");
}

async fn a_model_that_runs_out_of_room_gets_more_of_it(house: &House) {
    house.board.fault("opinion.analyst", &[Fault::Thinks, Fault::Cut]);
    let ended = house.run(Depth::Quick).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"));
    let asked = house.board.asked.lock().unwrap().clone();
    let rooms: Vec<u64> = asked
        .iter()
        .filter(|asked| asked.label == "opinion.analyst")
        .map(|asked| asked.body["max_completion_tokens"].as_u64().unwrap())
        .collect();
    assert_eq!(rooms, [rooms[0], rooms[0] * 2, rooms[0] * 4]);
    let usage = ended.usage.unwrap();
    assert!(usage.input_tokens + usage.output_tokens <= usage.ceiling);
}

async fn an_answer_that_is_always_cut_off_is_none(house: &House) {
    house.board.fault("opinion.market", &vec![Fault::Cut; 3]);
    let ended = house.run(Depth::Standard).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "partial"), "{ended:?}");
    let report = house.document(&ended.execution_id, Part::Report).await;
    assert_eq!(report["missing"][0], json!({"step": "opinion.market", "reason": "cut_off"}));
    let roles: Vec<_> = report["opinions"].as_array().unwrap().iter().map(|opinion| opinion["role"].clone()).collect();
    assert!(!roles.contains(&json!("market")), "half an answer is none: {roles:?}");
}

async fn an_answer_in_another_language_is_asked_for_again(house: &House) {
    let text = json!({"findings": [{"severity": "info",
        "text": "La decisión depende de una hipótesis que nadie ha comprobado y los clientes no han sido consultados."}]});
    house.board.fault("review.reviewer", &[Fault::Text(text.to_string())]);
    let ended = house.run(Depth::Standard).await;
    assert_eq!((ended.quality.as_str(), count(house, "review.reviewer")), ("full", 2));
}

async fn a_model_that_takes_no_schemas_is_told_in_words(house: &House) {
    house.board.fault("opinion.analyst", &[Fault::Refuses]);
    let ended = house.run(Depth::Quick).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"));
    let asked = house.board.asked.lock().unwrap().clone();
    let plain = asked.iter().rfind(|asked| asked.label == "opinion.analyst").unwrap();
    assert!(plain.body["response_format"].is_null());
    assert!(plain.body["messages"][0]["content"].as_str().unwrap().contains("JSON schema"));
}

async fn an_answer_that_breaks_off_is_asked_for_once_more(house: &House) {
    house.board.fault("ballot.analyst", &[Fault::BreaksOff]);
    let ended = house.run(Depth::Quick).await;
    assert_eq!((ended.quality.as_str(), count(house, "ballot.analyst")), ("full", 2));
}

async fn a_gateway_that_is_away_is_waited_for(house: &House) {
    house.board.fault("ballot.analyst", &vec![Fault::Fails(Reason::ServiceUnavailable); 3]);
    let ended = house.run(Depth::Quick).await;
    assert_eq!((ended.quality.as_str(), count(house, "ballot.analyst")), ("full", 4));
}
