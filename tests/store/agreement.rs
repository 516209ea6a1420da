//! The two texts of a migration make the same tables.

use crate::{SERVICES, postgres, things};
use std::collections::BTreeMap;
use store::{Db, SystemTx, testing};

/// Columns by table: name and kind, in order.
type Tables = BTreeMap<String, Vec<(String, String)>>;

/// What a value is, whatever each database calls it. Uuids and bytes, and times and numbers, are the same on SQLite.
fn kind(declared: &str, sqlite: bool) -> String {
    let kind = match (declared.to_ascii_lowercase().as_str(), sqlite) {
        ("uuid" | "bytea", false) | ("blob", true) => "bytes",
        ("text" | "jsonb" | "character varying", false) | ("text", true) => "text",
        ("timestamp with time zone", false) | ("bigint" | "integer", _) => "number",
        ("boolean", _) => "boolean",
        (other, _) => return format!("{other} (which the store does not know)"),
    };
    kind.to_owned()
}

async fn tables(db: &Db, schema: &str) -> Tables {
    let sqlite = db.is_sqlite();
    let mut tx = SystemTx::read(db, "look").await.unwrap();
    let columns = things::sql(if sqlite {
        "select t.name as tab, c.name as col, c.type as kind from sqlite_schema t join pragma_table_info(t.name) c
         where t.type = 'table' and t.name not like 'sqlite%' and t.name <> 'schema_migrations' order by t.name, c.cid"
    } else {
        "select table_name::text as tab, column_name::text as col, data_type::text as kind
         from information_schema.columns
         where table_schema = $1 and table_name <> 'schema_migrations'
             and not (select relispartition from pg_class
                 where oid = (quote_ident(table_schema) || '.' || quote_ident(table_name))::regclass)
         order by table_name, ordinal_position"
    });
    let values = if sqlite { vec![] } else { vec![schema.into()] };
    let rows: Vec<(String, String, String)> = tx.fetch_all(columns, &values).await.unwrap();
    let mut tables = Tables::new();
    for (table, column, declared) in rows {
        tables.entry(table).or_default().push((column, kind(&declared, sqlite)));
    }
    tables
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    for (name, schema) in SERVICES {
        let (sqlite, postgres) = (testing::sqlite(schema).await, postgres(schema).await);
        let (sqlite, postgres) = (tables(&sqlite, schema.name).await, tables(&postgres, schema.name).await);
        assert!(!sqlite.is_empty(), "{name} has no tables");
        assert_eq!(sqlite, postgres, "services/{name}/migrations: SQLite (left) and PostgreSQL (right) differ");
    }
}
