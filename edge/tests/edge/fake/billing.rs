mod coupons;
mod money;

use super::{FOREIGN, Fakes, INVOICE, MORE, SUBSCRIPTION, WORKSPACE, again, at, more, quiet};
use proto::{
    Call, Reason,
    billing::{entitlement::Value, *},
    feed,
};
use std::collections::BTreeMap;
use tonic::{Status, codegen::BoxStream};

fn entitlements() -> BTreeMap<String, Entitlement> {
    let all = [
        ("tickets_per_month", Some(Value::Limit(15))),
        ("storage_gb", Some(Value::Unlimited(true))),
        ("white_label", Some(Value::Flag(false))),
        ("support", Some(Value::Level("24h".into()))),
    ];
    all.into_iter().map(|(key, value)| (key.to_owned(), Entitlement { value })).collect()
}

fn price(unit_amount: i64) -> Price {
    Price { currency: "USD".into(), interval: "month".into(), unit_amount }
}

fn pro() -> Plan {
    Plan {
        name: "pro".into(),
        version: 2,
        titles: [("en", "Pro"), ("pt-BR", "Profissional")].map(|(of, title)| (of.into(), title.into())).into(),
        prices: vec![price(2900)],
        trial_days: 14,
        entitlements: entitlements(),
        is_hidden: false,
        created_at: at(1_790_000_000),
        usage: None,
        max_quantity: 1,
        scaled_entitlements: vec![],
    }
}

/// Of who never had one.
fn none(workspace_id: &str) -> Subscription {
    Subscription {
        workspace_id: workspace_id.into(),
        plan: "free".into(),
        plan_version: 1,
        status: "active".into(),
        price: Some(Price::default()),
        effective_plan: "free".into(),
        ..Subscription::default()
    }
}

fn subscription(plan: &str) -> Subscription {
    Subscription {
        id: SUBSCRIPTION.into(),
        plan: plan.into(),
        plan_version: 2,
        status: "past_due".into(),
        price: Some(price(2900)),
        current_period_start: at(1_790_000_000),
        current_period_end: at(1_792_592_000),
        created_at: at(1_790_000_000),
        entitlements: entitlements(),
        ..none(WORKSPACE)
    }
}

/// `pro` while something else waits for its payment.
fn waiting_for(plan: &str) -> Subscription {
    let pending = PendingUpdate {
        plan: plan.into(),
        interval: "year".into(),
        invoice_id: INVOICE.into(),
        expires_at: at(1_790_086_400),
        quantity: 3,
        promotion_code: "LAUNCH50".into(),
    };
    Subscription {
        collection_method: "send_invoice".into(),
        pending_update: Some(pending),
        payment_due_at: at(1_790_604_800),
        ..subscription("pro")
    }
}

fn known(workspace_id: &str) -> Result<(), Status> {
    if workspace_id == FOREIGN {
        return Err(Reason::NotFound.with("there is no such workspace").into());
    }
    Ok(())
}

