//! The keys with which others can check our access tokens.

use crate::{app::Shared, auth::Anyone, error::Result, json};
use axum::{extract::State, response::Response};
use http::{HeaderValue, header::CACHE_CONTROL};
use proto::identity::GetJwksRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get_jwks))
}

/// Get the public keys that sign access tokens (RFC 7517). A token's `kid` says which one signed it.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "Service", security(()),
    responses((status = 200, description = "A JWK Set", content_type = "application/json", body = Object)))]
pub(crate) async fn get_jwks(State(app): State<Shared>, Anyone(call): Anyone) -> Result<Response> {
    let jwks = app.services.identity.get_jwks(&call, GetJwksRequest {}).await?;
    let mut response = json::encoded(jwks.jwks_json.into());
    // A new key is published an hour before it signs.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}
