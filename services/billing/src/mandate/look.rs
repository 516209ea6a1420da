//! What has become of mandates, and what is taken by them: their provider is asked.

use super::{
    open::{SOON, made},
    row::{self, Row, keep},
};
use crate::{
    Billing, Error,
    invoice::take,
    payment::{MandateStatus, Provider, Trouble},
    peers,
    subscription::current,
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    Call, Role,
    id::{InvoiceId, MandateId, RequestId, WorkspaceId},
};
use std::{collections::BTreeSet, sync::Arc};
use store::{SystemTx, WorkspaceTx, sql};

/// How often one is asked for that may be allowed at any time, while nobody has said anything: webhooks get lost.
const PENDING: TimeDelta = TimeDelta::minutes(15);
/// The same of one that is in force; then invoices are taken by it as well.
const ACTIVE: TimeDelta = TimeDelta::hours(1);
/// How long before an invoice is due its taking is ordered, at most: banks take no orders for later.
const AHEAD: TimeDelta = TimeDelta::days(10);
/// How long after the end of a subscription its last invoice may still be taken, or somebody may come back.
const IDLE: TimeDelta = TimeDelta::days(30);

/// All of a provider that are not ended are asked for in the next rounds. Errors: they could not be found.
pub(crate) async fn hurry(service: &Billing, provider: &str) -> Result<(), Error> {
    let mut tx = SystemTx::begin(&service.db, "look after all mandates of a provider").await?;
    tx.execute(sql!("mandate/hurry"), &[provider.into(), service.clock.now().into()]).await?;
    Ok(tx.commit().await?)
}

/// All that are due, at most a hundred at a time; a provider that is `away` is left in peace until the next round. One that fails is
/// tried again later. Errors: they could not be found.
pub(crate) async fn round(service: &Billing, away: &mut BTreeSet<String>) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "find mandates to look after").await?;
    let due: Vec<(WorkspaceId, MandateId, String)> =
        tx.fetch_all(sql!("mandate/due"), &[service.clock.now().into()]).await?;
    tx.commit().await?;
    for (workspace, id, provider) in due {
        if away.contains(&provider) {
            continue;
        }
        if let Err(error) = one(service, workspace, id).await {
            let is_away = matches!(error, Error::Provider(Trouble::Away(_)));
            tracing::warn!(error = &error as &dyn std::error::Error, %workspace, mandate = %id,
                "what has become of a mandate is not known, or nothing could be taken by it");
            if is_away {
                away.insert(provider);
            }
            // Who has answered says the same again.
            later(service, workspace, id, if is_away { SOON } else { PENDING }).await?;
        }
    }
    Ok(())
}

fn call(service: &Billing) -> Call {
    Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()))
}

async fn one(service: &Billing, workspace: WorkspaceId, id: MandateId) -> Result<(), Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let row = row::one(&mut tx, id).await?.filter(Row::is_live);
    tx.commit().await?;
    let Some(row) = row else { return Ok(()) };
    let provider = service.providers.iter().find(|provider| provider.name() == row.provider);
    let Some(provider) = provider else { return later(service, workspace, id, PENDING).await };
    let agreed = match &row.reference {
        Some(reference) => provider.look_mandate(id, reference, row.asked_since()).await?,
        None => {
            let found = peers::workspace(service, workspace).await?;
            made(service, &call(service), workspace, provider, &row, &found).await?
        }
    };
    let known = row.reference.clone();
    let row = row.agreed(&agreed);
    if agreed.status != MandateStatus::Ended && is_idle(service, workspace).await? {
        // Nobody keeps what others have allowed for nothing.
        provider.end_mandate(id, &agreed.reference).await?;
        let row = Row { status: MandateStatus::Ended.as_str().to_owned(), ..row };
        return keep(service, &call(service), workspace, &row, known.as_deref(), None).await.map(drop);
    }
    let next = match agreed.status {
        MandateStatus::Pending => Some(PENDING),
        MandateStatus::Active => Some(ACTIVE),
        MandateStatus::Ended => None,
    };
    let next = next.map(|pause| service.clock.now() + pause);
    let kept = keep(service, &call(service), workspace, &row, known.as_deref(), next).await?;
    match &kept.reference {
        Some(reference) if kept.status == MandateStatus::Active.as_str() => {
            take(service, workspace, &kept, provider, reference).await
        }
        _ => Ok(()),
    }
}

async fn take(
    service: &Billing,
    workspace: WorkspaceId,
    row: &Row,
    provider: &Arc<dyn Provider>,
    reference: &str,
) -> Result<(), Error> {
    let until: DateTime<Utc> = service.clock.now() + AHEAD;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let values = [
        workspace.into(),
        row.currency.as_str().into(),
        until.into(),
        row.billing_interval.as_str().into(),
        super::begin(row.first_at).into(),
    ];
    let invoices: Vec<(InvoiceId,)> = tx.fetch_all(sql!("mandate/to_take"), &values).await?;
    tx.commit().await?;
    let mut failed = Ok(());
    for (invoice,) in invoices {
        // One that cannot be taken is in nobody's way.
        match take::take(service, workspace, invoice, provider, reference).await {
            Ok(()) => {}
            Err(error @ Error::Provider(Trouble::Away(_))) => return Err(error),
            Err(error) => failed = Err(error),
        }
    }
    failed
}

/// Whether the subscription that it is for is over for so long that nobody comes back to it.
async fn is_idle(service: &Billing, workspace: WorkspaceId) -> Result<bool, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let ended_at = current::kept(&mut tx).await?.and_then(|subscription| subscription.ended_at);
    Ok(ended_at.is_some_and(|at| at + IDLE <= service.clock.now()))
}

/// Somebody else may look after it sooner.
async fn later(service: &Billing, workspace: WorkspaceId, id: MandateId, pause: TimeDelta) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let at = service.clock.now() + pause;
    tx.execute(sql!("mandate/later"), &[workspace.into(), id.into(), at.into()]).await?;
    Ok(tx.commit().await?)
}
