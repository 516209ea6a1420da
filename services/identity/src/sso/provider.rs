//! The provider of a workspace, as what signs people in by any provider takes it.

use super::{Connection, of_workspace};
use crate::{Error, Parts, sign_in::provider::Provider};
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use proto::id::WorkspaceId;
use std::{sync::Arc, time::Duration};
use store::WorkspaceTx;
use uuid::Uuid;

/// Descriptions of providers that are kept.
const MOST: u64 = 1_000;
/// What nobody uses for so long is asked for again: a secret is in it.
const UNUSED: Duration = Duration::from_secs(3_600);

/// Those that were used lately, with what they say of themselves, and when the connection was last changed.
pub(crate) struct Known(Cache<Uuid, (DateTime<Utc>, Arc<Provider>)>);

impl Known {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_idle(UNUSED).build())
    }

    /// The connection is gone.
    pub(super) fn forget(&self, connection: Uuid) {
        self.0.invalidate(&connection);
    }
}

/// The provider of a connection. Errors: [`Error::Seal`].
pub(crate) fn of(parts: &Parts, connection: &Connection) -> Result<Arc<Provider>, Error> {
    let known = parts.sso_providers.0.get(&connection.id);
    if let Some((_, provider)) = known.filter(|(at, _)| *at == connection.updated_at) {
        return Ok(provider);
    }
    let provider = Arc::new(fresh(parts, connection)?);
    parts.sso_providers.0.insert(connection.id, (connection.updated_at, Arc::clone(&provider)));
    Ok(provider)
}

/// The same, of which nothing is known yet.
pub(super) fn fresh(parts: &Parts, connection: &Connection) -> Result<Provider, Error> {
    Ok(parts.providers.of_connection(connection, connection.secret(parts)?))
}

/// That of a workspace. Errors: [`Error::SignInInvalid`] where there is none: whoever comes back began with another one.
pub(crate) async fn of_id(parts: &Parts, workspace: WorkspaceId) -> Result<Arc<Provider>, Error> {
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let connection = of_workspace(&mut tx, workspace).await?.ok_or(Error::SignInInvalid)?;
    tx.commit().await?;
    of(parts, &connection)
}
