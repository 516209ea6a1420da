//! What does a column hold, and how is it read where nobody has declared a row for it?

use crate::{Value, db::Open, row};
use sqlx::{AssertSqlSafe, Row as _, postgres::PgRow, sqlite::SqliteRow};

/// What a column holds, as the table in the crate's documentation says. PostgreSQL's catalogue tells which it is; on
/// SQLite uuids and bytes, and times and numbers, look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Uuid,
    Text,
    Int,
    Bool,
    Time,
    Json,
    Blob,
}

impl Kind {
    /// By the name that PostgreSQL gives it. None: the store does not know it.
    pub fn of(postgres: &str) -> Option<Self> {
        Some(match postgres {
            "uuid" => Self::Uuid,
            "text" => Self::Text,
            "bigint" | "integer" => Self::Int,
            "boolean" => Self::Bool,
            "timestamp with time zone" => Self::Time,
            "jsonb" => Self::Json,
            "bytea" => Self::Blob,
            _ => return None,
        })
    }

    /// Many of them, on PostgreSQL.
    pub const fn array(self) -> &'static str {
        match self {
            Self::Uuid => "uuid[]",
            Self::Text => "text[]",
            Self::Int => "bigint[]",
            Self::Bool => "boolean[]",
            Self::Time => "timestamptz[]",
            Self::Json => "jsonb[]",
            Self::Blob => "bytea[]",
        }
    }

    /// The value in a column of a row. Errors: it is of another type.
    pub fn postgres(self, row: &PgRow, at: usize) -> sqlx::Result<Value> {
        Ok(match self {
            Self::Uuid => Value::Uuid(row.try_get(at)?),
            Self::Text => Value::Text(row.try_get(at)?),
            Self::Int => Value::Int(match row.try_get::<Option<i64>, _>(at) {
                Ok(number) => number,
                Err(_) => row.try_get::<Option<i32>, _>(at)?.map(i64::from),
            }),
            Self::Bool => Value::Bool(row.try_get(at)?),
            Self::Time => Value::Time(row.try_get(at)?),
            Self::Json => Value::Json(row.try_get(at)?),
            Self::Blob => Value::Blob(row.try_get(at)?),
        })
    }

    /// The same on SQLite. Errors: it is of another type.
    pub fn sqlite(self, row: &SqliteRow, at: usize) -> sqlx::Result<Value> {
        Ok(match self {
            Self::Uuid => Value::Uuid(row.try_get(at)?),
            Self::Text => Value::Text(row.try_get(at)?),
            Self::Int => Value::Int(row.try_get(at)?),
            Self::Bool => Value::Bool(row.try_get(at)?),
            Self::Time => Value::Time(row.try_get::<Option<i64>, _>(at)?.map(row::time).transpose()?),
            Self::Json => Value::Json(row.try_get(at)?),
            Self::Blob => Value::Blob(row.try_get(at)?),
        })
    }
}

/// A name in a statement.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names in a statement, with commas between them.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// The rows of a statement that is made of names, with columns of these kinds. Errors: the driver's.
pub(crate) async fn select(
    open: &mut Open,
    sql: &str,
    values: &[Value],
    kinds: &[Kind],
) -> sqlx::Result<Vec<Vec<Value>>> {
    match open {
        Open::Postgres(tx) => {
            // Of rare use: no connection keeps it, which a pooler in between would not allow anyway.
            let query = values.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| value.postgres(query));
            let query = query.persistent(false);
            let rows = query.fetch_all(&mut **tx).await?;
            rows.iter().map(|row| kinds.iter().enumerate().map(|(at, kind)| kind.postgres(row, at)).collect()).collect()
        }
        Open::Sqlite(tx) => {
            let query = values.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| value.sqlite(query));
            let rows = query.fetch_all(&mut **tx).await?;
            rows.iter().map(|row| kinds.iter().enumerate().map(|(at, kind)| kind.sqlite(row, at)).collect()).collect()
        }
    }
}

/// How many rows a statement that is made of names has changed. Errors: the driver's.
pub(crate) async fn change(open: &mut Open, sql: &str, values: &[Value]) -> sqlx::Result<u64> {
    match open {
        Open::Postgres(tx) => {
            // Of rare use: no connection keeps it, which a pooler in between would not allow anyway.
            let query = values.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| value.postgres(query));
            let query = query.persistent(false);
            query.execute(&mut **tx).await.map(|done| done.rows_affected())
        }
        Open::Sqlite(tx) => {
            let query = values.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| value.sqlite(query));
            query.execute(&mut **tx).await.map(|done| done.rows_affected())
        }
    }
}
