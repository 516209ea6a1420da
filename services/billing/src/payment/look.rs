//! What has become of a payment? The provider is asked; whoever says that something has happened (a webhook, a clock) only
//! makes us ask.

use super::{
    Dispute, Known, Method, Payment, Provider, State, Trouble, Truth, dispute, row,
    wanted::{self, Wanted},
};
use crate::{
    Billing, Error,
    customer::lock,
    invoice::{
        refunded::refunded,
        settle::{Receipt, settle},
        take, tell,
    },
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proto::{
    Call, Role,
    id::{InvoiceId, PaymentId, RequestId, WorkspaceId},
};
use std::{collections::BTreeSet, sync::Arc};
use store::{SystemTx, WorkspaceTx, sql};

/// How soon a provider is asked again that could not be asked.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// How often it is asked while nobody has said anything: webhooks get lost.
const MEANWHILE: TimeDelta = TimeDelta::minutes(15);
/// The same of what cannot be paid any more, for which money may be on its way.
const SELDOM: TimeDelta = TimeDelta::hours(6);
/// What is gone since its invoice has become another amount.
const REPLACED: &str = "replaced";

/// All that are due, at most a hundred at a time; a provider that is `away` is left in peace until the next round. One that
/// fails is tried again later. Errors: they could not be found.
pub(crate) async fn round(service: &Billing, away: &mut BTreeSet<String>) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "find payments to look after").await?;
    let due: Vec<(WorkspaceId, PaymentId, String)> =
        tx.fetch_all(sql!("payment/due"), &[service.clock.now().into()]).await?;
    tx.commit().await?;
    for (workspace, id, provider) in due {
        if away.contains(&provider) {
            continue;
        }
        if let Err(error) = one(service, workspace, id).await {
            if matches!(error, Error::Provider(Trouble::Away(_))) {
                away.insert(provider);
            }
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, %workspace, payment = %id, "what has become of a payment is not known");
        }
    }
    Ok(())
}

/// Asks for one of them; where that fails it is asked for again in a minute. Errors: [`Error::Provider`], [`Error::Store`].
pub(crate) async fn one(service: &Billing, workspace: WorkspaceId, id: PaymentId) -> Result<(), Error> {
    let since = service.clock.now();
    let asked = Box::pin(attempt(service, workspace, id)).await;
    let next = match &asked {
        Ok(next) => *next,
        Err(_) => Next { look_at: Some(since + AGAIN), ..Next::default() },
    };
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    if let Some(failed) = next.failed {
        told(service, &mut tx, id, failed).await?;
    }
    let values = [workspace.into(), id.into(), next.status.into(), next.look_at.into(), since.into()];
    tx.execute(sql!("payment/looked"), &values).await?;
    if next.status == Some(REPLACED) {
        // What is left now is ordered in its place.
        tx.execute(sql!("mandate/hurry_one"), &[workspace.into(), since.into()]).await?;
    }
    tx.commit().await?;
    asked.map(drop)
}

/// What it is from now on (None: as before), and when it is asked for next.
#[derive(Clone, Copy, Default)]
struct Next {
    status: Option<&'static str>,
    look_at: Option<DateTime<Utc>>,
    failed: Option<Failed>,
}

/// What a mandate was to pay was not taken.
#[derive(Clone, Copy)]
struct Failed {
    invoice: InvoiceId,
    /// When it is tried again; None: its payer has to pay.
    again: Option<NaiveDate>,
}

/// Tells of it, unless somebody has before.
async fn told(service: &Billing, tx: &mut WorkspaceTx, id: PaymentId, failed: Failed) -> Result<(), Error> {
    lock(service, tx).await?;
    let values = [tx.workspace().into(), id.into()];
    let (status,): (String,) = tx.fetch_one(sql!("payment/status"), &values).await?;
    if status != "open" {
        return Ok(());
    }
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    tell::not_taken(service, &call, tx, failed.invoice, failed.again).await
}

