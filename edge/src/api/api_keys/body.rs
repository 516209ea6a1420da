//! What an API key looks like, and how it comes from and becomes the contract's.

use crate::{
    api::{
        limits::body::{BudgetBody, LimitsBody, one_or_none, the_only},
        time,
    },
    error::{Error, Result},
    json::Object,
};
use chrono::{DateTime, Utc};
use proto::{
    Failure, Reason,
    identity::{ApiKey, CreateApiKeyRequest, CreateApiKeyResponse, UpdateApiKeyRequest},
    limits::Budgets,
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::ToSchema;

/// An API key, without the key itself.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyBody {
    /// `key_…`
    id: String,
    /// `ws_…`
    workspace_id: String,
    name: String,
    /// Its first characters, enough to recognise it.
    #[schema(example = "pk_4fT9aB")]
    prefix: String,
    /// What it may do.
    scopes: Vec<String>,
    /// Limits of this key; null is unlimited.
    limits: LimitsBody,
    /// The budget in `limits.budgets`, if there is exactly one.
    budget: Option<BudgetBody>,
    /// False once revoked or expired.
    active: bool,
    /// Who made it.
    created_by: String,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    /// Accurate to a few seconds.
    last_used_at: Option<DateTime<Utc>>,
}

/// A new API key, and the key itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    #[serde(flatten)]
    api_key: ApiKeyBody,
    /// The key, shown this once. Goes into `Authorization: Bearer …`.
    key: String,
}

/// What a new key may do. `allowed_models` and `allowed_ips` are not enforced in this release, and therefore refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "production", "limits": {"rpm": 600}, "budget": {"amount_micros": 25_000_000, "period": "month"}}))]
pub(crate) struct NewApiKey {
    name: String,
    /// Default: `inference`. Never more than the caller may do.
    scopes: Option<Vec<String>>,
    /// RFC 3339. Default: never.
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Option<time::Instant>,
    #[schema(value_type = Option<LimitsBody>)]
    limits: Option<Object<LimitsBody>>,
    /// Refused unless null.
    #[schema(value_type = Option<Vec<String>>)]
    allowed_models: Option<IgnoredAny>,
    /// Refused unless null.
    #[schema(value_type = Option<Vec<String>>)]
    allowed_ips: Option<IgnoredAny>,
    /// One budget, in place of `limits.budgets`.
    #[serde(default, deserialize_with = "one_or_none")]
    #[schema(value_type = Option<BudgetBody>)]
    budget: Option<Budgets>,
}

/// What to change. Fields that are left out stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "production", "budget": {"amount_micros": 50_000_000, "period": "month"}}))]
pub(crate) struct ApiKeyChange {
    name: Option<String>,
    /// Replaces all limits: one that is left out is lifted.
    #[schema(value_type = Option<LimitsBody>)]
    limits: Option<Object<LimitsBody>>,
    /// Replaces the budgets and leaves the other limits: one budget, or null for none.
    #[serde(default, deserialize_with = "one_or_none")]
    #[schema(value_type = Option<BudgetBody>)]
    budget: Option<Budgets>,
}

impl NewApiKey {
    /// As identity takes it. Errors: `LIMIT_NOT_ENFORCED`.
    pub(super) fn into_request(self) -> Result<CreateApiKeyRequest, Failure> {
        let limits = [("allowed_models", self.allowed_models), ("allowed_ips", self.allowed_ips)];
        let given: Vec<_> = limits.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name).collect();
        if !given.is_empty() {
            let failure = Reason::LimitNotEnforced.with(format!("leave out {}: not enforced yet", given.join(", ")));
            return Err(given.iter().fold(failure, |failure, name| failure.field(*name, "is not enforced yet")));
        }
        Ok(CreateApiKeyRequest {
            name: self.name,
            scopes: self.scopes.unwrap_or_default(),
            limits: self.limits.map(|Object(limits)| limits.into()),
            expires_at: self.expires_at.map(time::Instant::to_proto),
            // Null is no budget, like a field that is left out.
            budgets: self.budget.filter(|budget| !budget.budgets.is_empty()),
        })
    }
}

impl ApiKeyChange {
    /// As identity takes it.
    pub(super) fn into_request(self, key_id: String) -> UpdateApiKeyRequest {
        let limits = self.limits.map(|Object(limits)| limits.into());
        UpdateApiKeyRequest { key_id, name: self.name, limits, budgets: self.budget }
    }
}

impl ApiKeyBody {
    pub(super) fn new(key: Option<ApiKey>) -> Result<Self> {
        key.ok_or_else(|| Error::incomplete("the key"))?.try_into()
    }
}

impl CreatedApiKey {
    pub(super) fn new(made: CreateApiKeyResponse) -> Result<Self> {
        Ok(Self { api_key: ApiKeyBody::new(made.api_key)?, key: made.key })
    }

    pub(super) fn id(&self) -> &str {
        &self.api_key.id
    }
}

impl TryFrom<ApiKey> for ApiKeyBody {
    type Error = Error;

    fn try_from(key: ApiKey) -> Result<Self> {
        Ok(Self {
            id: key.id,
            workspace_id: key.workspace_id,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            budget: key.limits.as_ref().and_then(the_only),
            limits: key.limits.unwrap_or_default().into(),
            active: key.active,
            created_by: key.created_by,
            created_at: time::always(key.created_at)?,
            expires_at: time::maybe(key.expires_at),
            revoked_at: time::maybe(key.revoked_at),
            last_used_at: time::maybe(key.last_used_at),
        })
    }
}
