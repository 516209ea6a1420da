//! Buys credits: an invoice, and they are there as soon as it is paid.

use crate::{
    Billing, Error,
    customer::lock,
    error::refused,
    invoice::{
        document::{Kind, Line},
        draft::{self, Draft},
        finalize, get, purchases,
        state::Reason,
    },
    money, payment, peers,
};
use chrono::TimeDelta;
use proto::{
    Call,
    billing::{BuyCreditsRequest, BuyCreditsResponse},
    id::{InvoiceId, WorkspaceId},
};
use std::collections::BTreeMap;
use store::{WorkspaceTx, sql};

/// The same idempotency key again is the same invoice. Errors: [`Error::Refused`], [`Error::NoPayments`], [`Error::Conflict`],
/// [`Error::TooManyPurchases`].
pub(crate) async fn buy(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    request: BuyCreditsRequest,
) -> Result<BuyCreditsResponse, Error> {
    let found = peers::workspace(service, workspace).await?;
    let currency = if request.currency.is_empty() { found.currency.clone() } else { request.currency };
    money::check(&currency, request.amount)?;
    payment::possible(service, &currency, request.payment.as_ref())?;
    let (min, max) = (service.config.credits.min_amount, service.config.credits.max_amount);
    if !(min..=max).contains(&request.amount) {
        return Err(refused("amount", format!("must be {min} to {max}, in the smallest unit of the currency")));
    }
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let source = format!("credits:{}", source(service, call));
    let expires_at = service.clock.now() + TimeDelta::hours(service.config.checkout_hours.into());
    let line = Line {
        kind: Kind::Credits,
        titles: BTreeMap::new(),
        period_start: None,
        period_end: None,
        quantity: 1,
        unit_amount: None,
        amount: request.amount,
        note: None,
    };
    let draft = Draft {
        source: source.clone(),
        subscription: None,
        reason: Reason::Manual,
        currency: currency.clone(),
        lines: vec![line],
        change: None,
        due_at: expires_at,
        expires_at: Some(expires_at),
        usage: None,
    };
    // What is asked for again is no other purchase.
    let room = purchases::one_more(service, &mut tx).await;
    let made = draft::insert(service, &mut tx, draft).await?;
    let id = match made {
        Some(id) => {
            room?;
            finalize(service, call, &mut tx, id, &found, None).await?;
            id
        }
        None => repeated(&mut tx, &source).await?,
    };
    tx.commit().await?;
    let invoice = get::get(service, workspace, &id.to_string()).await?;
    if invoice.subtotal != request.amount || invoice.currency != currency {
        return Err(Error::Conflict("other credits were bought under this idempotency key"));
    }
    Ok(BuyCreditsResponse { invoice: Some(invoice), replayed: made.is_none() })
}

async fn repeated(tx: &mut WorkspaceTx, source: &str) -> Result<InvoiceId, Error> {
    let values = [tx.workspace().into(), source.into()];
    let (id,): (InvoiceId,) = tx.fetch_one(sql!("invoice/by_source"), &values).await?;
    Ok(id)
}

/// What tells this request from others: who asks, and the key under which they may ask again.
pub(crate) fn source(service: &Billing, call: &Call) -> String {
    match &call.idempotency_key {
        Some(key) => format!("{}:{key}", call.actor()),
        None => service.ids.uuid().to_string(),
    }
}
