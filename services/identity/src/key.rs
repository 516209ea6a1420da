//! API keys: credentials of programs. Each belongs to one workspace.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod policy;
pub(crate) mod resolve;
pub(crate) mod revoke;
pub(crate) mod touch;

use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    id::{KeyId, WorkspaceId},
    identity as pb,
};
use store::{Tx, WorkspaceTx};

store::row! {
    /// A key as it is listed. The key itself is kept as a hash only, and that is not read here.
    #[derive(Clone, Debug)]
    struct Key {
        id: KeyId,
        workspace_id: WorkspaceId,
        prefix: String,
        name: String,
        scopes: serde_json::Value,
        rpm: Option<i64>,
        tpm: Option<i64>,
        concurrency: Option<i64>,
        created_by: String,
        created_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
        revoked_at: Option<DateTime<Utc>>,
        last_used_at: Option<DateTime<Utc>>,
    }
}

impl Key {
    fn to_proto(&self, now: DateTime<Utc>) -> pb::ApiKey {
        let time = |at: Option<DateTime<Utc>>| at.map(proto::time::to_proto);
        pb::ApiKey {
            id: self.id.to_string(),
            workspace_id: self.workspace_id.to_string(),
            name: self.name.clone(),
            prefix: self.prefix.clone(),
            scopes: scopes(&self.scopes),
            limits: Some(pb::Limits { rpm: self.rpm, tpm: self.tpm, concurrency: self.concurrency }),
            active: self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now),
            created_by: self.created_by.clone(),
            created_at: time(Some(self.created_at)),
            expires_at: time(self.expires_at),
            revoked_at: time(self.revoked_at),
            last_used_at: time(self.last_used_at),
        }
    }
}

/// A key of the transaction's workspace that is not deleted.
async fn find(tx: &mut WorkspaceTx, id: KeyId) -> Result<Option<Key>, Error> {
    let values = [tx.workspace().into(), id.into()];
    Ok(Tx::fetch_optional(tx, store::sql!("api_key/by_id"), &values).await?)
}

/// The id in a request. What is no id is a key that does not exist.
fn parse(id: &str) -> Result<KeyId, Error> {
    id.parse().map_err(|_| absent())
}

fn absent() -> Error {
    Error::NotFound("API key in this workspace")
}

/// The names in a stored list of scopes.
fn scopes(stored: &serde_json::Value) -> Vec<String> {
    let names = stored.as_array().into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Begins a transaction in the workspace of a call.
async fn begin(parts: &Parts, call: &proto::Call) -> Result<WorkspaceTx, Error> {
    let workspace = call.workspace().map_err(Error::caller)?;
    Ok(WorkspaceTx::begin(&parts.db, workspace).await?)
}
