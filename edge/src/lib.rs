//! HTTP: the OpenAI face under `/v1`, the management face under `/api/v1` and at the root, and the layer around both.
//!
//! It parses, asks a service, and writes. It knows no SQL, no provider and no rule about who may do what: that is
//! decided in the services, by the generated checks of their handles.

mod anthropic;
mod api;
mod app;
mod arrival;
mod auth;
mod body;
mod config;
mod docs;
mod error;
mod face;
mod facts;
mod gemini;
mod health;
mod json;
mod jwks;
mod layer;
mod ollama;
mod openai;
mod openapi;
mod path;
mod query;
mod routes;
mod scim;
mod serve;
mod webhook;

pub use api::executions::settle::follow_executions;
pub use app::Services;
pub use config::{ClientCertificate, Config, Executions};
pub use layer::{Peer, cors::Origin};
pub use routes::Routes;
pub use serve::serve;

use app::App;
use axum::Router;
use error::Error;
use http::{Method, Uri};
use proto::Reason;
use std::sync::Arc;

/// Everything that HTTP answers.
pub fn router(config: Config, services: Services) -> Router {
    let outermost = layer::Outermost::new(config.clone(), services.ids.clone());
    let overload = services.overload.clone();
    let cors = layer::cors(&config.cors_origins);
    let later = app::Later::default();
    let (routes, document) = openapi::routes_and_document(config.public_url.as_deref(), &later);
    let (openapi, reference) = (openapi::json(&document), docs::reference(&document));
    let app = Arc::new(App { config, services, openapi: openapi.into(), reference: reference.into() });
    later.set(&app);
    let mut router = routes
        .fallback(absent)
        // Only routes that exist by now get it.
        .method_not_allowed_fallback(other_method)
        .with_state(app);
    router = router.layer(axum::middleware::from_fn_with_state(overload, layer::shed::shed));
    if let Some(cors) = cors {
        router = router.layer(cors);
    }
    router.layer(outermost)
}

/// The API description (OpenAPI 3.1) as JSON.
pub fn openapi() -> String {
    openapi::json(&openapi::routes_and_document(None, &app::Later::default()).1)
}

async fn absent(method: Method, uri: Uri) -> Error {
    error::not_found(format!("there is no route {method} {}; /docs lists all of them", uri.path()))
}

async fn other_method(method: Method, uri: Uri) -> Error {
    let message = format!("{} takes no {method}; the Allow header lists what it takes", uri.path());
    Reason::MethodNotAllowed.with(message).into()
}
