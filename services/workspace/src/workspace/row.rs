//! A workspace as the database keeps it, and as its members see it.

use chrono::{DateTime, Utc};
use proto::{
    id::WorkspaceId,
    time,
    workspace::{Limits, Workspace},
};
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
        pub(crate) rpm: Option<i64>,
        pub(crate) tpm: Option<i64>,
        pub(crate) concurrency: Option<i64>,
        pub(crate) created_at: DateTime<Utc>,
    }
}

impl WorkspaceRow {
    /// The limits that the workspace set itself.
    pub(crate) fn limits(&self) -> Limits {
        Limits { rpm: self.rpm, tpm: self.tpm, concurrency: self.concurrency }
    }

    /// As somebody with this role sees it; empty for an API key.
    pub(crate) fn seen_by(self, role: String) -> Workspace {
        Workspace {
            id: WorkspaceId::from_uuid(self.workspace_id).to_string(),
            limits: Some(self.limits()),
            name: self.name,
            plan: self.plan,
            role,
            currency: self.currency,
            time_zone: self.time_zone,
            locale: self.locale,
            created_at: Some(time::to_proto(self.created_at)),
        }
    }
}
