//! Where the data is.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The database of a process. Each service has a schema in it (PostgreSQL) or a file of its own (SQLite).
#[derive(Clone)]
pub enum Backend {
    /// Files in a directory, one per service. For one process at a time.
    Sqlite {
        /// The directory. It is made when it is not there.
        dir: PathBuf,
    },
    /// A PostgreSQL database, 15 or newer.
    Postgres {
        /// `postgres://user:password@host/database`, for everything but migrations. The user needs no right of its
        /// own: `migrate` makes it a member of the role `perpetuo_app`.
        url: String,
        /// The same database as a user who may create schemas and roles. Without it `url` migrates too, unless that leads to a
        /// pooler: this one never does.
        admin_url: Option<String>,
        /// At most so many connections per service and process.
        max_connections: u32,
        /// What stands between `url` and PostgreSQL.
        pooler: Pooler,
    },
}

/// What stands between a process and PostgreSQL, and hands out its connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooler {
    /// Nothing, or what keeps one connection for each of ours, such as PgBouncer in session mode.
    #[default]
    None,
    /// One that gives a connection for each transaction, such as PgBouncer with `pool_mode = transaction`. Nothing may outlive a
    /// transaction then: statements are prepared without a name, each time that they run.
    Transaction,
}

/// URLs hold passwords.
impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { dir } => f.debug_struct("Sqlite").field("dir", dir).finish(),
            Self::Postgres { max_connections, .. } => {
                f.debug_struct("Postgres").field("max_connections", max_connections).finish_non_exhaustive()
            }
        }
    }
}
