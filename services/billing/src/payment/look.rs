//! What has become of a payment? The provider is asked; whoever says that something has happened (a webhook, a clock) only
//! makes us ask.

use super::{Known, Payment, Provider, State, Trouble, Truth, row};
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
use std::sync::Arc;
use store::{SystemTx, WorkspaceTx, sql};

/// How soon a provider is asked again that could not be asked.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// How often it is asked while nobody has said anything: webhooks get lost.
const MEANWHILE: TimeDelta = TimeDelta::minutes(15);

/// All that are due, at most a hundred at a time. Errors: they could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "find payments to look after").await?;
    let due: Vec<(WorkspaceId, PaymentId)> = tx.fetch_all(sql!("payment/due"), &[service.clock.now().into()]).await?;
    tx.commit().await?;
    for (workspace, id) in due {
        if let Err(error) = one(service, workspace, id).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, %workspace, payment = %id, "what has become of a payment is not known");
        }
    }
    Ok(())
}

/// Asks for one of them. Errors: [`Error::Provider`], [`Error::Store`].
pub(crate) async fn one(service: &Billing, workspace: WorkspaceId, id: PaymentId) -> Result<(), Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let payment = row::one(&mut tx, workspace, id).await?;
    let is_wanted = match &payment {
        Some(payment) => is_wanted(&mut tx, payment).await?,
        None => false,
    };
    tx.commit().await?;
    let Some(payment) = payment else { return Ok(()) };
    let now = service.clock.now();
    let provider = service.providers.iter().find(|provider| provider.name() == payment.provider);
    let (Some(provider), Some(reference)) = (provider, payment.reference.clone()) else {
        return looked(service, workspace, id, "open", None).await;
    };
    let known = Known { payment: id, method: payment.method, reference };
    match asked(provider, &known, is_wanted).await {
        Ok(truth) => {
            received(service, workspace, &payment, &truth).await?;
            let (status, next) = outcome(&truth, &payment, now);
            looked(service, workspace, id, status, next).await
        }
        Err(trouble) => {
            looked(service, workspace, id, "open", Some(now + AGAIN)).await?;
            Err(trouble.into())
        }
    }
}

/// Whether its invoice can still be paid.
async fn is_wanted(tx: &mut WorkspaceTx, payment: &Payment) -> Result<bool, Error> {
    let values = [tx.workspace().into(), payment.invoice.into()];
    let open: Option<(String,)> = tx.fetch_optional(sql!("invoice/status"), &values).await?;
    Ok(open.is_some_and(|(status,)| status == "open"))
}

/// First it is closed where nobody is to pay any more: what is known afterwards stays true.
async fn asked(provider: &Arc<dyn Provider>, known: &Known, is_wanted: bool) -> Result<Truth, Trouble> {
    let truth = provider.look(known).await?;
    if is_wanted || truth.state != State::Open {
        return Ok(truth);
    }
    provider.cancel(known).await?;
    provider.look(known).await
}

async fn received(service: &Billing, workspace: WorkspaceId, payment: &Payment, truth: &Truth) -> Result<(), Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    for money in &truth.received {
        let receipt = Receipt {
            provider: payment.provider.clone(),
            reference: money.id.clone(),
            amount: money.amount,
            currency: money.currency.clone(),
            at: money.at,
        };
        if receipt.amount <= 0 {
            continue;
        }
        let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
        settle(service, &call, &mut tx, payment.invoice, &receipt).await?;
        if money.refunded > 0 {
            refunded(service, &mut tx, payment.invoice, &payment.provider, money).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn outcome(truth: &Truth, payment: &Payment, now: DateTime<Utc>) -> (&'static str, Option<DateTime<Utc>>) {
    match truth.state {
        State::Open if payment.expires_at + TimeDelta::days(1) <= now => ("gone", None),
        State::Open => ("open", Some(now + MEANWHILE)),
        State::Paid => ("paid", None),
        State::Gone => ("gone", None),
    }
}

async fn looked(
    service: &Billing,
    workspace: WorkspaceId,
    id: PaymentId,
    status: &'static str,
    next: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let values = [workspace.into(), id.into(), status.into(), next.into()];
    tx.execute(sql!("payment/looked"), &values).await?;
    Ok(tx.commit().await?)
}