#[tonic::async_trait]
impl Service for Fakes {
    async fn list_plans(&self, call: &Call, request: ListPlansRequest) -> Result<ListPlansResponse, Status> {
        self.note("list_plans", call, &request);
        Ok(ListPlansResponse { plans: vec![pro()] })
    }
    async fn list_all_plans(&self, call: &Call, request: ListAllPlansRequest) -> Result<ListAllPlansResponse, Status> {
        self.note("list_all_plans", call, &request);
        Ok(ListAllPlansResponse { plans: vec![Plan { is_hidden: true, ..pro() }] })
    }
    async fn publish_plans(&self, call: &Call, request: PublishPlansRequest) -> Result<PublishPlansResponse, Status> {
        self.note("publish_plans", call, &request);
        let published = request.plans.iter().map(|plan| plan.name.clone()).collect();
        let now = |plan| Plan { version: 1, created_at: at(1_790_000_000), ..plan };
        let plans = request.plans.into_iter().map(now).chain([pro()]).collect();
        Ok(PublishPlansResponse { plans, published })
    }
    async fn get_subscription(
        &self,
        call: &Call,
        request: GetSubscriptionRequest,
    ) -> Result<GetSubscriptionResponse, Status> {
        self.note("get_subscription", call, &request);
        Ok(GetSubscriptionResponse { subscription: Some(none(WORKSPACE)) })
    }
    async fn get_entitlement_usage(
        &self,
        call: &Call,
        request: GetEntitlementUsageRequest,
    ) -> Result<GetEntitlementUsageResponse, Status> {
        self.note("get_entitlement_usage", call, &request);
        let one = |(key, value): (String, Entitlement)| {
            let counted = key == "tickets_per_month";
            EntitlementUsage {
                key,
                entitlement: Some(value),
                used: counted.then_some(4),
                remaining: counted.then_some(11),
                resets_at: at(1_792_592_000).filter(|_| counted),
            }
        };
        let of_executions = self.world().entitlements.clone();
        Ok(GetEntitlementUsageResponse {
            plan: "free".into(),
            status: "active".into(),
            entitlements: entitlements().into_iter().chain(of_executions).map(one).collect(),
            ..GetEntitlementUsageResponse::default()
        })
    }
    async fn preview_change(
        &self,
        call: &Call,
        request: PreviewChangeRequest,
    ) -> Result<PreviewChangeResponse, Status> {
        self.note("preview_change", call, &request);
        let line = |kind: &str, plan: &str, amount| Line {
            kind: kind.into(),
            plan: plan.into(),
            period_start: at(1_790_000_000),
            period_end: at(1_792_592_000),
            amount,
            quantity: 1,
            unit_amount: 2900,
            promotion_code: String::new(),
        };
        Ok(PreviewChangeResponse {
            currency: "USD".into(),
            lines: vec![line("unused_time", "pro", -1450), line("remaining_time", &request.plan, 4950)],
            total: 3500,
            effective_at: at(1_790_000_000),
        })
    }
    async fn change_plan(&self, call: &Call, request: ChangePlanRequest) -> Result<ChangePlanResponse, Status> {
        self.note("change_plan", call, &request);
        if request.promotion_code == "GONE" {
            let gone = Reason::PromotionCodeInvalid.with("its time is over").fact("why", "expired");
            return Err(gone.field("promotion_code", "its time is over").into());
        }
        match request.plan.as_str() {
            "gold" => Err(Reason::RefusedValue.with("no such plan").field("plan", "must be a plan").into()),
            "pro" => Err(Reason::PaymentsNotConfigured.with("the plan costs more").into()),
            "business" => Ok(ChangePlanResponse { subscription: Some(waiting_for("business")) }),
            "basic" => {
                let scheduled = Subscription { scheduled_plan: "basic".into(), ..waiting_for("business") };
                Ok(ChangePlanResponse { subscription: Some(scheduled) })
            }
            "discounted" => {
                let discounted = Subscription { discount: Some(coupons::discount()), ..subscription("pro") };
                Ok(ChangePlanResponse { subscription: Some(discounted) })
            }
            plan => Ok(ChangePlanResponse { subscription: Some(subscription(plan)) }),
        }
    }
    async fn cancel_subscription(
        &self,
        call: &Call,
        request: CancelSubscriptionRequest,
    ) -> Result<CancelSubscriptionResponse, Status> {
        self.note("cancel_subscription", call, &request);
        let left = Subscription { cancel_at_period_end: !request.at_once, ..subscription("pro") };
        Ok(CancelSubscriptionResponse { subscription: Some(left) })
    }
    async fn resume_subscription(
        &self,
        call: &Call,
        request: ResumeSubscriptionRequest,
    ) -> Result<ResumeSubscriptionResponse, Status> {
        self.note("resume_subscription", call, &request);
        Ok(ResumeSubscriptionResponse { subscription: Some(subscription("pro")) })
    }
    async fn set_subscription(
        &self,
        call: &Call,
        request: SetSubscriptionRequest,
    ) -> Result<SetSubscriptionResponse, Status> {
        self.note("set_subscription", call, &request);
        known(&request.workspace_id)?;
        Ok(SetSubscriptionResponse { subscription: Some(subscription(&request.plan)) })
    }
    async fn record_subscription_event(
        &self,
        call: &Call,
        request: RecordSubscriptionEventRequest,
    ) -> Result<RecordSubscriptionEventResponse, Status> {
        self.note("record_subscription_event", call, &request);
        known(&request.workspace_id)?;
        if request.event == "unpaused" {
            return Err(Reason::Conflict.with("it is not paused").fact("events", "paid, paused").into());
        }
        Ok(RecordSubscriptionEventResponse { subscription: Some(subscription("pro")) })
    }
    async fn get_workspace_subscription(
        &self,
        call: &Call,
        request: GetWorkspaceSubscriptionRequest,
    ) -> Result<GetWorkspaceSubscriptionResponse, Status> {
        self.note("get_workspace_subscription", call, &request);
        known(&request.workspace_id)?;
        Ok(GetWorkspaceSubscriptionResponse { subscription: Some(subscription("pro")) })
    }
    async fn publish_coupon(
        &self,
        call: &Call,
        request: PublishCouponRequest,
    ) -> Result<PublishCouponResponse, Status> {
        self.note("publish_coupon", call, &request);
        let coupon = Some(Coupon { version: 1, created_at: at(1_790_000_000), ..request.coupon.unwrap_or_default() });
        Ok(PublishCouponResponse { coupon, is_changed: true })
    }
    async fn list_coupons(&self, call: &Call, request: ListCouponsRequest) -> Result<ListCouponsResponse, Status> {
        self.note("list_coupons", call, &request);
        Ok(ListCouponsResponse { coupons: vec![coupons::coupon()] })
    }
    async fn get_coupon(&self, call: &Call, request: GetCouponRequest) -> Result<GetCouponResponse, Status> {
        self.note("get_coupon", call, &request);
        coupons::known(&request.coupon_id)?;
        Ok(GetCouponResponse { versions: vec![coupons::coupon()] })
    }
    async fn create_promotion_code(
        &self,
        call: &Call,
        request: CreatePromotionCodeRequest,
    ) -> Result<CreatePromotionCodeResponse, Status> {
        self.note("create_promotion_code", call, &request);
        coupons::known(&request.coupon_id)?;
        Ok(CreatePromotionCodeResponse { promotion_code: Some(coupons::code()), replayed: request.code == "AGAIN" })
    }
    async fn list_promotion_codes(
        &self,
        call: &Call,
        request: ListPromotionCodesRequest,
    ) -> Result<ListPromotionCodesResponse, Status> {
        self.note("list_promotion_codes", call, &request);
        let promotion_codes = vec![coupons::code()];
        Ok(ListPromotionCodesResponse { promotion_codes, next_page_token: "more".into() })
    }
    async fn update_promotion_code(
        &self,
        call: &Call,
        request: UpdatePromotionCodeRequest,
    ) -> Result<UpdatePromotionCodeResponse, Status> {
        self.note("update_promotion_code", call, &request);
        let code = PromotionCode { is_active: request.is_active, ..coupons::code() };
        Ok(UpdatePromotionCodeResponse { promotion_code: Some(code) })
    }
    async fn list_invoices(&self, call: &Call, request: ListInvoicesRequest) -> Result<ListInvoicesResponse, Status> {
        self.note("list_invoices", call, &request);
        if request.page_token != MORE {
            proto::Page::parse(request.page_size, &request.page_token)?;
        }
        let next_page_token = more(&request.page_token);
        Ok(ListInvoicesResponse { invoices: vec![money::invoice(), money::paid()], next_page_token })
    }
    async fn get_invoice(&self, call: &Call, request: GetInvoiceRequest) -> Result<GetInvoiceResponse, Status> {
        self.note("get_invoice", call, &request);
        money::known_invoice(&request.invoice_id)?;
        Ok(GetInvoiceResponse { invoice: Some(money::invoice()) })
    }
    async fn render_invoice(
        &self,
        call: &Call,
        request: RenderInvoiceRequest,
    ) -> Result<RenderInvoiceResponse, Status> {
        self.note("render_invoice", call, &request);
        money::known_invoice(&request.invoice_id)?;
        Ok(money::rendered(&request))
    }
    async fn get_billing_details(
        &self,
        call: &Call,
        request: GetBillingDetailsRequest,
    ) -> Result<GetBillingDetailsResponse, Status> {
        self.note("get_billing_details", call, &request);
        let details = BillingDetails { address: Some(PostalAddress::default()), ..BillingDetails::default() };
        Ok(GetBillingDetailsResponse { details: Some(details) })
    }
    async fn put_billing_details(
        &self,
        call: &Call,
        request: PutBillingDetailsRequest,
    ) -> Result<PutBillingDetailsResponse, Status> {
        self.note("put_billing_details", call, &request);
        Ok(PutBillingDetailsResponse { details: request.details })
    }
    async fn get_credits(&self, call: &Call, request: GetCreditsRequest) -> Result<GetCreditsResponse, Status> {
        self.note("get_credits", call, &request);
        let balances = vec![CreditBalance { currency: "USD".into(), amount: 4100 }];
        Ok(GetCreditsResponse { balances, grants: vec![money::grant()] })
    }
    async fn buy_credits(&self, call: &Call, request: BuyCreditsRequest) -> Result<BuyCreditsResponse, Status> {
        self.note("buy_credits", call, &request);
        // Who has paid repeats it as well.
        let replayed = again(call) || call.idempotency_key.as_deref() == Some("paid");
        Ok(BuyCreditsResponse { invoice: Some(money::bought(call, &request)), replayed })
    }
    async fn pay_invoice(&self, call: &Call, request: PayInvoiceRequest) -> Result<PayInvoiceResponse, Status> {
        self.note("pay_invoice", call, &request);
        money::known_invoice(&request.invoice_id)?;
        Ok(PayInvoiceResponse { checkout: Some(money::checkout(&request)?) })
    }
    async fn open_portal(&self, call: &Call, request: OpenPortalRequest) -> Result<OpenPortalResponse, Status> {
        self.note("open_portal", call, &request);
        match request.return_url.as_str() {
            "http://elsewhere.example" => Err(Reason::RefusedValue
                .with("return_url is none")
                .field("return_url", "must be an https:// address")
                .into()),
            "https://nowhere.example" => {
                Err(Reason::PaymentsNotConfigured.with("this installation takes no cards").into())
            }
            _ => Ok(OpenPortalResponse { url: "https://pay.example.com/portal".into() }),
        }
    }
    async fn create_mandate(
        &self,
        call: &Call,
        request: CreateMandateRequest,
    ) -> Result<CreateMandateResponse, Status> {
        self.note("create_mandate", call, &request);
        Ok(CreateMandateResponse { mandate: Some(money::mandate("pending")) })
    }
    async fn get_mandate(&self, call: &Call, request: GetMandateRequest) -> Result<GetMandateResponse, Status> {
        self.note("get_mandate", call, &request);
        Ok(GetMandateResponse { mandate: Some(money::mandate("active")) })
    }
    async fn cancel_mandate(
        &self,
        call: &Call,
        request: CancelMandateRequest,
    ) -> Result<CancelMandateResponse, Status> {
        self.note("cancel_mandate", call, &request);
        Ok(CancelMandateResponse { mandate: Some(money::mandate("ended")) })
    }
    async fn list_all_invoices(
        &self,
        call: &Call,
        request: ListAllInvoicesRequest,
    ) -> Result<ListAllInvoicesResponse, Status> {
        self.note("list_all_invoices", call, &request);
        known(&request.workspace_id)?;
        let invoice = if request.status == "draft" { money::draft() } else { money::invoice() };
        Ok(ListAllInvoicesResponse { invoices: vec![invoice], next_page_token: String::new() })
    }
    async fn record_payment(
        &self,
        call: &Call,
        request: RecordPaymentRequest,
    ) -> Result<RecordPaymentResponse, Status> {
        self.note("record_payment", call, &request);
        money::known_invoice(&request.invoice_id)?;
        Ok(RecordPaymentResponse { invoice: Some(money::paid()) })
    }
    async fn void_invoice(&self, call: &Call, request: VoidInvoiceRequest) -> Result<VoidInvoiceResponse, Status> {
        self.note("void_invoice", call, &request);
        money::known_invoice(&request.invoice_id)?;
        let voided = Invoice { status: "void".into(), voided_at: at(1_790_000_100), ..money::invoice() };
        Ok(VoidInvoiceResponse { invoice: Some(voided) })
    }
    async fn credit_invoice(
        &self,
        call: &Call,
        request: CreditInvoiceRequest,
    ) -> Result<CreditInvoiceResponse, Status> {
        self.note("credit_invoice", call, &request);
        money::known_invoice(&request.invoice_id)?;
        let invoice = Some(Invoice { credited: 1090, ..money::invoice() });
        Ok(CreditInvoiceResponse { invoice, replayed: again(call) })
    }
    async fn grant_credits(&self, call: &Call, request: GrantCreditsRequest) -> Result<GrantCreditsResponse, Status> {
        self.note("grant_credits", call, &request);
        known(&request.workspace_id)?;
        let given = CreditGrant { category: "promotional".into(), amount: request.amount, ..money::grant() };
        let given = CreditGrant { note: request.note, expires_at: request.expires_at, ..given };
        Ok(GrantCreditsResponse { grant: Some(given), replayed: again(call) })
    }
    async fn add_invoice_item(
        &self,
        call: &Call,
        request: AddInvoiceItemRequest,
    ) -> Result<AddInvoiceItemResponse, Status> {
        self.note("add_invoice_item", call, &request);
        known(&request.workspace_id)?;
        Ok(AddInvoiceItemResponse { item: Some(money::item()), replayed: again(call) })
    }
    async fn list_invoice_items(
        &self,
        call: &Call,
        request: ListInvoiceItemsRequest,
    ) -> Result<ListInvoiceItemsResponse, Status> {
        self.note("list_invoice_items", call, &request);
        known(&request.workspace_id)?;
        Ok(ListInvoiceItemsResponse { items: vec![money::item()], next_page_token: String::new() })
    }
    async fn get_books(&self, call: &Call, request: GetBooksRequest) -> Result<GetBooksResponse, Status> {
        self.note("get_books", call, &request);
        known(&request.workspace_id)?;
        Ok(money::books())
    }
    async fn list_disputes(&self, call: &Call, request: ListDisputesRequest) -> Result<ListDisputesResponse, Status> {
        self.note("list_disputes", call, &request);
        known(&request.workspace_id)?;
        Ok(ListDisputesResponse { disputes: vec![money::dispute()], next_page_token: "more".into() })
    }
    async fn receive_notification(
        &self,
        call: &Call,
        request: ReceiveNotificationRequest,
    ) -> Result<ReceiveNotificationResponse, Status> {
        self.note("receive_notification", call, &request);
        if [&request.signature, &request.secret].into_iter().any(|proof| proof == "forged") {
            return Err(Reason::PermissionDenied.with("nothing proves that it is from the provider").into());
        }
        if request.signature == "unused" {
            return Err(Reason::NotFound.with("this provider is not used here").into());
        }
        self.notified.lock().unwrap().push(request);
        Ok(ReceiveNotificationResponse {})
    }
    async fn reconcile(&self, call: &Call, request: ReconcileRequest) -> Result<ReconcileResponse, Status> {
        self.note("reconcile", call, &request);
        money::reconciled(&request)
    }
    async fn watch(&self, _: &Call, _: feed::WatchRequest) -> Result<BoxStream<feed::WatchResponse>, Status> {
        Ok(quiet())
    }
}
