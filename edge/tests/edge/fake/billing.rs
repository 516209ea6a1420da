use super::{FOREIGN, Fakes, SUBSCRIPTION, WORKSPACE, at, quiet};
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
        Ok(GetEntitlementUsageResponse {
            plan: "free".into(),
            status: "active".into(),
            entitlements: entitlements().into_iter().map(one).collect(),
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
        match request.plan.as_str() {
            "gold" => Err(Reason::RefusedValue.with("no such plan").field("plan", "must be a plan").into()),
            "pro" => Err(Reason::PaymentsNotConfigured.with("the plan costs more").into()),
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
    async fn watch(&self, _: &Call, _: feed::WatchRequest) -> Result<BoxStream<feed::WatchResponse>, Status> {
        Ok(quiet())
    }
}
