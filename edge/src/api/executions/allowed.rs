//! May the workspace begin one more execution, as far as its plan counts them?

use super::{language::Language, settle};
use crate::{
    api::usage_events,
    app::{App, Shared},
    error::Result,
};
use chrono::TimeDelta;
use proto::{
    Call, Failure, Permission, Reason,
    billing::{EntitlementUsage, GetEntitlementUsageRequest, entitlement::Value},
    id::ExecutionId,
    time::to_proto,
    usage::{ReserveUsageRequest, ResourceLimits},
    workspace::{GetWorkspaceRequest, Workspace},
};

/// Until it is known to whom an execution belongs: whoever dies before that leaves nothing that counts for long.
const AT_FIRST: TimeDelta = TimeDelta::minutes(10);
/// Longer than any execution runs or waits for answers. The end of each is looked for all the time.
const WHILE_IT_RUNS: TimeDelta = TimeDelta::days(30);

/// What the plan of a workspace says of executions.
pub(super) struct Plan {
    name: String,
    /// How many may run at once. None: no limit.
    pub max_open: Option<i64>,
}

/// What counts an execution.
pub(super) struct Allowance {
    pub plan: Plan,
    limits: ResourceLimits,
}

/// The workspace of the call. Who may begin executions in it need not be allowed to read it.
pub(super) async fn workspace(app: &Shared, call: &Call) -> Result<Workspace> {
    let reading = Call { scopes: call.scopes.with(Permission::WorkspaceRead), ..call.clone() };
    let found = app.services.workspaces.get_workspace(&reading, GetWorkspaceRequest {}).await?;
    Ok(found.workspace.unwrap_or_default())
}

/// What the workspace may do. Errors: `SERVICE_UNAVAILABLE`.
pub(super) async fn allowance(app: &Shared, call: &Call, workspace: Workspace) -> Result<Allowance> {
    let reading = Call { scopes: call.scopes.with(Permission::BillingRead), ..call.clone() };
    let found = app.services.billing.get_entitlement_usage(&reading, GetEntitlementUsageRequest {}).await?;
    let value = |key: &str| found.entitlements.iter().find(|one| one.key == key).and_then(value_of);
    let warns_only = matches!(value("executions_soft"), Some(Value::Flag(true)));
    let max_open = match value("executions_concurrency") {
        Some(Value::Limit(limit)) if !warns_only => Some(*limit),
        _ => None,
    };
    // What billing says is in force; the workspace hears of it later.
    let limits = ResourceLimits { plan: found.plan.clone(), ..usage_events::rules(workspace) };
    Ok(Allowance { plan: Plan { name: found.plan, max_open }, limits })
}

fn value_of(one: &EntitlementUsage) -> Option<&Value> {
    one.entitlement.as_ref()?.value.as_ref()
}

impl Allowance {
    /// Counts the execution, until it is known whether it runs. Errors: `QUOTA_EXCEEDED` with the body of the contract;
    /// `CONFLICT` for a key whose execution has been and was deleted.
    pub(super) async fn reserve(&self, app: &App, call: &Call, id: ExecutionId, language: Language) -> Result<()> {
        let status = match self.hold(app, call, id, AT_FIRST).await {
            Ok(()) => return Ok(()),
            Err(status) => status,
        };
        match Reason::of(&status) {
            Reason::QuotaExceeded => {
                let upgrade_url = app.config.address_of(crate::api::PLANS);
                Err(used_up(Failure::from(&status), &self.plan.name, language, &upgrade_url).into())
            }
            Reason::EventConflict => {
                let problem = "the execution of this Idempotency-Key was deleted: use another key for a new one";
                Err(Reason::Conflict.with(problem).into())
            }
            _ => Err(status.into()),
        }
    }

    /// Goes on counting it for as long as it may run. Where that fails it is counted at its end.
    pub(super) async fn keep(&self, app: &App, call: &Call, id: ExecutionId) {
        if let Err(status) = self.hold(app, call, id, WHILE_IT_RUNS).await {
            tracing::warn!(source = status.message(), execution_id = %id, "a reservation was not prolonged");
        }
    }

    async fn hold(&self, app: &App, call: &Call, id: ExecutionId, life: TimeDelta) -> Result<(), tonic::Status> {
        let request = ReserveUsageRequest {
            workspace_id: call.workspace()?.to_string(),
            source: settle::SOURCE.to_owned(),
            id: id.to_string(),
            resource: settle::RESOURCE.to_owned(),
            quantity: 1,
            at: None,
            expires_at: Some(to_proto(app.services.clock.now() + life)),
            limits: Some(self.limits.clone()),
        };
        app.services.usage.reserve_usage(call, request).await.map(drop)
    }
}

/// The 402 of the contract: the members that clients know, beside those of every limit.
fn used_up(failure: Failure, plan: &str, language: Language, upgrade_url: &str) -> Failure {
    let error = match language {
        Language::English => "Execution limit reached",
        Language::Portuguese => "Limite de execuções atingido",
    };
    let number = |name: &str| failure.get(name).unwrap_or("0").to_owned();
    let (used, limit) = (number("used"), number("limit"));
    // Of a limit that is the workspace's own, this still says on which plan it is.
    let facts = failure.facts.into_iter().filter(|(name, _)| name != "plan").collect();
    Failure { facts, ..failure }
        .fact("error", error)
        .fact("plan", plan)
        .fact("executions_used", used)
        .fact("executions_limit", limit)
        .fact("upgrade_url", upgrade_url)
}
