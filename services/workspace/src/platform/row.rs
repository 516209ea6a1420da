//! A provider of the platform as the database keeps it, and as operators see it.

use super::access::Access;
use crate::provider::row::ProviderRow;
use chrono::{DateTime, Utc};
use proto::{id::ProviderId, workspace::PlatformProvider};
use store::Value;

store::row! {
    /// One of them. `Debug` is left out: it carries the sealed credential.
    pub(crate) struct PlatformRow {
        provider_id: ProviderId,
        kind: String,
        name: String,
        base_url: String,
        priority: i64,
        weight: i64,
        enabled: bool,
        models: String,
        options: String,
        plans: String,
        workspaces: String,
        sealed_key: Option<Vec<u8>>,
        key_hint: String,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    }
}

/// The same, taken apart.
pub(super) struct Parts {
    /// What it has in common with a workspace's own.
    pub provider: ProviderRow,
    /// None: what is kept cannot be read, and nobody may use it.
    pub access: Option<Access>,
}

impl From<PlatformRow> for Parts {
    fn from(row: PlatformRow) -> Self {
        let access = Access::read(&row.plans, &row.workspaces);
        let provider = ProviderRow {
            provider_id: row.provider_id,
            kind: row.kind,
            name: row.name,
            base_url: row.base_url,
            priority: row.priority,
            weight: row.weight,
            enabled: row.enabled,
            models: row.models,
            options: row.options,
            sealed_key: row.sealed_key,
            key_hint: row.key_hint,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Self { provider, access }
    }
}

impl From<Parts> for PlatformProvider {
    fn from(parts: Parts) -> Self {
        let access = parts.access.unwrap_or_default();
        Self { workspaces: access.ids(), plans: access.plans, provider: Some(parts.provider.into()) }
    }
}

/// What an update may change, in the order in which the statements name it.
pub(super) fn changing(provider: &ProviderRow, access: &Access) -> Vec<Value> {
    let (plans, workspaces) = access.columns();
    vec![
        provider.name.as_str().into(),
        provider.name.to_ascii_lowercase().into(),
        provider.base_url.as_str().into(),
        provider.priority.into(),
        provider.weight.into(),
        provider.enabled.into(),
        provider.models.as_str().into(),
        provider.options.as_str().into(),
        plans.into(),
        workspaces.into(),
        provider.sealed_key.clone().into(),
        provider.key_hint.as_str().into(),
    ]
}
