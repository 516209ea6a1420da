//! What does an overloaded process still take on?

use crate::error::Error;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use host::Overload;

/// Turns away a request that would begin more than the process can do. Probes are always answered, or an overloaded process
/// would be restarted and its load be given to the next one; so are payment providers, which tell of money.
pub(crate) async fn shed(State(overload): State<Overload>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let always = matches!(path, "/livez" | "/readyz" | "/health") || path.starts_with("/webhooks/");
    match overload.admit() {
        Err(failure) if !always => Error::from(failure).into_answer(),
        _ => next.run(request).await,
    }
}
