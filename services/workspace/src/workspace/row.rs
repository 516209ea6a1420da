//! A workspace as the database keeps it, and as its members see it.

use crate::error::Error;
use chrono::{DateTime, Utc};
use proto::{
    id::WorkspaceId,
    limits::{Limits, PerModel},
    time,
    workspace::Workspace,
};
use serde::Deserialize as _;
use serde_json::{Value, json};
use uuid::Uuid;

store::row! {
    /// One workspace.
    pub(crate) struct WorkspaceRow {
        pub(crate) workspace_id: Uuid,
        pub(crate) name: String,
        pub(crate) plan: String,
        pub(crate) currency: String,
        pub(crate) time_zone: String,
        pub(crate) locale: String,
        pub(crate) limits: Value,
        pub(crate) per_user: Value,
        pub(crate) per_model: Value,
        pub(crate) created_at: DateTime<Utc>,
        pub(crate) deleted_at: Option<DateTime<Utc>>,
        pub(crate) purge_at: Option<DateTime<Utc>>,
    }
}

/// What a workspace limits.
pub(crate) struct Limited {
    /// The workspace as a whole.
    pub(crate) limits: Limits,
    /// Each of its members.
    pub(crate) per_user: Limits,
    /// Models by name.
    pub(crate) per_model: PerModel,
}

impl WorkspaceRow {
    /// What the workspace limits. Errors: it cannot be read, and nothing may run as if nothing was limited.
    pub(crate) fn limited(&self) -> Result<Limited, Error> {
        Ok(Limited {
            limits: Limits::deserialize(&self.limits)?,
            per_user: Limits::deserialize(&self.per_user)?,
            per_model: PerModel::deserialize(&self.per_model)?,
        })
    }

    /// Keeps what the workspace limits from now on.
    pub(crate) fn limit(&mut self, new: &Limited) {
        self.limits = json!(new.limits);
        self.per_user = json!(new.per_user);
        self.per_model = json!(new.per_model);
    }

    /// As somebody with this role sees it; empty for an API key. Errors: what it limits cannot be read.
    pub(crate) fn seen_by(self, role: String) -> Result<Workspace, Error> {
        let Limited { limits, per_user, per_model } = self.limited()?;
        Ok(Workspace {
            id: WorkspaceId::from_uuid(self.workspace_id).to_string(),
            limits: Some(limits),
            per_user: Some(per_user),
            per_model: Some(per_model),
            name: self.name,
            plan: self.plan,
            role,
            currency: self.currency,
            time_zone: self.time_zone,
            locale: self.locale,
            created_at: Some(time::to_proto(self.created_at)),
            deleted_at: self.deleted_at.map(time::to_proto),
            purge_at: self.purge_at.map(time::to_proto),
        })
    }
}
