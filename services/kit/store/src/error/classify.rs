//! From what a driver says to what there is to do.

use super::Error;
use sqlx::error::DatabaseError;

impl Error {
    /// The error of a statement at `place`.
    pub(crate) fn at(place: &str, error: sqlx::Error) -> Self {
        let place = place.to_owned();
        match error {
            sqlx::Error::Database(source) => of_database(place, source),
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::BeginFailed
            | sqlx::Error::Protocol(_) => Self::Unavailable { place, source: error.into() },
            other => Self::Other { source: other.into() },
        }
    }
}

const POOLER: &str = "set database.pooler: transaction";

/// Whether somebody else holds a SQLite file.
pub(crate) fn busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // The low byte is the class: SQLITE_BUSY and SQLITE_LOCKED.
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// Whether the connection, not the statement, is at fault.
pub(crate) fn lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(e) => e.code().is_some_and(|c| c.starts_with("57P") || c.starts_with("08")),
        _ => false,
    }
}

fn of_database(place: String, source: Box<dyn DatabaseError>) -> Error {
    if source.is_unique_violation() {
        return Error::Unique { source };
    }
    let code = source.code().unwrap_or_default().into_owned();
    match code.parse::<u32>() {
        // SQLite's codes are small numbers, PostgreSQL's have five characters.
        Ok(number) if code.len() < 5 => of_sqlite(place, number, source),
        _ => of_postgres(place, &code, source),
    }
}

fn of_sqlite(place: String, code: u32, source: Box<dyn DatabaseError>) -> Error {
    // The low byte is the class: https://www.sqlite.org/rescode.html
    match code & 0xff {
        5 | 6 => Error::Busy { place, source },
        8 => Error::ReadOnly { place, source },
        13 => Error::Full { place, source },
        10 | 14 => Error::Unavailable { place, source },
        11 | 26 => Error::Setup(format!("{place} is damaged or no database: restore it from a backup ({source})")),
        1 if source.message().starts_with("no such table") => Error::Missing { place, source },
        _ => Error::Other { source },
    }
}

fn of_postgres(place: String, code: &str, source: Box<dyn DatabaseError>) -> Error {
    match code {
        // The role `perpetuo_app` is not there (22023) or not ours (42501), or schema or table are not there.
        "22023" if source.message().contains("role") => Error::Missing { place, source },
        "42501" if source.message().contains("role") => Error::Missing { place, source },
        "3F000" | "42P01" => Error::Missing { place, source },
        "23505" => Error::Unique { source },
        // A statement that is prepared already, or is not: somebody gives its connection to others in between.
        "42P05" | "26000" => {
            Error::Setup(format!("{place} is a pooler that gives a connection for each transaction: {POOLER}"))
        }
        _ if source.message().contains("startup parameter") => {
            Error::Setup(format!("{place} refuses a connection ({source}): if it is a pooler, {POOLER}"))
        }
        // Serialisation failure, deadlock, lock not available, statement timeout.
        "40001" | "40P01" | "55P03" | "57014" => Error::Busy { place, source },
        "25006" => Error::ReadOnly { place, source },
        "53100" => Error::Full { place, source },
        // Connection exceptions, shutdown and start-up, too many connections, credentials, no such database.
        _ if ["08", "57P", "53", "28", "3D"].iter().any(|class| code.starts_with(class)) => {
            Error::Unavailable { place, source }
        }
        _ => Error::Other { source },
    }
}
