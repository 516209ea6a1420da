//! API keys: credentials of programs. Each belongs to one workspace.

mod bounds;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod policy;
pub(crate) mod resolve;
pub(crate) mod revoke;
pub(crate) mod revoke_left_behind;
pub(crate) mod rotate;
pub(crate) mod team;
pub(crate) mod touch;
pub(crate) mod update;

use crate::{Error, Parts, input::Problems};
use chrono::{DateTime, Utc};
use proto::{
    id::{KeyId, TeamId, UserId, WorkspaceId},
    identity as pb,
    limits::{Budgets, Limits},
};
use serde::Deserialize as _;
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
        limits: serde_json::Value,
        created_by: String,
        created_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
        revoked_at: Option<DateTime<Utc>>,
        last_used_at: Option<DateTime<Utc>>,
        /// Who answers for it; nobody for a service account.
        user_id: Option<UserId>,
        allowed_models: Option<serde_json::Value>,
        allowed_ips: Option<serde_json::Value>,
        rotated_at: Option<DateTime<Utc>>,
        /// Until when the text before works too.
        previous_until: Option<DateTime<Utc>>,
        /// Whose limits it shares beside its own; None: nobody's.
        team_id: Option<TeamId>,
    }
}

impl Key {
    /// As people see it. Errors: its limits cannot be read, and none are not what it has.
    fn to_proto(&self, now: DateTime<Utc>) -> Result<pb::ApiKey, Error> {
        let time = |at: Option<DateTime<Utc>>| at.map(proto::time::to_proto);
        Ok(pb::ApiKey {
            id: self.id.to_string(),
            workspace_id: self.workspace_id.to_string(),
            name: self.name.clone(),
            prefix: self.prefix.clone(),
            scopes: scopes(&self.scopes),
            limits: Some(limits(&self.limits)?),
            active: self.is_active(now),
            created_by: self.created_by.clone(),
            created_at: time(Some(self.created_at)),
            expires_at: time(self.expires_at),
            revoked_at: time(self.revoked_at),
            last_used_at: time(self.last_used_at),
            allowed_models: bounds::names(self.allowed_models.as_ref())?,
            allowed_ips: bounds::names(self.allowed_ips.as_ref())?,
            user_id: self.user_id.map(|id| id.to_string()).unwrap_or_default(),
            rotated_at: time(self.rotated_at),
            previous_expires_at: time(self.previous_until.filter(|at| *at > now)),
            team_id: self.team_id.map(|id| id.to_string()).unwrap_or_default(),
        })
    }

    fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
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

/// Stored limits.
fn limits(stored: &serde_json::Value) -> Result<Limits, Error> {
    Limits::deserialize(stored).map_err(Error::Limits)
}

/// Notes what is wrong with limits and budgets, and puts both together.
fn read_limits(problems: &mut Problems, limits: Option<Limits>, budgets: Option<Budgets>) -> Limits {
    let mut limits = limits.unwrap_or_default();
    if budgets.is_some() && !limits.budgets.is_empty() {
        problems.missing("budget", "is given twice: leave it out, or limits.budgets");
    }
    let of_budgets = budgets.iter().flat_map(Budgets::problems);
    for (field, problem) in limits.problems("limits").into_iter().chain(of_budgets) {
        problems.refused(field, problem);
    }
    if let Some(Budgets { budgets }) = budgets {
        limits.budgets = budgets;
    }
    limits
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
