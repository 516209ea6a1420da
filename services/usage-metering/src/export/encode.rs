//! How do rows become bytes?

mod cell;
mod csv;
mod json;

pub(super) use cell::Cell;

use super::Format;
use crate::Error;

/// Takes rows, gives bytes. Beginning and end belong to the bytes, so that what is cut off is seen to be.
pub(super) enum Encoder {
    Csv(Box<csv::Writer>),
    Json(json::Writer),
}

impl Encoder {
    pub fn new(format: Format, columns: &'static [&'static str]) -> Result<Self, Error> {
        Ok(match format {
            Format::Csv => Self::Csv(Box::new(csv::Writer::new(columns)?)),
            Format::Json => Self::Json(json::Writer::new(columns)),
        })
    }

    /// Writes a row: one cell for each column.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Error> {
        match self {
            Self::Csv(writer) => writer.row(cells),
            Self::Json(writer) => writer.row(cells),
        }
    }

    /// Writes the end.
    pub fn end(&mut self) {
        if let Self::Json(writer) = self {
            writer.end();
        }
    }

    /// Takes what was written since the last time.
    pub fn take(&mut self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Csv(writer) => writer.take(),
            Self::Json(writer) => Ok(writer.take()),
        }
    }
}
