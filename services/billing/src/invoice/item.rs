//! What operators write down to be charged: a line of the next invoice for a period, or an invoice of its own.

use super::{
    document::{Kind, Line},
    draft::{self, Draft},
    finalize,
    state::{Invoice, Reason},
};
use crate::{
    Billing, Error, credit,
    customer::lock,
    error::refused,
    money::{MAX_AMOUNT, is_currency},
    peers,
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    Call, Page,
    billing::{
        AddInvoiceItemRequest, AddInvoiceItemResponse, InvoiceItem, ListInvoiceItemsRequest, ListInvoiceItemsResponse,
    },
    id::{EventId, InvoiceId, InvoiceItemId, WorkspaceId},
    time::to_proto,
};
use serde_json::json;
use std::collections::BTreeMap;
use store::{WorkspaceTx, outbox, sql};

const MAX_DESCRIPTION: usize = 200;
const MAX_QUANTITY: i64 = 1_000_000;
/// More than an invoice can be read with.
const MAX_WAITING: usize = 100;

store::row! {
    #[derive(Clone)]
    struct Row {
        item_id: InvoiceItemId,
        description: String,
        currency: String,
        quantity: i64,
        unit_amount: i64,
        invoice_id: Option<InvoiceId>,
        created_by: String,
        created_at: DateTime<Utc>,
    }
}

impl Row {
    const fn amount(&self) -> i64 {
        self.unit_amount.saturating_mul(self.quantity)
    }

    fn line(&self) -> Line {
        Line {
            kind: Kind::Manual,
            titles: BTreeMap::new(),
            period_start: None,
            period_end: None,
            quantity: self.quantity,
            unit_amount: Some(self.unit_amount),
            amount: self.amount(),
            note: Some(self.description.clone()),
        }
    }

    fn shown(self) -> InvoiceItem {
        InvoiceItem {
            amount: self.amount(),
            id: self.item_id.to_string(),
            description: self.description,
            currency: self.currency,
            quantity: self.quantity,
            unit_amount: self.unit_amount,
            invoice_id: self.invoice_id.map(String::from).unwrap_or_default(),
            created_by: self.created_by,
            created_at: Some(to_proto(self.created_at)),
        }
    }

    /// Whether it is what somebody asks for who asks again.
    fn is(&self, new: &New, is_own: bool) -> bool {
        let same = (&self.description, &self.currency, self.quantity, self.unit_amount);
        // One that waited may be on the invoice of a period by now.
        same == (&new.description, &new.currency, new.quantity, new.unit_amount)
            && (!is_own || self.invoice_id.is_some())
    }
}

/// What is written down.
struct New {
    description: String,
    currency: String,
    quantity: i64,
    unit_amount: i64,
}

/// The same idempotency key again is the same item. Errors: [`Error::NoWorkspace`], [`Error::Refused`], [`Error::Conflict`].
pub(crate) async fn add(
    service: &Billing,
    call: &Call,
    request: AddInvoiceItemRequest,
) -> Result<AddInvoiceItemResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NoWorkspace)?;
    if service.config.issuer.name.is_empty() {
        return Err(Error::Conflict("nobody issues invoices here: set billing.issuer"));
    }
    let found = peers::workspace(service, workspace).await?;
    let is_own = request.own_invoice;
    let new = read(request, &found.currency)?;
    let source = format!("item:{}", credit::buy::source(service, call));
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let is_new = insert(service, call, &mut tx, &source, &new).await?;
    let row = by_source(&mut tx, &source).await?;
    if !is_new && !row.is(&new, is_own) {
        return Err(Error::Conflict("something else was written down under this idempotency key"));
    }
    if is_new {
        if !is_own && waiting(&mut tx, &new.currency).await?.len() > MAX_WAITING {
            return Err(Error::Conflict("a hundred items wait for the next invoice: put it on an invoice of its own"));
        }
        tell(service, call, &mut tx, &row, is_own);
    }
    if is_new && is_own {
        let invoice = own(service, &mut tx, &source, &row).await?;
        put_on(&mut tx, row.item_id, invoice).await?;
        finalize(service, call, &mut tx, invoice, &found, None).await?;
    }
    let item = by_source(&mut tx, &source).await?.shown();
    tx.commit().await?;
    Ok(AddInvoiceItemResponse { item: Some(item), replayed: !is_new })
}

