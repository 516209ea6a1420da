//! Disputes, as operators see them.

use super::DisputeStatus;
use crate::{Billing, Error, error::refused, peers};
use chrono::{DateTime, Utc};
use proto::{
    Page,
    billing::{Dispute, ListDisputesRequest, ListDisputesResponse},
    id::{InvoiceId, WorkspaceId},
    time::to_proto,
};
use store::{SystemTx, sql};
use uuid::Uuid;

store::row! {
    struct Row {
        workspace_id: WorkspaceId,
        dispute_id: Uuid,
        provider: String,
        reference: String,
        invoice_id: InvoiceId,
        received: String,
        currency: String,
        amount: i64,
        status: String,
        reason: String,
        respond_by: Option<DateTime<Utc>>,
        opened_at: DateTime<Utc>,
    }
}

/// Newest first. Errors: [`Error::NoWorkspace`], [`Error::Refused`].
pub(crate) async fn list(service: &Billing, request: ListDisputesRequest) -> Result<ListDisputesResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let status = Some(request.status.as_str()).filter(|status| !status.is_empty());
    if status.is_some_and(|status| DisputeStatus::parse(status).is_none()) {
        let names: Vec<_> = DisputeStatus::ALL.into_iter().map(DisputeStatus::as_str).collect();
        return Err(refused("status", format!("must be one of {}", names.join(", "))));
    }
    let workspace = match request.workspace_id.as_str() {
        "" => None,
        id => Some(id.parse::<WorkspaceId>().map_err(|_| Error::NoWorkspace)?),
    };
    if let Some(workspace) = workspace {
        peers::workspace(service, workspace).await?;
    }
    let mut tx = SystemTx::read(&service.db, "list disputes for operators").await?;
    let values = [workspace.into(), page.after.into(), status.into(), page.fetch().into()];
    let mut rows: Vec<Row> = tx.fetch_all(sql!("dispute/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.dispute_id);
    Ok(ListDisputesResponse { disputes: rows.into_iter().map(Dispute::from).collect(), next_page_token })
}

/// Shows operators how many wait for an answer. Errors: [`Error::Store`].
pub(crate) async fn show(service: &Billing) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "count disputes that wait").await?;
    let (waiting,): (i64,) = tx.fetch_one(sql!("dispute/waiting"), &[]).await?;
    let gauge = host::metrics::gauge(
        "perpetuo_billing_disputes_waiting",
        "Disputes of payments that wait for an answer of ours; the same in every process of billing, counted every 15 s.",
    );
    gauge.set(waiting);
    Ok(())
}

impl From<Row> for Dispute {
    fn from(row: Row) -> Self {
        Self {
            id: row.dispute_id.to_string(),
            workspace_id: row.workspace_id.to_string(),
            provider: row.provider,
            reference: row.reference,
            received: row.received,
            invoice_id: row.invoice_id.to_string(),
            currency: row.currency,
            amount: row.amount,
            status: row.status,
            reason: row.reason,
            respond_by: row.respond_by.map(to_proto),
            opened_at: Some(to_proto(row.opened_at)),
        }
    }
}
