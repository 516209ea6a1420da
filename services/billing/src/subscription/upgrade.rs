//! A plan that has to be paid first: an invoice is made, and the plan waits for it.

use super::{
    begin::begin,
    preview::Judged,
    state::{Collection, PENDING_LINGERS, Pending, Scheduled, Subscription},
    status::Status,
    write,
};
use crate::{
    Billing, Error, coupon,
    invoice::{
        document::{Kind, Line},
        draft::{self, Draft},
        finalize, purchases,
        state::Reason,
    },
    peers::Workspace,
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{Call, billing, id::SubscriptionId, time::from_proto};
use store::WorkspaceTx;

/// Where credits pay all of it, it is in force at once. Errors: [`Error::TooManyPurchases`].
pub(super) async fn wait(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    before: Option<&Subscription>,
    judged: Judged,
    found: &Workspace,
) -> Result<(), Error> {
    let Judged { plan, anchor, change, entered } = judged;
    let now = service.clock.now();
    let live = before.filter(|before| !before.is_over() && before.status != Status::Incomplete);
    let patience = now + TimeDelta::hours(service.config.checkout_hours.into());
    // With the next period other things are owed.
    let expires_at = live.map_or(patience, |live| patience.min(live.end));
    let id = live.map_or_else(|| SubscriptionId::from_uuid(service.ids.uuid()), |live| live.id);
    let next = Scheduled {
        plan: plan.name.clone(),
        version: change.version,
        interval: anchor.interval,
        amount: change.price.amount,
        quantity: change.quantity,
    };
    let mut lines = vec![];
    for line in change.lines {
        lines.push(written(tx, line).await?);
    }
    let draft = Draft {
        source: format!("change:{}", service.ids.uuid()),
        subscription: Some(id),
        reason: if live.is_some() { Reason::Update } else { Reason::Create },
        currency: change.price.currency.clone(),
        lines,
        change: Some(next.clone()),
        due_at: expires_at,
        expires_at: Some(expires_at),
        usage: None,
    };
    purchases::one_more(service, tx).await?;
    let invoice = draft::insert(service, tx, draft).await?.ok_or(Error::Raced)?;
    if let Some(entered) = &entered {
        coupon::redeem(service, call, tx, entered, Some(invoice)).await?;
    }
    let code = entered.map(|entered| entered.discount.code).unwrap_or_default();
    let (discount, taken) = (change.discount, change.taken);
    let pending = Some(Pending { next, invoice, expires_at, code, discount, taken });
    let after = match live {
        Some(live) => Subscription { pending, ..live.clone() },
        None => {
            let begun = begin(id, &plan, Some(change.price), anchor, 0);
            Subscription { pending, ..incomplete(begun, expires_at) }
        }
    };
    write::write(service, call, tx, before, &after).await?;
    finalize(service, call, tx, invoice, found, None).await
}

/// Nothing is in force, and it ends by itself if nobody pays.
fn incomplete(begun: Subscription, expires_at: DateTime<Utc>) -> Subscription {
    Subscription {
        status: Status::Incomplete,
        end: expires_at + PENDING_LINGERS,
        cancel_at_period_end: true,
        collection: Collection::Invoice,
        ..begun
    }
}

async fn written(tx: &mut WorkspaceTx, line: billing::Line) -> Result<Line, Error> {
    Ok(Line {
        kind: match line.kind.as_str() {
            "unused_time" => Kind::UnusedTime,
            "remaining_time" => Kind::RemainingTime,
            "discount" => Kind::Discount,
            _ => Kind::Period,
        },
        titles: draft::titles(tx, &line.plan).await?,
        period_start: line.period_start.and_then(from_proto),
        period_end: line.period_end.and_then(from_proto),
        quantity: line.quantity,
        unit_amount: Some(line.unit_amount).filter(|amount| *amount != 0),
        amount: line.amount,
        note: Some(line.promotion_code).filter(|code| !code.is_empty()),
    })
}
