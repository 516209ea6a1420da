//! What is said on the page, whatever the page is made of?
//!
//! PDF and HTML say the same in the same order; each of them takes it from here.

use super::{Language, date, money, name, words::Words};
use crate::invoice::document::{Document, Line, Party, Tax};
use chrono_tz::Tz;

/// A document in a language.
pub(super) struct Shown<'a> {
    pub document: &'a Document,
    pub language: Language,
    pub words: &'static Words,
    zone: Tz,
}

/// Who issues it or who pays it.
pub(super) struct Block<'a> {
    pub label: &'static str,
    pub name: &'a str,
    /// In order, none of them empty.
    pub lines: Vec<&'a str>,
}

/// A line of the table.
pub(super) struct Row<'a> {
    pub description: String,
    pub note: Option<&'a str>,
    pub period: String,
    pub quantity: String,
    pub amount: String,
}

/// A line below the table.
pub(super) struct Sum {
    pub label: String,
    pub amount: String,
    pub weight: Weight,
}

/// How much a sum is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It is said and not added.
    Light,
    Plain,
    /// It is what the page is about.
    Strong,
}

impl<'a> Shown<'a> {
    /// What it says in this language, with the days of its own time zone.
    pub fn new(document: &'a Document, language: Language) -> Self {
        Self { document, language, words: Words::of(language), zone: date::zone(&document.time_zone) }
    }

    /// `Invoice PP-000042`.
    pub fn title(&self) -> String {
        format!("{} {}", self.words.invoice, self.document.number)
    }

    /// Number and dates, each with its label.
    pub fn facts(&self) -> [(&'static str, String); 3] {
        let day = |at| date::day(at, self.zone, self.language);
        [
            (self.words.number, self.document.number.clone()),
            (self.words.issued, day(self.document.issued_at)),
            (self.words.due, day(self.document.due_at)),
        ]
    }

    /// `R$ 49,00 com vencimento em 10/02/2027`; None if nothing is left to pay.
    pub fn headline(&self) -> Option<String> {
        let due = date::day(self.document.due_at, self.zone, self.language);
        let amount = self.money(self.document.amount_due);
        (self.document.amount_due > 0).then(|| format!("{amount} {} {due}", self.words.due_by))
    }

    /// Issuer and customer.
    pub fn blocks(&self) -> [Block<'a>; 2] {
        let block = |label, party: &'a Party| {
            let address = party.address.iter().map(String::as_str);
            let rest = [party.email.as_deref(), party.tax_id.as_deref()].into_iter().flatten();
            let lines = address.chain(rest).map(str::trim).filter(|line| !line.is_empty()).collect();
            Block { label, name: party.name.trim(), lines }
        };
        [block(self.words.from, &self.document.issuer), block(self.words.to, &self.document.customer)]
    }

    /// The table.
    pub fn rows(&self) -> Vec<Row<'a>> {
        self.document.lines.iter().map(|line| self.row(line)).collect()
    }

    fn row(&self, line: &'a Line) -> Row<'a> {
        Row {
            description: self.description(line),
            note: name::note(line),
            period: date::period((line.period_start, line.period_end), self.zone, self.language),
            quantity: money::count(line.quantity, self.language),
            amount: self.money(line.amount),
        }
    }

    /// `Pro (5 × R$ 49,00)`, where there are several.
    fn description(&self, line: &Line) -> String {
        let name = name::description(line, self.language);
        match line.unit_amount {
            Some(unit) if line.quantity > 1 => {
                format!("{name} ({} × {})", money::count(line.quantity, self.language), self.money(unit))
            }
            _ => name,
        }
    }

    /// From the subtotal to what is due.
    pub fn sums(&self) -> Vec<Sum> {
        let sum = |label: &str, amount, weight| Sum { label: label.to_owned(), amount: self.money(amount), weight };
        let mut sums = vec![sum(self.words.subtotal, self.document.subtotal, Weight::Plain)];
        for tax in &self.document.taxes {
            let weight = if tax.is_inclusive { Weight::Light } else { Weight::Plain };
            sums.push(sum(&self.tax(tax), tax.amount, weight));
        }
        sums.push(sum(self.words.total, self.document.total, Weight::Plain));
        if self.document.credits != 0 {
            sums.push(sum(self.words.credits_applied, self.document.credits.saturating_neg(), Weight::Plain));
        }
        sums.push(sum(self.words.amount_due, self.document.amount_due, Weight::Strong));
        sums
    }

    /// `ISS (2,9%, incluído)`.
    pub fn tax(&self, tax: &Tax) -> String {
        let rate = money::percent(&tax.rate, self.language);
        let included = if tax.is_inclusive { format!(", {}", self.words.included) } else { String::new() };
        format!("{} ({rate}{included})", tax.name.trim())
    }

    /// How to pay; None once there is nothing to pay, or where nothing is said.
    pub fn instructions(&self) -> Option<&'a str> {
        let written = self.language.choose(&self.document.payment_instructions);
        written.filter(|_| self.document.amount_due > 0)
    }

    /// What else the issuer wishes to say.
    pub fn footer(&self) -> Option<&'a str> {
        self.language.choose(&self.document.footer)
    }

    fn money(&self, amount: i64) -> String {
        money::text(amount, &self.document.currency, self.language)
    }
}
