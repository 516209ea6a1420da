//! What does the service consist of, and which file answers which rpc?

use crate::{
    Config, Error,
    balance::Balances,
    commit::Ledger,
    config::Plans,
    counter::{Counters, Memory, Redis},
    daily::DailyCounters,
    export::{self, Exports, Letters},
    load::Loads,
    metric::Metrics,
    open::OpenGrants,
    peers::Peers,
    price::{self, Prices},
    read, resource, schedule, sweep, upkeep,
    warn::{Told, Warnings},
};
use egress::Guard;
use host::{Clock, Ids, Tasks, config::Secret};
use proto::{Call, billing::Billing, feed, usage::*};
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use store::{Db, outbox::Feed, seal::MasterKey};
use tonic::{Status, codegen::BoxStream};

/// How long a stopping process waits for the ledger.
const FLUSH: Duration = Duration::from_secs(10);

/// What the service needs from its process.
pub struct Deps {
    /// The tables of [`crate::SCHEMA`], migrated.
    pub db: Db,
    /// Embedded mode: where the journal is kept, in a folder `ledger`. None: the transaction alone makes grants
    /// durable, and other processes may admit too.
    pub data_dir: Option<PathBuf>,
    /// Counts limits for several processes. None: limits are counted in this process.
    pub redis_url: Option<Secret>,
    /// What time it is.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// Seals answers that are given again, and credentials of storages.
    pub master: MasterKey,
    /// Which storages exports may be sent to.
    pub guard: Guard,
    /// Whom exports ask about people and about what happened. None: they go to nobody, and the audit trail is not exported.
    pub peers: Option<Peers>,
    /// How exports that go to people leave. None: none do.
    pub letters: Option<Letters>,
    /// What runs beside the requests.
    pub tasks: Tasks,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Usage {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub counters: Counters,
    pub open: OpenGrants,
    pub ledger: Ledger,
    pub metrics: Metrics,
    pub prices: Prices,
    pub exports: Exports,
    pub daily: DailyCounters,
    pub plans: Plans,
    pub balances: Balances,
    pub loads: Loads,
    pub warnings: Warnings,
    pub feed: Feed,
    /// Who keeps invoices, for as long as it is followed: in one process each of both knows the other.
    pub billing: OnceLock<Weak<Billing>>,
    /// This process is everything there is: it keeps a journal, and nobody else admits.
    pub is_embedded: bool,
}

impl Inner {
    /// Who keeps invoices; None before it is followed.
    pub fn billing(&self) -> Option<Arc<Billing>> {
        self.billing.get()?.upgrade()
    }
}

impl Usage {
    /// Starts the service. Embedded, it first folds what the last process left in the journal, and sweeps the grants
    /// that died with it; otherwise the database may be away. Errors: what has to be repaired before it can start.
    pub async fn new(config: Config, deps: Deps) -> Result<Self, Error> {
        let Deps { db, data_dir, redis_url, clock, ids, master, guard, peers, letters, tasks } = deps;
        config.limits.check()?;
        let plans = Plans::new(&config.plans, &config.default_plan)?;
        let others = export::Others { guard, peers, letters };
        let exports = Exports::new(db.clone(), data_dir.as_deref(), ids.clone(), master, others)?;
        let metrics = Metrics::new();
        config.retention.check()?;
        let prices = config.prices()?;
        let daily = DailyCounters::start(redis_url.as_ref(), &metrics, &tasks)?;
        let is_embedded = data_dir.is_some();
        // With a journal nobody else admits, and what is in the journal only would not be restored.
        let counters = match redis_url.filter(|_| !is_embedded) {
            Some(url) => {
                let grace = config.grace();
                let redis = Redis::new(&url, config.redis_timeout(), grace, db.clone(), clock.clone(), ids.clone())?;
                Counters::Redis(Box::new(redis))
            }
            None => Counters::Memory(Box::new(Memory::new())),
        };
        let (record, spawner) = (db.clone(), tasks.clone());
        let of = (config.clone(), metrics.clone(), prices.clone(), daily.clone());
        let ledger = match (data_dir.map(|dir| dir.join("ledger")), of) {
            (Some(dir), (config, metrics, prices, daily)) => {
                Ledger::journal(record, spawner, config, metrics, prices, daily, &dir).await?
            }
            (None, (config, metrics, prices, daily)) => Ledger::group(record, spawner, config, metrics, prices, daily),
        };
        let told = Told::default();
        let warnings = Warnings { db: db.clone(), clock: clock.clone(), ids: ids.clone(), tasks: tasks.clone(), told };
        let inner = Inner {
            loads: Loads::default(),
            open: OpenGrants::new(),
            feed: Feed::start(db.clone(), tasks.stopping(), &tasks.tracker()),
            config,
            db,
            clock,
            ids,
            counters,
            ledger,
            metrics,
            prices,
            exports,
            daily,
            plans,
            balances: Balances::default(),
            warnings,
            billing: OnceLock::new(),
            is_embedded,
        };
        let usage = Self { inner: Arc::new(inner) };
        if is_embedded {
            sweep::all(&usage.inner).await?;
        }
        sweep::start(&usage.inner, &tasks);
        price::start(&usage.inner, &tasks);
        read::start(&usage.inner, &tasks);
        export::start(&usage.inner, &tasks, is_embedded).await?;
        schedule::start(&usage.inner, &tasks);
        upkeep::start(&usage.inner, &tasks);
        Ok(usage)
    }

