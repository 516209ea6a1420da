//! What a provider looks like, and how it comes from and becomes the contract's.

use crate::{
    api::{page::some, time},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::{
    id::ProviderId,
    workspace::{CreateProviderRequest, Models, Provider, UpdateProviderRequest},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A provider of a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
pub(crate) struct ProviderBody {
    /// `prov_…`
    pub(in crate::api) id: String,
    /// Its kind, such as `openai` (any OpenAI-compatible server), `anthropic` or `simulator`; a wrong one is answered with all there are.
    provider: String,
    /// Unique in the workspace; `<name>/<model>` asks for a model of this provider.
    name: String,
    /// What an OpenAI SDK takes. Null for kinds that have no address.
    base_url: Option<String>,
    /// Lower is tried first.
    priority: i32,
    /// Share among equal priorities.
    weight: i32,
    enabled: bool,
    /// Models that it serves; none means any.
    models: Vec<String>,
    /// The last characters of its key. Null where it has none.
    key_hint: Option<String>,
    /// Settings of this kind of provider.
    options: Map<String, Value>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A new provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "openai", "api_key": "sk-…", "name": "openai", "models": ["gpt-5-mini"]}))]
pub(crate) struct NewProvider {
    /// Its kind, such as `openai` (any OpenAI-compatible server), `anthropic` or `simulator`; a wrong one is answered with all there are.
    provider: String,
    /// Its key. Left out for servers that need none.
    api_key: Option<String>,
    /// Unique in the workspace. Default: the kind.
    name: Option<String>,
    /// What an OpenAI SDK takes, including `/v1`. Default: the kind's own.
    base_url: Option<String>,
    /// Lower is tried first. Default: 0.
    priority: Option<i32>,
    /// Share among equal priorities. Default: 1.
    weight: Option<i32>,
    /// Default: true.
    enabled: Option<bool>,
    /// Models that it serves. Default: any.
    models: Option<Vec<String>>,
    /// Settings of this kind of provider.
    options: Option<Map<String, Value>>,
}

/// What to change. Fields that are left out, or null, stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"priority": 1, "enabled": false}))]
pub(crate) struct ProviderChange {
    /// Replaces the key; empty removes it.
    api_key: Option<String>,
    name: Option<String>,
    base_url: Option<String>,
    priority: Option<i32>,
    weight: Option<i32>,
    enabled: Option<bool>,
    /// Replaces the list; empty means any.
    models: Option<Vec<String>>,
    /// Replaces all settings.
    options: Option<Map<String, Value>>,
}

impl ProviderBody {
    pub(in crate::api) fn new(provider: Option<Provider>) -> Result<Self> {
        provider.ok_or_else(|| Error::incomplete("the provider"))?.try_into()
    }
}

impl TryFrom<Provider> for ProviderBody {
    type Error = Error;

    fn try_from(provider: Provider) -> Result<Self> {
        Ok(Self {
            id: provider.id,
            provider: provider.provider,
            name: provider.name,
            base_url: some(provider.base_url),
            priority: provider.priority,
            weight: provider.weight,
            enabled: provider.enabled,
            models: provider.models,
            key_hint: some(provider.key_hint),
            options: options(&provider.options_json)?,
            created_at: time::always(provider.created_at)?,
            updated_at: time::always(provider.updated_at)?,
        })
    }
}

impl From<NewProvider> for CreateProviderRequest {
    fn from(new: NewProvider) -> Self {
        Self {
            provider: new.provider,
            api_key: new.api_key,
            name: new.name.unwrap_or_default(),
            base_url: new.base_url.unwrap_or_default(),
            priority: new.priority,
            weight: new.weight,
            enabled: new.enabled,
            models: new.models.unwrap_or_default(),
            options_json: new.options.map(json).unwrap_or_default(),
        }
    }
}

impl ProviderChange {
    pub(super) fn of(self, id: ProviderId) -> UpdateProviderRequest {
        UpdateProviderRequest {
            provider_id: id.to_string(),
            api_key: self.api_key,
            name: self.name,
            base_url: self.base_url,
            priority: self.priority,
            weight: self.weight,
            enabled: self.enabled,
            models: self.models.map(|names| Models { names }),
            options_json: self.options.map(json),
        }
    }
}

pub(in crate::api) fn json(options: Map<String, Value>) -> String {
    Value::Object(options).to_string()
}

fn options(json: &str) -> Result<Map<String, Value>> {
    if json.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(json).map_err(|_| Error::incomplete("readable options"))
}
