//! Writes a transaction into the ledger, once.

use super::Account;
use crate::{
    Billing, Error,
    credit::tell::{self, Tell},
};
use chrono::{DateTime, Utc};
use proto::id::InvoiceId;
use store::{WorkspaceTx, sql};

/// A transaction that is about to be written.
#[derive(Clone, Debug)]
pub(crate) struct Posting {
    kind: &'static str,
    source: String,
    /// What it is about, and whether it counts in the balance of that invoice.
    invoice: Option<InvoiceId>,
    counts: bool,
    note: String,
    at: DateTime<Utc>,
    transfers: Vec<Transfer>,
}

#[derive(Clone, Debug)]
struct Transfer {
    debit: String,
    credit: String,
    currency: String,
    amount: i64,
}

impl Transfer {
    /// Whether it changes what is left of some.
    fn is_of_credits(&self) -> bool {
        [&self.debit, &self.credit].into_iter().any(|account| account.starts_with(Account::CREDITS))
    }
}

impl Posting {
    /// An empty one. `source` is what it is made for: the same one again is not written again.
    pub fn new(kind: &'static str, source: String, at: DateTime<Utc>) -> Self {
        Self { kind, source, invoice: None, counts: false, note: String::new(), at, transfers: vec![] }
    }

    /// The invoice whose balance its transfers count in.
    #[must_use]
    pub fn of(self, invoice: InvoiceId) -> Self {
        Self { invoice: Some(invoice), counts: true, ..self }
    }

    /// The invoice that it is about, without counting in its balance.
    #[must_use]
    pub fn about(self, invoice: InvoiceId) -> Self {
        Self { invoice: Some(invoice), counts: false, ..self }
    }

    /// Who, and why.
    #[must_use]
    pub fn noted(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// From `credit` to `debit`; an amount below 0 goes the other way, and 0 is no transfer.
    #[must_use]
    pub fn transfer(mut self, debit: &Account, credit: &Account, currency: &str, amount: i64) -> Self {
        let (debit, credit) = if amount < 0 { (credit, debit) } else { (debit, credit) };
        if amount != 0 {
            let (debit, credit, currency) = (debit.to_string(), credit.to_string(), currency.to_owned());
            self.transfers.push(Transfer { debit, credit, currency, amount: amount.saturating_abs() });
        }
        self
    }
}

/// Whether it was written: false where there is one of this source already. One without a transfer is not written.
pub(crate) async fn post(service: &Billing, tx: &mut WorkspaceTx, posting: Posting) -> Result<bool, Error> {
    let Posting { kind, source, invoice, counts, note, at, transfers } = posting;
    if transfers.is_empty() {
        return Ok(false);
    }
    let (workspace, id) = (tx.workspace(), service.ids.uuid());
    let head = [workspace.into(), id.into(), source.into(), kind.into(), invoice.into(), note.into(), at.into()];
    if tx.execute(sql!("ledger/insert"), &head).await? == 0 {
        return Ok(false);
    }
    let is_of_credits = transfers.iter().any(Transfer::is_of_credits);
    for (n, transfer) in (1i64..).zip(transfers) {
        let Transfer { debit, credit, currency, amount } = transfer;
        let values = [
            workspace.into(),
            id.into(),
            n.into(),
            debit.into(),
            credit.into(),
            currency.into(),
            amount.into(),
            invoice.filter(|_| counts).into(),
        ];
        tx.execute(sql!("ledger/insert_transfer"), &values).await?;
    }
    if is_of_credits {
        tell::tell(service, tx, Tell::Always).await?;
    }
    Ok(true)
}

/// Writes the opposite of all transactions of a kind that an invoice has, under a source of its own each.
pub(crate) async fn reverse(
    service: &Billing,
    tx: &mut WorkspaceTx,
    invoice: InvoiceId,
    kind: &'static str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    store::row! { struct Row { source: String, debit: String, credit: String, currency: String, amount: i64 } }
    let values = [tx.workspace().into(), invoice.into(), kind.into()];
    let rows: Vec<Row> = tx.fetch_all(sql!("ledger/of_invoice"), &values).await?;
    let mut postings: Vec<Posting> = vec![];
    for Row { source, debit, credit, currency, amount } in rows {
        let source = format!("reversed:{source}");
        if postings.last().is_none_or(|last| last.source != source) {
            postings.push(Posting::new("reversal", source, at).of(invoice));
        }
        let last = postings.last_mut();
        last.into_iter().for_each(|last| {
            let (debit, credit, currency) = (credit.clone(), debit.clone(), currency.clone());
            last.transfers.push(Transfer { debit, credit, currency, amount });
        });
    }
    for posting in postings {
        post(service, tx, posting).await?;
    }
    Ok(())
}
