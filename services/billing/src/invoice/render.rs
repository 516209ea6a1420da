//! How is an invoice shown to people and to programs?
//!
//! Everything here is made from the document and a language alone: no clock, no chance, no settings. The same two are
//! the same bytes, today and in ten years.

mod csv;
mod date;
mod html;
mod language;
mod money;
mod name;
mod pdf;
mod shown;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use csv::csv;
pub(crate) use date::day_in as day;
pub(crate) use html::html;
pub(crate) use language::Language;
pub(crate) use money::text as money;
pub(crate) use name::description;
pub(crate) use pdf::pdf;
