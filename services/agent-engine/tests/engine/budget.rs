//! There is not enough for all of it.

use crate::{
    board::Fault,
    house::{House, on_both_databases},
};
use proto::{
    Reason,
    engine::{Depth, Part, Phase},
};

on_both_databases!(spent_at_any_call_it_ends_with_what_is_there, without_those_who_have_to_decide_there_is_no_decision,);

/// Labels of a run, in the order of their calls.
async fn labels(house: &House) -> Vec<String> {
    house.run(Depth::Standard).await;
    let labels = house.board.labels();
    house.board.reset();
    labels
}

async fn spent_at_any_call_it_ends_with_what_is_there(house: &House) {
    for label in labels(house).await {
        house.board.reset();
        house.board.fault(&label, &[Fault::Fails(Reason::BudgetExceeded)]);
        let ended = house.run(Depth::Standard).await;
        let is_needed = ["opinion.analyst", "opinion.financial"].contains(&label.as_str());
        if is_needed {
            assert_eq!((ended.phase(), ended.error_code.as_str()), (Phase::Failed, "BUDGET_EXCEEDED"), "{label}");
            continue;
        }
        assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "partial"), "{label}: {ended:?}");
        let report = house.document(&ended.execution_id, Part::Report).await;
        let missing = report["missing"].as_array().unwrap();
        assert!(missing.iter().any(|missing| missing["reason"] == "budget"), "{label}: {missing:?}");
        assert!(!report["summary"]["paragraphs"].as_array().unwrap().is_empty(), "{label}: code words it then");
    }
}

async fn without_those_who_have_to_decide_there_is_no_decision(house: &House) {
    let faults = vec![Fault::Fails(Reason::UpstreamFailed); 4];
    house.board.fault("opinion.financial", &faults);
    let ended = house.run(Depth::Quick).await;
    assert_eq!(ended.phase(), Phase::Failed);
    assert!(ended.error_message.contains("opinion.financial"), "{}", ended.error_message);
    assert_eq!(house.board.labels().iter().filter(|label| *label == "opinion.financial").count(), 2, "one more try");
}
