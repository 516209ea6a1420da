//! How is an invoice read by a program?
//!
//! One row for each line and for each tax, written as usage-metering writes its exports: CRLF, quotes where they are
//! needed, and an apostrophe before a text that a spreadsheet would take for a formula, as OWASP advises ("CSV
//! Injection"). Numbers and times are written by us and stay as they are.

use super::{Language, money, name, shown::Shown};
use crate::invoice::document::{Document, Line, Tax};
use chrono::{DateTime, SecondsFormat, Utc};

const COLUMNS: [&str; 10] = [
    "number",
    "issued_at",
    "due_at",
    "currency",
    "kind",
    "description",
    "period_start",
    "period_end",
    "quantity",
    "amount",
];

/// The lines and taxes of a document. Descriptions are in the language, everything else is for programs. What is of
/// kind `tax_included` is in the lines already: all other amounts sum to the total. Errors: memory that cannot be written.
pub(crate) fn csv(document: &Document, language: Language) -> Result<String, String> {
    let failed = |error: csv::Error| error.to_string();
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    writer.write_record(COLUMNS).map_err(failed)?;
    let shown = Shown::new(document, language);
    let lines = document.lines.iter().map(|line| of_line(line, document, language));
    let taxes = document.taxes.iter().map(|tax| of_tax(tax, &shown));
    for cells in lines.chain(taxes) {
        let head = [text(&document.number), time(document.issued_at), time(document.due_at), text(&document.currency)];
        writer.write_record(head.into_iter().chain(cells)).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn of_line(line: &Line, document: &Document, language: Language) -> [String; 6] {
    let description = name::description(line, language);
    let description = name::note(line).map_or(description.clone(), |note| format!("{description}: {note}"));
    let maybe = |at: Option<DateTime<Utc>>| at.map_or_else(String::new, time);
    [
        line.kind.as_str().to_owned(),
        text(&description),
        maybe(line.period_start),
        maybe(line.period_end),
        line.quantity.to_string(),
        money::decimal(line.amount, &document.currency),
    ]
}

fn of_tax(tax: &Tax, shown: &Shown<'_>) -> [String; 6] {
    let kind = if tax.is_inclusive { "tax_included" } else { "tax" };
    let amount = money::decimal(tax.amount, &shown.document.currency);
    [kind.to_owned(), text(&shown.tax(tax)), String::new(), String::new(), String::new(), amount]
}

/// Text that somebody chose.
fn text(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

/// RFC 3339, UTC.
fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
