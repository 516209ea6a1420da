//! A process is killed at any instant, and another one goes on.

use crate::house::{House, on_both_databases};
use proto::engine::{Depth, Part, Phase};
use serde_json::Value;
use std::{collections::BTreeSet, sync::atomic::Ordering::SeqCst, time::Duration};

on_both_databases!(
    killed_before_any_call_it_goes_on_to_the_same_report,
    killed_after_any_answer_nothing_is_paid_for_twice,
    two_workers_never_work_on_the_same_execution,
    one_that_lost_its_lease_writes_nothing,
    one_that_it_lost_to_others_it_works_on_no_more,
    one_that_this_release_cannot_read_waits_for_others_and_not_for_ever,
    what_a_newer_release_would_put_otherwise_is_asked_in_the_same_words,
    one_that_cannot_be_loaded_is_tried_less_and_less_often,
);

/// The report of a run that nothing happened to, without what is its own.
pub(crate) async fn reference(house: &House) -> (Value, usize) {
    let ended = house.run(Depth::Standard).await;
    let calls = house.board.asked.lock().unwrap().len();
    house.board.asked.lock().unwrap().clear();
    (common(house.document(&ended.execution_id, Part::Report).await), calls)
}

pub(crate) fn common(mut report: Value) -> Value {
    for own in ["execution_id", "created_at"] {
        report[own] = Value::Null;
    }
    for action in report["actions"].as_array_mut().unwrap() {
        action["start_date"] = Value::Null;
        action["due_date"] = Value::Null;
    }
    report
}

async fn killed_before_any_call_it_goes_on_to_the_same_report(house: &House) {
    killed_everywhere(house, false).await;
}

async fn killed_after_any_answer_nothing_is_paid_for_twice(house: &House) {
    killed_everywhere(house, true).await;
}

/// Kills the process at each call of a run, before the model has answered or when its answer is kept and nothing else.
async fn killed_everywhere(house: &House, is_answered: bool) {
    let (expected, calls) = reference(house).await;
    let stop = if is_answered { &house.board.stop_after } else { &house.board.stop_before };
    for at in 1..=calls {
        let request = house.request(Depth::Standard);
        house.board.reset();
        stop.store(at, SeqCst);
        house.create(&request).await;
        house.board.stopped.notified().await;
        house.kill();
        stop.store(0, SeqCst);
        house.restart().await;
        let ended = house.ended(&request.execution_id).await;
        assert_eq!(ended.phase(), Phase::Completed, "killed at call {at}: {ended:?}");
        assert_eq!(common(house.document(&ended.execution_id, Part::Report).await), expected, "killed at call {at}");
        let keys: Vec<String> = house.board.asked.lock().unwrap().iter().map(|asked| asked.key.clone()).collect();
        let once: BTreeSet<&String> = keys.iter().collect();
        assert_eq!(keys.len(), once.len(), "killed at call {at}: a model was asked twice for what it had answered");
        assert_eq!(usize::try_from(ended.replies).unwrap(), calls, "killed at call {at}");
    }
}

async fn two_workers_never_work_on_the_same_execution(house: &House) {
    let other = house.another().await;
    let requests: Vec<_> = (0..8).map(|_| house.request(Depth::Quick)).collect();
    for request in &requests {
        house.create(request).await;
    }
    for request in &requests {
        assert_eq!(house.ended(&request.execution_id).await.phase(), Phase::Completed);
    }
    let keys: Vec<String> = house.board.asked.lock().unwrap().iter().map(|asked| asked.key.clone()).collect();
    assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len());
    other.kill();
}

