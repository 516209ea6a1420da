//! The provider of a workspace, as what signs people in by any provider takes it.

use super::{Connection, of_workspace};
use crate::{Error, Parts, sign_in::provider::Provider};
use moka::sync::Cache;
use proto::id::WorkspaceId;
use std::sync::Arc;
use store::WorkspaceTx;
use uuid::Uuid;

/// Descriptions of providers that are kept.
const MOST: u64 = 1_000;

/// Those that were used lately, with what they say of themselves: by connection, and by when it was last changed.
pub(crate) struct Known(Cache<(Uuid, i64), Arc<Provider>>);

impl Known {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MOST))
    }
}

/// The provider of a connection. Errors: [`Error::Seal`].
pub(crate) fn of(parts: &Parts, connection: &Connection) -> Result<Arc<Provider>, Error> {
    let key = (connection.id, connection.updated_at.timestamp_micros());
    if let Some(known) = parts.sso_providers.0.get(&key) {
        return Ok(known);
    }
    let provider = Arc::new(fresh(parts, connection)?);
    parts.sso_providers.0.insert(key, Arc::clone(&provider));
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
