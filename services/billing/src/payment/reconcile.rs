//! Do the providers, the ledger and the invoices say the same?

mod claimed;

use super::{Provider, Received, look};
use crate::{Billing, Error, error::refused, mandate};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    billing::{CreditBalance, Difference, ReconcileRequest, ReconcileResponse, ReconciledProvider},
    id::{InvoiceId, PaymentId, WorkspaceId},
    time::from_proto,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::{SystemTx, sql};

const USUALLY: TimeDelta = TimeDelta::days(1);
const FRESH: TimeDelta = TimeDelta::minutes(5);
const LONGEST: TimeDelta = TimeDelta::days(31);

store::row! {
    /// Money in the ledger.
    struct Kept {
        source: String,
        invoice_id: Option<InvoiceId>,
        currency: String,
        amount: i64,
        at: DateTime<Utc>,
    }
}

/// Errors: [`Error::Refused`]; [`Error::Provider`] while one is away: half a comparison is none.
pub(crate) async fn reconcile(service: &Billing, request: ReconcileRequest) -> Result<ReconcileResponse, Error> {
    let now = service.clock.now();
    let time = |field: &'static str, at: Option<_>, default: DateTime<Utc>| {
        at.map_or(Some(default), from_proto).ok_or_else(|| refused(field, "must be a time"))
    };
    let to = time("to", request.to, now)?;
    let from = time("from", request.from, to - USUALLY)?;
    if from >= to || to - from > LONGEST || to > now {
        return Err(refused("from", "must be before to, at most 31 days, and to must not be in the future"));
    }
    let mut answer = ReconcileResponse::default();
    for provider in service.providers.iter() {
        let (summary, differences) = one(service, provider, from, to).await?;
        answer.providers.push(summary);
        answer.differences.extend(differences);
    }
    Ok(answer)
}

