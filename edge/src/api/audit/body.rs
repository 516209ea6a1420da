//! What an event looks like.

use crate::{
    api::{page::some, time},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::workspace::{AuditEvent, AuditHead};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened in a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct AuditBody {
    /// `evt_…`
    pub(super) id: String,
    pub(super) created_at: DateTime<Utc>,
    /// Who did it: `usr_…`, `key_…`, or the name of a service.
    pub(super) actor: String,
    #[schema(example = "provider.created")]
    pub(super) action: String,
    /// The id of the thing that it happened to.
    pub(super) subject: String,
    /// `req_…`. Null for what no request asked for.
    pub(super) request_id: Option<String>,
    /// Facts. Never a secret.
    #[schema(value_type = Object)]
    pub(super) details: Box<serde_json::value::RawValue>,
    /// The service that reported it.
    #[schema(example = "workspace")]
    pub(super) source: String,
    /// Its place in the workspace's chain, from 1. Null: an earlier release wrote it, and it is chained within the hour.
    pub(super) seq: Option<i64>,
    /// SHA-256 over what it says, its place, and the hash before, in hexadecimal digits.
    pub(super) hash: Option<String>,
}

/// The first line of an export for verification.
#[derive(Serialize)]
pub(super) struct First {
    pub(super) head: HeadBody,
}

/// Where the chain ends.
#[derive(Serialize)]
pub(super) struct HeadBody {
    /// `ws_…`
    workspace_id: String,
    seq: i64,
    hash: String,
    at: DateTime<Utc>,
    /// Ed25519, in hexadecimal digits.
    signature: String,
    public_key: String,
}

impl TryFrom<AuditHead> for HeadBody {
    type Error = Error;

    fn try_from(head: AuditHead) -> Result<Self> {
        Ok(Self {
            workspace_id: head.workspace_id,
            seq: head.seq,
            hash: hex::encode(head.hash),
            at: time::always(head.at)?,
            signature: hex::encode(head.signature),
            public_key: hex::encode(head.public_key),
        })
    }
}

impl TryFrom<AuditEvent> for AuditBody {
    type Error = Error;

    fn try_from(event: AuditEvent) -> Result<Self> {
        Ok(Self {
            id: event.id,
            created_at: time::always(event.at)?,
            actor: event.actor,
            action: event.action,
            subject: event.subject,
            request_id: some(event.request_id),
            details: serde_json::value::RawValue::from_string(event.details_json)
                .map_err(|_| Error::incomplete("details that are JSON"))?,
            source: event.source,
            seq: event.seq,
            hash: (!event.hash.is_empty()).then(|| hex::encode(event.hash)),
        })
    }
}
