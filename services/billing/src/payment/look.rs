//! What has become of a payment? The provider is asked; whoever says that something has happened (a webhook, a clock) only
//! makes us ask.

use super::{Dispute, Known, Method, Payment, State, Trouble, Truth, dispute, row};
use crate::{
    Billing, Error,
    invoice::{
        refunded::refunded,
        settle::{Receipt, settle},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    Call, Role,
    id::{PaymentId, RequestId, WorkspaceId},
};
use std::collections::BTreeSet;
use store::{SystemTx, WorkspaceTx, sql};

/// How soon a provider is asked again that could not be asked.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// How often it is asked while nobody has said anything: webhooks get lost.
const MEANWHILE: TimeDelta = TimeDelta::minutes(15);
/// The same of what cannot be paid any more, for which money may be on its way.
const SELDOM: TimeDelta = TimeDelta::hours(6);

/// All that are due, at most a hundred at a time; a provider that is away is left in peace until the next round. One that
/// fails is tried again later. Errors: they could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "find payments to look after").await?;
    let due: Vec<(WorkspaceId, PaymentId, String)> =
        tx.fetch_all(sql!("payment/due"), &[service.clock.now().into()]).await?;
    tx.commit().await?;
    let mut away = BTreeSet::new();
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
        Err(_) => Next { status: None, look_at: Some(since + AGAIN) },
    };
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let values = [workspace.into(), id.into(), next.status.into(), next.look_at.into(), since.into()];
    tx.execute(sql!("payment/looked"), &values).await?;
    tx.commit().await?;
    asked.map(drop)
}

/// What it is from now on (None: as before), and when it is asked for next.
#[derive(Clone, Copy)]
struct Next {
    status: Option<&'static str>,
    look_at: Option<DateTime<Utc>>,
}

async fn attempt(service: &Billing, workspace: WorkspaceId, id: PaymentId) -> Result<Next, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let payment = row::one(&mut tx, workspace, id).await?;
    let nothing = Next { status: None, look_at: None };
    let Some(payment) = payment else { return Ok(nothing) };
    let is_wanted = is_wanted(service, &mut tx, &payment).await?;
    tx.commit().await?;
    let provider = service.providers.iter().find(|provider| provider.name() == payment.provider);
    let (Some(provider), Some(reference)) = (provider, payment.reference.clone()) else { return Ok(nothing) };
    let known = Known { payment: id, method: payment.method, reference };
    let asked_at = service.clock.now();
    let truth = provider.look(&known).await?;
    // What has come is written down before anything else is asked for.
    received(service, workspace, &payment, &truth, asked_at).await?;
    if let Some(day) = truth.again.filter(|_| is_wanted) {
        tracing::info!(%workspace, payment = %id, %day, "what could not be taken is tried again");
        provider.try_again(&known, day).await?;
    }
    if is_wanted || truth.state != State::Open {
        return Ok(outcome(&truth, &payment, service.clock.now()));
    }
    // Nobody is to pay any more; somebody may have been faster.
    provider.cancel(&known).await?;
    let asked_at = service.clock.now();
    let truth = provider.look(&known).await?;
    received(service, workspace, &payment, &truth, asked_at).await?;
    Ok(outcome(&truth, &payment, service.clock.now()))
}

/// Whether its invoice can still be paid. Money for a boleto takes days to arrive: it is not closed meanwhile.
async fn is_wanted(service: &Billing, tx: &mut WorkspaceTx, payment: &Payment) -> Result<bool, Error> {
    let values = [tx.workspace().into(), payment.invoice.into()];
    let found: Option<(String, Option<DateTime<Utc>>)> = tx.fetch_optional(sql!("invoice/status"), &values).await?;
    let now = service.clock.now();
    Ok(found.is_some_and(|(status, expires_at)| {
        status == "open" && expires_at.is_none_or(|at| at + payment.method.clears_within() > now)
    }))
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

fn outcome(truth: &Truth, payment: &Payment, now: DateTime<Utc>) -> Next {
    let is_over = payment.expires_at + payment.method.clears_within() + TimeDelta::days(1) <= now;
    let (status, look_at) = match truth.state {
        State::Open if is_over => ("gone", None),
        State::Open => ("open", Some(now + MEANWHILE)),
        State::Paid => ("paid", None),
        // It may have been paid before, and nobody tells when the money comes.
        State::Gone if payment.method == Method::Boleto && !is_over => ("gone", Some(now + SELDOM)),
        State::Gone => ("gone", None),
    };
    // A dispute goes on for months, and news of it get lost as well.
    let disputed = truth.disputes.iter().any(Dispute::is_open).then_some(now + SELDOM);
    let look_at = match (look_at, disputed) {
        (Some(at), Some(disputed)) => Some(at.min(disputed)),
        (at, disputed) => at.or(disputed),
    };
    Next { status: Some(status), look_at }
}
