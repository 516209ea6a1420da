//! What has a span or an event said?

use std::{
    fmt::{self, Write as _},
    ops::Range,
};
use tracing::field::{Field, Visit};

/// Fields by name, their values already as JSON. Few enough to be searched one by one.
#[derive(Default)]
pub(super) struct Fields {
    text: String,
    /// Where in the text the value of a field stands.
    places: Vec<(&'static str, Range<usize>)>,
}

impl Fields {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.places.iter().map(|(name, place)| (*name, &self.text[place.clone()]))
    }

    /// Adds what `outer` has and this has not, as far as it is `wanted`.
    pub(super) fn inherit(&mut self, outer: &Self, wanted: impl Fn(&str) -> bool) {
        for (name, value) in outer.iter() {
            if self.get(name).is_none() && wanted(name) {
                self.set(name, |text| text.push_str(value));
            }
        }
    }

    /// The last value of a name counts.
    fn set(&mut self, name: &'static str, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        let place = start..self.text.len();
        match self.places.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = place,
            None => self.places.push((name, place)),
        }
    }

    fn set_bare(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.set(field.name(), |text| {
            // Writing to a string does not fail.
            let _ = text.write_fmt(value);
        });
    }

    fn set_text(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.set(field.name(), |text| {
            text.push('"');
            // A value that cannot be shown shows as much as it could.
            let _ = Escaped(text).write_fmt(value);
            text.push('"');
        });
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set_text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set_text(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set_bare(field, format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set_bare(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set_bare(field, format_args!("{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no word for what is not a number.
        match value.is_finite() {
            true => self.set_bare(field, format_args!("{value}")),
            false => self.set_bare(field, format_args!("null")),
        }
    }
}

/// Writes text into a JSON string.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        // What needs an escape is rare and one byte long: everything up to it is copied at once.
        while let Some(at) = text.bytes().position(|b| b < b' ' || b == b'"' || b == b'\\') {
            self.0.push_str(&text[..at]);
            match text.as_bytes()[at] {
                b'\n' => self.0.push_str("\\n"),
                b'\t' => self.0.push_str("\\t"),
                b'\r' => self.0.push_str("\\r"),
                byte @ (b'"' | b'\\') => self.0.extend(['\\', char::from(byte)]),
                control => write!(self.0, "\\u{control:04x}")?,
            }
            text = &text[at + 1..];
        }
        self.0.push_str(text);
        Ok(())
    }
}
