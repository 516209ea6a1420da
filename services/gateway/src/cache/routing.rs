//! What a workspace routes with: its providers, limits, plan and currency.

use super::{Cached, Entries, entries};
use crate::{
    Config,
    answers::Answers,
    guard::Guards,
    provider::{Provider, Surroundings, simulator},
};
use host::{Ids, Tasks, feed::Tail};
use proto::{
    Call, Role,
    feed::WatchRequest,
    id::{RequestId, WorkspaceId},
    limits::{Limits, PerModel},
    routing::Settings,
    workspace::{OpenRoutingRequest, OpenRoutingResponse, Workspaces},
};
use std::{sync::Arc, time::Duration};
use store::seal::{DataKey, Sealer};
use tokio::time::Instant;
use tonic::Status;

/// How long the workspace service may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The event of a workspace that wants its kept answers forgotten.
const ANSWERS_ERASED: &str = "workspace.answers_erased";

/// A workspace as the gateway sees it.
pub(crate) struct Routing {
    /// Enabled ones, by priority.
    pub providers: Vec<Arc<Provider>>,
    /// Of the workspace as a whole.
    pub limits: Limits,
    /// Of each of its members.
    pub per_user: Limits,
    /// By model.
    pub per_model: PerModel,
    pub plan: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA time zone, in which calendar periods begin.
    pub time_zone: String,
    /// Virtual models, fallbacks, and how attempts are made.
    pub settings: Settings,
    /// For how many days responses are kept. 0: not at all.
    pub keep_responses_days: i32,
    /// What seals answers that are kept. None: none are, or the workspace has no key for them.
    pub sealer: Option<Sealer>,
    /// What may pass to providers and back. None: everything.
    pub guards: Option<Arc<Guards>>,
}

/// The routing of every workspace that was asked for.
pub(crate) struct Routings {
    cached: Cached<WorkspaceId, Routing>,
    workspaces: Workspaces,
    surroundings: Surroundings,
    simulator_enabled: bool,
}

impl Routings {
    pub(crate) fn new(
        config: &Config,
        workspaces: &Workspaces,
        surroundings: &Surroundings,
        simulator_enabled: bool,
        answers: &Arc<Answers>,
        ids: &Ids,
        tasks: &Tasks,
    ) -> Self {
        let entries = entries(config.cache_entries);
        let tail = follow(workspaces.clone(), entries.clone(), answers.clone(), ids.clone(), tasks);
        let cached = Cached::new(entries, tail);
        Self { cached, workspaces: workspaces.clone(), surroundings: surroundings.clone(), simulator_enabled }
    }

    /// The routing of a workspace. Errors: those of the workspace service.
    pub(crate) async fn get(&self, workspace: WorkspaceId, request: RequestId) -> Result<Arc<Routing>, Status> {
        self.cached.get(workspace, || self.load(workspace, request)).await
    }

    /// The same, asked for now: for somebody who has just changed it.
    pub(crate) async fn load(&self, workspace: WorkspaceId, request: RequestId) -> Result<Routing, Status> {
        let call = Call { workspace: Some(workspace), ..Call::service(Role::Gateway, request) };
        let call = call.until(Instant::now() + PATIENCE);
        let ask = OpenRoutingRequest { workspace_id: workspace.to_string() };
        Ok(self.open(self.workspaces.open_routing(&call, ask).await?))
    }

    fn open(&self, answer: OpenRoutingResponse) -> Routing {
        let known = answer.providers.into_iter().filter_map(|p| Provider::open(p, &self.surroundings));
        // Where the simulator is switched off, a provider of its kind is not one.
        let providers = known.filter(|p| self.simulator_enabled || p.kind != simulator::NAME).map(Arc::new).collect();
        Routing {
            providers,
            limits: answer.limits.unwrap_or_default(),
            per_user: answer.per_user.unwrap_or_default(),
            per_model: answer.per_model.unwrap_or_default(),
            plan: answer.plan,
            currency: answer.currency,
            time_zone: answer.time_zone,
            settings: answer.routing.unwrap_or_default(),
            keep_responses_days: answer.keep_responses_days,
            sealer: DataKey::from_exposed(&answer.answer_key).map(|key| key.sealer()),
            guards: answer.guardrails.as_ref().and_then(Guards::new),
        }
    }
}

fn follow(
    workspaces: Workspaces,
    entries: Entries<WorkspaceId, Routing>,
    answers: Arc<Answers>,
    ids: Ids,
    tasks: &Tasks,
) -> Tail {
    let open = move |after| {
        let workspaces = workspaces.clone();
        let call = Call::service(Role::Gateway, RequestId::from_uuid(ids.uuid()));
        async move { workspaces.watch(&call, WatchRequest { after }).await }
    };
    let evict = move |event: proto::feed::Event| {
        if let ("provider" | "workspace", Ok(workspace)) =
            (event.kind.split('.').next().unwrap_or_default(), event.workspace_id.parse::<WorkspaceId>())
        {
            entries.invalidate(&workspace);
            if event.kind == ANSWERS_ERASED {
                answers.erase(workspace);
            }
        }
        std::future::ready(Ok(()))
    };
    Tail::start("gateway follows workspace", open, evict, tasks)
}
