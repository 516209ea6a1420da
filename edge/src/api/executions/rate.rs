//! How many requests a minute may a workspace send here? As many as its plan says: `executions_rpm`.

use super::allowed;
use crate::{
    app::{App, Later, Shared},
    auth::{Caller, Known},
    error::{Error, Result},
    openai::rate,
};
use axum::{
    extract::{FromRequestParts as _, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use proto::{
    Call, Reason,
    gateway::RateLimit,
    usage::{CountCallRequest, LimitKind, LimitState},
};

/// The surface of plans that this is.
const SURFACE: &str = "executions";

/// Counts the request before anything is done for it, and tells where the limit stands.
pub(crate) async fn limit(State(later): State<Later>, request: Request, next: Next) -> Response {
    let Some(app) = later.get() else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let call = match Caller::from_request_parts(&mut parts, app).await {
        Ok(Caller(call)) => call,
        Err(error) => return error.into_response(),
    };
    let limits = match count(app, &call).await {
        Ok(limits) => limits,
        Err(error) => {
            let failure = error.failure().clone();
            let mut response = error.into_response();
            rate::refused(response.headers_mut(), &failure);
            return response;
        }
    };
    parts.extensions.insert(Known(call));
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let shown: Vec<RateLimit> = limits.iter().filter_map(shown).collect();
    rate::admitted(response.headers_mut(), &shown);
    response
}

/// Errors: `RATE_LIMITED`; those of the workspace service.
async fn count(app: &Shared, call: &Call) -> Result<Vec<LimitState>> {
    // Who has no workspace is told so by the handler.
    if call.workspace.is_none() {
        return Ok(vec![]);
    }
    let plan = allowed::workspace(app, call).await?.plan;
    ask(app, call, plan).await
}

async fn ask(app: &App, call: &Call, plan: String) -> Result<Vec<LimitState>> {
    let workspace_id = call.workspace()?.to_string();
    let request = CountCallRequest { workspace_id, surface: SURFACE.to_owned(), plan };
    match app.services.usage.count_call(call, request).await {
        Ok(counted) => Ok(counted.limits),
        Err(status) if Reason::of(&status) == Reason::RateLimited => Err(Error::from(status)),
        // What cannot be counted is no reason to keep anybody from what is theirs: models are counted elsewhere.
        Err(status) => {
            tracing::debug!(source = status.message(), "a request to executions was not counted");
            Ok(vec![])
        }
    }
}

fn shown(state: &LimitState) -> Option<RateLimit> {
    let is_shown = state.kind() == LimitKind::RequestsPerMinute;
    is_shown.then(|| RateLimit {
        kind: "requests".to_owned(),
        limit: state.limit,
        remaining: state.remaining,
        reset_ms: state.reset_ms,
    })
}
