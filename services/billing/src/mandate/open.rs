//! Asks a customer to allow it.

use super::row::{self, Row, keep};
use crate::{
    Billing, Error,
    customer::{details, lock},
    payment::{Agreed, Instructions, Mandate, MandateStatus, Provider, Trouble},
    peers::{self, Workspace},
    subscription,
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    Call, billing,
    id::{MandateId, WorkspaceId},
    time::from_proto,
};
use serde_json::json;
use std::sync::Arc;
use store::{WorkspaceTx, sql};

/// How soon the provider is asked what has become of it, or for it again where its answer was lost.
pub(super) const SOON: TimeDelta = TimeDelta::minutes(2);

/// The one that is there already, or a new one. Errors: [`Error::NoMandates`], [`Error::Conflict`], [`Error::Provider`].
pub(crate) async fn open(service: &Billing, call: &Call, workspace: WorkspaceId) -> Result<billing::Mandate, Error> {
    let found = peers::workspace(service, workspace).await?;
    let (currency, interval, first_at) = terms(service, workspace).await?;
    let provider =
        service.providers.iter().find(|provider| provider.has_mandates(&currency)).ok_or(Error::NoMandates)?;
    let now = service.clock.now();
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let row = match row::newest(&mut tx).await?.filter(Row::is_live) {
        Some(live) if live.currency != currency || live.billing_interval != interval => {
            return Err(Error::Conflict(
                "what was allowed before is for periods of another length: end it first, and ask for another one",
            ));
        }
        Some(live) => live,
        None => {
            let id = MandateId::from_uuid(service.ids.uuid());
            let values = [
                workspace.into(),
                id.into(),
                provider.name().into(),
                currency.into(),
                interval.into(),
                first_at.into(),
                json!(Instructions::default()).into(),
                now.into(),
                (now + SOON).into(),
            ];
            tx.execute(sql!("mandate/insert"), &values).await?;
            let row = row::one(&mut tx, id).await?.ok_or(Error::NoMandate)?;
            row::tell(service, call, &mut tx, &row);
            row
        }
    };
    tx.commit().await?;
    if row.reference.is_some() {
        return Ok(row.shown());
    }
    let agreed = made(service, call, workspace, provider, &row, &found).await?;
    let row = row.agreed(&agreed);
    // Of two who ask at once, both get what was written down first.
    Ok(keep(service, call, workspace, &row, None, Some(now + SOON)).await?.shown())
}

/// Has the provider make it, or say that it has made it already. One that it refuses to make is over: the next is asked for with other
/// details.
pub(super) async fn made(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    provider: &Arc<dyn Provider>,
    row: &Row,
    found: &Workspace,
) -> Result<Agreed, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let payer = details::read(&mut tx, workspace).await?.payer(found);
    tx.commit().await?;
    let wanted = Mandate {
        id: row.mandate_id,
        since: row.created_at,
        interval: row.billing_interval.clone(),
        first_at: row.first_at,
        description: service.config.issuer.name.clone(),
        payer,
    };
    let made = provider.mandate(&wanted).await;
    if matches!(made, Err(Trouble::Refused(_))) {
        let row = Row { status: MandateStatus::Ended.as_str().to_owned(), ..row.clone() };
        keep(service, call, workspace, &row, None, None).await?;
    }
    Ok(made?)
}

/// Currency, interval, and when the next invoice of the subscription is due. Errors: [`Error::Conflict`] where there will be none.
async fn terms(service: &Billing, workspace: WorkspaceId) -> Result<(String, String, DateTime<Utc>), Error> {
    let now = subscription::get::get(service, workspace).await?;
    let is_invoiced =
        now.collection_method == "send_invoice" && ["active", "trialing", "past_due"].contains(&now.status.as_str());
    let price = now.price.filter(|price| price.unit_amount > 0 && is_invoiced);
    let end = now.current_period_end.and_then(from_proto);
    let (price, end) = price.zip(end).ok_or(Error::Conflict(
        "this workspace has no subscription with invoices: there is nothing to be taken each period",
    ))?;
    Ok((price.currency, price.interval, end + TimeDelta::days(i64::from(service.config.net_days))))
}
