//! Is it there, does it live, is it ready? Details are on the operations port: these are for everybody.

use crate::{app::Shared, json::Json};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// How it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `unavailable`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The release.
    version: &'static str,
}

/// Whether requests can be served now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ok`, or `unavailable`.
    #[schema(example = "ok")]
    status: &'static str,
    /// What was checked.
    checks: Vec<ReadyCheck>,
}

/// One thing that was checked.
#[derive(Serialize, ToSchema)]
struct ReadyCheck {
    name: String,
    ok: bool,
    /// It is not ok, and requests are served all the same.
    degraded: bool,
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get_health)).routes(routes!(get_liveness)).routes(routes!(get_readiness))
}

const ALIVE: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Tell that the server answers.
#[utoipa::path(get, path = "/health", tag = "Service", security(()),
    responses((status = 200, description = "It answers", body = Health)))]
pub(crate) async fn get_health() -> Json<Health> {
    Json(ALIVE)
}

/// Tell that the process lives: restart it where this fails.
#[utoipa::path(get, path = "/livez", tag = "Service", security(()),
    responses((status = 200, description = "It lives", body = Health)))]
pub(crate) async fn get_liveness() -> Json<Health> {
    Json(ALIVE)
}

/// Tell whether requests can be served: send none where this fails.
#[utoipa::path(get, path = "/readyz", tag = "Service", security(()),
    responses((status = 200, description = "They can", body = Ready),
        (status = 503, description = "They cannot; the operations port says why", body = Ready)))]
pub(crate) async fn get_readiness(State(app): State<Shared>) -> Response {
    let report = app.services.readiness.report().await;
    let checks = report
        .checks
        .into_iter()
        .map(|check| ReadyCheck { name: check.name, ok: check.ok, degraded: check.degraded })
        .collect();
    if report.ready {
        return Json(Ready { status: "ok", checks }).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, Json(Ready { status: "unavailable", checks })).into_response()
}
