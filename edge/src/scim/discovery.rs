//! What is offered here (RFC 7644, 4): made from the standard's own schemas, without what nobody keeps.

use super::{
    ROOT, answer,
    filter::MAX_LENGTH,
    listing::MOST,
    schema,
    shape::{GROUP, Kind, Shape, USER},
};
use crate::{
    app::{App, Shared},
    auth::Caller,
    error::{Error, Result, not_found},
    path::Target,
};
use axum::{extract::State, response::Response};
use http::StatusCode;
use scim_v2::{models::scim_schema::get_schemas, schema_urns};
use serde_json::{Value, json};

/// The types, with the name of the schema in the library and the plural in addresses.
const TYPES: &[(&Shape, &str, &str)] = &[(&USER, "user", "Users"), (&GROUP, "group", "Groups")];
/// What is suggested for `roles`: a workspace may have others.
const ROLES: [&str; 3] = ["admin", "member", "viewer"];

/// What of the protocol is offered.
#[utoipa::path(get, path = "/scim/v2/ServiceProviderConfig", tag = "Directory",
    responses((status = 200, description = "What is", body = Value, content_type = "application/scim+json")))]
pub(super) async fn get_service_provider_config(State(app): State<Shared>, Caller(_call): Caller) -> Response {
    let no = json!({ "supported": false });
    let config = json!({
        "schemas": [schema_urns::SERVICE_PROVIDER_CONFIG],
        "documentationUri": app.config.address_of("/docs"),
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MOST },
        "changePassword": no,
        "sort": no,
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "API key",
            "description": format!(
                "The API key of a service account of the workspace, with the scopes members.read and members.write, as \
                 Authorization: Bearer pk_…; filters have at most {MAX_LENGTH} bytes"
            ),
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": app.config.address_of(&format!("{ROOT}/ServiceProviderConfig")),
        },
    });
    answer::document(StatusCode::OK, &config)
}

/// List the types of resources.
#[utoipa::path(get, path = "/scim/v2/ResourceTypes", tag = "Directory",
    responses((status = 200, description = "All of them", body = schema::List, content_type = "application/scim+json")))]
pub(super) async fn list_resource_types(State(app): State<Shared>, Caller(_call): Caller) -> Response {
    list(TYPES.iter().map(|of| resource_type(&app, of)).collect())
}

/// Get a type of resources.
#[utoipa::path(get, path = "/scim/v2/ResourceTypes/{name}", tag = "Directory",
    params(("name" = String, Path, description = "`User` or `Group`")),
    responses((status = 200, description = "The type", body = Value, content_type = "application/scim+json")))]
pub(super) async fn get_resource_type(
    State(app): State<Shared>,
    Caller(_call): Caller,
    Target(name): Target<String>,
) -> Result<Response> {
    let found = TYPES.iter().find(|(shape, ..)| shape.name.eq_ignore_ascii_case(&name));
    let found = found.ok_or_else(|| not_found("there is no such type of resources"))?;
    Ok(answer::document(StatusCode::OK, &resource_type(&app, found)))
}

/// List the schemas.
#[utoipa::path(get, path = "/scim/v2/Schemas", tag = "Directory",
    responses((status = 200, description = "All of them", body = schema::List, content_type = "application/scim+json")))]
pub(super) async fn list_schemas(State(app): State<Shared>, Caller(_call): Caller) -> Result<Response> {
    TYPES.iter().map(|of| schema_of(&app, of)).collect::<Result<_>>().map(list)
}

/// Get a schema.
#[utoipa::path(get, path = "/scim/v2/Schemas/{urn}", tag = "Directory",
    params(("urn" = String, Path, description = "`urn:ietf:params:scim:schemas:core:2.0:User`")),
    responses((status = 200, description = "The schema", body = Value, content_type = "application/scim+json")))]
pub(super) async fn get_schema(
    State(app): State<Shared>,
    Caller(_call): Caller,
    Target(urn): Target<String>,
) -> Result<Response> {
    let found = TYPES.iter().find(|(shape, ..)| shape.urn.eq_ignore_ascii_case(&urn));
    let found = found.ok_or_else(|| not_found("there is no such schema"))?;
    Ok(answer::document(StatusCode::OK, &schema_of(&app, found)?))
}

