//! JSON: one array of objects, written as it grows.

use super::cell::{Cell, time};
use crate::Error;
use serde::{Serialize, Serializer, ser::SerializeMap as _};

pub(crate) struct Writer {
    columns: &'static [&'static str],
    bytes: Vec<u8>,
    /// What stands before the next row.
    before: &'static [u8],
}

struct Row<'a>(&'a [&'static str], &'a [Cell<'a>]);

impl Writer {
    pub const fn new(columns: &'static [&'static str]) -> Self {
        Self { columns, bytes: vec![], before: b"[\n" }
    }

    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Error> {
        self.bytes.extend_from_slice(self.before);
        self.before = b",\n";
        serde_json::to_writer(&mut self.bytes, &Row(self.columns, cells)).map_err(|e| Error::ExportDisk(e.into()))
    }

    pub fn end(&mut self) {
        self.bytes.extend_from_slice(if self.before == b"[\n" { b"[]\n" } else { b"\n]\n" });
    }

    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, cell) in self.0.iter().zip(self.1) {
            map.serialize_entry(column, cell)?;
        }
        map.end()
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Json(raw) => raw.serialize(serializer),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::Time(at) => serializer.serialize_str(&time(*at)),
            Self::Money(amount) => serializer.collect_str(amount),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::money::Nanos;

    #[test]
    fn an_array_is_json_with_any_number_of_rows() {
        for rows in 0..3 {
            let mut writer = Writer::new(&["a", "b"]);
            for n in 0..rows {
                writer.row(&[Cell::Int(n), Cell::Money(Nanos(1_500_000_000))]).unwrap();
            }
            writer.end();
            let read: serde_json::Value = serde_json::from_slice(&writer.take()).unwrap();
            let expected: Vec<_> = (0..rows).map(|n| serde_json::json!({ "a": n, "b": "1.5" })).collect();
            assert_eq!(read, serde_json::Value::Array(expected));
        }
    }
}
