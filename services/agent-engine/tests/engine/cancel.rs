//! Somebody does not want it any more.

use crate::house::{House, on_both_databases};
use proto::{
    Reason,
    engine::{CancelExecutionRequest, DeleteExecutionRequest, Depth, GetExecutionRequest, Phase},
};
use std::{sync::atomic::Ordering::SeqCst, time::Duration};

on_both_databases!(
    cancelled_at_any_call_no_model_is_asked_afterwards,
    one_that_waits_is_cancelled_at_once,
    one_that_has_ended_stays_as_it_is,
    what_is_deleted_leaves_nothing,
);

async fn cancel(house: &House, id: &str) -> Phase {
    let request = CancelExecutionRequest { execution_id: id.to_owned() };
    house.engine().cancel_execution(&house.call(), request).await.unwrap().execution.unwrap().phase()
}

async fn cancelled_at_any_call_no_model_is_asked_afterwards(house: &House) {
    house.run(Depth::Standard).await;
    let calls = house.board.asked.lock().unwrap().len();
    for at in 1..=calls {
        let request = house.request(Depth::Standard);
        house.board.reset();
        house.board.stop_before.store(at, SeqCst);
        house.create(&request).await;
        house.board.stopped.notified().await;
        let phase = cancel(house, &request.execution_id).await;
        assert!(matches!(phase, Phase::Cancelling | Phase::Cancelled), "at call {at}: {phase:?}");
        house.board.stop_before.store(0, SeqCst);
        let ended = house.ended(&request.execution_id).await;
        assert_eq!(ended.phase(), Phase::Cancelled, "at call {at}");
        let asked = house.board.asked.lock().unwrap().len();
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(house.board.asked.lock().unwrap().len(), asked, "at call {at}: a model was asked after the end");
        let events = house.events(&request.execution_id, 0).await;
        let last: Vec<&str> = events.iter().rev().take(1).map(|event| event.r#type.as_str()).collect();
        assert_eq!(last, ["execution.cancelled"]);
        assert_eq!(events.iter().filter(|event| event.r#type == "execution.cancelling").count(), 1);
    }
}

async fn one_that_waits_is_cancelled_at_once(house: &House) {
    let mut request = house.request(Depth::Quick);
    request.interactive = true;
    house.create(&request).await;
    house.until(&request.execution_id, |execution| execution.phase() == Phase::AwaitingInput).await;
    assert_eq!(cancel(house, &request.execution_id).await, Phase::Cancelled);
}

async fn one_that_has_ended_stays_as_it_is(house: &House) {
    let ended = house.run(Depth::Quick).await;
    assert_eq!(cancel(house, &ended.execution_id).await, Phase::Completed);
    let absent = CancelExecutionRequest { execution_id: house.new_id() };
    let absent = house.engine().cancel_execution(&house.call(), absent).await.unwrap_err();
    assert_eq!(Reason::of(&absent), Reason::NotFound);
}

async fn what_is_deleted_leaves_nothing(house: &House) {
    let ended = house.run(Depth::Quick).await;
    let running = house.request(Depth::Quick);
    house.board.reset();
    house.board.stop_before.store(1, SeqCst);
    house.create(&running).await;
    house.board.stopped.notified().await;
    for (id, is_gone) in [(&ended.execution_id, true), (&running.execution_id, false)] {
        let request = DeleteExecutionRequest { execution_id: id.clone() };
        let deleted = house.engine().delete_execution(&house.call(), request).await.unwrap().deleted;
        assert!(deleted || !is_gone, "one that has ended is gone at once");
        let get = GetExecutionRequest { execution_id: id.clone() };
        let absent = house.engine().get_execution(&house.call(), get).await.unwrap_err();
        assert_eq!(Reason::of(&absent), Reason::NotFound, "nobody sees it any more");
    }
    for _ in 0..500 {
        if house.rows().await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} rows are left", house.rows().await);
}
