//! Executions that have ended are counted and closed, by whoever notices.

use crate::{
    fake::{EXECUTION, Fakes, WORKSPACE, executions::owned},
    overheard::Overheard,
};
use edge::Config;
use proto::{Permission, Principal, Reason, Role, engine::Phase};
use std::time::Duration;

/// An edge that has looked a few times.
async fn looked(fakes: &Fakes) {
    edge::follow_executions(&Config::default(), fakes.services(), &fakes.tasks);
    tokio::time::sleep(Duration::from_secs(5)).await;
}

fn calls(fakes: &Fakes, rpc: &str) -> usize {
    fakes.seen.lock().unwrap().iter().filter(|seen| seen.rpc == rpc).count()
}

#[tokio::test(start_paused = true)]
async fn what_came_of_something_counts_and_what_did_not_does_not() {
    for (phase, replies, outcome, counts) in [
        (Phase::Completed, 0, "completed", true),
        (Phase::Failed, 1, "failed", true),
        (Phase::Failed, 0, "failed", false),
        (Phase::Cancelled, 1, "cancelled", true),
        (Phase::Cancelled, 0, "cancelled", false),
    ] {
        let fakes = Fakes::default();
        fakes.world().put(phase, replies);
        looked(&fakes).await;
        fakes.change(|world| {
            assert_eq!(
                (world.outcome(), world.recorded.contains_key(EXECUTION)),
                (outcome, counts),
                "{phase:?} {replies}"
            );
            assert!(world.reserved.is_empty());
        });
        assert_eq!(calls(&fakes, "close_execution"), 1, "then it is not looked at any more");
        let call = fakes.last("close_execution").call;
        assert_eq!(
            (call.principal, call.workspace.map(String::from).as_deref()),
            (Principal::Service(Role::Edge), Some(WORKSPACE))
        );
        assert!(call.scopes.contains(Permission::UsageWrite) && !call.scopes.contains(Permission::WorkspaceRead));
    }
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_left_alone() {
    for phase in [Phase::Queued, Phase::Running, Phase::AwaitingInput, Phase::Cancelling] {
        let fakes = Fakes::default();
        fakes.world().put(phase, 5);
        looked(&fakes).await;
        let world = fakes.world();
        assert_eq!((world.outcome(), world.reserved.len(), world.recorded.len()), ("", 1, 0), "{phase:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_never_came_to_the_engine_is_given_up_after_a_minute() {
    let now = host::Clock::system().now().timestamp();
    for (age, outcome, reserved) in [(50, "", 1), (70, "failed", 0)] {
        let fakes = Fakes::default();
        fakes.world().put(Phase::Queued, 0);
        fakes.world().known.clear();
        fakes.world().owned.insert(EXECUTION.into(), (owned(now - age), vec![]));
        looked(&fakes).await;
        let world = fakes.world();
        assert_eq!((world.outcome(), world.reserved.len(), world.recorded.len()), (outcome, reserved, 0), "{age}");
    }
}

#[tokio::test(start_paused = true)]
async fn however_many_wait_for_answers_those_after_them_are_looked_at() {
    let fakes = Fakes::default();
    fakes.world().put(Phase::Completed, 3);
    fakes.change(|world| {
        let (last, known) = (world.owned[EXECUTION].clone(), world.known[EXECUTION].clone());
        for n in 0..450 {
            // Before the other one, whose id begins with a digit that is not less.
            let id = format!("exec_0000{n:022}");
            assert!(*id < *EXECUTION);
            let waits = proto::engine::Execution {
                execution_id: id.clone(),
                phase: Phase::AwaitingInput.into(),
                ..known.clone()
            };
            world.known.insert(id.clone(), waits);
            let owned = proto::workspace::OwnedExecution { execution_id: id.clone(), ..last.0.clone() };
            world.owned.insert(id, (owned, vec![]));
        }
    });
    looked(&fakes).await;
    assert_eq!(fakes.world().outcome(), "completed");
    assert_eq!(calls(&fakes, "close_execution"), 1);
    assert!(calls(&fakes, "list_open_executions") >= 3, "page by page");
}

#[tokio::test(start_paused = true)]
async fn several_edges_count_an_execution_once() {
    let fakes = Fakes::default();
    fakes.world().put(Phase::Completed, 3);
    let services = [fakes.services(), fakes.services(), fakes.services()];
    for services in services {
        edge::follow_executions(&Config::default(), services, &fakes.tasks);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let world = fakes.world();
    assert_eq!((world.recorded.len(), world.outcome()), (1, "completed"));
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_told_once_and_tried_until_it_works() {
    let fakes = Fakes::default();
    fakes.world().put(Phase::Completed, 3);
    let away = || Reason::ServiceUnavailable.with("the ledger is away");
    for rpc in ["list_open_executions", "engine.batch_get_executions", "record_usage"] {
        fakes.world().refuse(rpc, away());
    }
    let overheard = Overheard::default();
    let listening = overheard.here();
    edge::follow_executions(&Config::default(), fakes.services(), &fakes.tasks);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(fakes.world().outcome(), "", "three times it did not work");
    tokio::time::sleep(Duration::from_secs(4)).await;
    drop(listening);
    let world = fakes.world();
    assert_eq!((world.outcome(), world.recorded.len()), ("completed", 1));
    let told = overheard.text();
    assert_eq!(told.matches("are not all counted").count(), 1, "{told}");
    assert_eq!(told.matches("are counted again").count(), 1, "{told}");
}

#[tokio::test(start_paused = true)]
async fn one_that_was_counted_otherwise_before_is_closed_nevertheless() {
    let fakes = Fakes::default();
    fakes.world().put(Phase::Completed, 3);
    fakes.world().refuse("record_usage", Reason::EventConflict.with("another payload"));
    looked(&fakes).await;
    assert_eq!(fakes.world().outcome(), "completed");
}

#[tokio::test(start_paused = true)]
async fn executions_of_a_workspace_that_goes_are_erased_in_the_engine_first() {
    let fakes = Fakes::default();
    fakes.world().put(Phase::Completed, 3);
    looked(&fakes).await;
    assert_eq!((calls(&fakes, "engine.delete_execution"), fakes.world().owned.len()), (0, 1));
    fakes.change(|world| world.is_doomed = true);
    looked(&fakes).await;
    assert!(fakes.world().owned.is_empty() && fakes.world().known.is_empty());
    let seen: Vec<String> = fakes.seen.lock().unwrap().iter().map(|seen| seen.rpc.to_owned()).collect();
    let at = |rpc: &str| seen.iter().position(|seen| seen == rpc);
    assert!(at("engine.delete_execution") < at("delete_execution"), "what fails in between is found again: {seen:?}");
    assert_eq!(fakes.last("delete_execution").call.workspace.map(String::from).as_deref(), Some(WORKSPACE));
}
