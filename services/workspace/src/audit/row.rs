//! `audit_events`

use super::chain::Entry;
use chrono::{DateTime, Utc};
use proto::{id::EventId, time::to_proto, workspace::AuditEvent};

store::row! {
    pub(super) struct AuditRow {
        pub event_id: EventId,
        source: String,
        at: DateTime<Utc>,
        actor: String,
        kind: String,
        subject: String,
        request_id: String,
        payload: String,
        /// Null: not chained yet.
        pub seq: Option<i64>,
        hash: Option<Vec<u8>>,
    }
}

impl AuditRow {
    /// What it says, but for where it stands.
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            workspace: "",
            seq: 0,
            id: "",
            at: self.at.timestamp_micros(),
            actor: &self.actor,
            action: &self.kind,
            subject: &self.subject,
            request_id: &self.request_id,
            details: &self.payload,
            source: &self.source,
        }
    }
}

impl From<AuditRow> for AuditEvent {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.event_id.to_string(),
            at: Some(to_proto(row.at)),
            actor: row.actor,
            action: row.kind,
            subject: row.subject,
            request_id: row.request_id,
            details_json: row.payload,
            source: row.source,
            seq: row.seq,
            hash: row.hash.unwrap_or_default().into(),
        }
    }
}
