//! Brings the tables to where this release needs them. Forward only; an applied migration never changes.

mod declared;
mod plan;
mod postgres;
mod sqlite;

use crate::{Db, Error, GlobalTx, Schema, db::Pools, sql};
use declared::Owner;

/// The role in which every transaction on PostgreSQL works.
pub(crate) const ROLE: &str = "perpetuo_app";

/// What a pooler cannot do.
pub(crate) const DIRECT: &str = "migrations do not run through a pooler (database.pooler): set database.admin_url to a URL that leads to \
                      PostgreSQL itself, as a user who may create schemas and roles";

/// Applies what is missing, all of it or nothing.
pub(crate) async fn run(db: &Db) -> Result<(), Error> {
    let schema = db.schema();
    match db.pools() {
        Pools::Postgres { user, admin: Some(admin), .. } => postgres::run(schema, admin, user).await,
        Pools::Postgres { admin: None, .. } => Err(Error::Setup(DIRECT.to_owned()).into()),
        Pools::Sqlite { writer, .. } => sqlite::run(schema, writer).await,
    }
    .map_err(|e| e.of(db))
}

/// The names of what is missing, seen by the user who works.
pub(crate) async fn pending(db: &Db) -> Result<Vec<&'static str>, Error> {
    let applied: Vec<(String, String)> = match applied(db).await {
        Ok(applied) => applied,
        Err(Error::Missing { .. }) => vec![],
        Err(error) => return Err(error),
    };
    Ok(plan::steps(db.schema(), db.is_sqlite(), &applied)?.into_iter().map(|s| s.name).collect())
}

/// The tables of tenants, in the order in which they were made.
pub(crate) fn tenants(schema: &Schema, sqlite: bool) -> Vec<&'static str> {
    of(schema, sqlite, Owner::Tenant)
}

/// Whether it publishes what happens.
pub(crate) fn has_outbox(schema: &Schema, sqlite: bool) -> bool {
    !of(schema, sqlite, Owner::Outbox).is_empty()
}

fn of(schema: &Schema, sqlite: bool, owner: Owner) -> Vec<&'static str> {
    declared::in_order(schema, sqlite).filter(|(_, of)| *of == owner).map(|(name, _)| name).collect()
}

async fn applied(db: &Db) -> Result<Vec<(String, String)>, Error> {
    let mut tx = GlobalTx::read(db).await?;
    tx.fetch_all(sql!("migration/applied"), &[]).await
}

/// What stops a migration.
#[derive(Debug)]
enum Stop {
    /// One statement of the runner itself.
    Statement(sqlx::Error),
    /// One sentence for the operator.
    Refused(Error),
}

impl Stop {
    fn of(self, db: &Db) -> Error {
        match self {
            Self::Statement(error) => db.failed(error),
            Self::Refused(error) => error,
        }
    }

    /// A migration's own statement failed. An outage is not its fault.
    fn step(schema: &str, step: &plan::Step, error: sqlx::Error) -> Self {
        match Error::at(schema, error) {
            Error::Other { source } | Error::Unique { source } | Error::Missing { source, .. } => Self::Refused(
                Error::Setup(format!("migration {schema}/{} failed, and nothing was changed: {source}", step.name)),
            ),
            other => Self::Refused(other),
        }
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Statement(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}
