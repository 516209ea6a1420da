//! A new invoice, which is not closed yet.

use super::{
    document::{Kind, Line},
    state::Reason,
    usage::Charged,
};
use crate::{
    Billing, Error,
    plan::current as plans,
    subscription::state::{Renewal, Scheduled, Used},
};
use chrono::{DateTime, Utc};
use proto::{
    billing::UsageTerms,
    id::{InvoiceId, SubscriptionId},
};
use serde_json::json;
use std::{collections::BTreeMap, iter};
use store::{Tx, WorkspaceTx, sql};

/// What it will say.
pub(crate) struct Draft {
    /// What it is made for: the same again is not made again.
    pub source: String,
    pub subscription: Option<SubscriptionId>,
    pub reason: Reason,
    pub currency: String,
    pub lines: Vec<Line>,
    /// What comes into force when it is paid.
    pub change: Option<Scheduled>,
    pub due_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    /// What was used before, and is charged with it.
    pub usage: Option<Charged>,
}

/// Writes it down. None where there is one for this already. Whoever calls it holds the lock of the customer.
pub(crate) async fn insert(service: &Billing, tx: &mut WorkspaceTx, draft: Draft) -> Result<Option<InvoiceId>, Error> {
    let (id, now) = (InvoiceId::from_uuid(service.ids.uuid()), service.clock.now());
    let values = [
        tx.workspace().into(),
        id.into(),
        draft.source.into(),
        draft.subscription.into(),
        draft.reason.as_str().into(),
        draft.currency.into(),
        json!(draft.lines).into(),
        draft.change.map(|change| json!(change)).into(),
        now.into(),
        draft.due_at.into(),
        draft.expires_at.into(),
        now.into(),
        draft.usage.as_ref().map(|usage| json!(usage)).into(),
        draft.usage.map(|usage| usage.to).into(),
    ];
    Ok((tx.execute(sql!("invoice/insert"), &values).await? > 0).then_some(id))
}

/// For a period of a subscription that has begun, and what was used in the one before. Nothing for what costs nothing.
pub(crate) async fn renew(
    service: &Billing,
    tx: &mut WorkspaceTx,
    renewal: Renewal,
    reason: Reason,
) -> Result<(), Error> {
    let Renewal { subscription, plan, price, quantity, off, start, end, due_at, used, .. } = renewal;
    let usage = match used {
        Some(used) => charged(tx, used).await?,
        None => None,
    };
    if price.amount == 0 && usage.is_none() {
        return Ok(());
    }
    let period = Line {
        kind: Kind::Period,
        titles: titles(tx, &plan).await?,
        period_start: Some(start),
        period_end: Some(end).filter(|end| *end < DateTime::<Utc>::MAX_UTC),
        quantity,
        unit_amount: Some(price.amount),
        amount: price.amount.saturating_mul(quantity),
        note: None,
    };
    let taken = off.map(|(amount, code)| Line {
        kind: Kind::Discount,
        quantity: 1,
        unit_amount: None,
        amount: -amount,
        note: Some(code),
        ..period.clone()
    });
    let lines = if price.amount == 0 { vec![] } else { iter::once(period).chain(taken).collect() };
    let draft = Draft {
        source: format!("period:{subscription}:{}", start.timestamp_micros()),
        subscription: Some(subscription),
        reason,
        currency: price.currency,
        lines,
        change: None,
        due_at,
        expires_at: None,
        usage,
    };
    insert(service, tx, draft).await.map(drop)
}

/// What is charged of a time; None where the plan charges nothing.
async fn charged(tx: &mut Tx, used: Used) -> Result<Option<Charged>, Error> {
    let terms = plans::newest(tx, &used.plan).await?.and_then(|kept| kept.plan.usage);
    Ok(terms.map(|UsageTerms { markup_percent, included }| Charged {
        from: used.from,
        to: used.to,
        markup_percent,
        included,
        costs: BTreeMap::new(),
    }))
}

/// What a plan is called.
pub(crate) async fn titles(tx: &mut Tx, plan: &str) -> Result<BTreeMap<String, String>, Error> {
    let kept = plans::newest(tx, plan).await?;
    Ok(kept.map_or_else(|| [("en".to_owned(), plan.to_owned())].into(), |kept| kept.plan.titles.into_iter().collect()))
}
