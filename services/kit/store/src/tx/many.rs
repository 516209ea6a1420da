//! How do many rows get into a table at once?
//!
//! On PostgreSQL `$1` is all of them as JSON. On SQLite, whose JSON costs four times what the row itself does, the
//! statement is an `insert` of one row, `values ($1, …)` with one parameter for each field, and is repeated with room for
//! several rows at once. Its columns have the names and the order of the row's fields.

use super::Tx;
use crate::{Error, Row, Sql, bound::Bound, db::Open, trace};
use serde::Serialize;
use sqlx::{Sqlite, Transaction};
use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Mutex, PoisonError},
};
use tracing::Instrument as _;

/// Rows of one statement on SQLite. More of them save little, and their statement takes memory for as long as the
/// connection lives. A power of two, so that few statements are enough for any number of rows.
const MOST: usize = 64;

/// A row that is known by a key, which a PostgreSQL statement returns.
pub trait Keyed: Serialize {
    /// Its key.
    type Key: Row + Eq + Hash;
    /// Its key.
    fn row_key(&self) -> Self::Key;
}

impl Tx {
    /// Writes rows. Answers how many were inserted or changed. Errors: why the statement failed.
    pub async fn write<R: Serialize>(&mut self, sql: Sql, rows: &[R]) -> Result<u64, Error> {
        let span = trace::statement(&self.db, sql.name);
        match &mut self.open {
            Open::Postgres(_) => self.run(sql, &[json(rows)?]).instrument(span).await,
            Open::Sqlite(tx) => {
                let all = async {
                    let (mut bound, mut written) = (Bound::default(), 0);
                    for some in pieces(rows) {
                        written += insert(tx, sql, some, &mut bound).await.map_err(|e| self.db.failed(e))?;
                    }
                    Ok(written)
                };
                all.instrument(span).await
            }
        }
    }

    /// Writes the rows that are not there yet, with a statement that does nothing for others. Answers for each whether
    /// it was written: of two with one key the first. Errors: why the statement failed.
    pub async fn write_new<R: Keyed>(&mut self, sql: Sql, rows: &[R]) -> Result<Vec<bool>, Error> {
        let span = trace::statement(&self.db, sql.name);
        match &mut self.open {
            Open::Postgres(_) => {
                let new: Vec<R::Key> = self.all(sql, &[json(rows)?]).instrument(span).await?;
                let mut new: HashSet<_> = new.into_iter().collect();
                Ok(rows.iter().map(|row| new.remove(&row.row_key())).collect())
            }
            Open::Sqlite(tx) => {
                let db = &self.db;
                async { new(tx, sql, rows).await.map_err(|e| db.failed(e)) }.instrument(span).await
            }
        }
    }
}

/// Nearly always all of them are new, which the number of changes says. Asking for the keys costs more than the rows.
async fn new<R: Serialize>(tx: &mut Transaction<'_, Sqlite>, sql: Sql, rows: &[R]) -> sqlx::Result<Vec<bool>> {
    let mut bound = Bound::default();
    sqlx::query("savepoint many").execute(&mut **tx).await?;
    let mut all_new = true;
    for some in pieces(rows) {
        all_new &= insert(tx, sql, some, &mut bound).await? == some.len() as u64;
        if !all_new {
            break;
        }
    }
    let mut new = vec![true; rows.len()];
    if !all_new {
        sqlx::query("rollback to many").execute(&mut **tx).await?;
        for (row, new) in rows.iter().zip(&mut new) {
            *new = insert(tx, sql, std::slice::from_ref(row), &mut bound).await? > 0;
        }
    }
    sqlx::query("release many").execute(&mut **tx).await?;
    Ok(new)
}

async fn insert<R: Serialize>(
    tx: &mut Transaction<'_, Sqlite>,
    sql: Sql,
    rows: &[R],
    bound: &mut Bound,
) -> sqlx::Result<u64> {
    bound.reserve(rows.len() * bound.names().len());
    for row in rows {
        bound.add(row).map_err(|error| sqlx::Error::Encode(error.into()))?;
    }
    let text = repeated(sql, rows.len(), bound.names())?;
    Ok(sqlx::query_with(text, bound.take()).execute(&mut **tx).await?.rows_affected())
}

/// As many rows as a statement takes, and then halves of it, so that seven statements are enough for any number.
fn pieces<R>(mut rows: &[R]) -> impl Iterator<Item = &[R]> {
    std::iter::from_fn(move || {
        let most = MOST.min(rows.len());
        let (some, rest) = rows.split_at(if most == 0 { 0 } else { 1 << most.ilog2() });
        rows = rest;
        (!some.is_empty()).then_some(some)
    })
}

fn json<R: Serialize>(rows: &[R]) -> Result<crate::Value, Error> {
    let text = serde_json::to_string(rows).map_err(|error| Error::Other { source: error.into() })?;
    Ok(text.into())
}

/// The statement with room for `rows` rows. Each is made once in the life of a process.
fn repeated(sql: Sql, rows: usize, fields: &[String]) -> sqlx::Result<&'static str> {
    static MADE: Mutex<Option<HashMap<(usize, usize), &'static str>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let made = made.get_or_insert_default();
    // By its address: the texts of statements are part of the program.
    let key = (sql.sqlite.as_ptr().addr(), rows);
    if let Some(text) = made.get(&key) {
        return Ok(text);
    }
    let text: &'static str = repeat(sql, rows, fields)?.leak();
    made.insert(key, text);
    Ok(text)
}

/// Errors: the statement is not of the form that can be repeated, or has other columns than the row has fields.
fn repeat(sql: Sql, rows: usize, fields: &[String]) -> sqlx::Result<String> {
    let wrong = |what: &str| sqlx::Error::Protocol(format!("{}: {what}", sql.name));
    let code: Vec<_> = sql.sqlite.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    let code = code.join("\n");
    let (head, rest) = code.split_once("values (").ok_or_else(|| wrong("it has no values"))?;
    let (_, tail) = rest.split_once(')').ok_or_else(|| wrong("its values have no end"))?;
    let columns =
        head.split_once('(').and_then(|(_, columns)| columns.rsplit_once(')')).map_or("", |(columns, _)| columns);
    if !columns.split(',').map(str::trim).eq(fields) {
        return Err(wrong("its columns are not the fields of the row"));
    }
    // Numbered parameters would be looked up by name, each among all of them.
    let row = format!("({})", vec!["?"; fields.len()].join(","));
    Ok(format!("{head}values {}{tail}", vec![row; rows].join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: Sql = Sql {
        name: "thing/insert",
        postgres: "",
        sqlite: "-- values (\ninsert into thing (\n a, b\n)\nvalues ($1,\n $2)\non conflict (a) do nothing\n",
    };

    #[test]
    fn a_statement_is_repeated_for_the_fields_of_its_rows_only() {
        let text = repeat(SQL, 2, &["a".into(), "b".into()]).unwrap();
        assert_eq!(text, "insert into thing (\n a, b\n)\nvalues (?,?),(?,?)\non conflict (a) do nothing");
        assert!(repeat(SQL, 2, &["b".into(), "a".into()]).is_err());
        assert!(repeat(SQL, 2, &["a".into()]).is_err());
    }

    #[test]
    fn any_number_of_rows_takes_few_statements() {
        let sizes = |n: usize| pieces(&vec![(); n]).map(<[()]>::len).collect::<Vec<_>>();
        assert!(sizes(0).is_empty());
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(199), [64, 64, 64, 4, 2, 1]);
    }
}
