//! Every rpc, and where it is answered.

use crate::{
    Config, Error, coupon, credit, customer,
    invoice::{self, letter::Post},
    ledger, mandate, notification,
    payment::{self, Provider},
    plan::{self, Document},
    subscription::{self, state::Terms},
    upkeep,
};
use chrono::TimeDelta;
use host::{Clock, Ids, Tasks};
use mail::Mailer;
use proto::{
    Call,
    billing::*,
    feed::{WatchRequest, WatchResponse},
    id::WorkspaceId,
    usage::Usage,
    workspace::Workspaces,
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
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
    /// Through whom one pays, beside transfers; each method through the first that has it.
    pub providers: Vec<Arc<dyn Provider>>,
    /// How letters to who pays leave; None: none are sent.
    pub letters: Option<Mailer>,
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
    pub(crate) providers: Arc<[Arc<dyn Provider>]>,
    pub(crate) post: Option<Post>,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Feed,
    pub(crate) is_seeded: Arc<AtomicBool>,
}

impl Billing {
    /// Begins to serve its feed, to publish the plans of the configuration and to follow the time. Within a tokio runtime.
    /// Errors: [`Error::Settings`].
    pub fn new(config: Config, deps: Deps) -> Result<Self, Error> {
        let Deps { db, workspaces, usage, providers, letters, clock, ids, tasks } = deps;
        config.check()?;
        let plans = plan::settings::read(&config)?.into();
        let post = Post::new(&config, letters)?;
        let outbox = Feed::start(db.clone(), tasks.stopping(), &tasks.tracker());
        let is_seeded = Arc::new(AtomicBool::new(false));
        let (config, providers) = (Arc::new(config), providers.into());
        let service = Self { config, plans, db, workspaces, usage, providers, post, clock, ids, outbox, is_seeded };
        upkeep::start(&service, &tasks);
        Ok(service)
    }

