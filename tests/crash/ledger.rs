//! What the ledger holds, read past the service: from the tables themselves.

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::PathBuf;

/// Where the tables are.
#[derive(Clone, Debug)]
pub enum Place {
    Sqlite(PathBuf),
    /// A superuser's URL: row level security is not in its way.
    Postgres(String),
}

/// One row of `ledger`.
#[derive(Clone, Debug)]
pub struct Row {
    /// 32 hexadecimal digits.
    pub request: String,
    pub attempt: i64,
    pub correction: i64,
    pub model: String,
    /// Input that was not read from a cache.
    pub input: i64,
    pub cached: i64,
    pub output: i64,
    pub reasoning: i64,
    pub estimated: bool,
    pub outcome: String,
}

type Columns = (String, i64, i64, String, i64, i64, i64, i64, bool, String);

impl From<Columns> for Row {
    fn from(columns: Columns) -> Self {
        let (request, attempt, correction, model, input, cached, output, reasoning, estimated, outcome) = columns;
        Self { request, attempt, correction, model, input, cached, output, reasoning, estimated, outcome }
    }
}

impl Place {
    /// Every row, corrections after what they correct.
    pub async fn rows(&self) -> anyhow::Result<Vec<Row>> {
        let rows: Vec<Columns> = match self {
            Self::Sqlite(_) => sqlx::query_as(SQLITE).fetch_all(&mut self.sqlite().await?).await?,
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                sqlx::query_as(POSTGRES).fetch_all(&mut connection).await?
            }
        };
        Ok(rows.into_iter().map(Row::from).collect())
    }

    /// Grants that nobody has settled or swept.
    pub async fn open_grants(&self) -> anyhow::Result<i64> {
        match self {
            Self::Sqlite(_) => {
                let count = sqlx::query_scalar("select count(*) from open_grants");
                Ok(count.fetch_one(&mut self.sqlite().await?).await?)
            }
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                Ok(sqlx::query_scalar("select count(*) from usage.open_grants").fetch_one(&mut connection).await?)
            }
        }
    }

    async fn sqlite(&self) -> anyhow::Result<SqliteConnection> {
        let Self::Sqlite(file) = self else { anyhow::bail!("not SQLite") };
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        SqliteConnection::connect_with(&options).await.with_context(|| format!("opening {}", file.display()))
    }
}

const SQLITE: &str = "select lower(hex(request_id)) as request, attempt, correction, model, input_tokens as input, \
    cache_read_tokens as cached, output_tokens as output, reasoning_tokens as reasoning, estimated <> 0 as estimated, \
    outcome from ledger order by request_id, attempt, correction";

const POSTGRES: &str = "select replace(cast(request_id as text), '-', '') as request, attempt, correction, model, \
    input_tokens as input, cache_read_tokens as cached, output_tokens as output, reasoning_tokens as reasoning, \
    estimated, outcome from usage.ledger order by request_id, attempt, correction";
