//! The service: what it is given, and one line for each rpc.

use crate::{
    Config,
    answers::Answers,
    budget,
    cache::{policy::Policies, prices::Quotes, routing::Routings},
    complete,
    config::Timers,
    dry_run,
    hedge::Hedges,
    lifeline, limits,
    metrics::Metrics,
    models,
    provider::{Provider, Surroundings, simulator},
    route::{health::Healths, owner::Owners, sticky::Pins},
    settlement,
    spool::{Spool, SpoolError},
    stored, test_provider,
};
use host::config::Secret;
use proto::{
    Call,
    gateway::{
        CompleteForExecutionRequest, CompleteRequest, CompleteResponse, DeleteResponseRequest, DeleteResponseResponse,
        DryRunRoutingRequest, DryRunRoutingResponse, GetLimitsRequest, GetLimitsResponse, GetModelRequest,
        GetModelResponse, GetResponseRequest, GetResponseResponse, ListModelsRequest, ListModelsResponse,
        ListResponseInputRequest, ListResponseInputResponse, Service, TestPlatformProviderRequest,
        TestPlatformProviderResponse, TestProviderRequest, TestProviderResponse,
    },
    identity::Identity,
    usage::Usage,
    workspace::Workspaces,
};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::Semaphore;
use tonic::{Status, codegen::BoxStream};

/// How many refusals may wait to be logged. More than that is a flood, of which the log needs no copy.
const WAITING_REFUSALS: usize = 256;

/// What the gateway needs from its process. Handles are used as the role gateway.
pub struct Deps {
    /// What limits a key carries.
    pub identity: Identity,
    /// Which providers a workspace has, credentials opened.
    pub workspaces: Workspaces,
    /// Admission and settlement.
    pub usage: Usage,
    /// Outbound HTTP for the purpose of calling providers.
    pub egress: egress::Client,
    /// The time of day.
    pub clock: host::Clock,
    /// Ids of this instance and of background calls.
    pub ids: host::Ids,
    /// Where settlements run, which nothing may lose.
    pub tasks: host::Tasks,
    /// Whether every workspace has the built-in simulator.
    pub simulator_enabled: bool,
    /// Where answers are kept that are given again, for all gateways together. None: in the memory of each.
    pub redis_url: Option<Secret>,
    /// Where settlements are kept until the ledger has them. None where the ledger is in this process and takes them
    /// at once, or where there is no place.
    pub spool_dir: Option<PathBuf>,
}

/// The gateway. Implements [`proto::gateway::Service`]; cheap to clone.
#[derive(Clone)]
pub struct Gateway(pub(crate) Arc<Inner>);

/// What requests share.
pub(crate) struct Inner {
    pub config: Config,
    pub timers: Timers,
    pub workspaces: Workspaces,
    pub usage: Usage,
    pub clock: host::Clock,
    pub ids: host::Ids,
    pub tasks: host::Tasks,
    pub routings: Routings,
    pub policies: Policies,
    /// What models cost.
    pub quotes: Arc<Quotes>,
    /// The built-in simulator, where it is switched on.
    pub simulator: Option<Arc<Provider>>,
    /// This process, as the holder of grants.
    pub instance: String,
    pub metrics: Metrics,
    /// How providers have done of late.
    pub healths: Healths,
    /// Where conversations went.
    pub pins: Pins,
    /// Who thought in secret.
    pub owners: Owners,
    /// What is given again.
    pub answers: Arc<Answers>,
    /// How many second calls may be made.
    pub hedges: Hedges,
    /// How many copies of requests may be under way.
    pub shadows: Arc<Semaphore>,
    pub refusals: Arc<Semaphore>,
    /// What is owed to a ledger elsewhere.
    pub spool: Option<Arc<Spool>>,
}