    /// Makes partitions ahead and forgets what is older than `usage.retention` says, as every hour.
    /// Errors: the database cannot be used.
    pub async fn tend(&self) -> Result<(), Error> {
        self.inner.tend().await
    }

    /// Waits until everything that was admitted, settled and refused is in SQL. Called once the callers have stopped.
    /// Errors: the database does not take it; what the journal holds is folded at the next start.
    pub async fn flush(&self) -> Result<(), Error> {
        let flushed = self.inner.ledger.flush(FLUSH).await;
        self.inner.counters.close().await;
        self.inner.daily.write().await;
        flushed
    }

    /// Removes exports whose time is over, as the service does each minute. Errors: the database or the disk failed.
    pub async fn tend_exports(&self) -> Result<(), Error> {
        export::expire(&self.inner).await
    }
}

#[tonic::async_trait]
impl proto::usage::Service for Usage {
    async fn admit(&self, _call: &Call, request: AdmitRequest) -> Result<AdmitResponse, Status> {
        Ok(self.inner.admit(request).await?)
    }
    async fn settle(&self, _call: &Call, request: SettleRequest) -> Result<SettleResponse, Status> {
        Ok(self.inner.settle(request).await?)
    }
    async fn record_refusal(&self, _: &Call, request: RecordRefusalRequest) -> Result<RecordRefusalResponse, Status> {
        Ok(self.inner.record_refusal(request)?)
    }
    async fn heartbeat(&self, _call: &Call, request: HeartbeatRequest) -> Result<HeartbeatResponse, Status> {
        Ok(self.inner.heartbeat(&request.instance_id).await?)
    }
    async fn peek_limits(&self, _call: &Call, request: PeekLimitsRequest) -> Result<PeekLimitsResponse, Status> {
        Ok(self.inner.peek_limits(&request).await?)
    }
    async fn count_call(&self, _: &Call, request: CountCallRequest) -> Result<CountCallResponse, Status> {
        Ok(self.inner.count_call(&request).await?)
    }
    async fn quote_prices(&self, _: &Call, request: QuotePricesRequest) -> Result<QuotePricesResponse, Status> {
        Ok(self.inner.quote_prices(&request)?)
    }
    async fn watch(&self, _: &Call, request: feed::WatchRequest) -> Result<BoxStream<feed::WatchResponse>, Status> {
        Ok(self.inner.feed.watch(request.after))
    }
    async fn list_logs(&self, call: &Call, request: ListLogsRequest) -> Result<ListLogsResponse, Status> {
        read::list_logs(&self.inner.db, call.workspace()?, &request).await
    }
    async fn get_log(&self, call: &Call, request: GetLogRequest) -> Result<GetLogResponse, Status> {
        Ok(read::get_log(&self.inner.db, call.workspace()?, &request.request_id).await?)
    }
    async fn get_usage(&self, call: &Call, request: GetUsageRequest) -> Result<GetUsageResponse, Status> {
        let period = read::Period::parse(request.from, request.to, self.inner.clock.now())?;
        let question = self.inner.question(call.workspace()?, UsageDimension::Provider);
        Ok(read::get_usage(&self.inner.db, question, period).await?)
    }
    async fn get_usage_by(&self, call: &Call, request: GetUsageByRequest) -> Result<GetUsageByResponse, Status> {
        let period = read::Period::parse(request.from, request.to, self.inner.clock.now())?;
        let question = self.inner.question(call.workspace()?, request.by());
        Ok(read::get_usage_by(&self.inner.db, question, period).await?)
    }
    async fn get_usage_series(
        &self,
        call: &Call,
        request: GetUsageSeriesRequest,
    ) -> Result<GetUsageSeriesResponse, Status> {
        let question = self.inner.question(call.workspace()?, request.by());
        let series = read::Series::parse(&request, self.inner.clock.now(), question.minutes_since)?;
        Ok(read::get_usage_series(&self.inner.db, question, series).await?)
    }
    async fn sum_platform_usage(
        &self,
        call: &Call,
        request: SumPlatformUsageRequest,
    ) -> Result<SumPlatformUsageResponse, Status> {
        let Inner { db, prices, .. } = &*self.inner;
        Ok(read::sum_platform_usage(db, prices, call.workspace()?, request).await?)
    }
    async fn list_anomalies(
        &self,
        call: &Call,
        request: ListAnomaliesRequest,
    ) -> Result<ListAnomaliesResponse, Status> {
        Ok(read::list_anomalies(&self.inner.db, call.workspace()?, &request, self.inner.clock.now()).await?)
    }
    async fn summarize_usage(
        &self,
        _: &Call,
        request: SummarizeUsageRequest,
    ) -> Result<SummarizeUsageResponse, Status> {
        Ok(read::summarize(&self.inner.db, &request, self.inner.clock.now()).await?)
    }
    async fn create_export(&self, call: &Call, request: CreateExportRequest) -> Result<CreateExportResponse, Status> {
        Ok(export::create(&self.inner, call, call.workspace()?, request).await?)
    }
    async fn list_exports(&self, call: &Call, request: ListExportsRequest) -> Result<ListExportsResponse, Status> {
        export::list(&self.inner.db, call.workspace()?, &request).await
    }
    async fn get_export(&self, call: &Call, request: GetExportRequest) -> Result<GetExportResponse, Status> {
        Ok(export::get(&self.inner.db, call.workspace()?, &request.export_id).await?)
    }
    async fn download_export(
        &self,
        call: &Call,
        request: DownloadExportRequest,
    ) -> Result<BoxStream<DownloadExportResponse>, Status> {
        Ok(export::download(&self.inner, call.workspace()?, &request.export_id).await?)
    }
    async fn download_linked_export(
        &self,
        _: &Call,
        request: DownloadLinkedExportRequest,
    ) -> Result<BoxStream<DownloadExportResponse>, Status> {
        Ok(export::follow(&self.inner, &request.token).await?)
    }
    async fn create_export_schedule(
        &self,
        call: &Call,
        request: CreateExportScheduleRequest,
    ) -> Result<CreateExportScheduleResponse, Status> {
        Ok(schedule::create(&self.inner, call, call.workspace()?, request).await?)
    }
    async fn list_export_schedules(
        &self,
        call: &Call,
        request: ListExportSchedulesRequest,
    ) -> Result<ListExportSchedulesResponse, Status> {
        schedule::list(&self.inner.db, call.workspace()?, &request).await
    }
    async fn update_export_schedule(
        &self,
        call: &Call,
        request: UpdateExportScheduleRequest,
    ) -> Result<UpdateExportScheduleResponse, Status> {
        Ok(schedule::update(&self.inner, call, call.workspace()?, request).await?)
    }
    async fn delete_export_schedule(
        &self,
        call: &Call,
        request: DeleteExportScheduleRequest,
    ) -> Result<DeleteExportScheduleResponse, Status> {
        Ok(schedule::delete(&self.inner, call, call.workspace()?, &request.schedule_id).await?)
    }
    async fn delete_export(&self, call: &Call, request: DeleteExportRequest) -> Result<DeleteExportResponse, Status> {
        Ok(export::delete(&self.inner, call, call.workspace()?, &request.export_id).await?)
    }
    async fn record_usage(&self, call: &Call, request: RecordUsageRequest) -> Result<RecordUsageResponse, Status> {
        Ok(self.inner.record_usage(call, request).await?)
    }
    async fn reserve_usage(&self, _: &Call, request: ReserveUsageRequest) -> Result<ReserveUsageResponse, Status> {
        Ok(self.inner.reserve_usage(request).await?)
    }
    async fn release_usage(&self, _: &Call, request: ReleaseUsageRequest) -> Result<ReleaseUsageResponse, Status> {
        Ok(self.inner.release_usage(request).await?)
    }
    async fn get_resource_usage(
        &self,
        call: &Call,
        request: GetResourceUsageRequest,
    ) -> Result<GetResourceUsageResponse, Status> {
        let period = read::Period::parse(request.from, request.to, self.inner.clock.now())?;
        Ok(resource::get_resource_usage(&self.inner.db, call.workspace()?, period).await?)
    }
    async fn list_unpriced(&self, call: &Call, request: ListUnpricedRequest) -> Result<ListUnpricedResponse, Status> {
        let period = read::Period::parse(request.from, request.to, self.inner.clock.now())?;
        Ok(read::list_unpriced(&self.inner.db, call.workspace()?, period).await?)
    }
    async fn get_prices(&self, call: &Call, _: GetPricesRequest) -> Result<GetPricesResponse, Status> {
        Ok(GetPricesResponse { agreed: Some(self.inner.get_prices(call.workspace()?).await?) })
    }
    async fn put_prices(&self, call: &Call, request: PutPricesRequest) -> Result<PutPricesResponse, Status> {
        let agreed = request.agreed.unwrap_or_default();
        Ok(PutPricesResponse { agreed: Some(self.inner.put_prices(call, call.workspace()?, agreed).await?) })
    }
}