/// The first worker stands still at its first answer and is believed to be dead; a second one has ended the execution by the
/// time it goes on.
async fn one_that_lost_its_lease_writes_nothing(house: &House) {
    let request = house.request(Depth::Quick);
    house.board.stop_after.store(1, SeqCst);
    house.create(&request).await;
    house.board.stopped.notified().await;
    house.board.stop_after.store(0, SeqCst);
    house.expire_leases().await;
    let other = house.another().await;
    let ended = house.ended(&request.execution_id).await;
    assert_eq!(ended.phase(), Phase::Completed);
    let events = house.events(&request.execution_id, 0).await;
    assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq), "one worker has written them");
    assert_eq!(events.iter().filter(|event| event.r#type == "facts.found").count(), 1);
    let (rows, asked) = (house.rows().await, house.board.asked.lock().unwrap().len());
    house.board.release();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!((house.rows().await, house.get(&request.execution_id).await), (rows, ended), "it wrote something");
    assert_eq!(house.board.asked.lock().unwrap().len(), asked, "it asked a model");
    other.kill();
}

/// As above, but the first one goes on while the second one works: what it asked for before is all that it does.
async fn one_that_it_lost_to_others_it_works_on_no_more(house: &House) {
    let request = house.request(Depth::Quick);
    house.board.stop_after.store(1, SeqCst);
    house.create(&request).await;
    house.board.stopped.notified().await;
    house.expire_leases().await;
    let other = house.another().await;
    // The second one gets the kept answer, and stands still at the first of its own.
    house.board.stopped.notified().await;
    house.board.release();
    let ended = house.ended(&request.execution_id).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"), "{ended:?}");
    let events = house.events(&request.execution_id, 0).await;
    assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
    let keys: Vec<String> = house.board.asked.lock().unwrap().iter().map(|asked| asked.key.clone()).collect();
    assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "nothing was asked for twice");
    other.kill();
}

async fn one_that_this_release_cannot_read_waits_for_others_and_not_for_ever(house: &House) {
    let request = house.request(Depth::Quick);
    let id = &request.execution_id;
    house.board.stop_before.store(1, SeqCst);
    house.create(&request).await;
    house.board.stopped.notified().await;
    house.kill();
    let mut plan: Value = serde_json::from_str(&house.plan(id).await).unwrap();
    plan["steps"][0]["kind"] = "prophesy".into();
    house.put_plan(id, &plan.to_string(), &[]).await;
    house.board.stop_before.store(0, SeqCst);
    let before = house.epoch(id).await;
    house.restart().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(house.epoch(id).await, before + 1, "it is left to others for as long as a lease is");
    let lease = house.lease(id).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(house.lease(id).await, lease, "what a process does not work on it does not hold");
    let stands = house.get(id).await;
    assert_eq!((stands.phase(), stands.usage.unwrap().ceiling), (Phase::Running, 40_000), "it can be looked at");
    house.is_in_epoch(id, 60).await;
    house.expire_leases().await;
    let ended = house.ended(id).await;
    assert_eq!((ended.phase(), ended.error_code.as_str()), (Phase::Failed, "INTERNAL"), "{ended:?}");
    assert!(ended.error_message.contains("begin it again"), "{}", ended.error_message);
}

/// Killed when an answer was there and nothing was made of it; whoever goes on has other prompts, and pays for nothing twice.
/// The gateway of these tests panics where the same key is another request.
async fn what_a_newer_release_would_put_otherwise_is_asked_in_the_same_words(house: &House) {
    for at in [1, 4, 9] {
        let request = house.request(Depth::Standard);
        house.board.reset();
        house.board.stop_after.store(at, SeqCst);
        house.create(&request).await;
        house.board.stopped.notified().await;
        house.kill();
        assert!(house.bodies().await > 0, "what was asked is kept");
        house.board.stop_after.store(0, SeqCst);
        house.reword().await;
        house.restart().await;
        let ended = house.ended(&request.execution_id).await;
        assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"), "killed at {at}: {ended:?}");
        let keys: Vec<String> = house.board.asked.lock().unwrap().iter().map(|asked| asked.key.clone()).collect();
        assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "killed at {at}");
        let others =
            house.board.asked.lock().unwrap().iter().filter(|a| a.body.to_string().contains("otherwise")).count();
        assert!(others > 0, "what had not been asked is asked in the new words");
        assert_eq!(house.bodies().await, 0, "it is over: nobody asks again");
    }
}

async fn one_that_cannot_be_loaded_is_tried_less_and_less_often(house: &House) {
    let request = house.request(Depth::Quick);
    let id = &request.execution_id;
    house.board.stop_before.store(1, SeqCst);
    house.create(&request).await;
    house.board.stopped.notified().await;
    house.kill();
    house.board.stop_before.store(0, SeqCst);
    let texts = house.forget_texts().await;
    let before = house.epoch(id).await;
    house.restart().await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let tries = house.epoch(id).await - before;
    assert!((1..=4).contains(&tries), "it was taken up {tries} times within six seconds");
    let texts: Vec<(&str, &str)> = texts.iter().map(|(hash, body)| (hash.as_str(), body.as_str())).collect();
    house.put_plan(id, &house.plan(id).await, &texts).await;
    house.expire_leases().await;
    assert_eq!(house.ended(id).await.phase(), Phase::Completed);
}
