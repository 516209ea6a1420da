//! What is sent and answered, as the description shows it. It is read and written as documents: names come in any case, and what
//! nobody keeps is passed over.

use serde::Serialize;
use utoipa::ToSchema;

/// A person, as RFC 7643, section 4.1 has them. Attributes that are not here are passed over.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimUser, example = json!({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana@acme.example", "externalId": "00u1",
    "displayName": "Ana Lima", "name": {"givenName": "Ana", "familyName": "Lima"}, "active": true,
    "emails": [{"value": "ana@acme.example", "type": "work", "primary": true}],
}))]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    /// `urn:ietf:params:scim:schemas:core:2.0:User`
    schemas: Vec<String>,
    /// `usr_…`. Said by the server alone.
    id: Option<String>,
    /// The e-mail address of the account, in a domain that the workspace has verified.
    user_name: String,
    /// What the directory calls them itself.
    external_id: Option<String>,
    display_name: Option<String>,
    name: Option<Name>,
    /// Whether they are a member of the workspace. Default: true.
    active: Option<bool>,
    /// As the directory keeps them. Nothing is sent there.
    emails: Option<Vec<Email>>,
    /// One role of the workspace, never `owner`.
    roles: Option<Vec<Role>>,
}

/// The parts of a name.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimName)]
#[serde(rename_all = "camelCase")]
pub(super) struct Name {
    formatted: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
}

/// An address that the directory keeps.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimEmail)]
pub(super) struct Email {
    value: String,
    /// `work`, `home`, …
    r#type: Option<String>,
    primary: Option<bool>,
}

/// A role of the workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimRole)]
pub(super) struct Role {
    /// `admin`, `member`, `viewer`, …
    value: String,
}

/// A team of the workspace, as RFC 7643, section 4.2 has groups.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimGroup, example = json!({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Legal", "externalId": "7b1c",
}))]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    /// `urn:ietf:params:scim:schemas:core:2.0:Group`
    schemas: Vec<String>,
    /// `team_…`. Said by the server alone.
    id: Option<String>,
    /// The name of the team, unique in the workspace.
    display_name: String,
    /// What the directory calls it itself, unique in the workspace.
    external_id: Option<String>,
    /// People whom the directory has, at most 5,000.
    members: Option<Vec<Member>>,
}

/// Somebody in a group.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimGroupMember)]
pub(super) struct Member {
    /// `usr_…`
    value: String,
}

/// A page (RFC 7644, section 3.4.2).
#[derive(Serialize, ToSchema)]
#[schema(as = ScimList)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    /// `urn:ietf:params:scim:api:messages:2.0:ListResponse`
    schemas: Vec<String>,
    /// How many there are.
    total_results: i64,
    /// Which is the first of this page, from 1 on.
    start_index: i64,
    items_per_page: i64,
    #[serde(rename = "Resources")]
    resources: Vec<serde_json::Value>,
}

/// A question in a body (RFC 7644, section 3.4.3).
#[derive(Serialize, ToSchema)]
#[schema(as = ScimSearch, example = json!({
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "active eq true", "startIndex": 1, "count": 10,
}))]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    /// `urn:ietf:params:scim:api:messages:2.0:SearchRequest`
    schemas: Vec<String>,
    filter: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    attributes: Option<Vec<String>>,
    excluded_attributes: Option<Vec<String>>,
}

/// Changes of parts (RFC 7644, section 3.5.2).
#[derive(Serialize, ToSchema)]
#[schema(as = ScimPatch, example = json!({
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "displayName", "value": "Ana"}],
}))]
pub(super) struct Patch {
    /// `urn:ietf:params:scim:api:messages:2.0:PatchOp`
    schemas: Vec<String>,
    /// At most 1,000, done in order, all or none.
    #[serde(rename = "Operations")]
    operations: Vec<Change>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimChange)]
pub(super) struct Change {
    /// `add`, `remove` or `replace`.
    op: String,
    /// `active`, `name.givenName`, `emails[type eq "work"].value`, …
    path: Option<String>,
    value: Option<serde_json::Value>,
}
