//! How do rows get into PostgreSQL, many at once?

use super::{Part, Progress, compare::key, source, tables::Table};
use crate::{Error, Value, column::Kind};
use futures::StreamExt as _;
use sqlx::{AssertSqlSafe, PgTransaction, Postgres, postgres::PgArguments, query::Query};

/// Rows of one statement, and their bytes.
const ROWS: usize = 500;
const BYTES: usize = 4 * 1024 * 1024;

/// Writes all rows of a table, and goes on counting where SQLite has stopped. Errors: with the key of the row that
/// PostgreSQL does not take.
pub(super) async fn table(
    tx: &mut PgTransaction<'_>,
    part: &Part,
    table: &Table,
    tell: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<(), Error> {
    let mut connection = source::connect(&part.from).await?;
    source::check(&mut connection, &part.from, table).await?;
    let mut written = 0;
    {
        let mut rows = std::pin::pin!(source::rows(&mut connection, table));
        let (mut batch, mut bytes) = (Vec::with_capacity(ROWS), 0);
        while let Some(row) = rows.next().await {
            let row = row.map_err(|e| part.from.failed(e))?;
            bytes += row.iter().map(size).sum::<usize>();
            batch.push(row);
            if batch.len() == ROWS || bytes >= BYTES {
                written += insert(tx, part, table, &batch).await?;
                batch.clear();
                bytes = 0;
                tell(Progress::Writing(part.to.schema().name, &table.name, written));
            }
        }
        insert(tx, part, table, &batch).await?;
    }
    for column in table.columns.iter().filter(|column| column.is_counted) {
        let highest = source::highest(&mut connection, table, &column.name).await;
        let highest = highest.map_err(|e| part.from.failed(e))?;
        sqlx::query("select setval(pg_get_serial_sequence($1, $2), greatest($3, 1), $3 > 0)")
            .bind(&table.place)
            .bind(&column.name)
            .bind(highest)
            .execute(&mut **tx)
            .await
            .map_err(|e| part.to.failed(e))?;
    }
    // Until somebody looks, PostgreSQL takes a filled table for an empty one.
    let analyze = format!("analyze {}", table.place);
    sqlx::raw_sql(AssertSqlSafe(analyze)).execute(&mut **tx).await.map_err(|e| part.to.failed(e))?;
    Ok(())
}

async fn insert(tx: &mut PgTransaction<'_>, part: &Part, table: &Table, rows: &[Vec<Value>]) -> Result<u64, Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let arrays: Vec<_> =
        table.columns.iter().zip(1..).map(|(column, n)| format!("${n}::{}", column.kind.array())).collect();
    let sql = format!(
        "insert into {} ({}) overriding system value select * from unnest({})",
        table.place,
        table.list(),
        arrays.join(", ")
    );
    let all = async |tx: &mut PgTransaction<'_>, rows: &[Vec<Value>]| {
        sqlx::raw_sql("savepoint batch").execute(&mut **tx).await?;
        let kinds = table.columns.iter().enumerate();
        let query =
            kinds.fold(sqlx::query(AssertSqlSafe(sql.as_str())), |query, (at, c)| bind(query, c.kind, rows, at));
        let written = query.execute(&mut **tx).await?.rows_affected();
        // Thousands that stay open one in another are more locks than PostgreSQL has.
        sqlx::raw_sql("release savepoint batch").execute(&mut **tx).await.map(|_| written)
    };
    let error = match all(tx, rows).await {
        Ok(written) => return Ok(written),
        Err(error) => error,
    };
    // One of them it is: whoever reads this has to find it.
    for row in rows {
        let back = sqlx::raw_sql("rollback to savepoint batch").execute(&mut **tx).await;
        back.map_err(|e| part.to.failed(e))?;
        if let Err(error) = all(tx, std::slice::from_ref(row)).await {
            return Err(Error::Setup(format!(
                "{}: PostgreSQL does not take the row {}: {error}",
                table.name(part),
                key(table, row)
            )));
        }
    }
    Err(part.to.failed(error))
}

/// The values of one column.
fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    kind: Kind,
    rows: &[Vec<Value>],
    at: usize,
) -> Query<'q, Postgres, PgArguments> {
    macro_rules! all {
        ($kind:ident) => {
            query.bind(
                rows.iter()
                    .map(|row| if let Value::$kind(value) = &row[at] { value.clone() } else { None })
                    .collect::<Vec<_>>(),
            )
        };
    }
    match kind {
        Kind::Uuid => all!(Uuid),
        Kind::Text => all!(Text),
        Kind::Int => all!(Int),
        Kind::Bool => all!(Bool),
        Kind::Time => all!(Time),
        Kind::Json => all!(Json),
        Kind::Blob => all!(Blob),
    }
}

/// About so many bytes.
fn size(value: &Value) -> usize {
    match value {
        Value::Text(Some(text)) => text.len(),
        Value::Blob(Some(bytes)) => bytes.len(),
        Value::Json(Some(json)) => json.to_string().len(),
        _ => 16,
    }
}
