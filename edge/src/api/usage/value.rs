//! What is usage split by, as clients read it?

use crate::api::page::some;
use proto::usage::UsageDimension;
use serde::Serialize;
use utoipa::ToSchema;

/// Whose usage it is: the field that was asked for is there, and no other.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = UsageValue)]
pub(super) struct ValueBody {
    /// Name of the provider; `platform/…` is one of the platform, which charges for it by plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// The model, as the provider knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// `key_…`. Null where a person called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    api_key_id: Option<Option<String>>,
    /// `usr_…`: who called, or made the key that did. Null where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    user_id: Option<Option<String>>,
    /// `team_…`: of the key. Null where that is of none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    team_id: Option<Option<String>>,
}

impl ValueBody {
    /// As services name it: empty for none.
    pub(super) fn new(by: UsageDimension, value: String) -> Self {
        match by {
            UsageDimension::Unspecified => Self::default(),
            UsageDimension::Provider => Self { provider: Some(value), ..Self::default() },
            UsageDimension::Model => Self { model: Some(value), ..Self::default() },
            UsageDimension::ApiKey => Self { api_key_id: Some(some(value)), ..Self::default() },
            UsageDimension::Team => Self { team_id: Some(some(value)), ..Self::default() },
            UsageDimension::User => Self { user_id: Some(some(value)), ..Self::default() },
        }
    }
}
