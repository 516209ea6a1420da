//! CSV as in RFC 4180: a header, CRLF, quotes where they are needed.
//!
//! A spreadsheet takes text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, and texts are
//! chosen by clients and providers. Such a text gets an apostrophe in front, as OWASP advises ("CSV Injection"). Numbers
//! are written by us and stay as they are.

use super::cell::{Cell, time};
use crate::Error;
use std::borrow::Cow;

pub(crate) struct Writer {
    csv: csv::Writer<Vec<u8>>,
}

impl Writer {
    pub fn new(columns: &[&str]) -> Result<Self, Error> {
        let mut csv = writer();
        csv.write_record(columns).map_err(failed)?;
        Ok(Self { csv })
    }

    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Error> {
        for cell in cells {
            self.csv.write_field(text(cell).as_bytes()).map_err(failed)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(failed)
    }

    pub fn take(&mut self) -> Result<Vec<u8>, Error> {
        let full = std::mem::replace(&mut self.csv, writer());
        full.into_inner().map_err(|error| Error::ExportDisk(error.into_error()))
    }
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![])
}

fn failed(error: csv::Error) -> Error {
    Error::ExportDisk(error.into())
}

fn text<'a>(cell: &'a Cell<'_>) -> Cow<'a, str> {
    match cell {
        Cell::Nothing => Cow::Borrowed(""),
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => Cow::Owned(format!("'{text}")),
        Cell::Text(text) => Cow::Borrowed(text),
        // An object begins with a brace, which no spreadsheet runs.
        Cell::Json(raw) => Cow::Borrowed(raw.get()),
        Cell::Int(number) => Cow::Owned(number.to_string()),
        Cell::Bool(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        Cell::Time(at) => Cow::Owned(time(*at)),
        Cell::Money(amount) => Cow::Owned(amount.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proto::money::Nanos;

    fn written(rows: &[Vec<Cell<'_>>], columns: &'static [&'static str]) -> String {
        let mut writer = Writer::new(columns).unwrap();
        let mut text = writer.take().unwrap();
        for row in rows {
            writer.row(row).unwrap();
            text.extend(writer.take().unwrap());
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn text_that_a_spreadsheet_would_run_is_defused_and_numbers_are_left_alone() {
        let texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "a=b", "plain"];
        let mut row: Vec<_> = texts.into_iter().map(Cell::text).collect();
        row.extend([Cell::Int(-7), Cell::Money(Nanos(-1_500_000_000)), Cell::Nothing, Cell::Bool(true)]);
        let text = written(&[row], &["c"; 12]);
        let line = text.split_once("\r\n").unwrap().1;
        assert_eq!(line, "'=1+1,'+1,'-1,'@SUM(A1),'\tx,\"'\rx\",a=b,plain,-7,-1.5,,true\r\n");
    }

    proptest! {
        #[test]
        fn whatever_a_client_writes_comes_back_as_one_cell(a: String, b: String) {
            let text = written(&[vec![Cell::text(&a), Cell::text(&b)]], &["a", "b"]);
            let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            for (cell, source) in [(&record[0], &a), (&record[1], &b)] {
                prop_assert!(cell == source || cell.strip_prefix('\'') == Some(source));
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
            }
        }
    }
}
