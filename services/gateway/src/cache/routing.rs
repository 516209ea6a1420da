//! What a workspace routes with: its providers, limits, plan and currency.

use super::{Cached, Entries, entries};
use crate::{
    Config,
    answers::Answers,
    guard::Guards,
    provider::{Listing, Payer, Provider, Surroundings, simulator},
};
use host::{Ids, Tasks, feed::Tail};
use proto::{
    Call, Reason, Role,
    feed::WatchRequest,
    id::{RequestId, TeamId, WorkspaceId},
    limits::{Limits, PerModel},
    routing::Settings,
    workspace::{
        LockedProvider, OpenPlatformProviderRequest, OpenProvider, OpenRoutingRequest, OpenRoutingResponse, Workspaces,
    },
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use store::seal::{DataKey, Sealer};
use tokio::time::Instant;
use tonic::Status;

/// How long the workspace service may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The event of a workspace that wants its kept answers forgotten.
const ANSWERS_ERASED: &str = "workspace.answers_erased";

/// What events of the platform's providers begin with.
const PLATFORM_PROVIDER: &str = "platform_provider";
/// Providers of the platform whose lists of models are remembered.
const MOST_LISTINGS: u64 = 1_000;

/// A workspace as the gateway sees it.
#[derive(Default)]
pub(crate) struct Routing {
    /// Enabled ones of its own, by priority.
    pub providers: Vec<Arc<Provider>>,
    /// What the platform offers it, by priority.
    pub platform: Vec<Arc<Provider>>,
    /// What the platform offers to other plans.
    pub locked: Vec<LockedProvider>,
    /// Of the workspace as a whole.
    pub limits: Limits,
    /// Of each of its members.
    pub per_user: Limits,
    /// By model.
    pub per_model: PerModel,
    /// Of each team, also of those that limit nothing.
    pub teams: HashMap<TeamId, Limits>,
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

/// What providers of the platform listed, by their ids: the same for all workspaces.
type Listings = moka::sync::Cache<String, Listing>;

/// The routing of every workspace that was asked for.
pub(crate) struct Routings {
    cached: Cached<WorkspaceId, Routing>,
    listings: Listings,
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
        let listings = Listings::new(MOST_LISTINGS);
        let known = Known { entries: entries.clone(), listings: listings.clone(), answers: answers.clone() };
        let tail = follow(workspaces.clone(), known, ids.clone(), tasks);
        let cached = Cached::new(entries, tail);
        Self { cached, listings, workspaces: workspaces.clone(), surroundings: surroundings.clone(), simulator_enabled }
    }

    /// The routing of a workspace. Errors: those of the workspace service.
    pub(crate) async fn get(&self, workspace: WorkspaceId, request: RequestId) -> Result<Arc<Routing>, Status> {
        self.cached.get(workspace, || self.load(workspace, request)).await
    }

    /// The same, with the team of a key in it. Errors: also `KEY_REVOKED` where it is gone.
    pub(crate) async fn with_team(
        &self,
        routing: Arc<Routing>,
        workspace: WorkspaceId,
        team: TeamId,
        request: RequestId,
    ) -> Result<Arc<Routing>, Status> {
        if routing.teams.contains_key(&team) {
            return Ok(routing);
        }
        // It may be newer than what is remembered: of it a feed tells in a moment, but its keys may be quicker.
        self.cached.forget(&workspace);
        let newest = self.get(workspace, request).await?;
        if newest.teams.contains_key(&team) {
            return Ok(newest);
        }
        Err(Reason::KeyRevoked.with("the team of this API key is gone: create a new key").into())
    }

    /// The same, asked for now: for somebody who has just changed it.
    pub(crate) async fn load(&self, workspace: WorkspaceId, request: RequestId) -> Result<Routing, Status> {
        let call = Call { workspace: Some(workspace), ..Call::service(Role::Gateway, request) };
        let call = call.until(Instant::now() + PATIENCE);
        let ask = OpenRoutingRequest { workspace_id: workspace.to_string() };
        Ok(self.open(workspace, self.workspaces.open_routing(&call, ask).await?))
    }

    /// A provider of the platform, and whether it is enabled, asked for now. None: its kind cannot be called here. Errors:
    /// `NOT_FOUND`.
    pub(crate) async fn platform_provider(
        &self,
        id: String,
        for_whom: WorkspaceId,
        request: RequestId,
    ) -> Result<(Option<Provider>, bool), Status> {
        let call = Call::service(Role::Gateway, request).until(Instant::now() + PATIENCE);
        let ask = OpenPlatformProviderRequest { provider_id: id };
        let answer = self.workspaces.open_platform_provider(&call, ask).await?;
        let settings = answer.provider.unwrap_or_default();
        let payer = Payer::Platform(for_whom);
        let provider = Provider::paid_by(payer, settings, &self.surroundings, Listing::default());
        Ok((provider, answer.enabled))
    }

    fn open_platform(&self, workspace: WorkspaceId, settings: OpenProvider) -> Option<Arc<Provider>> {
        let listing = self.listings.get_with(settings.id.clone(), Listing::default);
        Provider::paid_by(Payer::Platform(workspace), settings, &self.surroundings, listing).map(Arc::new)
    }

    fn open(&self, workspace: WorkspaceId, answer: OpenRoutingResponse) -> Routing {
        let known = answer.providers.into_iter().filter_map(|p| Provider::open(p, &self.surroundings));
        // Where the simulator is switched off, a provider of its kind is not one.
        let providers = known.filter(|p| self.simulator_enabled || p.kind != simulator::NAME).map(Arc::new).collect();
        let platform = answer.platform_providers.into_iter().filter_map(|p| self.open_platform(workspace, p));
        Routing {
            providers,
            platform: platform.collect(),
            locked: answer.locked_providers,
            limits: answer.limits.unwrap_or_default(),
            per_user: answer.per_user.unwrap_or_default(),
            per_model: answer.per_model.unwrap_or_default(),
            teams: answer
                .teams
                .into_iter()
                .filter_map(|t| Some((t.team_id.parse().ok()?, t.limits.unwrap_or_default())))
                .collect(),
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

/// What events change.
struct Known {
    entries: Entries<WorkspaceId, Routing>,
    listings: Listings,
    answers: Arc<Answers>,
}

fn follow(workspaces: Workspaces, known: Known, ids: Ids, tasks: &Tasks) -> Tail {
    let open = move |after| {
        let workspaces = workspaces.clone();
        let call = Call::service(Role::Gateway, RequestId::from_uuid(ids.uuid()));
        async move { workspaces.watch(&call, WatchRequest { after }).await }
    };
    let evict = move |event: proto::feed::Event| {
        let noun = event.kind.split('.').next().unwrap_or_default();
        if noun == PLATFORM_PROVIDER {
            // Whoever may use it now or could until now.
            known.entries.invalidate_all();
            known.listings.invalidate(&event.subject);
        } else if let ("provider" | "workspace" | "team", Ok(workspace)) =
            (noun, event.workspace_id.parse::<WorkspaceId>())
        {
            known.entries.invalidate(&workspace);
            if event.kind == ANSWERS_ERASED {
                known.answers.erase(workspace);
            }
        }
        std::future::ready(Ok(()))
    };
    Tail::start("gateway follows workspace", open, evict, tasks)
}
