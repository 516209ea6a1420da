//! A subscription as the database keeps it.

use super::{
    state::{Collection, Money, Pending, Scheduled, Subscription},
    status::Status,
};
use crate::{
    Error,
    coupon::{Discount, Taken},
    money::{Anchor, Interval},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use proto::id::{SubscriptionId, WorkspaceId};
use serde::{Deserialize, Serialize};
use store::Value;
use uuid::Uuid;

store::row! {
    pub(super) struct Row {
        subscription_id: Uuid,
        plan: String,
        plan_version: i64,
        status: String,
        currency: Option<String>,
        unit_amount: Option<i64>,
        billing_interval: String,
        time_zone: String,
        anchor_at: DateTime<Utc>,
        periods: i64,
        period_start: DateTime<Utc>,
        period_end: Option<DateTime<Utc>>,
        trial_end: Option<DateTime<Utc>>,
        past_due_at: Option<DateTime<Utc>>,
        cancel_at_period_end: bool,
        scheduled_plan: Option<String>,
        scheduled_version: Option<i64>,
        scheduled_interval: Option<String>,
        scheduled_amount: Option<i64>,
        scheduled_quantity: Option<i64>,
        quantity: i64,
        discounts: Option<serde_json::Value>,
        collection_method: String,
        payment_due_at: Option<DateTime<Utc>>,
        pending: Option<serde_json::Value>,
        created_at: DateTime<Utc>,
        ended_at: Option<DateTime<Utc>>,
    }
}

impl Row {
    /// Errors: [`Error::Kept`]: a release that is newer has written it.
    pub fn read(self) -> Result<Subscription, Error> {
        let kept = |what: &'static str| move || Error::Kept(what);
        let interval = |text: &str| Interval::parse(text).ok_or_else(kept("an interval"));
        let version = |number: i64| i32::try_from(number).map_err(|_| Error::Kept("the version of a plan"));
        let price = self.currency.zip(self.unit_amount).map(|(currency, amount)| Money { currency, amount });
        let scheduled =
            match (self.scheduled_plan, self.scheduled_version, self.scheduled_interval, self.scheduled_amount) {
                (Some(plan), Some(number), Some(text), Some(amount)) => {
                    // One that an earlier release has scheduled leaves the quantity as it is.
                    let quantity = self.scheduled_quantity.unwrap_or(self.quantity);
                    Some(Scheduled { plan, version: version(number)?, interval: interval(&text)?, amount, quantity })
                }
                _ => None,
            };
        let discounts: Discounts = self
            .discounts
            .map(serde_json::from_value)
            .transpose()
            .map_err(|_| Error::Kept("a discount"))?
            .unwrap_or_default();
        Ok(Subscription {
            id: SubscriptionId::from_uuid(self.subscription_id),
            plan: self.plan,
            version: version(self.plan_version)?,
            status: Status::parse(&self.status).ok_or_else(kept("a status"))?,
            price,
            quantity: self.quantity,
            discount: discounts.agreed,
            // Of an earlier period where a release that knows of no discounts has begun this one.
            taken: discounts.taken.filter(|taken| taken.from >= self.period_start),
            anchor: Anchor {
                at: self.anchor_at,
                zone: self.time_zone.parse::<Tz>().map_err(|_| Error::Kept("a time zone"))?,
                interval: interval(&self.billing_interval)?,
            },
            periods: u32::try_from(self.periods).map_err(|_| Error::Kept("a number of periods"))?,
            start: self.period_start,
            end: self.period_end.unwrap_or(DateTime::<Utc>::MAX_UTC),
            trial_end: self.trial_end,
            past_due_at: self.past_due_at,
            cancel_at_period_end: self.cancel_at_period_end,
            scheduled,
            collection: Collection::parse(&self.collection_method).ok_or_else(kept("how something is paid"))?,
            payment_due: self.payment_due_at,
            pending: self.pending.map(waiting).transpose()?,
            created_at: self.created_at,
            ended_at: self.ended_at,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Waiting {
    next: Scheduled,
    invoice: String,
    expires_at: DateTime<Utc>,
    #[serde(default)]
    code: String,
    #[serde(default)]
    discounts: Discounts,
}

/// What is taken off of the price, and what was taken off of the present period.
#[derive(Default, Serialize, Deserialize)]
struct Discounts {
    agreed: Option<Discount>,
    taken: Option<Taken>,
}

fn waiting(json: serde_json::Value) -> Result<Pending, Error> {
    let kept = || Error::Kept("what waits for its payment");
    let Waiting { next, invoice, expires_at, code, discounts } = serde_json::from_value(json).map_err(|_| kept())?;
    let Discounts { agreed: discount, taken } = discounts;
    Ok(Pending { next, invoice: invoice.parse().map_err(|_| kept())?, expires_at, code, discount, taken })
}

/// The values of `subscription/insert` and `subscription/update`.
pub(super) fn values(
    workspace: WorkspaceId,
    subscription: &Subscription,
    due: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Value> {
    let Subscription { price, scheduled, anchor, .. } = subscription;
    let scheduled = scheduled.as_ref();
    vec![
        workspace.into(),
        subscription.id.uuid().into(),
        subscription.plan.as_str().into(),
        subscription.version.into(),
        subscription.status.as_str().into(),
        price.as_ref().map(|price| price.currency.clone()).into(),
        price.as_ref().map(|price| price.amount).into(),
        anchor.interval.as_str().into(),
        anchor.zone.name().into(),
        anchor.at.into(),
        subscription.periods.into(),
        subscription.start.into(),
        Some(subscription.end).filter(|end| *end < DateTime::<Utc>::MAX_UTC).into(),
        subscription.trial_end.into(),
        subscription.past_due_at.into(),
        subscription.cancel_at_period_end.into(),
        scheduled.map(|next| next.plan.clone()).into(),
        scheduled.map(|next| next.version).into(),
        scheduled.map(|next| next.interval.as_str()).into(),
        scheduled.map(|next| next.amount).into(),
        subscription.collection.as_str().into(),
        subscription.payment_due.into(),
        subscription
            .pending
            .clone()
            .map(|Pending { next, invoice, expires_at, code, discount, taken }| {
                let discounts = Discounts { agreed: discount, taken };
                serde_json::json!(Waiting { next, invoice: invoice.to_string(), expires_at, code, discounts })
            })
            .into(),
        due.into(),
        subscription.created_at.into(),
        now.into(),
        subscription.ended_at.into(),
        subscription.quantity.into(),
        scheduled.map(|next| next.quantity).into(),
        discounts(subscription).into(),
    ]
}

fn discounts(subscription: &Subscription) -> Option<serde_json::Value> {
    let discounts = Discounts { agreed: subscription.discount.clone(), taken: subscription.taken };
    (discounts.agreed.is_some() || discounts.taken.is_some()).then(|| serde_json::json!(discounts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coupon::tests::{Duration, percent};
    use serde_json::json;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    /// A subscription of June of which 1,000 were taken off from some time on.
    fn row(from: &str) -> Row {
        let discounts = Discounts {
            agreed: Some(percent("10", Duration::Forever)),
            taken: Some(Taken { amount: 1_000, from: at(from) }),
        };
        Row {
            subscription_id: Uuid::from_u128(1),
            plan: "basic".to_owned(),
            plan_version: 1,
            status: "active".to_owned(),
            currency: Some("BRL".to_owned()),
            unit_amount: Some(10_000),
            billing_interval: "month".to_owned(),
            time_zone: "UTC".to_owned(),
            anchor_at: at("2027-01-01T00:00:00Z"),
            periods: 5,
            period_start: at("2027-06-01T00:00:00Z"),
            period_end: Some(at("2027-07-01T00:00:00Z")),
            trial_end: None,
            past_due_at: None,
            cancel_at_period_end: false,
            scheduled_plan: None,
            scheduled_version: None,
            scheduled_interval: None,
            scheduled_amount: None,
            scheduled_quantity: None,
            quantity: 1,
            discounts: Some(json!(discounts)),
            collection_method: "send_invoice".to_owned(),
            payment_due_at: None,
            pending: None,
            created_at: at("2027-01-01T00:00:00Z"),
            ended_at: None,
        }
    }

    #[test]
    fn what_was_taken_off_of_an_earlier_period_is_not_of_this_one() {
        let taken = |from: &str| row(from).read().expect("a subscription").taken.map(|taken| taken.amount);
        // A release that knows of no discounts has begun June and left the column as it was.
        assert_eq!(taken("2027-05-01T00:00:00Z"), None);
        assert_eq!(taken("2027-06-01T00:00:00Z"), Some(1_000));
        assert_eq!(taken("2027-06-16T00:00:00Z"), Some(1_000), "of the rest of it");
        assert!(
            row("2027-05-01T00:00:00Z").read().expect("a subscription").discount.is_some(),
            "what was agreed on stays"
        );
    }
}
