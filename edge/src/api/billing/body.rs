//! How subscriptions and their changes are written.

use super::{
    super::{page::some, time},
    discount::DiscountBody,
    entitlement::{self, EntitlementBody},
    plan::PriceBody,
};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use proto::billing::{Line, PendingUpdate, PreviewChangeResponse, Price, Subscription};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Which plan a workspace is on, and since and until when.
#[derive(Serialize, ToSchema)]
#[schema(as = Subscription)]
pub(crate) struct SubscriptionBody {
    /// `ws_…`
    workspace_id: String,
    /// `sub_…`; null for who never had one.
    subscription_id: Option<String>,
    /// What is in force: the plan that was subscribed to while it may be used, otherwise the default one.
    #[schema(example = "pro")]
    plan: String,
    /// Null for who never had a subscription.
    subscribed_plan: Option<String>,
    /// Of the plan that was subscribed to: whose prices hold.
    plan_version: Option<i32>,
    /// `incomplete` (it waits for its first payment), `trialing`, `active`, `past_due`, `unpaid`, `paused` or `cancelled`.
    status: String,
    /// What was agreed on.
    price: Option<PriceBody>,
    current_period_start: Option<DateTime<Utc>>,
    current_period_end: Option<DateTime<Utc>>,
    trial_end: Option<DateTime<Utc>>,
    /// It ends with its period.
    cancel_at_period_end: bool,
    /// How many of the plan; the price is for one.
    quantity: i64,
    /// The plan that comes into force with the next period.
    scheduled_plan: Option<String>,
    /// How many of it come with the next period.
    scheduled_quantity: Option<i64>,
    /// What is taken off the price.
    discount: Option<DiscountBody>,
    /// `send_invoice`: each period has an invoice. `external`: it is paid elsewhere, as an operator has agreed.
    collection_method: Option<String>,
    /// What is in force as soon as its invoice is paid.
    pending_update: Option<PendingBody>,
    /// When the oldest open invoice of it is late.
    payment_due_at: Option<DateTime<Utc>>,
    created_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    /// What is allowed now. A limit that is not here does not exist.
    entitlements: BTreeMap<String, EntitlementBody>,
}

/// A change that waits for its payment.
#[derive(Serialize, ToSchema)]
#[schema(as = PendingUpdate)]
struct PendingBody {
    plan: String,
    interval: String,
    quantity: i64,
    /// What was entered with it.
    promotion_code: Option<String>,
    /// `inv_…`
    invoice_id: String,
    /// Until when it can be paid.
    expires_at: Option<DateTime<Utc>>,
}

/// Another plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"plan": "pro", "interval": "month", "promotion_code": "LAUNCH50"}))]
pub(crate) struct PlanChange {
    /// Its name; that of the present one to have more or fewer of it.
    pub plan: String,
    /// `month` or `year`. Default: that of the subscription, or else `month`.
    pub interval: Option<String>,
    /// How many, 1 to the `max_quantity` of the plan. Default: as many as there are, or else 1.
    pub quantity: Option<i64>,
    /// In upper or lower case. It takes the place of the discount that there is.
    pub promotion_code: Option<String>,
}

/// When it ends.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"at_once": false}))]
pub(crate) struct Cancellation {
    /// Now, and not with the period.
    #[serde(default)]
    pub at_once: bool,
}

/// What a change would cost.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangePreview)]
pub(crate) struct PreviewBody {
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    lines: Vec<LineBody>,
    /// The sum of the lines. Below 0 it is a credit.
    total: i64,
    /// When the plan would be in force.
    effective_at: DateTime<Utc>,
}

/// One line of what a change would cost.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangeLine)]
struct LineBody {
    /// `unused_time`: given back of the present plan. `remaining_time` or `period`: what the new one costs. `discount`: what is
    /// taken off it or, above 0, what was taken off the time that is given back.
    kind: String,
    plan: String,
    /// How many of the plan.
    quantity: i64,
    /// What one costs for a whole period; null for a discount.
    unit_amount: Option<i64>,
    /// Of a discount.
    promotion_code: Option<String>,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    /// In the smallest unit of the currency. Below 0: to the customer.
    amount: i64,
}

impl SubscriptionBody {
    /// What a service answered with.
    pub(crate) fn new(subscription: Option<Subscription>) -> Result<Self> {
        subscription.map(Self::from).ok_or_else(|| Error::incomplete("the subscription"))
    }
}

impl From<Subscription> for SubscriptionBody {
    fn from(subscription: Subscription) -> Self {
        let id = some(subscription.id);
        Self {
            workspace_id: subscription.workspace_id,
            plan: subscription.effective_plan,
            // The default plan is in force for who has none, but nobody subscribed to it.
            subscribed_plan: id.as_ref().and_then(|_| some(subscription.plan)),
            plan_version: id.as_ref().map(|_| subscription.plan_version).filter(|version| *version > 0),
            subscription_id: id,
            status: subscription.status,
            price: subscription.price.filter(|price: &Price| !price.currency.is_empty()).map(PriceBody::from),
            current_period_start: time::maybe(subscription.current_period_start),
            current_period_end: time::maybe(subscription.current_period_end),
            trial_end: time::maybe(subscription.trial_end),
            cancel_at_period_end: subscription.cancel_at_period_end,
            quantity: subscription.quantity.max(1),
            scheduled_plan: some(subscription.scheduled_plan),
            scheduled_quantity: Some(subscription.scheduled_quantity).filter(|quantity| *quantity > 0),
            discount: subscription.discount.map(DiscountBody::from),
            collection_method: some(subscription.collection_method),
            pending_update: subscription.pending_update.map(PendingBody::from),
            payment_due_at: time::maybe(subscription.payment_due_at),
            created_at: time::maybe(subscription.created_at),
            ended_at: time::maybe(subscription.ended_at),
            entitlements: entitlement::written(subscription.entitlements),
        }
    }
}

impl From<PendingUpdate> for PendingBody {
    fn from(pending: PendingUpdate) -> Self {
        let PendingUpdate { plan, interval, quantity, invoice_id, expires_at, promotion_code } = pending;
        let (promotion_code, expires_at) = (some(promotion_code), time::maybe(expires_at));
        Self { plan, interval, quantity: quantity.max(1), promotion_code, invoice_id, expires_at }
    }
}

impl TryFrom<PreviewChangeResponse> for PreviewBody {
    type Error = Error;

    fn try_from(preview: PreviewChangeResponse) -> Result<Self> {
        Ok(Self {
            currency: preview.currency,
            lines: preview.lines.into_iter().map(LineBody::try_from).collect::<Result<_>>()?,
            total: preview.total,
            effective_at: time::always(preview.effective_at)?,
        })
    }
}

impl TryFrom<Line> for LineBody {
    type Error = Error;

    fn try_from(line: Line) -> Result<Self> {
        let Line { kind, plan, period_start, period_end, amount, quantity, unit_amount, promotion_code } = line;
        let (period_start, period_end) = (time::always(period_start)?, time::always(period_end)?);
        let (unit_amount, promotion_code) = (Some(unit_amount).filter(|amount| *amount != 0), some(promotion_code));
        Ok(Self { kind, plan, quantity, unit_amount, promotion_code, period_start, period_end, amount })
    }
}
