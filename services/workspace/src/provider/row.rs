//! A provider as the database keeps it, and as members of its workspace see it.

use crate::error::Error;
use chrono::{DateTime, Utc};
use proto::{
    id::ProviderId,
    time,
    workspace::{OpenProvider, Provider},
};

store::row! {
    /// One provider. `Debug` is left out: it carries the sealed credential.
    pub(crate) struct ProviderRow {
        pub(crate) provider_id: ProviderId,
        pub(crate) kind: String,
        pub(crate) name: String,
        pub(crate) base_url: String,
        pub(crate) priority: i64,
        pub(crate) weight: i64,
        pub(crate) enabled: bool,
        /// A JSON array of names.
        pub(crate) models: String,
        /// A JSON object.
        pub(crate) options: String,
        pub(crate) sealed_key: Option<Vec<u8>>,
        pub(crate) key_hint: String,
        pub(crate) created_at: DateTime<Utc>,
        pub(crate) updated_at: DateTime<Utc>,
    }
}

impl ProviderRow {
    /// The names of its models; none means any.
    pub(crate) fn models(&self) -> Vec<String> {
        // Written by us as such an array; a provider that nobody can read serves nothing rather than everything.
        serde_json::from_str(&self.models).unwrap_or_else(|_| vec![String::new()])
    }
}

impl From<ProviderRow> for Provider {
    fn from(row: ProviderRow) -> Self {
        Self {
            id: row.provider_id.to_string(),
            models: row.models(),
            provider: row.kind,
            name: row.name,
            base_url: row.base_url,
            priority: small(row.priority),
            weight: small(row.weight),
            enabled: row.enabled,
            key_hint: row.key_hint,
            options_json: row.options,
            created_at: Some(time::to_proto(row.created_at)),
            updated_at: Some(time::to_proto(row.updated_at)),
        }
    }
}

/// As the gateway needs it, with its credential.
pub(crate) fn opened(row: ProviderRow, api_key: String) -> OpenProvider {
    OpenProvider {
        id: row.provider_id.to_string(),
        models: row.models(),
        provider: row.kind,
        name: row.name,
        base_url: row.base_url,
        priority: small(row.priority),
        weight: small(row.weight),
        api_key,
        options_json: row.options,
    }
}

/// Priorities and weights end at 1000.
fn small(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// The id in a path. Errors: `NOT_FOUND`, also for what is no id: a path leads somewhere or nowhere.
pub(crate) fn id(text: &str) -> Result<ProviderId, Error> {
    text.parse().map_err(|_| Error::NotFound("provider"))
}
