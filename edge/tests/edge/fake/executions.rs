//! What the fakes remember of executions, so that what one service does is what another one sees.

use super::{ANA, EXECUTION, Fakes, WORKSPACE, at};
use proto::{
    Call, Failure, Permission, Reason,
    billing::Entitlement,
    engine::{CreateExecutionRequest, Execution, ExecutionEvent, Phase, Question, TokenUse},
    usage::RecordUsageRequest,
    workspace::{CloseExecutionRequest, OpenExecutionRequest, OpenExecutionResponse, OwnedExecution},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::MutexGuard,
};
use tonic::Status;

/// All of it.
#[derive(Default)]
pub struct World {
    /// Whose executions are, and the hash of their requests.
    pub owned: BTreeMap<String, (OwnedExecution, Vec<u8>)>,
    /// What the engine knows.
    pub known: BTreeMap<String, Execution>,
    /// What the engine was asked to begin.
    pub created: Vec<CreateExecutionRequest>,
    pub events: Vec<ExecutionEvent>,
    /// Whether more events may come.
    pub goes_on: bool,
    /// JSON of every part.
    pub document: &'static str,
    /// What counts for a while, and what counts for ever with when.
    pub reserved: BTreeSet<String>,
    pub recorded: BTreeMap<String, String>,
    /// What the plan says of executions.
    pub entitlements: Vec<(String, Entitlement)>,
    /// Where the plan's requests a minute stand.
    pub rates: Vec<proto::usage::LimitState>,
    /// The next call of an rpc fails.
    pub refusals: Vec<(&'static str, Failure)>,
    /// The days of grace of their workspaces are over.
    pub is_doomed: bool,
}

impl Fakes {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.executions.lock().unwrap()
    }

    /// The same for as long as `look` looks: nobody waits for anything meanwhile.
    pub fn change(&self, look: impl FnOnce(&mut World)) {
        look(&mut self.world());
    }
}

/// Ana's, which began at this second of the epoch.
pub fn owned(created: i64) -> OwnedExecution {
    OwnedExecution {
        execution_id: EXECUTION.into(),
        workspace_id: WORKSPACE.into(),
        created_by: ANA.into(),
        title: "Vendas caíram 20%".into(),
        depth: "standard".into(),
        created_at: at(created),
        ..OwnedExecution::default()
    }
}

pub fn execution(id: &str, phase: Phase) -> Execution {
    let is_completed = phase == Phase::Completed;
    let text = |text: &str| if is_completed { text.to_owned() } else { String::new() };
    Execution {
        execution_id: id.into(),
        phase: phase.into(),
        stage: "opinions".into(),
        progress: 0.25,
        locale: "pt-BR".into(),
        model: "simulator/business".into(),
        finished_at: at(1_790_000_060).filter(|_| is_completed),
        estimated_seconds: 45,
        estimated_seconds_p90: 100,
        usage: Some(TokenUse { input_tokens: 900, output_tokens: 100, ceiling: 50_000 }),
        quality: text("full"),
        headline: text("Cut the price"),
        report_hash: text("ab"),
        questions: (phase == Phase::AwaitingInput)
            .then(|| Question { key: "monthly_revenue".into(), question: "Qual é a receita?".into() })
            .into_iter()
            .collect(),
        ..Execution::default()
    }
}

