//! There is not enough for all of it.

use crate::{
    board::Fault,
    house::{House, on_both_databases},
};
use proto::{
    Reason,
    engine::{Depth, Execution, Part, Phase},
};
use serde_json::{Value, json};
use std::sync::atomic::Ordering::SeqCst;

on_both_databases!(
    spent_at_any_call_it_ends_with_what_is_there,
    whatever_its_own_ceilings_are_it_stays_below_them,
    without_those_who_have_to_decide_there_is_no_decision,
);

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

/// Its own ceilings: of calls each number, of tokens in as many steps, with as much of them for the landing as usual.
async fn whatever_its_own_ceilings_are_it_stays_below_them(house: &House) {
    let calls = i64::try_from(labels(house).await.len()).unwrap();
    let (mut failed, mut partial, mut full) = (0, 0, 0);
    for at in 1..=calls + 4 {
        let tokens = |limits: &mut Value| {
            limits["tokens"] = json!(at * 5_000);
            limits["landing_tokens"] = json!(at * 800);
        };
        let number = |limits: &mut Value| limits["calls"] = json!(at);
        for change in [&tokens as &dyn Fn(&mut Value), &number] {
            let (ended, ceiling, most) = limited(house, change).await;
            let usage = ended.usage.unwrap();
            assert!(usage.input_tokens + usage.output_tokens <= ceiling, "{at}: {ended:?}");
            let asked = i64::try_from(house.board.asked.lock().unwrap().len()).unwrap();
            assert!(asked <= most, "{at}: {asked} calls");
            match (ended.phase(), ended.quality.as_str()) {
                (Phase::Failed, _) => {
                    assert_eq!(ended.error_code, "BUDGET_EXCEEDED", "{at}: {ended:?}");
                    failed += 1;
                }
                (Phase::Completed, "partial") => {
                    let report = house.document(&ended.execution_id, Part::Report).await;
                    let missing = report["missing"].as_array().unwrap();
                    assert!(missing.iter().any(|missing| missing["reason"] == "budget"), "{at}: {missing:?}");
                    assert!(!report["summary"]["paragraphs"].as_array().unwrap().is_empty(), "{at}");
                    assert!(!report["meeting"]["decisions"].as_array().unwrap().is_empty(), "{at}");
                    partial += 1;
                }
                (Phase::Completed, "full") => full += 1,
                other => panic!("{at}: {other:?}"),
            }
        }
    }
    assert!(failed > 0 && partial > 3 && full > 0, "{failed} failed, {partial} partial, {full} full");
}

/// A run whose frozen plan has other limits; its ceilings of tokens and calls.
async fn limited(house: &House, change: &dyn Fn(&mut Value)) -> (Execution, i64, i64) {
    let request = house.request(Depth::Standard);
    house.board.reset();
    house.board.stop_before.store(1, SeqCst);
    house.create(&request).await;
    house.board.stopped.notified().await;
    house.kill();
    let mut plan: Value = serde_json::from_str(&house.plan(&request.execution_id).await).unwrap();
    change(&mut plan["limits"]);
    let (tokens, calls) = (plan["limits"]["tokens"].as_i64().unwrap(), plan["limits"]["calls"].as_i64().unwrap());
    house.put_plan(&request.execution_id, &plan.to_string(), &[]).await;
    house.board.stop_before.store(0, SeqCst);
    house.restart().await;
    (house.ended(&request.execution_id).await, tokens, calls)
}

async fn without_those_who_have_to_decide_there_is_no_decision(house: &House) {
    let faults = vec![Fault::Fails(Reason::UpstreamFailed); 4];
    house.board.fault("opinion.financial", &faults);
    let ended = house.run(Depth::Quick).await;
    assert_eq!(ended.phase(), Phase::Failed);
    assert!(ended.error_message.contains("opinion.financial"), "{}", ended.error_message);
    assert_eq!(house.board.labels().iter().filter(|label| *label == "opinion.financial").count(), 2, "one more try");
}
