//! How is a finished analysis handed over?
//!
//! Everything here is made from the report, a format and a language alone: no clock, no chance, no settings. The same
//! three are the same bytes, today and in ten years.

mod block;
mod content;
mod csv;
mod date;
mod docx;
mod error;
mod file_name;
mod format;
mod md;
mod name;
mod number;
mod pdf;
mod text;
mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use error::RenderError;
pub use format::Format;

use crate::domain::{locale::Locale, report::Report};

/// A report as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// What is in the file.
    pub bytes: Vec<u8>,
    /// What kind of file it is, for HTTP.
    pub content_type: &'static str,
    /// What the file is called: letters, digits, `-`, `_` and one dot.
    pub file_name: String,
}

/// What the report is called in this format.
pub fn file_name(report: &Report, format: Format, locale: Locale) -> String {
    file_name::of(report, format, locale)
}

/// The report as a file of this format. Headings and labels are in the locale; what agents wrote stays as it is.
pub fn render(report: &Report, format: Format, locale: Locale) -> Result<Rendered, RenderError> {
    let bytes = match format {
        Format::Pdf => pdf::pdf(report, locale),
        Format::Docx => docx::docx(report, locale)?,
        Format::Md => md::md(report, locale).into_bytes(),
        Format::Json => serde_json::to_vec(report).map_err(|error| RenderError::Json(error.to_string()))?,
        Format::Csv => csv::csv(report)?,
    };
    Ok(Rendered { bytes, content_type: format.content_type(), file_name: file_name(report, format, locale) })
}