pub fn event(seq: i64, r#type: &str) -> ExecutionEvent {
    let data = "{\"stage\":\n\"opinions\"}".into();
    ExecutionEvent { seq, r#type: r#type.into(), at: at(1_790_000_000 + seq), data }
}

impl World {
    /// An execution that the workspace has and the engine knows.
    pub fn put(&mut self, phase: Phase, replies: i32) {
        self.owned.insert(EXECUTION.into(), (owned(1_790_000_000), vec![]));
        let known = Execution { replies, ..execution(EXECUTION, phase) };
        self.known.insert(EXECUTION.into(), known);
        self.reserved.insert(EXECUTION.into());
    }

    pub fn refuse(&mut self, rpc: &'static str, failure: Failure) {
        self.refusals.push((rpc, failure));
    }

    pub fn refusal(&mut self, rpc: &str) -> Result<(), Status> {
        match self.refusals.iter().position(|(of, _)| *of == rpc) {
            Some(place) => Err(self.refusals.remove(place).1.into()),
            None => Ok(()),
        }
    }

    pub fn outcome(&self) -> &str {
        self.owned.get(EXECUTION).map_or("", |(owned, _)| &owned.outcome)
    }

    pub fn open(&mut self, call: &Call, request: OpenExecutionRequest) -> Result<OpenExecutionResponse, Status> {
        assert!(call.scopes.contains(Permission::ExecutionsWrite));
        self.refusal("open_execution")?;
        let budget_token = "bt_secret".to_owned();
        if let Some((execution, sha256)) = self.owned.get(&request.execution_id) {
            if *sha256 != request.request_sha256 {
                return Err(Reason::IdempotencyMismatch.with("the key was used with another request").into());
            }
            return Ok(OpenExecutionResponse { execution: Some(execution.clone()), budget_token, existed: true });
        }
        let open = self.owned.values().filter(|(owned, _)| owned.closed_at.is_none()).count();
        if request.max_open.is_some_and(|most| i64::try_from(open).unwrap() >= most) {
            return Err(Reason::ConcurrencyLimited.with("too many are open").into());
        }
        let workspace_id = call.workspace()?.to_string();
        let (execution_id, created_by) = (request.execution_id, call.actor());
        let (title, depth) = (request.title, request.depth);
        let base = OwnedExecution { execution_id, workspace_id, created_by, title, depth, ..owned(1_790_000_000) };
        self.owned.insert(base.execution_id.clone(), (base.clone(), request.request_sha256.into()));
        Ok(OpenExecutionResponse { execution: Some(base), budget_token, existed: false })
    }

    pub fn owned(&self, call: &Call, id: &str) -> Result<OwnedExecution, Status> {
        let workspace = call.workspace()?.to_string();
        let found = self.owned.get(id).filter(|(owned, _)| owned.workspace_id == workspace);
        found.map(|(owned, _)| owned.clone()).ok_or_else(|| Reason::NotFound.with("there is no such execution").into())
    }

    pub fn all_of(&self, call: &Call) -> Vec<OwnedExecution> {
        let workspace = call.workspace().map(String::from).unwrap_or_default();
        self.owned.values().map(|(owned, _)| owned.clone()).filter(|owned| owned.workspace_id == workspace).collect()
    }

    pub fn open_ones(&self, call: &Call) -> Vec<OwnedExecution> {
        let workspace = call.workspace.map(String::from);
        let wanted = |owned: &OwnedExecution| workspace.as_ref().is_none_or(|id| *id == owned.workspace_id);
        let open = self.owned.values().map(|(owned, _)| owned.clone()).filter(|owned| owned.closed_at.is_none());
        open.filter(wanted).collect()
    }

    pub fn close(&mut self, call: &Call, request: &CloseExecutionRequest) -> Result<(), Status> {
        self.owned(call, &request.execution_id)?;
        let (owned, _) = self.owned.get_mut(&request.execution_id).unwrap();
        if owned.closed_at.is_none() {
            owned.closed_at = at(1_790_000_061);
            owned.outcome.clone_from(&request.outcome);
        }
        Ok(())
    }

    /// Remembers events that are executions: the same again is the same, another one of the name is none.
    pub fn record(&mut self, request: &RecordUsageRequest) -> Result<(), Status> {
        for event in request.events.iter().filter(|event| event.source == "perpetuo.executions") {
            self.refusal("record_usage")?;
            assert_eq!((event.resource.as_str(), event.quantity), ("executions", 1));
            let payload = format!("{event:?}");
            let first = self.recorded.entry(event.id.clone()).or_insert_with(|| payload.clone());
            if *first != payload {
                return Err(Reason::EventConflict.with("it was recorded otherwise").into());
            }
            self.reserved.remove(&event.id);
        }
        Ok(())
    }
}
