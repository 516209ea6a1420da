//! Which tables are there, what are they made of, and in which order can they be filled?

use super::Part;
use crate::{
    Db, Error,
    column::{Kind, list, quoted},
};
use sqlx::{AssertSqlSafe, PgTransaction};
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: &str = include_str!("../../sql/copy/columns.pg.sql");
const REFERENCES: &str = include_str!("../../sql/copy/references.pg.sql");

/// A table as PostgreSQL knows it.
pub(super) struct Table {
    pub name: String,
    /// Schema and name, for statements.
    pub place: String,
    pub columns: Vec<Column>,
    /// Which columns are its primary key, in the key's order.
    pub key: Vec<usize>,
}

pub(super) struct Column {
    pub name: String,
    pub kind: Kind,
    /// The database gives it rising numbers.
    pub is_counted: bool,
}

type Row = (String, String, String, bool, i64);

impl Table {
    /// For people.
    pub fn name(&self, part: &Part) -> String {
        format!("{}.{}", part.to.schema().name, self.name)
    }

    /// Its columns, for statements.
    pub fn list(&self) -> String {
        list(self.columns.iter().map(|column| column.name.as_str()))
    }

    /// By its key, byte for byte: so SQLite sorts text by itself.
    pub fn order(&self, is_postgres: bool) -> String {
        let bytes = |kind| if is_postgres && kind == Kind::Text { " collate \"C\"" } else { "" };
        let columns = self.key.iter().map(|at| &self.columns[*at]);
        columns.map(|c| format!("{}{}", quoted(&c.name), bytes(c.kind))).collect::<Vec<_>>().join(", ")
    }
}

/// All tables of a schema, those that others refer to first. Errors: one that cannot be copied.
pub(super) async fn read(tx: &mut PgTransaction<'_>, db: &Db) -> Result<Vec<Table>, Error> {
    let schema = db.schema().name;
    let failed = |error| db.failed(error);
    let rows: Vec<Row> = sqlx::query_as(COLUMNS).bind(schema).fetch_all(&mut **tx).await.map_err(failed)?;
    let references: Vec<(String, String)> =
        sqlx::query_as(REFERENCES).bind(schema).fetch_all(&mut **tx).await.map_err(failed)?;
    let mut tables: BTreeMap<String, (Table, Vec<(i64, usize)>)> = BTreeMap::new();
    for (table, name, kind, is_counted, key) in rows {
        let Some(kind) = Kind::of(&kind) else {
            return Err(Error::Setup(format!(
                "{schema}.{table} has a column {name} of a type that cannot be copied: {kind}"
            )));
        };
        let (table, place) = tables.entry(table.clone()).or_insert_with(|| {
            let place = self::place(schema, &table);
            (Table { name: table, place, columns: vec![], key: vec![] }, vec![])
        });
        if key > 0 {
            place.push((key, table.columns.len()));
        }
        table.columns.push(Column { name, kind, is_counted });
    }
    let mut all = BTreeMap::new();
    for (name, (mut table, mut key)) in tables {
        key.sort_unstable();
        table.key = key.into_iter().map(|(_, at)| at).collect();
        if table.key.is_empty() {
            return Err(Error::Setup(format!("{schema}.{name} has no primary key: its rows cannot be compared")));
        }
        all.insert(name, table);
    }
    ordered(all, &references).map_err(|left| Error::Setup(format!("tables of {schema} refer to each other: {left}")))
}

/// Errors: the names of those that refer to each other in a circle.
fn ordered(mut left: BTreeMap<String, Table>, references: &[(String, String)]) -> Result<Vec<Table>, String> {
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |name: &String| references.iter().any(|(table, target)| table == name && !done.contains(target));
        let Some(next) = left.keys().find(|name| !waits(name)).cloned() else {
            return Err(left.into_keys().collect::<Vec<_>>().join(", "));
        };
        order.extend(left.remove(&next));
        done.insert(next);
    }
    Ok(order)
}

/// The names of all tables of a schema.
pub(super) async fn names(tx: &mut PgTransaction<'_>, schema: &str) -> sqlx::Result<Vec<String>> {
    // Where nothing was migrated there is no schema, and its name is none.
    let known = sqlx::query_scalar::<_, bool>("select to_regnamespace($1) is not null").bind(schema);
    if !known.fetch_one(&mut **tx).await? {
        return Ok(vec![]);
    }
    let sql = format!("select distinct tab from ({COLUMNS}) as tables order by tab");
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(schema).fetch_all(&mut **tx).await
}

/// Schema and name, for statements.
pub(super) fn place(schema: &str, table: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(names: &[&str], references: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let table = |name: &&str| {
            let table = Table { name: (*name).to_owned(), place: String::new(), columns: vec![], key: vec![] };
            ((*name).to_owned(), table)
        };
        let references: Vec<_> = references.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        ordered(names.iter().map(table).collect(), &references).map(|all| all.into_iter().map(|t| t.name).collect())
    }

    #[test]
    fn a_table_comes_after_those_that_it_refers_to() {
        assert_eq!(order(&["a", "b", "c"], &[("a", "c"), ("c", "b")]).unwrap(), ["b", "c", "a"]);
        assert_eq!(order(&["a", "b"], &[("a", "b"), ("b", "a")]).unwrap_err(), "a, b");
    }
}