async fn attempt(service: &Billing, workspace: WorkspaceId, id: PaymentId) -> Result<Next, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let payment = row::one(&mut tx, workspace, id).await?;
    let nothing = Next::default();
    let Some(payment) = payment else { return Ok(nothing) };
    let wanted = wanted::find(service, &mut tx, &payment).await?;
    tx.commit().await?;
    let provider = service.providers.iter().find(|provider| provider.name() == payment.provider);
    let (Some(provider), Some(reference)) = (provider, payment.reference.clone()) else { return Ok(nothing) };
    let known = Known { payment: id, method: payment.method, reference };
    let asked_at = service.clock.now();
    let truth = match provider.look(&known).await {
        Err(Trouble::Unknown) if payment.method == Method::PixAutomatic => {
            return unmade(service, workspace, provider, &payment, &wanted).await;
        }
        truth => truth?,
    };
    // What has come is written down before anything else is asked for.
    Box::pin(received(service, workspace, &payment, &truth, asked_at)).await?;
    let after = |truth: &Truth| outcome(truth, &payment, &wanted, service.clock.now());
    if let Some(day) = truth.again.filter(|_| wanted.is_wanted) {
        tracing::info!(%workspace, payment = %id, %day, "what could not be taken is tried again");
        match provider.try_again(&known, day).await {
            Err(error @ Trouble::Refused(_)) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, %workspace, payment = %id, "what could not be taken must not be tried again");
                return Ok(Next { look_at: Some(service.clock.now() + SELDOM), ..after(&truth) });
            }
            tried => tried?,
        }
        let failed = Some(Failed { invoice: payment.invoice, again: Some(day) });
        return Ok(Next { failed, ..after(&truth) });
    }
    if wanted.is_wanted || truth.state != State::Open {
        return Ok(after(&truth));
    }
    // Nobody is to pay any more; somebody may have been faster.
    provider.cancel(&known).await?;
    let asked_at = service.clock.now();
    let truth = provider.look(&known).await?;
    Box::pin(received(service, workspace, &payment, &truth, asked_at)).await?;
    Ok(after(&truth))
}

/// It was written down before it was ordered, and the order has not arrived: it is ordered now, if it still is to be.
async fn unmade(
    service: &Billing,
    workspace: WorkspaceId,
    provider: &Arc<dyn Provider>,
    payment: &Payment,
    wanted: &Wanted,
) -> Result<Next, Error> {
    let now = service.clock.now();
    if let Some(mandate) = wanted.mandate.as_deref().filter(|_| wanted.is_wanted) {
        return match take::order(service, workspace, provider, payment, mandate).await {
            Ok(()) => Ok(Next { status: Some("open"), look_at: Some(now + MEANWHILE), ..Next::default() }),
            Err(Error::Provider(error @ Trouble::Refused(_))) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, %workspace, payment = %payment.id, "what a mandate was to pay is refused");
                let failed = Some(Failed { invoice: payment.invoice, again: None });
                Ok(Next { status: Some("gone"), failed, ..Next::default() })
            }
            Err(error) => Err(error),
        };
    }
    // The order may be on its way still: it is looked for once more, and cancelled then.
    let look_at = wanted.is_open.then_some(now + MEANWHILE);
    Ok(Next { status: Some(if wanted.is_replaced { REPLACED } else { "gone" }), look_at, ..Next::default() })
}

async fn received(
    service: &Billing,
    workspace: WorkspaceId,
    payment: &Payment,
    truth: &Truth,
    asked_at: DateTime<Utc>,
) -> Result<(), Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    for money in &truth.received {
        let receipt = Receipt {
            provider: payment.provider.clone(),
            reference: money.id.clone(),
            amount: money.amount,
            surcharge: money.surcharge,
            currency: money.currency.clone(),
            at: money.at,
        };
        if receipt.amount <= 0 {
            continue;
        }
        let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
        settle(service, &call, &mut tx, payment.invoice, &receipt).await?;
        if money.refunded > 0 || money.refund_failed > 0 {
            refunded(service, &mut tx, payment.invoice, &payment.provider, money).await?;
        }
        tx.commit().await?;
    }
    for disputed in &truth.disputes {
        let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
        dispute::write(service, &mut tx, payment, disputed, asked_at).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn outcome(truth: &Truth, payment: &Payment, wanted: &Wanted, now: DateTime<Utc>) -> Next {
    let is_over = payment.expires_at + payment.method.clears_within() + TimeDelta::days(1) <= now;
    let (status, look_at) = match truth.state {
        State::Open if is_over => ("gone", None),
        State::Open => ("open", Some(now + MEANWHILE)),
        State::Paid => ("paid", None),
        // It may have been paid before, and nobody tells when the money comes.
        State::Gone if payment.method == Method::Boleto && !is_over => ("gone", Some(now + SELDOM)),
        State::Gone if wanted.is_replaced => (REPLACED, None),
        State::Gone => ("gone", None),
    };
    // A dispute goes on for months, and news of it get lost as well.
    let disputed = truth.disputes.iter().any(Dispute::is_open).then_some(now + SELDOM);
    let look_at = match (look_at, disputed) {
        (Some(at), Some(disputed)) => Some(at.min(disputed)),
        (at, disputed) => at.or(disputed),
    };
    let is_lost = status == "gone" && payment.method == Method::PixAutomatic && wanted.is_wanted;
    let failed = is_lost.then_some(Failed { invoice: payment.invoice, again: None });
    Next { status: Some(status), look_at, failed }
}
