//! Pages for people: the reference, and one page for each reason. No scripts, nothing from elsewhere.

mod errors;
pub(crate) mod html;
mod providers;
mod reference;
mod schema;

use crate::{app::Shared, error::Error, json};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use proto::Reason;
pub(crate) use reference::reference;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The page that explains a reason.
pub(crate) fn error_page(reason: Reason) -> String {
    format!("/docs/errors/{}", reason.as_str())
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(get_openapi))
        .routes(routes!(get_docs))
        .routes(routes!(get_style))
        .routes(routes!(errors::list_reasons))
        .routes(routes!(errors::get_reason))
        .routes(routes!(providers::describe_providers))
}

/// Get this description (OpenAPI 3.1).
#[utoipa::path(get, path = "/openapi.json", tag = "Service", security(()),
    responses((status = 200, description = "The description", content_type = "application/json", body = Object)))]
pub(crate) async fn get_openapi(State(app): State<Shared>) -> Response {
    cached(json::encoded(app.openapi.clone()))
}

/// Read the reference.
#[utoipa::path(get, path = "/docs", tag = "Service", security(()),
    responses((status = 200, description = "A page", content_type = "text/html", body = String)))]
pub(crate) async fn get_docs(State(app): State<Shared>) -> Response {
    page(app.reference.clone())
}

/// Get the style sheet of these pages.
#[utoipa::path(get, path = "/docs/style.css", tag = "Service", security(()),
    responses((status = 200, description = "The style sheet", content_type = "text/css", body = String)))]
pub(crate) async fn get_style() -> Response {
    cached(([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("docs/style.css")).into_response())
}

fn page(html: impl Into<axum::body::Body>) -> Response {
    cached(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html.into()).into_response())
}

/// The same for everybody, and new with each release only.
fn cached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

/// No page for that.
fn absent(code: &str) -> Error {
    crate::error::not_found(format!("there is no reason {code}; /docs/errors lists all of them"))
}