    /// Whether it can answer: the database does, and the plans are there. Errors: one sentence that says what is missing.
    pub async fn check(&self) -> Result<(), &'static str> {
        self.db.ping().await.map_err(|_| "the database does not answer")?;
        let seeded = self.is_seeded.load(Ordering::Relaxed);
        if seeded { Ok(()) } else { Err("the plans of the configuration are not published yet") }
    }

    /// Writes down what time made of subscriptions, invoices, credits and payments, as the background work does every second.
    /// Errors: [`Error::Store`].
    pub async fn advance(&self) -> Result<(), Error> {
        self.advance_books().await?;
        self.ask_providers().await?;
        self.send_letters().await
    }

    /// What needs nobody outside of Perpetuo.
    pub(crate) async fn advance_books(&self) -> Result<(), Error> {
        subscription::due::round(self).await?;
        invoice::due::round(self).await?;
        invoice::letter::remind::round(self).await?;
        credit::expire::round(self).await?;
        credit::tell::round(self).await
    }

    /// What providers of payments are asked for; they may be slow.
    pub(crate) async fn ask_providers(&self) -> Result<(), Error> {
        let mut away = BTreeSet::new();
        let notifications = notification::look::round(self).await;
        let payments = payment::look::round(self, &mut away).await;
        // After what was ordered and is wanted no more: something else may be ordered for it.
        let mandates = mandate::look::round(self, &mut away).await;
        notifications.and(payments).and(mandates)
    }

    /// What waits for the server that takes letters; it may be slow.
    pub(crate) async fn send_letters(&self) -> Result<(), Error> {
        invoice::letter::post::round(self).await
    }

    pub(crate) fn terms(&self) -> Terms {
        let days = |days: u32| TimeDelta::days(i64::from(days));
        Terms { grace: days(self.config.grace_days), net: days(self.config.net_days) }
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

    async fn publish_coupon(
        &self,
        call: &Call,
        request: PublishCouponRequest,
    ) -> Result<PublishCouponResponse, Status> {
        Ok(coupon::publish::publish(self, call, request).await?)
    }

    async fn list_coupons(&self, _: &Call, _: ListCouponsRequest) -> Result<ListCouponsResponse, Status> {
        Ok(ListCouponsResponse { coupons: coupon::list::all(self).await? })
    }

    async fn get_coupon(&self, _: &Call, request: GetCouponRequest) -> Result<GetCouponResponse, Status> {
        Ok(coupon::list::one(self, &request.coupon_id).await?)
    }

    async fn create_promotion_code(
        &self,
        call: &Call,
        request: CreatePromotionCodeRequest,
    ) -> Result<CreatePromotionCodeResponse, Status> {
        Ok(coupon::code::create(self, call, request).await?)
    }

    async fn list_promotion_codes(
        &self,
        _: &Call,
        request: ListPromotionCodesRequest,
    ) -> Result<ListPromotionCodesResponse, Status> {
        Ok(coupon::code::list(self, request).await?)
    }

    async fn update_promotion_code(
        &self,
        call: &Call,
        request: UpdatePromotionCodeRequest,
    ) -> Result<UpdatePromotionCodeResponse, Status> {
        Ok(UpdatePromotionCodeResponse { promotion_code: Some(coupon::code::update(self, call, request).await?) })
    }

    async fn list_invoices(&self, call: &Call, request: ListInvoicesRequest) -> Result<ListInvoicesResponse, Status> {
        Ok(invoice::list::list(self, call.workspace()?, request).await?)
    }

    async fn get_invoice(&self, call: &Call, request: GetInvoiceRequest) -> Result<GetInvoiceResponse, Status> {
        let invoice = Some(invoice::get::get(self, call.workspace()?, &request.invoice_id).await?);
        Ok(GetInvoiceResponse { invoice })
    }

    async fn render_invoice(
        &self,
        call: &Call,
        request: RenderInvoiceRequest,
    ) -> Result<RenderInvoiceResponse, Status> {
        Ok(invoice::get::render(self, call.workspace()?, request).await?)
    }

    async fn get_billing_details(
        &self,
        call: &Call,
        _: GetBillingDetailsRequest,
    ) -> Result<GetBillingDetailsResponse, Status> {
        let details = Some(customer::details::get(self, call.workspace()?).await?);
        Ok(GetBillingDetailsResponse { details })
    }

    async fn put_billing_details(
        &self,
        call: &Call,
        request: PutBillingDetailsRequest,
    ) -> Result<PutBillingDetailsResponse, Status> {
        let details = Some(customer::put(self, call, call.workspace()?, request.details.unwrap_or_default()).await?);
        Ok(PutBillingDetailsResponse { details })
    }

    async fn get_credits(&self, call: &Call, _: GetCreditsRequest) -> Result<GetCreditsResponse, Status> {
        Ok(credit::list::get(self, call.workspace()?).await?)
    }

    async fn buy_credits(&self, call: &Call, request: BuyCreditsRequest) -> Result<BuyCreditsResponse, Status> {
        Ok(Box::pin(credit::buy::buy(self, call, call.workspace()?, request)).await?)
    }

    async fn pay_invoice(&self, call: &Call, request: PayInvoiceRequest) -> Result<PayInvoiceResponse, Status> {
        Ok(invoice::pay::pay(self, call.workspace()?, request).await?)
    }

    async fn open_portal(&self, call: &Call, request: OpenPortalRequest) -> Result<OpenPortalResponse, Status> {
        Ok(payment::portal::open(self, call.workspace()?, request).await?)
    }

    async fn create_mandate(&self, call: &Call, _: CreateMandateRequest) -> Result<CreateMandateResponse, Status> {
        Ok(CreateMandateResponse { mandate: Some(mandate::open::open(self, call, call.workspace()?).await?) })
    }

    async fn get_mandate(&self, call: &Call, _: GetMandateRequest) -> Result<GetMandateResponse, Status> {
        Ok(GetMandateResponse { mandate: Some(mandate::get(self, call.workspace()?).await?) })
    }

    async fn cancel_mandate(&self, call: &Call, _: CancelMandateRequest) -> Result<CancelMandateResponse, Status> {
        Ok(CancelMandateResponse { mandate: Some(mandate::end::end(self, call, call.workspace()?).await?) })
    }

    async fn list_all_invoices(
        &self,
        _: &Call,
        request: ListAllInvoicesRequest,
    ) -> Result<ListAllInvoicesResponse, Status> {
        Ok(invoice::list::all(self, request).await?)
    }

    async fn record_payment(
        &self,
        call: &Call,
        request: RecordPaymentRequest,
    ) -> Result<RecordPaymentResponse, Status> {
        Ok(Box::pin(invoice::record::record(self, call, request)).await?)
    }

    async fn void_invoice(&self, call: &Call, request: VoidInvoiceRequest) -> Result<VoidInvoiceResponse, Status> {
        Ok(invoice::cancel::cancel(self, call, request).await?)
    }

    async fn credit_invoice(
        &self,
        call: &Call,
        request: CreditInvoiceRequest,
    ) -> Result<CreditInvoiceResponse, Status> {
        Ok(Box::pin(invoice::credit::credit(self, call, request)).await?)
    }

    async fn grant_credits(&self, call: &Call, request: GrantCreditsRequest) -> Result<GrantCreditsResponse, Status> {
        Ok(credit::give::give(self, call, request).await?)
    }

    async fn add_invoice_item(
        &self,
        call: &Call,
        request: AddInvoiceItemRequest,
    ) -> Result<AddInvoiceItemResponse, Status> {
        Ok(Box::pin(invoice::item::add(self, call, request)).await?)
    }

    async fn list_invoice_items(
        &self,
        _: &Call,
        request: ListInvoiceItemsRequest,
    ) -> Result<ListInvoiceItemsResponse, Status> {
        Ok(invoice::item::list(self, request).await?)
    }

    async fn get_books(&self, _: &Call, request: GetBooksRequest) -> Result<GetBooksResponse, Status> {
        Ok(ledger::books::get(self, request).await?)
    }

    async fn list_disputes(&self, _: &Call, request: ListDisputesRequest) -> Result<ListDisputesResponse, Status> {
        Ok(payment::disputes::list(self, request).await?)
    }

    async fn receive_notification(
        &self,
        _: &Call,
        request: ReceiveNotificationRequest,
    ) -> Result<ReceiveNotificationResponse, Status> {
        Ok(notification::receive::receive(self, request).await?)
    }

    async fn reconcile(&self, _: &Call, request: ReconcileRequest) -> Result<ReconcileResponse, Status> {
        Ok(payment::reconcile::reconcile(self, request).await?)
    }

    async fn watch(&self, _: &Call, request: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        Ok(self.outbox.watch(request.after))
    }
}
