//! What the comments of the migrations say about each table.

use super::plan::{INCLUDE_OUTBOX, INCLUDE_REPLAY};
use crate::{Error, Schema};
use std::collections::BTreeMap;

/// To whom the rows of a table belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A workspace, named in each row.
    Tenant,
    /// Nobody in particular.
    Global,
    /// The outbox: everybody writes, the system reads.
    Outbox,
}

/// The declarations of all migrations. Errors: [`Error::Setup`] for a table declared as two things.
pub(super) fn tables(schema: &Schema, sqlite: bool) -> Result<BTreeMap<String, Owner>, Error> {
    let mut tables = BTreeMap::new();
    for (name, owner) in in_order(schema, sqlite) {
        match tables.insert(name.to_owned(), owner) {
            Some(before) if before != owner => {
                return Err(refused(schema, name, "is declared as two things: keep one"));
            }
            _ => {}
        }
    }
    Ok(tables)
}

/// As they were made: what refers to another table comes after it.
pub(super) fn in_order(schema: &Schema, sqlite: bool) -> impl Iterator<Item = (&'static str, Owner)> {
    let texts = schema.migrations.iter().map(move |m| if sqlite { m.sqlite } else { m.postgres });
    texts.flat_map(str::lines).map(str::trim).flat_map(|line| {
        let (names, owner) = if let Some(names) = line.strip_prefix("-- tenant:") {
            (names, Owner::Tenant)
        } else if let Some(names) = line.strip_prefix("-- global:") {
            (names, Owner::Global)
        } else if line == INCLUDE_OUTBOX {
            ("outbox", Owner::Outbox)
        } else if line == INCLUDE_REPLAY {
            ("replays", Owner::Global)
        } else {
            ("", Owner::Global)
        };
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(move |name| (name, owner))
    })
}

/// Compares the tables that exist, and whether each has a column `workspace_id`, with what was declared. A table that
/// is declared and gone was dropped later. Errors: [`Error::Setup`] for the first that does not fit.
pub(super) fn check(
    schema: &Schema,
    declared: &BTreeMap<String, Owner>,
    existing: &[(String, bool)],
) -> Result<(), Error> {
    for (name, has_workspace) in existing {
        match declared.get(name) {
            None => {
                return Err(refused(schema, name, "is not declared: write `-- tenant:` or `-- global:` and its name"));
            }
            Some(Owner::Tenant) if !has_workspace => {
                return Err(refused(schema, name, "is declared tenant and has no column workspace_id: add it"));
            }
            Some(Owner::Global) if *has_workspace => {
                return Err(refused(
                    schema,
                    name,
                    "is declared global and has a column workspace_id: declare it tenant, or rename the column if it does not say whose the row is",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn refused(schema: &Schema, table: &str, what: &str) -> Error {
    Error::Setup(format!("the migrations of {} are wrong: table {table} {what}", schema.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Migration;

    fn declared(sqlite: &'static str) -> Result<BTreeMap<String, Owner>, Error> {
        let migrations: &'static [Migration] = vec![Migration { name: "0001_init", postgres: "", sqlite }].leak();
        tables(&Schema { name: "things", migrations }, true)
    }

    fn checked(sqlite: &'static str, existing: (&str, bool)) -> Result<(), String> {
        let schema = Schema { name: "things", migrations: &[] };
        let declared = declared(sqlite).unwrap();
        check(&schema, &declared, &[(existing.0.to_owned(), existing.1)]).map_err(|e| e.to_string())
    }

    #[test]
    fn a_table_that_nobody_declared_is_refused_by_name() {
        assert!(checked("-- tenant: a", ("b", true)).unwrap_err().contains("table b is not declared"));
        assert_eq!(checked("-- tenant: a, b\n  -- include: outbox", ("b", true)), Ok(()));
        assert_eq!(checked("-- include: outbox", ("outbox", true)), Ok(()));
        assert_eq!(checked("-- include: replay", ("replays", false)), Ok(()));
    }

    #[test]
    fn what_a_table_is_declared_as_fits_its_columns() {
        assert!(checked("-- tenant: a", ("a", false)).unwrap_err().contains("no column workspace_id"));
        assert!(checked("-- global: a", ("a", true)).unwrap_err().contains("declare it tenant"));
        assert!(declared("-- tenant: a\n-- global: a").unwrap_err().to_string().contains("two things"));
    }
}
