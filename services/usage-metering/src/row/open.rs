//! `open_grants`

use super::{hex, hex_option};
use crate::event::{Admitted, Id};
use chrono::{DateTime, Utc};
use proto::usage::Units;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A grant on its way into the table.
#[derive(Serialize)]
pub(crate) struct OpenRow<'a> {
    #[serde(serialize_with = "hex")]
    workspace_id: Id,
    #[serde(serialize_with = "hex")]
    request_id: Id,
    attempt: i64,
    instance_id: &'a str,
    #[serde(serialize_with = "hex_option")]
    api_key_id: Option<Id>,
    #[serde(serialize_with = "hex_option")]
    user_id: Option<Id>,
    operation: &'a str,
    requested_model: &'a str,
    stream: bool,
    provider: &'a str,
    provider_kind: &'a str,
    provider_id: &'a str,
    model: &'a str,
    estimated_input_tokens: i64,
    estimated_output_tokens: i64,
    free: bool,
    currency: &'a str,
    plan: &'a str,
    credential_owner: &'a str,
    reserved_cost_nanos: Option<i64>,
    reserved_currency: &'a str,
    reserved: &'a str,
    created_at: i64,
    admitted_at: i64,
    expires_at: i64,
    /// As JSON; empty for nothing.
    units: String,
    #[serde(serialize_with = "hex_option")]
    team_id: Option<Id>,
}

store::row! {
    /// A grant on its way out of the table.
    pub(crate) struct StoredGrant {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
        instance_id: String,
        api_key_id: Option<Uuid>,
        user_id: Option<Uuid>,
        operation: String,
        requested_model: String,
        stream: bool,
        provider: String,
        provider_kind: String,
        provider_id: String,
        model: String,
        estimated_input_tokens: i64,
        estimated_output_tokens: i64,
        free: bool,
        currency: String,
        plan: String,
        credential_owner: String,
        reserved_cost_nanos: Option<i64>,
        reserved_currency: String,
        reserved: String,
        created_at: DateTime<Utc>,
        admitted_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
        units: String,
        team_id: Option<Uuid>,
    }
}

impl<'a> From<&'a Admitted> for OpenRow<'a> {
    fn from(a: &'a Admitted) -> Self {
        Self {
            workspace_id: a.workspace,
            request_id: a.request,
            attempt: a.attempt,
            instance_id: &a.instance,
            api_key_id: a.api_key,
            user_id: a.user,
            operation: &a.operation,
            requested_model: &a.requested_model,
            stream: a.stream,
            provider: &a.provider,
            provider_kind: &a.provider_kind,
            provider_id: &a.provider_id,
            model: &a.model,
            estimated_input_tokens: a.estimated_input_tokens,
            estimated_output_tokens: a.estimated_output_tokens,
            free: a.free,
            currency: &a.currency,
            plan: &a.plan,
            credential_owner: &a.credential_owner,
            reserved_cost_nanos: a.reserved_cost_nanos,
            reserved_currency: &a.reserved_currency,
            reserved: &a.reserved,
            created_at: a.created_at,
            admitted_at: a.admitted_at,
            expires_at: a.expires_at,
            units: a.units.as_ref().map_or_else(String::new, write),
            team_id: a.team,
        }
    }
}

impl From<StoredGrant> for Admitted {
    fn from(row: StoredGrant) -> Self {
        Self {
            workspace: row.workspace_id.into(),
            request: row.request_id.into(),
            attempt: row.attempt,
            instance: row.instance_id,
            api_key: row.api_key_id.map(Id::from),
            user: row.user_id.map(Id::from),
            operation: row.operation,
            requested_model: row.requested_model,
            stream: row.stream,
            provider: row.provider,
            provider_kind: row.provider_kind,
            provider_id: row.provider_id,
            model: row.model,
            estimated_input_tokens: row.estimated_input_tokens,
            estimated_output_tokens: row.estimated_output_tokens,
            free: row.free,
            currency: row.currency,
            plan: row.plan,
            credential_owner: row.credential_owner,
            reserved_cost_nanos: row.reserved_cost_nanos,
            reserved_currency: row.reserved_currency,
            reserved: row.reserved,
            created_at: row.created_at.timestamp_micros(),
            admitted_at: row.admitted_at.timestamp_micros(),
            expires_at: row.expires_at.timestamp_micros(),
            units: read(&row.units),
            team: row.team_id.map(Id::from),
        }
    }
}

/// Units as a column keeps them.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct UnitsText {
    images: i64,
    image_class: String,
    audio_ms: i64,
    characters: i64,
    searches: i64,
    estimated: bool,
}

fn write(units: &Units) -> String {
    let Units { images, image_class, audio_ms, characters, searches, estimated } = units.clone();
    super::text(&UnitsText { images, image_class, audio_ms, characters, searches, estimated })
}

fn read(text: &str) -> Option<Units> {
    let UnitsText { images, image_class, audio_ms, characters, searches, estimated } =
        serde_json::from_str(text).ok()?;
    Some(Units { images, image_class, audio_ms, characters, searches, estimated })
}
