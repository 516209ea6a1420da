//! Why is there no file?

use std::fmt;

/// A report that did not become a file. No report that can be built is known to cause one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenderError {
    /// It is no JSON.
    Json(String),
    /// Its rows could not be written.
    Csv(String),
    /// Its parts could not be packed.
    Docx(String),
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(why) => write!(f, "the report as JSON: {why}"),
            Self::Csv(why) => write!(f, "the report as CSV: {why}"),
            Self::Docx(why) => write!(f, "the report as DOCX: {why}"),
        }
    }
}

impl std::error::Error for RenderError {}
