//! Every rpc, and where it is answered.

use crate::{
    Config, Error,
    plan::{self, Document},
    subscription, upkeep,
};
use chrono::TimeDelta;
use host::{Clock, Ids, Tasks};
use proto::{
    Call,
    billing::*,
    feed::{WatchRequest, WatchResponse},
    id::WorkspaceId,
    usage::Usage,
    workspace::Workspaces,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use store::{Db, outbox::Feed};
use tonic::{Status, codegen::BoxStream};

/// What the service works with.
pub struct Deps {
    /// Opened on [`crate::SCHEMA`].
    pub db: Db,
    /// What a workspace is; called by [`proto::Role::Billing`].
    pub workspaces: Workspaces,
    /// What is used of a plan; called by [`proto::Role::Billing`].
    pub usage: Usage,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// Where its background work runs.
    pub tasks: Tasks,
}

/// The billing service. Cheap to clone.
#[derive(Clone)]
pub struct Billing {
    pub(crate) config: Arc<Config>,
    /// Those of the configuration.
    pub(crate) plans: Arc<[Document]>,
    pub(crate) db: Db,
    pub(crate) workspaces: Workspaces,
    pub(crate) usage: Usage,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Feed,
    pub(crate) is_seeded: Arc<AtomicBool>,
}

impl Billing {
    /// Begins to serve its feed, to publish the plans of the configuration and to follow the time. Within a tokio runtime.
    /// Errors: [`Error::Settings`].
    pub fn new(config: Config, deps: Deps) -> Result<Self, Error> {
        let Deps { db, workspaces, usage, clock, ids, tasks } = deps;
        config.check()?;
        let plans = plan::settings::read(&config)?.into();
        let outbox = Feed::start(db.clone(), tasks.stopping(), &tasks.tracker());
        let is_seeded = Arc::new(AtomicBool::new(false));
        let service = Self { config: Arc::new(config), plans, db, workspaces, usage, clock, ids, outbox, is_seeded };
        upkeep::start(&service, &tasks);
        Ok(service)
    }

    /// Whether it can answer: the database does, and the plans are there. Errors: one sentence that says what is missing.
    pub async fn check(&self) -> Result<(), &'static str> {
        self.db.ping().await.map_err(|_| "the database does not answer")?;
        let seeded = self.is_seeded.load(Ordering::Relaxed);
        if seeded { Ok(()) } else { Err("the plans of the configuration are not published yet") }
    }

    /// Writes down what time made of subscriptions, as the background work does every second. Errors: [`Error::Store`].
    pub async fn advance(&self) -> Result<(), Error> {
        subscription::due::round(self).await
    }

    pub(crate) fn grace(&self) -> TimeDelta {
        TimeDelta::days(i64::from(self.config.grace_days))
    }
}

#[tonic::async_trait]
impl Service for Billing {
    async fn list_plans(&self, _: &Call, _: ListPlansRequest) -> Result<ListPlansResponse, Status> {
        Ok(ListPlansResponse { plans: plan::list::offered(self).await? })
    }

    async fn list_all_plans(&self, _: &Call, _: ListAllPlansRequest) -> Result<ListAllPlansResponse, Status> {
        Ok(ListAllPlansResponse { plans: plan::list::all(self).await? })
    }

    async fn publish_plans(&self, call: &Call, request: PublishPlansRequest) -> Result<PublishPlansResponse, Status> {
        Ok(plan::publish::publish(self, call, request).await?)
    }

    async fn get_subscription(
        &self,
        call: &Call,
        _: GetSubscriptionRequest,
    ) -> Result<GetSubscriptionResponse, Status> {
        let subscription = Some(subscription::get::get(self, call.workspace()?).await?);
        Ok(GetSubscriptionResponse { subscription })
    }

    async fn get_entitlement_usage(
        &self,
        call: &Call,
        _: GetEntitlementUsageRequest,
    ) -> Result<GetEntitlementUsageResponse, Status> {
        Ok(subscription::usage::get(self, call.workspace()?).await?)
    }

    async fn preview_change(
        &self,
        call: &Call,
        request: PreviewChangeRequest,
    ) -> Result<PreviewChangeResponse, Status> {
        Ok(subscription::preview::preview(self, call.workspace()?, request).await?)
    }

    async fn change_plan(&self, call: &Call, request: ChangePlanRequest) -> Result<ChangePlanResponse, Status> {
        Ok(subscription::change::change(self, call, call.workspace()?, request).await?)
    }

    async fn cancel_subscription(
        &self,
        call: &Call,
        request: CancelSubscriptionRequest,
    ) -> Result<CancelSubscriptionResponse, Status> {
        Ok(subscription::cancel::cancel(self, call, call.workspace()?, request).await?)
    }

    async fn resume_subscription(
        &self,
        call: &Call,
        _: ResumeSubscriptionRequest,
    ) -> Result<ResumeSubscriptionResponse, Status> {
        Ok(subscription::resume::resume(self, call, call.workspace()?).await?)
    }

    async fn set_subscription(
        &self,
        call: &Call,
        request: SetSubscriptionRequest,
    ) -> Result<SetSubscriptionResponse, Status> {
        Ok(subscription::set::set(self, call, request).await?)
    }

    async fn record_subscription_event(
        &self,
        call: &Call,
        request: RecordSubscriptionEventRequest,
    ) -> Result<RecordSubscriptionEventResponse, Status> {
        Ok(subscription::record::record(self, call, request).await?)
    }

    async fn get_workspace_subscription(
        &self,
        _: &Call,
        request: GetWorkspaceSubscriptionRequest,
    ) -> Result<GetWorkspaceSubscriptionResponse, Status> {
        let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NoWorkspace)?;
        let subscription = Some(subscription::get::get(self, workspace).await?);
        Ok(GetWorkspaceSubscriptionResponse { subscription })
    }

    async fn watch(&self, _: &Call, request: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        Ok(self.outbox.watch(request.after))
    }
}