async fn one(
    service: &Billing,
    provider: &Arc<dyn Provider>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<(ReconciledProvider, Vec<Difference>), Error> {
    // What was taken by a mandate is among what was received; what became of the mandate itself may have been missed as well.
    mandate::look::hurry(service, provider.name()).await?;
    let received = provider.received(from, to).await?;
    let mut claims = provider.claims(from, to).await?;
    let mut differences = vec![];
    for money in &received {
        // Of what was claimed back more is known.
        let claimed = claims.received.iter().position(|claimed| claimed.id == money.id);
        let claimed = claimed.map(|at| claims.received.swap_remove(at));
        differences.extend(compared(service, provider.name(), claimed.as_ref().unwrap_or(money)).await?);
    }
    differences.extend(claimed::compared(service, provider.name(), &claims).await?);
    let prefix = format!("received:{}:", provider.name());
    let mut tx = SystemTx::read(&service.db, "compare the ledger with providers of payments").await?;
    let values = [prefix.as_str().into(), from.into(), to.into()];
    let kept: Vec<Kept> = tx.fetch_all(sql!("ledger/received_between"), &values).await?;
    tx.commit().await?;
    let known: BTreeSet<&str> = received.iter().map(|money| money.id.as_str()).collect();
    // What has come since the provider was asked is not missing there.
    let asked = service.clock.now() - FRESH;
    for row in kept.iter().filter(|row| row.at <= asked) {
        let reference = row.source.strip_prefix(&prefix).unwrap_or_default();
        if !known.contains(reference) {
            differences.push(Difference {
                kind: "not_received".to_owned(),
                ledger_amount: row.amount,
                invoice_id: row.invoice_id.map(String::from).unwrap_or_default(),
                ..difference(provider.name(), reference, &row.currency)
            });
        }
    }
    let summary = ReconciledProvider {
        provider: provider.name().to_owned(),
        received_count: i64::try_from(received.len()).unwrap_or(i64::MAX),
        received: sums(received.iter().map(|money| (money.currency.as_str(), money.amount))),
        ledger: sums(kept.iter().map(|row| (row.currency.as_str(), row.amount))),
    };
    Ok((summary, differences))
}

/// What the ledger does not say of it, after what was missed was made up for.
async fn compared(service: &Billing, provider: &str, money: &Received) -> Result<Option<Difference>, Error> {
    let of = |kind: &str| Difference {
        kind: kind.to_owned(),
        provider_amount: money.amount,
        ..difference(provider, &money.id, &money.currency)
    };
    let mut is_missed = false;
    let mut kept = in_ledger(service, provider, &money.id).await?;
    let (refunded, failed) = given_back(service, provider, &money.id).await?;
    let is_known = kept.is_some() && refunded - failed >= money.refunded && failed >= money.refund_failed;
    if !is_known && make_up_for(service, provider, money.reference.as_deref()).await? {
        kept = in_ledger(service, provider, &money.id).await?;
        is_missed = true;
    }
    let (refunded, failed) = given_back(service, provider, &money.id).await?;
    let refunded = refunded - failed;
    Ok(match kept {
        None => Some(of("unknown")),
        Some(row) if refunded != money.refunded => {
            let invoice_id = row.invoice_id.map(String::from).unwrap_or_default();
            Some(Difference { provider_amount: money.refunded, ledger_amount: refunded, invoice_id, ..of("refund") })
        }
        Some(row) if row.amount != money.amount || row.currency != money.currency => {
            let invoice_id = row.invoice_id.map(String::from).unwrap_or_default();
            Some(Difference { ledger_amount: row.amount, invoice_id, ..of("amount") })
        }
        Some(row) if is_missed => {
            let invoice_id = row.invoice_id.map(String::from).unwrap_or_default();
            Some(Difference { ledger_amount: row.amount, invoice_id, is_explained: true, ..of("missed") })
        }
        Some(_) => None,
    })
}

async fn in_ledger(service: &Billing, provider: &str, id: &str) -> Result<Option<Kept>, Error> {
    let source = format!("received:{provider}:{id}");
    let mut tx = SystemTx::read(&service.db, "compare the ledger with providers of payments").await?;
    Ok(tx.fetch_optional(sql!("ledger/by_source"), &[source.into()]).await?)
}

/// How much of it the ledger says was given back, and how much of that has not arrived.
async fn given_back(service: &Billing, provider: &str, id: &str) -> Result<(i64, i64), Error> {
    let name = format!("{provider}:{id}");
    let mut tx = SystemTx::read(&service.db, "compare the ledger with providers of payments").await?;
    Ok(tx.fetch_one(sql!("ledger/refunded_anywhere"), &[name.into()]).await?)
}

/// Asks for the payment that a provider names, and writes down what was missed. False where it names none of ours.
async fn make_up_for(service: &Billing, provider: &str, reference: Option<&str>) -> Result<bool, Error> {
    let Some(reference) = reference else { return Ok(false) };
    let mut tx = SystemTx::read(&service.db, "compare the ledger with providers of payments").await?;
    let found: Option<(WorkspaceId, PaymentId)> =
        tx.fetch_optional(sql!("payment/by_reference"), &[provider.into(), reference.into()]).await?;
    tx.commit().await?;
    let Some((workspace, payment)) = found else { return Ok(false) };
    if let Err(error) = look::one(service, workspace, payment).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, %workspace, %payment, "what was missed of a payment could not be made up for");
    }
    Ok(true)
}

fn difference(provider: &str, reference: &str, currency: &str) -> Difference {
    Difference {
        provider: provider.to_owned(),
        reference: reference.to_owned(),
        currency: currency.to_owned(),
        ..Difference::default()
    }
}

fn sums<'a>(amounts: impl Iterator<Item = (&'a str, i64)>) -> Vec<CreditBalance> {
    let mut by_currency = BTreeMap::<&str, i64>::new();
    for (currency, amount) in amounts {
        *by_currency.entry(currency).or_default() += amount;
    }
    by_currency.into_iter().map(|(currency, amount)| CreditBalance { currency: currency.to_owned(), amount }).collect()
}
