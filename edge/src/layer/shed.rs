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

/// Has a request wait that would begin more than the process can do, or turns it away. Probes are always answered, or an overloaded process
/// would be restarted and its load be given to the next one; so are payment providers, which tell of money.
pub(crate) async fn shed(State(overload): State<Overload>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let always = matches!(path, "/livez" | "/readyz" | "/health") || path.starts_with("/webhooks/");
    if always {
        return next.run(request).await;
    }
    match overload.admit().await {
        Ok(_admitted) => next.run(request).await,
        Err(failure) => {
            let mut answer = Error::from(failure).into_answer();
            answer.extensions_mut().insert(TurnedAway);
            answer
        }
    }
}