fn read(request: AddInvoiceItemRequest, currency: &str) -> Result<New, Error> {
    let AddInvoiceItemRequest { description, quantity, unit_amount, own_invoice, .. } = request;
    let currency = if request.currency.is_empty() { currency.to_owned() } else { request.currency };
    let (description, quantity) = (description.trim().to_owned(), if quantity == 0 { 1 } else { quantity });
    if !(1..=MAX_DESCRIPTION).contains(&description.chars().count()) || description.chars().any(char::is_control) {
        return Err(refused("description", "must be 1 to 200 characters"));
    }
    if !is_currency(&currency) {
        return Err(refused("currency", "must be an ISO 4217 code in capital letters, such as BRL"));
    }
    if !(1..=MAX_QUANTITY).contains(&quantity) {
        return Err(refused("quantity", "must be 1 to 1000000"));
    }
    let amount = unit_amount.saturating_mul(quantity);
    if amount == 0 || amount.saturating_abs() > MAX_AMOUNT {
        return Err(refused("unit_amount", "must be something, and at most 1000000000000 with its quantity"));
    }
    if own_invoice && amount < 0 {
        return Err(refused("unit_amount", "must be above 0 for an invoice of its own: give credits instead"));
    }
    Ok(New { description, currency, quantity, unit_amount })
}

async fn insert(service: &Billing, call: &Call, tx: &mut WorkspaceTx, source: &str, new: &New) -> Result<bool, Error> {
    let values = [
        tx.workspace().into(),
        InvoiceItemId::from_uuid(service.ids.uuid()).into(),
        source.into(),
        new.description.as_str().into(),
        new.currency.as_str().into(),
        new.quantity.into(),
        new.unit_amount.into(),
        call.actor().into(),
        service.clock.now().into(),
    ];
    Ok(tx.execute(sql!("item/insert"), &values).await? > 0)
}

async fn by_source(tx: &mut WorkspaceTx, source: &str) -> Result<Row, Error> {
    let values = [tx.workspace().into(), source.into()];
    Ok(tx.fetch_one(sql!("item/by_source"), &values).await?)
}

async fn waiting(tx: &mut WorkspaceTx, currency: &str) -> Result<Vec<Row>, Error> {
    let values = [tx.workspace().into(), currency.into()];
    Ok(tx.fetch_all(sql!("item/waiting"), &values).await?)
}

/// An invoice with nothing else on it, which is owed within the usual days.
async fn own(service: &Billing, tx: &mut WorkspaceTx, source: &str, row: &Row) -> Result<InvoiceId, Error> {
    let draft = Draft {
        source: source.to_owned(),
        subscription: None,
        reason: Reason::Manual,
        currency: row.currency.clone(),
        lines: vec![row.line()],
        change: None,
        due_at: service.clock.now() + TimeDelta::days(service.config.net_days.into()),
        expires_at: None,
        usage: None,
    };
    draft::insert(service, tx, draft).await?.ok_or(Error::Raced)
}

async fn put_on(tx: &mut WorkspaceTx, item: InvoiceItemId, invoice: InvoiceId) -> Result<(), Error> {
    let values = [tx.workspace().into(), item.into(), invoice.into()];
    tx.execute(sql!("item/put_on"), &values).await.map(drop).map_err(Error::from)
}

/// What waits comes on an invoice for a period that is about to be closed. What is paid to have another plan is what its preview
/// has said. Whoever calls it holds the lock of the customer.
pub(super) async fn join(tx: &mut WorkspaceTx, invoice: &mut Invoice) -> Result<(), Error> {
    if invoice.subscription.is_none() || invoice.change.is_some() {
        return Ok(());
    }
    for row in waiting(tx, &invoice.currency).await? {
        put_on(tx, row.item_id, invoice.id).await?;
        invoice.lines.push(row.line());
    }
    Ok(())
}

/// What came on an invoice for a period that is void waits for the next one: an operator has written down that it is owed, and it
/// is charged nowhere else. What has an invoice of its own is taken back with it.
pub(super) async fn leave(tx: &mut WorkspaceTx, invoice: &Invoice) -> Result<(), Error> {
    if invoice.subscription.is_some() {
        let workspace = tx.workspace();
        tx.execute(sql!("item/leave"), &[workspace.into(), invoice.id.into()]).await?;
    }
    Ok(())
}

/// Of one workspace, newest first. Errors: [`Error::NoWorkspace`].
pub(crate) async fn list(
    service: &Billing,
    request: ListInvoiceItemsRequest,
) -> Result<ListInvoiceItemsResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NoWorkspace)?;
    peers::workspace(service, workspace).await?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let values = [workspace.into(), page.after.into(), page.fetch().into()];
    let mut rows: Vec<Row> = tx.fetch_all(sql!("item/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.item_id.uuid());
    Ok(ListInvoiceItemsResponse { items: rows.into_iter().map(Row::shown).collect(), next_page_token })
}

fn tell(service: &Billing, call: &Call, tx: &mut WorkspaceTx, row: &Row, is_own: bool) {
    let (workspace, event) = (tx.workspace(), EventId::from_uuid(service.ids.uuid()));
    let payload = json!({
        "description": row.description,
        "amount": row.amount(),
        "currency": row.currency,
        "own_invoice": is_own,
    });
    let event = outbox::Event::of(call, event, service.clock.now(), "invoice_item.added", row.item_id);
    tx.emit(&outbox::Event { workspace: Some(workspace), payload, ..event });
}
