//! Executions of workspaces that are to go: the engine knows of no workspace, so somebody has to tell it.

use super::{for_engine, settle::ours};
use crate::Services;
use proto::{
    Reason,
    engine::DeleteExecutionRequest,
    workspace::{self, DoomedExecution, ListDoomedExecutionsRequest},
};
use tonic::{Code, Status};

/// How many go in one pass.
const MOST: i32 = 50;

/// Erases them in the engine and then takes them off their workspaces' lists, so that what fails is found again. Errors: the
/// first; the others are tried nevertheless.
pub(super) async fn pass(services: &Services) -> Result<(), Status> {
    let request = ListDoomedExecutionsRequest { limit: MOST };
    let listed = match services.workspaces.list_doomed_executions(&ours(services, None), request).await {
        // The workspace service is of the release before, and deletes no workspaces.
        Err(status) if status.code() == Code::Unimplemented => return Ok(()),
        listed => listed?,
    };
    let mut result = Ok(());
    for doomed in listed.executions {
        result = result.and(erase(services, doomed).await);
    }
    result
}

async fn erase(services: &Services, doomed: DoomedExecution) -> Result<(), Status> {
    let DoomedExecution { execution_id, workspace_id } = doomed;
    let workspace = workspace_id.parse().map_err(|_| Status::internal("an execution belongs to no workspace"))?;
    let engine = for_engine(&ours(services, None));
    let request = DeleteExecutionRequest { execution_id: execution_id.clone() };
    match services.engine.delete_execution(&engine, request).await {
        // One that runs is cancelled, and goes when all that was under way has ended: nobody has to wait for it.
        Ok(_) => {}
        Err(status) if Reason::of(&status) == Reason::NotFound => {}
        Err(status) => return Err(status),
    }
    let call = ours(services, Some(workspace));
    match services.workspaces.delete_execution(&call, workspace::DeleteExecutionRequest { execution_id }).await {
        Err(status) if Reason::of(&status) == Reason::NotFound => Ok(()),
        deleted => deleted.map(drop),
    }
}
