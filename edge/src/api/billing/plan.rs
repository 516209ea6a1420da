//! Plans that are offered.

use super::{
    super::time,
    entitlement::{self, EntitlementBody},
    terms::UsageTermsBody,
};
use crate::{
    app::Shared,
    auth::Anyone,
    error::{Error, Result},
    json::{Json, Object},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::billing::{ListPlansRequest, Plan, Price};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One version of a plan.
#[derive(Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanBody {
    #[schema(example = "pro")]
    name: String,
    /// Rises with each change.
    version: i32,
    /// What people read, by language: `en`, `pt-BR`.
    titles: BTreeMap<String, String>,
    /// One of each currency and interval. None: it is agreed with whoever runs this.
    prices: Vec<PriceBody>,
    /// For how many days it may be tried.
    trial_days: i32,
    /// What it allows. A limit that is not here does not exist.
    entitlements: BTreeMap<String, EntitlementBody>,
    /// What is charged of models that are called with credentials of the platform; null: nothing is.
    usage: Option<UsageTermsBody>,
    /// How many of it can be subscribed to at once, such as seats: its prices are for one. 1: it is sold as a whole.
    max_quantity: i64,
    /// Keys of entitlements that are for one, and multiply with the quantity.
    scaled_entitlements: Vec<String>,
    /// Only operators see it and give it.
    hidden: bool,
    created_at: DateTime<Utc>,
}

/// What a plan costs.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanPrice)]
pub(crate) struct PriceBody {
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    /// `month` or `year`.
    #[schema(example = "month")]
    interval: String,
    /// In the smallest unit of the currency. 0: nothing.
    #[schema(example = 2900)]
    unit_amount: i64,
}

/// Plans.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanList {
    pub data: Vec<PlanBody>,
}

/// A plan, or its next version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlan {
    /// Lower-case letters, digits, - and _; 1 to 32 of them.
    name: String,
    /// What people read, by language. At least `en`.
    titles: BTreeMap<String, String>,
    /// One of each currency and interval. None: it is agreed with whoever runs this.
    #[serde(default)]
    #[schema(value_type = Vec<PriceBody>)]
    prices: Vec<Object<PriceBody>>,
    /// For how many days it may be tried, 0 to 730.
    #[serde(default)]
    trial_days: i32,
    /// What it allows. A limit that is not here does not exist.
    #[serde(default)]
    entitlements: BTreeMap<String, EntitlementBody>,
    /// What is charged of models that are called with credentials of the platform. Default: nothing is.
    #[schema(value_type = Option<UsageTermsBody>)]
    usage: Option<Object<UsageTermsBody>>,
    /// How many of it can be subscribed to at once, 1 to 100000: its prices are for one. Default: 1.
    max_quantity: Option<i64>,
    /// Keys of entitlements that are for one, and multiply with the quantity. What is counted at admission (`…_per_month`, `v1_rpm`
    /// and the like) is the same for every quantity.
    #[serde(default)]
    scaled_entitlements: Vec<String>,
    /// Only operators see it and give it.
    #[serde(default)]
    hidden: bool,
}

/// List the plans that are offered, the cheapest first.
#[utoipa::path(get, path = "/plans", tag = "Billing", security(()),
    responses((status = 200, description = "The newest version of each", body = PlanList)))]
pub(crate) async fn list_plans(State(app): State<Shared>, Anyone(call): Anyone) -> Result<Json<PlanList>> {
    let listed = app.services.billing.list_plans(&call, ListPlansRequest {}).await?;
    Ok(Json(PlanList { data: all(listed.plans)? }))
}

/// Plans, as answers hold them.
pub(crate) fn all(plans: Vec<Plan>) -> Result<Vec<PlanBody>> {
    plans.into_iter().map(PlanBody::try_from).collect()
}

impl TryFrom<Plan> for PlanBody {
    type Error = Error;

    fn try_from(plan: Plan) -> Result<Self> {
        Ok(Self {
            name: plan.name,
            version: plan.version,
            titles: plan.titles,
            prices: plan.prices.into_iter().map(PriceBody::from).collect(),
            trial_days: plan.trial_days,
            entitlements: entitlement::written(plan.entitlements),
            usage: plan.usage.map(UsageTermsBody::from),
            max_quantity: plan.max_quantity.max(1),
            scaled_entitlements: plan.scaled_entitlements,
            hidden: plan.is_hidden,
            created_at: time::always(plan.created_at)?,
        })
    }
}

impl From<NewPlan> for Plan {
    fn from(plan: NewPlan) -> Self {
        let NewPlan {
            name,
            titles,
            prices,
            trial_days,
            entitlements,
            usage,
            max_quantity,
            scaled_entitlements,
            hidden,
        } = plan;
        Self {
            name,
            titles,
            prices: prices.into_iter().map(|Object(price)| price.into()).collect(),
            trial_days,
            entitlements: entitlement::taken(entitlements),
            usage: usage.map(|Object(terms)| terms.into()),
            is_hidden: hidden,
            // 0 would mean that nothing was said.
            max_quantity: max_quantity.map_or(0, |most| if most == 0 { -1 } else { most }),
            scaled_entitlements,
            ..Self::default()
        }
    }
}

impl From<Price> for PriceBody {
    fn from(price: Price) -> Self {
        let Price { currency, interval, unit_amount } = price;
        Self { currency, interval, unit_amount }
    }
}

impl From<PriceBody> for Price {
    fn from(price: PriceBody) -> Self {
        let PriceBody { currency, interval, unit_amount } = price;
        Self { currency, interval, unit_amount }
    }
}
