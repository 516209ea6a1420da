//! `audit_events`

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
        }
    }
}
