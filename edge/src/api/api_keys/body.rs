//! What an API key looks like, and how it comes from and becomes the contract's.

use crate::{
    api::{
        limits::body::{BudgetBody, LimitsBody, one_or_none, the_only},
        page::some,
        time,
    },
    error::{Error, Result},
    json::Object,
};
use chrono::{DateTime, Utc};
use proto::{
    Failure, Reason,
    identity::{ApiKey, CreateApiKeyRequest, CreateApiKeyResponse, Names, UpdateApiKeyRequest},
    limits::Budgets,
};
use serde::{Deserialize, Deserializer, Serialize};
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
    /// What it may call; null for any model.
    allowed_models: Option<Vec<String>>,
    /// From where it may be used; null for anywhere.
    allowed_ips: Option<Vec<String>>,
    /// Who made it.
    created_by: String,
    /// The member who answers for it, and with whose membership it ends: `usr_…`. Null for a service account.
    user_id: Option<String>,
    /// It belongs to the workspace and outlives the membership of whoever made it.
    service_account: bool,
    /// The team whose limits it shares, and with which it ends: `team_…`. Null where it is of none.
    team_id: Option<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    /// When it was rotated last.
    rotated_at: Option<DateTime<Utc>>,
    /// Until when the key from before its last rotation works too; null if it does not.
    previous_expires_at: Option<DateTime<Utc>>,
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

/// What a new key may do.
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
    /// What it may call: names of models and aliases, `<provider>/<model>`, or the beginning of such names with a `*` behind
    /// it. A listed alias allows whatever it leads to. Default: any model.
    #[schema(example = json!(["gpt-5-mini", "anthropic/*"]))]
    allowed_models: Option<Vec<String>>,
    /// From where it may be used: addresses and networks. Default: from anywhere.
    #[schema(example = json!(["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"]))]
    allowed_ips: Option<Vec<String>>,
    /// The key belongs to the workspace: it outlives its creator's membership, and no limit of a member applies to it. Needs
    /// `workspace.write`.
    #[serde(default)]
    service_account: bool,
    /// `team_…`: what the key uses counts in the limits of the team as well, for good. Whoever makes it has to be in the team, or, for a
    /// service account, may have `members.write`.
    team_id: Option<String>,
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
    /// Replaces what it may call; null for any model.
    #[serde(default, deserialize_with = "list_or_all")]
    #[schema(value_type = Option<Vec<String>>)]
    allowed_models: Option<Option<Vec<String>>>,
    /// Replaces from where it may be used; null for anywhere.
    #[serde(default, deserialize_with = "list_or_all")]
    #[schema(value_type = Option<Vec<String>>)]
    allowed_ips: Option<Option<Vec<String>>>,
}

/// How a key changes over.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"grace_seconds": 86_400}))]
pub(crate) struct Rotation {
    /// For how long the key from before works too: 0 to 2592000 (30 days). Default: 3600. Of those before it none does.
    pub(super) grace_seconds: Option<i64>,
}

/// A list, or null for no bounds: not the same as a field that is left out.
fn list_or_all<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Vec<String>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A list as identity takes it, for which none is no bounds. Errors: one without entries, which could mean either.
fn bounds(field: &'static str, list: Option<Vec<String>>) -> Result<Vec<String>, Failure> {
    match list {
        Some(list) if list.is_empty() => {
            let problem = "must have an entry; null stands for no bounds";
            Err(Reason::RefusedValue.with(format!("{field} {problem}")).field(field, problem))
        }
        list => Ok(list.unwrap_or_default()),
    }
}

impl NewApiKey {
    /// As identity takes it. Errors: `REFUSED_VALUE`.
    pub(super) fn into_request(self) -> Result<CreateApiKeyRequest, Failure> {
        Ok(CreateApiKeyRequest {
            name: self.name,
            scopes: self.scopes.unwrap_or_default(),
            limits: self.limits.map(|Object(limits)| limits.into()),
            expires_at: self.expires_at.map(time::Instant::to_proto),
            // Null is no budget, like a field that is left out.
            budgets: self.budget.filter(|budget| !budget.budgets.is_empty()),
            allowed_models: bounds("allowed_models", self.allowed_models)?,
            allowed_ips: bounds("allowed_ips", self.allowed_ips)?,
            service_account: self.service_account,
            team_id: self.team_id.unwrap_or_default(),
        })
    }
}

impl ApiKeyChange {
    /// As identity takes it. Errors: `REFUSED_VALUE`.
    pub(super) fn into_request(self, key_id: String) -> Result<UpdateApiKeyRequest, Failure> {
        let names = |field, list: Option<Option<Vec<String>>>| {
            list.map(|list| bounds(field, list).map(|names| Names { names })).transpose()
        };
        Ok(UpdateApiKeyRequest {
            key_id,
            name: self.name,
            limits: self.limits.map(|Object(limits)| limits.into()),
            budgets: self.budget,
            allowed_models: names("allowed_models", self.allowed_models)?,
            allowed_ips: names("allowed_ips", self.allowed_ips)?,
        })
    }
}

impl ApiKeyBody {
    pub(super) fn new(key: Option<ApiKey>) -> Result<Self> {
        key.ok_or_else(|| Error::incomplete("the key"))?.try_into()
    }
}

impl CreatedApiKey {
    pub(super) fn new(made: CreateApiKeyResponse) -> Result<Self> {
        Self::of(made.api_key, made.key)
    }

    pub(super) fn of(api_key: Option<ApiKey>, key: String) -> Result<Self> {
        Ok(Self { api_key: ApiKeyBody::new(api_key)?, key })
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
            allowed_models: Some(key.allowed_models).filter(|names| !names.is_empty()),
            allowed_ips: Some(key.allowed_ips).filter(|networks| !networks.is_empty()),
            created_by: key.created_by,
            service_account: key.user_id.is_empty(),
            user_id: some(key.user_id),
            team_id: some(key.team_id),
            created_at: time::always(key.created_at)?,
            expires_at: time::maybe(key.expires_at),
            revoked_at: time::maybe(key.revoked_at),
            rotated_at: time::maybe(key.rotated_at),
            previous_expires_at: time::maybe(key.previous_expires_at),
            last_used_at: time::maybe(key.last_used_at),
        })
    }
}
