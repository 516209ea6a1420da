//! Plans as operators see and publish them.

use super::super::billing::plan::{NewPlan, PlanBody, PlanList, all};
use crate::{
    app::Shared,
    auth::Operator,
    error::Result,
    json::{Json, Object},
};
use axum::extract::State;
use proto::billing::{ListAllPlansRequest, PublishPlansRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Plans to publish.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"plans": [{
    "name": "pro", "titles": {"en": "Pro", "pt-BR": "Pro"}, "trial_days": 14,
    "prices": [{"currency": "USD", "interval": "month", "unit_amount": 2900}],
    "entitlements": {"tickets_per_month": 1000, "storage_gb": "unlimited", "white_label": true, "support": "24h"},
    "usage": {"markup_percent": "20", "included": {"USD": 500}},
}]}))]
pub(crate) struct NewPlans {
    /// None: those of the configuration.
    #[serde(default)]
    #[schema(value_type = Vec<NewPlan>)]
    plans: Vec<Object<NewPlan>>,
}

/// Plans after publishing.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublishedPlans {
    /// As they are now.
    data: Vec<PlanBody>,
    /// Names of those that got a new version.
    published: Vec<String>,
}

/// List the newest version of every plan, also of those that are not offered. For operators.
#[utoipa::path(get, path = "/admin/plans", tag = "Operators",
    responses((status = 200, description = "The plans, the cheapest first", body = PlanList),
        (status = 403, description = "The caller has no platform role")))]
pub(crate) async fn list_all_plans(State(app): State<Shared>, Operator(call): Operator) -> Result<Json<PlanList>> {
    let listed = app.services.billing.list_all_plans(&call, ListAllPlansRequest {}).await?;
    Ok(Json(PlanList { data: all(listed.plans)? }))
}

/// Publish plans, all of them or none. For operators.
///
/// One that differs from its newest version becomes a new version: new subscriptions pay what it says, and all of its
/// subscribers may what it says. The body may be left out.
#[utoipa::path(post, path = "/admin/seed-plans", tag = "Operators", request_body = Option<NewPlans>,
    responses((status = 200, description = "The plans, and which of them changed", body = PublishedPlans),
        (status = 403, description = "The caller is no admin of the platform")))]
pub(crate) async fn seed_plans(
    State(app): State<Shared>,
    Operator(call): Operator,
    body: Option<Json<NewPlans>>,
) -> Result<Json<PublishedPlans>> {
    let NewPlans { plans } = body.map(|Json(body)| body).unwrap_or_default();
    let request = PublishPlansRequest { plans: plans.into_iter().map(|Object(plan)| plan.into()).collect() };
    let answer = app.services.billing.publish_plans(&call, request).await?;
    Ok(Json(PublishedPlans { data: all(answer.plans)?, published: answer.published }))
}
