//! What does an overloaded process still take on?

use crate::error::Error;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use host::Overload;

/// Marks the answer of who was turned away.
#[derive(Clone)]
pub(super) struct TurnedAway;

/// Turns away a request that would begin more than the process can do. Probes are always answered, or an overloaded process
/// would be restarted and its load be given to the next one; so are payment providers, which tell of money.
pub(crate) async fn shed(State(overload): State<Overload>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let always = matches!(path, "/livez" | "/readyz" | "/health") || path.starts_with("/webhooks/");
    match overload.admit() {
        Err(failure) if !always => {
            let mut answer = Error::from(failure).into_answer();
            answer.extensions_mut().insert(TurnedAway);
            answer
        }
        _ => next.run(request).await,
    }
}