impl Gateway {
    /// A gateway, following the feeds that keep its caches honest and telling usage-metering that it lives. What former
    /// processes owe the ledger is on its way.
    ///
    /// # Errors
    /// If there is a folder for what is owed, and it cannot be used.
    pub async fn new(config: Config, deps: Deps) -> Result<Self, SpoolError> {
        let (spool, left) = match &deps.spool_dir {
            Some(dir) => Some(Spool::open(dir, config.spool_max_bytes).await?).unzip(),
            None => (None, None),
        };
        let role = proto::Role::Gateway;
        let (identity, workspaces, usage) =
            (deps.identity.called_by(role), deps.workspaces.called_by(role), deps.usage.called_by(role));
        let surroundings = Surroundings::new(deps.egress, deps.clock.clone(), deps.ids.clone());
        let simulator = deps.simulator_enabled.then(|| Arc::new(simulator::built_in(&surroundings)));
        let instance = deps.ids.uuid().to_string();
        lifeline::start(&usage, &instance, &deps.ids, &deps.tasks);
        settlement::resend(left.unwrap_or_default(), &usage, &deps.tasks);
        let answers = Arc::new(Answers::new(deps.redis_url.as_ref(), config.answer_cache_bytes, &deps.tasks));
        Ok(Self(Arc::new(Inner {
            timers: config.timers(),
            routings: Routings::new(
                &config,
                &workspaces,
                &surroundings,
                simulator.is_some(),
                &answers,
                &deps.ids,
                &deps.tasks,
            ),
            policies: Policies::new(&config, &identity, &deps.ids, &deps.tasks),
            quotes: Arc::new(Quotes::new(&usage, &deps.ids, &deps.tasks)),
            workspaces,
            usage,
            clock: deps.clock,
            ids: deps.ids,
            tasks: deps.tasks,
            simulator,
            instance,
            metrics: Metrics::new(),
            healths: Healths::new().shown(),
            pins: Pins::new(),
            owners: Owners::new(),
            answers,
            hedges: Hedges::default(),
            shadows: Arc::new(Semaphore::new(config.shadows_at_once)),
            refusals: Arc::new(Semaphore::new(WAITING_REFUSALS)),
            spool,
            config,
        })))
    }
}

#[tonic::async_trait]
impl Service for Gateway {
    async fn complete(&self, call: &Call, request: CompleteRequest) -> Result<BoxStream<CompleteResponse>, Status> {
        complete::complete(&self.0, call, request).await
    }
    async fn complete_for_execution(
        &self,
        call: &Call,
        request: CompleteForExecutionRequest,
    ) -> Result<BoxStream<CompleteResponse>, Status> {
        budget::complete(&self.0, call, request).await
    }
    async fn list_models(&self, call: &Call, _: ListModelsRequest) -> Result<ListModelsResponse, Status> {
        models::list(&self.0, call).await
    }
    async fn get_model(&self, call: &Call, request: GetModelRequest) -> Result<GetModelResponse, Status> {
        models::get(&self.0, call, &request.model).await
    }
    async fn get_response(&self, call: &Call, request: GetResponseRequest) -> Result<GetResponseResponse, Status> {
        stored::read::get(&self.0, call, request).await
    }
    async fn list_response_input(
        &self,
        call: &Call,
        request: ListResponseInputRequest,
    ) -> Result<ListResponseInputResponse, Status> {
        stored::read::list_input(&self.0, call, request).await
    }
    async fn delete_response(
        &self,
        call: &Call,
        request: DeleteResponseRequest,
    ) -> Result<DeleteResponseResponse, Status> {
        stored::read::delete(&self.0, call, request).await
    }
    async fn test_provider(&self, call: &Call, request: TestProviderRequest) -> Result<TestProviderResponse, Status> {
        test_provider::test_provider(&self.0, call, request).await
    }
    async fn test_platform_provider(
        &self,
        call: &Call,
        request: TestPlatformProviderRequest,
    ) -> Result<TestPlatformProviderResponse, Status> {
        test_provider::test_platform_provider(&self.0, call, request).await
    }
    async fn dry_run_routing(
        &self,
        call: &Call,
        request: DryRunRoutingRequest,
    ) -> Result<DryRunRoutingResponse, Status> {
        dry_run::dry_run(&self.0, call, request).await
    }
    async fn get_limits(&self, call: &Call, _: GetLimitsRequest) -> Result<GetLimitsResponse, Status> {
        limits::show::get_limits(&self.0, call).await
    }
}
