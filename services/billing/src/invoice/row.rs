//! An invoice as the database keeps it.

use super::{
    document::Line,
    state::{Invoice, Reason, Status},
    usage::Charged,
};
use crate::{Error, subscription::state::Scheduled};
use chrono::{DateTime, Utc};
use proto::id::{InvoiceId, SubscriptionId, WorkspaceId};
use serde_json::Value;
use store::{Tx, sql};

store::row! {
    pub(super) struct Row {
        pub workspace_id: WorkspaceId,
        invoice_id: InvoiceId,
        subscription_id: Option<SubscriptionId>,
        number: Option<String>,
        status: String,
        billing_reason: String,
        currency: String,
        draft: Option<Value>,
        document: Option<String>,
        digest: Option<String>,
        total: Option<i64>,
        change: Option<Value>,
        usage: Option<Value>,
        due_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
        created_at: DateTime<Utc>,
        finalized_at: Option<DateTime<Utc>>,
        paid_at: Option<DateTime<Utc>>,
        voided_at: Option<DateTime<Utc>>,
    }
}

impl Row {
    /// Its place in lists.
    pub fn id(&self) -> uuid::Uuid {
        self.invoice_id.uuid()
    }

    /// Errors: [`Error::Kept`]: a release that is newer has written it.
    pub fn read(self) -> Result<Invoice, Error> {
        let lines: Option<Vec<Line>> = json(self.draft, "the lines of an invoice")?;
        let change: Option<Scheduled> = json(self.change, "what an invoice is for")?;
        let usage: Option<Charged> = json(self.usage, "which usage an invoice charges")?;
        Ok(Invoice {
            id: self.invoice_id,
            subscription: self.subscription_id,
            number: self.number,
            status: Status::parse(&self.status).ok_or(Error::Kept("the status of an invoice"))?,
            reason: Reason::parse(&self.billing_reason).ok_or(Error::Kept("the reason of an invoice"))?,
            currency: self.currency,
            lines: lines.unwrap_or_default(),
            document: self.document.zip(self.digest),
            total: self.total.unwrap_or_default(),
            change,
            usage,
            due_at: self.due_at,
            expires_at: self.expires_at,
            created_at: self.created_at,
            finalized_at: self.finalized_at,
            paid_at: self.paid_at,
            voided_at: self.voided_at,
        })
    }
}

fn json<T: serde::de::DeserializeOwned>(value: Option<Value>, what: &'static str) -> Result<Option<T>, Error> {
    value.map(|value| serde_json::from_value(value).map_err(|_| Error::Kept(what))).transpose()
}

/// One invoice of a workspace. Errors: [`Error::NoInvoice`].
pub(super) async fn one(tx: &mut Tx, workspace: WorkspaceId, id: InvoiceId) -> Result<Invoice, Error> {
    let row: Option<Row> = tx.fetch_optional(sql!("invoice/get"), &[workspace.into(), id.into()]).await?;
    row.ok_or(Error::NoInvoice)?.read()
}
