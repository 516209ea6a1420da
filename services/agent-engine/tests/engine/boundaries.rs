//! Between any two things that are written down: a process dies there, or somebody does not want it any more.

use crate::{
    crash::{common, reference},
    house::{House, on_both_databases},
};
use proto::{
    Reason,
    engine::{CancelExecutionRequest, Depth, Execution, GetExecutionRequest, Part, Phase},
};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};
use store::testing::Side;

on_both_databases!(
    killed_before_any_commit_it_goes_on_to_the_same_report,
    killed_after_any_commit_it_goes_on_to_the_same_report,
    cancelled_after_any_commit_no_model_is_asked_after_its_end,
);

/// How it stands; none where there is no such execution.
async fn stands(house: &House, id: &str) -> Option<Execution> {
    let request = GetExecutionRequest { execution_id: id.to_owned() };
    match house.engine().get_execution(&house.call(), request).await {
        Ok(found) => found.execution,
        Err(status) if Reason::of(&status) == Reason::NotFound => None,
        Err(status) => panic!("{status:?}"),
    }
}

/// How far one has come in a process that stands still.
struct Stopped {
    id: String,
    /// It stands still; otherwise it came to its end without so many commits.
    has_stopped: bool,
    /// Whoever began it was told so.
    is_told: bool,
}

/// Begins one in a process that stands still at the `at`th commit from now on.
async fn stopped(house: &House, depth: Depth, at: usize) -> Stopped {
    let request = house.request(depth);
    let id = request.execution_id.clone();
    house.board.reset();
    // What a process does when it begins has been done.
    tokio::time::sleep(Duration::from_millis(30)).await;
    let breakpoint = house.breakpoint();
    breakpoint.stop_at(at);
    let (engine, call) = (house.engine(), house.call());
    let creating = house.within(async move { engine.create_execution(&call, request).await });
    let has_stopped = tokio::select! {
        () = breakpoint.reached() => true,
        () = over(house, &id) => false,
    };
    Stopped { id, has_stopped, is_told: creating.is_finished() }
}

async fn over(house: &House, id: &str) {
    let is_over = |phase| matches!(phase, Phase::Completed | Phase::Failed | Phase::Cancelled);
    while !stands(house, id).await.is_some_and(|found| is_over(found.phase())) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn killed_before_any_commit_it_goes_on_to_the_same_report(house: &House) {
    killed_at_each(house, Side::Before).await;
}

async fn killed_after_any_commit_it_goes_on_to_the_same_report(house: &House) {
    killed_at_each(house, Side::After).await;
}

async fn killed_at_each(house: &House, side: Side) {
    let (expected, calls) = reference(house).await;
    house.restart_stopping(side).await;
    let mut commits = 0;
    for at in 1.. {
        let Stopped { id, has_stopped, is_told } = stopped(house, Depth::Standard, at).await;
        if !has_stopped {
            commits = at - 1;
            break;
        }
        house.kill();
        house.restart().await;
        if stands(house, &id).await.is_none() {
            assert!(!is_told && at <= 2, "commit {at}: one that was acknowledged is gone");
            continue;
        }
        let ended = house.ended(&id).await;
        assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"), "commit {at}: {ended:?}");
        assert_eq!(common(house.document(&id, Part::Report).await), expected, "commit {at}");
        let events = house.events(&id, 0).await;
        assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq), "commit {at}");
        let progress: Vec<f64> = events
            .iter()
            .filter_map(|event| serde_json::from_slice::<Value>(&event.data).unwrap()["progress"].as_f64())
            .collect();
        assert!(progress.is_sorted(), "commit {at}: {progress:?}");
        let keys: Vec<String> = house.board.asked.lock().unwrap().iter().map(|asked| asked.key.clone()).collect();
        assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "commit {at}: paid for twice");
        assert_eq!(usize::try_from(ended.replies).unwrap(), calls, "commit {at}");
    }
    // One for its creation, one to take it up, two for each call, one for each step.
    assert!(commits > 2 * calls + 15, "{commits} commits, {calls} calls");
}

async fn cancelled_after_any_commit_no_model_is_asked_after_its_end(house: &House) {
    let (mut commits, mut times) = (0, vec![]);
    for at in 1.. {
        let Stopped { id, has_stopped, is_told } = stopped(house, Depth::Standard, at).await;
        if !has_stopped {
            commits = at - 1;
            break;
        }
        if stands(house, &id).await.is_none() {
            assert!(!is_told && at <= 2, "commit {at}: one that was acknowledged is gone");
            house.restart().await;
            continue;
        }
        let breakpoint = house.breakpoint();
        // Its own transaction goes through; those that stand still go on once it is written down.
        breakpoint.stop_at(0);
        let request = CancelExecutionRequest { execution_id: id.clone() };
        let began = std::time::Instant::now();
        let phase = house.engine().cancel_execution(&house.call(), request).await.unwrap().execution.unwrap().phase();
        breakpoint.release();
        let ended = house.ended(&id).await;
        let took = began.elapsed();
        if phase == Phase::Completed {
            // The commit was that of its end.
            assert_eq!(ended.phase(), Phase::Completed, "commit {at}");
        } else {
            assert_eq!(ended.phase(), Phase::Cancelled, "commit {at}");
            times.push(took);
        }
        let asked = house.board.asked.lock().unwrap().len();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(house.board.asked.lock().unwrap().len(), asked, "commit {at}: a model was asked after the end");
        let events = house.events(&id, 0).await;
        assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq), "commit {at}");
        assert!(events.last().unwrap().r#type.starts_with("execution.c"), "commit {at}: {events:?}");
        house.restart().await;
    }
    assert!(commits > 30, "{commits}");
    times.sort();
    // Of most: what a machine does that stands still for others now and then says nothing of the engine.
    assert!(times[times.len() / 2] < Duration::from_secs(2), "{times:?}");
}
