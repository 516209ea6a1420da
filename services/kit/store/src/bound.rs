//! How do the fields of rows become the parameters of a statement? (SQLite only: PostgreSQL takes rows as JSON.)

mod serializer;

use serde::Serialize;
use serializer::{Name, Row, Value};
use sqlx::{Arguments as _, Encode, Sqlite, Type, sqlite::SqliteArguments};
use std::{fmt::Display, sync::Arc};

/// The values of rows, one row after the other, each in the order of its fields.
///
/// A row is a struct of numbers, texts, bytes and `Option`s of them. What JSON writes as text and a column keeps as
/// bytes, such as a uuid, serializes as bytes where the serializer is not human-readable.
#[derive(Default)]
pub(crate) struct Bound {
    values: SqliteArguments,
    /// The fields of the first row, which the others repeat.
    names: Vec<String>,
    /// The first row is over.
    named: bool,
    /// The last text of each field. Neighbours say the same in most of them, and share it.
    texts: Vec<Option<Arc<str>>>,
    /// The field of the row that is being added.
    at: usize,
}

/// Why a row cannot be bound.
#[derive(Debug, thiserror::Error)]
#[error("a row cannot be bound: {0}")]
pub(crate) struct Unbound(String);

impl Bound {
    /// Makes room for so many values more.
    pub fn reserve(&mut self, values: usize) {
        self.values.reserve(values, 0);
    }

    /// Adds a row. Errors: it is none, or has other fields than the ones before.
    pub fn add(&mut self, row: &impl Serialize) -> Result<(), Unbound> {
        self.at = 0;
        row.serialize(Row(self))?;
        self.named = true;
        if self.at == self.names.len() { Ok(()) } else { Err(other_fields()) }
    }

    /// The values so far. The texts stay, for the rows that follow.
    pub fn take(&mut self) -> SqliteArguments {
        std::mem::take(&mut self.values)
    }

    /// The fields in their order, once a row was added.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn field<K, V>(&mut self, name: &K, value: &V) -> Result<(), Unbound>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        if self.at == self.names.len() {
            if self.named {
                return Err(other_fields());
            }
            self.names.push(name.serialize(Name)?);
            self.texts.push(None);
        }
        value.serialize(Value(self))?;
        self.at += 1;
        Ok(())
    }

    fn push<'q>(&mut self, value: impl Encode<'q, Sqlite> + Type<Sqlite>) -> Result<(), Unbound> {
        self.values.add(value).map_err(|error| Unbound(error.to_string()))
    }

    fn text(&mut self, text: &str) -> Result<(), Unbound> {
        let last = &mut self.texts[self.at];
        let shared = match last {
            Some(known) if **known == *text => known.clone(),
            _ => last.insert(Arc::from(text)).clone(),
        };
        self.push(shared)
    }
}

fn other_fields() -> Unbound {
    Unbound("it has other fields than the row before".to_owned())
}

impl serde::ser::Error for Unbound {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Inner {
        small: i32,
        nothing: Option<i64>,
    }

    #[derive(Serialize)]
    struct Outer<'a> {
        name: &'a str,
        flag: bool,
        #[serde(flatten)]
        inner: Inner,
        #[serde(skip)]
        _not_a_column: (),
    }

    fn row(name: &str) -> Outer<'_> {
        Outer { name, flag: true, inner: Inner { small: -1, nothing: None }, _not_a_column: () }
    }

    #[test]
    fn fields_are_bound_in_their_order_and_texts_are_shared() {
        let mut bound = Bound::default();
        for name in ["a", "a", "b"] {
            bound.add(&row(name)).unwrap();
        }
        assert_eq!(bound.names(), ["name", "flag", "small", "nothing"]);
        let text = format!("{:?}", bound.take());
        assert_eq!(text.matches("TextSlice(\"a\")").count(), 2, "{text}");
        assert_eq!((text.matches("Null").count(), text.matches("TextSlice(\"b\")").count()), (3, 1), "{text}");
        assert!(!format!("{:?}", bound.take()).contains("Null"), "what was taken is gone");
    }

    #[test]
    fn what_is_no_row_is_refused() {
        let add = |row: &dyn Fn(&mut Bound) -> Result<(), Unbound>| row(&mut Bound::default()).is_err();
        assert!(add(&|bound| bound.add(&1)));
        assert!(add(&|bound| bound.add(&[1, 2])));
        assert!(add(&|bound| bound.add(&std::collections::BTreeMap::from([("nested", [1, 2])]))));
        let mut bound = Bound::default();
        bound.add(&row("a")).unwrap();
        assert!(bound.add(&Inner { small: 1, nothing: None }).is_err(), "it has fewer fields");
        let mut bound = Bound::default();
        bound.add(&Inner { small: 1, nothing: None }).unwrap();
        assert!(bound.add(&row("a")).is_err(), "it has more fields");
    }
}