fn list(all: Vec<Value>) -> Response {
    let page = json!({
        "schemas": [schema_urns::LIST_RESPONSE],
        "totalResults": all.len(),
        "startIndex": 1,
        "itemsPerPage": all.len(),
        "Resources": all,
    });
    answer::document(StatusCode::OK, &page)
}

fn resource_type(app: &App, (shape, _, plural): &(&Shape, &str, &str)) -> Value {
    let name = shape.name;
    json!({
        "schemas": [schema_urns::RESOURCE_TYPE],
        "id": name,
        "name": name,
        "endpoint": format!("/{plural}"),
        "description": if name == "User" { "A person of the workspace" } else { "A team of the workspace" },
        "schema": shape.urn,
        "meta": {
            "resourceType": "ResourceType",
            "location": app.config.address_of(&format!("{ROOT}/ResourceTypes/{name}")),
        },
    })
}

fn schema_of(app: &App, (shape, name, _): &(&Shape, &str, &str)) -> Result<Value> {
    let broken = |why: String| Error::from(tonic::Status::internal(format!("a schema of the standard: {why}")));
    let whole = get_schemas(vec![name]).map_err(|why| broken(why.to_string()))?.pop();
    let mut schema = serde_json::to_value(whole).map_err(|why| broken(why.to_string()))?;
    if let Some(attributes) = schema["attributes"].as_array_mut() {
        attributes.retain_mut(|attribute| keep(shape, attribute));
    }
    schema["schemas"] = json!([schema_urns::SCHEMA]);
    schema["meta"] = json!({
        "resourceType": "Schema",
        "location": app.config.address_of(&format!("{ROOT}/Schemas/{}", shape.urn)),
    });
    Ok(schema)
}

/// Whether an attribute is kept, and of it the parts that are.
fn keep(shape: &Shape, attribute: &mut Value) -> bool {
    let named = |of: &Value, name: &str| of["name"].as_str().is_some_and(|of| of.eq_ignore_ascii_case(name));
    let Some((name, kind)) = shape.kept.iter().find(|(name, _)| named(attribute, name)) else { return false };
    if shape.required.contains(name) {
        attribute["required"] = json!(true);
    }
    let parts: &[&str] = match kind {
        Kind::Single => return true,
        // A member has one role, of which nothing else is kept.
        Kind::Multi(_) if *name == "roles" => &["value"],
        Kind::Complex(parts) | Kind::Multi(parts) => parts,
    };
    if let Some(all) = attribute["subAttributes"].as_array_mut() {
        all.retain(|part| parts.iter().any(|name| named(part, name)));
        if let (true, Some(role)) = (*name == "roles", all.first_mut()) {
            role["canonicalValues"] = json!(ROLES);
        }
        // People, and no groups.
        for part in all.iter_mut().filter(|_| *name == "members") {
            match part["name"].as_str() {
                Some("$ref") => part["referenceTypes"] = json!([USER.name]),
                Some("type") => part["canonicalValues"] = json!([USER.name]),
                _ => {}
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_what_is_kept_and_nothing_else() {
        for (shape, name, _) in TYPES {
            let whole = get_schemas(vec![name]).expect("the standard's").pop();
            let mut schema = serde_json::to_value(whole).expect("JSON");
            let attributes = schema["attributes"].as_array_mut().expect("attributes");
            attributes.retain_mut(|attribute| keep(shape, attribute));
            let mut names: Vec<_> = attributes.iter().filter_map(|a| a["name"].as_str()).map(str::to_owned).collect();
            let mut kept: Vec<_> =
                shape.kept.iter().map(|(name, _)| (*name).to_owned()).filter(|name| name != "externalId").collect();
            names.sort_unstable();
            kept.sort_unstable();
            assert_eq!(names, kept, "externalId is common to all resources, and in no schema");
        }
    }
}
