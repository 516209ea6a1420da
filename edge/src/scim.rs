//! The face for directories (Microsoft Entra, Okta, ...): SCIM 2.0 under `/scim/v2` (RFC 7643, RFC 7644).
//!
//! What a directory says of people is identity's to keep, groups are teams and the workspace service's. Here the protocol is spoken: filters,
//! partial changes, versions, and the dialects of those who speak it.

mod answer;
mod body;
mod caller;
mod discovery;
pub(crate) mod error;
mod filter;
mod group;
mod groups;
mod listing;
mod patch;
mod refused;
mod schema;
mod select;
mod shape;
mod user;
pub(crate) mod users;
mod value;
mod version;

use crate::app::Shared;
use axum::routing::any;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Where it is.
const ROOT: &str = "/scim/v2";

/// The routes under `/scim/v2`.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(discovery::get_service_provider_config))
        .routes(routes!(discovery::list_resource_types))
        .routes(routes!(discovery::get_resource_type))
        .routes(routes!(discovery::list_schemas))
        .routes(routes!(discovery::get_schema))
        .routes(routes!(users::list_scim_users, users::create_scim_user))
        .routes(routes!(users::search_scim_users))
        .routes(routes!(
            users::get_scim_user,
            users::replace_scim_user,
            users::change_scim_user,
            users::delete_scim_user
        ))
        .routes(routes!(groups::list_scim_groups, groups::create_scim_group))
        .routes(routes!(groups::search_scim_groups))
        .routes(routes!(
            groups::get_scim_group,
            groups::replace_scim_group,
            groups::change_scim_group,
            groups::delete_scim_group
        ))
        // Not described: they are there for whoever tries them.
        .route("/scim/v2/Bulk", any(refused::change_in_bulk))
        .route("/scim/v2/.search", any(refused::search_everything))
        .route("/scim/v2/Me", any(refused::get_oneself))
}
