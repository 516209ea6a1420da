//! Which executions have ended, and do they count?
//!
//! The engine tells nobody, because it knows nobody. Every edge looks; each step can be repeated, and several may do it at once.

use super::{doomed, is_terminal};
use crate::{Config, Services};
use chrono::TimeDelta;
use host::Tasks;
use proto::{
    Call, Permission, Reason, Role, Scopes,
    engine::{BatchGetExecutionsRequest, Execution, Phase},
    id::{RequestId, WorkspaceId},
    time::from_proto,
    usage::{RecordUsageRequest, ReleaseUsageRequest, UsageEvent},
    workspace::{CloseExecutionRequest, ListOpenExecutionsRequest, OwnedExecution},
};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};
use tonic::Status;

/// What an execution uses one of.
pub(super) const RESOURCE: &str = "executions";
/// Who meters it. Reserved for peers: a customer who recorded an event of its name would have it for nothing.
pub(super) const SOURCE: &str = "perpetuo.executions";
/// How many are looked at at once: the most that the engine is asked for.
const MOST: i32 = 200;
/// After this an execution that the engine does not know will not come to it any more: who began it died on the way.
const LOST_AFTER: TimeDelta = TimeDelta::seconds(60);

/// How an execution has ended.
pub(super) struct End {
    /// Whether it counts.
    used: bool,
    outcome: &'static str,
}

/// Of one that the engine does not know.
pub(super) const NEVER_BEGAN: End = End { used: false, outcome: "failed" };

/// Looks for executions that have ended until the process stops, counts them, and ends what they may spend.
pub fn follow_executions(config: &Config, services: Services, tasks: &Tasks) {
    let failing = Arc::new(AtomicBool::new(false));
    tasks.every("executions", config.settle_period(), move || {
        let (services, failing) = (services.clone(), failing.clone());
        async move {
            let passed = pass(&services, None).await.and(doomed::pass(&services).await);
            let failed_before = failing.swap(passed.is_err(), SeqCst);
            // Once, and not every two seconds: it is tried again until it works.
            match passed {
                Err(status) if !failed_before => {
                    let code = Reason::of(&status).as_str();
                    tracing::warn!(code, source = status.message(), "executions that have ended are not all counted");
                }
                Ok(()) if failed_before => tracing::info!("executions that have ended are counted again"),
                Err(_) | Ok(()) => {}
            }
        }
    });
}

/// Counts and closes what has ended, in one workspace or in all. Errors: the first; all others are tried nevertheless.
pub(super) async fn pass(services: &Services, workspace: Option<WorkspaceId>) -> Result<(), Status> {
    let call = ours(services, None);
    let listing = Call { workspace, ..call.clone() };
    let (mut result, mut page_token) = (Ok(()), String::new());
    loop {
        let request = ListOpenExecutionsRequest { limit: MOST, page_token };
        let listed = services.workspaces.list_open_executions(&listing, request).await?;
        if !listed.executions.is_empty() {
            result = result.and(page(services, &call, listed.executions).await);
        }
        page_token = listed.next_page_token;
        if page_token.is_empty() {
            return result;
        }
    }
}

/// Errors: as [`pass`].
async fn page(services: &Services, call: &Call, open: Vec<OwnedExecution>) -> Result<(), Status> {
    let execution_ids = open.iter().map(|owned| owned.execution_id.clone()).collect();
    let found = services.engine.batch_get_executions(call, BatchGetExecutionsRequest { execution_ids }).await?;
    let found: HashMap<_, _> = found.executions.into_iter().map(|one| (one.execution_id.clone(), one)).collect();
    let mut result = Ok(());
    for owned in open {
        let end = match found.get(&owned.execution_id) {
            Some(execution) => end_of(execution),
            None => is_lost(services, &owned).then_some(NEVER_BEGAN),
        };
        if let Some(end) = end {
            result = result.and(close(services, &owned, &end).await);
        }
    }
    result
}

/// How it has ended; None while it runs.
pub(super) fn end_of(execution: &Execution) -> Option<End> {
    is_terminal(execution.phase()).then(|| so_far(execution))
}

/// How it would have ended now. Who has seen nothing of it has not used it; what models cost is counted elsewhere.
pub(super) fn so_far(execution: &Execution) -> End {
    let outcome = match execution.phase() {
        Phase::Completed => "completed",
        Phase::Failed => "failed",
        _ => "cancelled",
    };
    End { used: execution.phase() == Phase::Completed || execution.replies > 0, outcome }
}

/// Counts it or not, and closes it.
pub(super) async fn close(services: &Services, owned: &OwnedExecution, end: &End) -> Result<(), Status> {
    let workspace = owned.workspace_id.parse().map_err(|_| Status::internal("an execution belongs to no workspace"))?;
    let call = ours(services, Some(workspace));
    if end.used {
        record(services, &call, owned).await?;
    } else {
        release(services, &call, &owned.execution_id).await?;
    }
    let request = CloseExecutionRequest { execution_id: owned.execution_id.clone(), outcome: end.outcome.to_owned() };
    match services.workspaces.close_execution(&call, request).await {
        // Somebody deleted it meanwhile.
        Err(status) if Reason::of(&status) == Reason::NotFound => Ok(()),
        closed => closed.map(drop),
    }
}

/// It does not count any more: nothing came of it. What was counted at its end stays.
pub(super) async fn release(services: &Services, call: &Call, execution_id: &str) -> Result<(), Status> {
    let workspace_id = call.workspace()?.to_string();
    let request = ReleaseUsageRequest { workspace_id, source: SOURCE.to_owned(), id: execution_id.to_owned() };
    services.usage.release_usage(call, request).await.map(drop)
}

async fn record(services: &Services, call: &Call, owned: &OwnedExecution) -> Result<(), Status> {
    // The same in every pass and in every process: otherwise it would be another event.
    let event = UsageEvent {
        source: SOURCE.to_owned(),
        id: owned.execution_id.clone(),
        resource: RESOURCE.to_owned(),
        quantity: 1,
        at: owned.created_at,
        ..UsageEvent::default()
    };
    // It has been used, whatever limits say now.
    let request = RecordUsageRequest { events: vec![event], limits: None };
    match services.usage.record_usage(call, request).await {
        Err(status) if Reason::of(&status) == Reason::EventConflict => {
            let execution_id = owned.execution_id.as_str();
            tracing::warn!(execution_id, source = status.message(), "an execution was counted otherwise before");
            Ok(())
        }
        recorded => recorded.map(drop),
    }
}

fn is_lost(services: &Services, owned: &OwnedExecution) -> bool {
    let created_at = owned.created_at.and_then(from_proto);
    created_at.is_none_or(|at| services.clock.now() - at > LOST_AFTER)
}

/// A call of the edge's own, with what it needs for this and nothing else.
pub(super) fn ours(services: &Services, workspace: Option<WorkspaceId>) -> Call {
    let call = Call::service(Role::Edge, RequestId::from_uuid(services.ids.uuid()));
    let scopes = Scopes::NONE.with(Permission::UsageWrite).with(Permission::ExecutionsWrite);
    match workspace {
        Some(_) => Call { workspace, scopes, ..call },
        None => call,
    }
}
