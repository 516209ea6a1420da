//! For whom does an execution call models? Its token says so: it stands for the workspace and for whoever began it, whose limits
//! and models are those of the call.

use crate::{
    aside::Source,
    complete::{self, Answered},
    service::Inner,
};
use proto::{
    Call, Permission, Principal, Reason, Role, Scopes,
    gateway::CompleteForExecutionRequest,
    workspace::{OpenBudgetRequest, OpenBudgetResponse},
};
use sha2::{Digest as _, Sha256};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tonic::Status;

/// How long the workspace service may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The request of an execution. Errors: those of any request; `NOT_FOUND` for a token that is none (any more).
pub(crate) async fn complete(
    gateway: &Arc<Inner>,
    call: &Call,
    request: CompleteForExecutionRequest,
) -> Result<Answered, Status> {
    let token = Sha256::digest(request.budget_token.as_bytes());
    // Asked each time: an execution that has ended calls nothing from then on.
    let asking =
        Call { trace: call.trace.clone(), deadline: call.deadline, ..Call::service(Role::Gateway, call.request_id) };
    let ask = OpenBudgetRequest { token_sha256: token.to_vec().into() };
    let budget = gateway.workspaces.open_budget(&asking.until(Instant::now() + PATIENCE), ask).await?;
    let behalf = on_behalf(call, &budget)?;
    live(gateway, &behalf).await?;
    let request = request.request.unwrap_or_default();
    complete::run(gateway, &behalf, request, Source::Execution, Some(&budget.execution_id)).await
}

/// Goes on unless the API key that began the execution has been revoked meanwhile, or has expired: the door would not let it in
/// either. Errors: `NOT_FOUND`, as for an execution that has ended.
async fn live(gateway: &Inner, behalf: &Call) -> Result<(), Status> {
    let Principal::Key { id } = behalf.principal else { return Ok(()) };
    let policy = gateway.policies.get(behalf.workspace()?, id, behalf.request_id).await?;
    if policy.ends_at.is_none_or(|at| at > gateway.clock.now()) {
        return Ok(());
    }
    Err(Reason::NotFound.with("the API key that began the execution was revoked or has expired").into())
}

/// The call as whoever began the execution would make it. Errors: the workspace service names nobody.
fn on_behalf(call: &Call, budget: &OpenBudgetResponse) -> Result<Call, Status> {
    let unknown = || Status::from(Reason::Internal.with("a budget is nobody's"));
    let workspace = budget.workspace_id.parse().map_err(|_| unknown())?;
    let principal = match budget.principal.parse() {
        Ok(id) => Principal::Key { id },
        Err(_) => Principal::User {
            id: budget.principal.parse().map_err(|_| unknown())?,
            session: budget.session_id.parse().map_err(|_| unknown())?,
        },
    };
    Ok(Call {
        principal,
        workspace: Some(workspace),
        scopes: Scopes::NONE.with(Permission::Inference),
        idempotency_key: call.idempotency_key.as_deref().map(|key| place(&budget.execution_id, key)),
        deadline: call.deadline,
        trace: call.trace.clone(),
        ..Call::anonymous(call.request_id)
    })
}

/// Under which key the answer is kept. No client of the same principal has it, whatever it sends: a header has no such character.
fn place(execution: &str, key: &str) -> Arc<str> {
    format!("execution:\0{execution}\0{key}").into()
}
