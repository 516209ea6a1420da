//! Which of the faces a path belongs to, and with it the shape of its errors.

use crate::{
    anthropic::error as anthropic, api::problem, gemini::error as gemini, ollama::error as ollama,
    openai::error as openai, scim::error as scim,
};
use axum::response::Response;
use http::{
    HeaderValue,
    header::{RETRY_AFTER, WWW_AUTHENTICATE},
};
use proto::{Failure, id::RequestId};

/// A family of routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    /// `/v1`, as far as it is none of the others: OpenAI's shapes.
    OpenAi,
    /// `/v1/messages`: Anthropic's shapes.
    Anthropic,
    /// `/v1beta`: Google's shapes.
    Gemini,
    /// `/api/chat` and what else Ollama has: its shapes.
    Ollama,
    /// `/scim`: the shapes of SCIM 2.0.
    Scim,
    /// Everything else, and `/v1/subscription`: problem documents.
    Management,
}

/// What a failure's document tells of the request.
pub(crate) struct Context<'a> {
    /// The request's id.
    pub id: RequestId,
    /// Its path.
    pub path: &'a str,
    /// Where people see what other plans allow.
    pub plans_url: &'a str,
}

impl Face {
    /// The face that a path belongs to.
    pub(crate) fn of(path: &str) -> Self {
        if path == "/v1beta" || path.starts_with("/v1beta/") {
            return Self::Gemini;
        }
        if crate::ollama::PATHS.contains(&path) {
            return Self::Ollama;
        }
        if path == "/scim" || path.starts_with("/scim/") {
            return Self::Scim;
        }
        match path.strip_prefix("/v1") {
            Some(rest) if rest == "/messages" || rest.starts_with("/messages/") => Self::Anthropic,
            // OpenAI has nothing of this kind: whoever asks is a client of ours.
            Some(rest) if rest == "/subscription" || rest.starts_with("/subscription/") => Self::Management,
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Self::OpenAi,
            _ => Self::Management,
        }
    }

    /// Whether a request reads or changes what is kept here, and is no inference.
    pub(crate) const fn is_management(self) -> bool {
        matches!(self, Self::Management | Self::Scim)
    }

    /// Turns `response` into the failure's document. Headers that it has already (`Allow`, CORS) stay.
    pub(crate) fn render(self, response: &mut Response, failure: &Failure, context: &Context<'_>) {
        match self {
            Self::OpenAi => openai::render(response, failure, context),
            Self::Anthropic => anthropic::render(response, failure, context),
            Self::Gemini => gemini::render(response, failure),
            Self::Ollama => ollama::render(response, failure),
            Self::Scim => scim::render(response, failure),
            Self::Management => problem::render(response, failure, context),
        }
        let (status, headers) = (response.status().as_u16(), response.headers_mut());
        if let Some(seconds) = retry_after(failure, status) {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if status == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
    }
}

/// Whole seconds, rounded up; a 429 always has at least one.
fn retry_after(failure: &Failure, status: u16) -> Option<u64> {
    let seconds = |wait: std::time::Duration| wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let given = failure.retry_after.map(|wait| seconds(wait).max(1));
    given.or((status == 429).then_some(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_anthropics() {
        for path in ["/v1/messages", "/v1/messages/count_tokens"] {
            assert_eq!(Face::of(path), Face::Anthropic, "{path}");
        }
        assert_eq!(Face::of("/v1/messagesx"), Face::OpenAi);
    }

    #[test]
    fn googles_and_ollamas_clients_have_faces_of_their_own() {
        assert_eq!(Face::of("/v1beta/models/simulator/chat:generateContent"), Face::Gemini);
        assert_eq!(Face::of("/v1betamax"), Face::Management);
        assert_eq!(Face::of("/api/chat"), Face::Ollama);
        assert_eq!(Face::of("/api/v1/chat"), Face::Management);
    }

    #[test]
    fn directories_have_a_face_of_their_own() {
        for path in ["/scim/v2/Users", "/scim/v2", "/scim", "/scim/v2/nowhere"] {
            assert_eq!(Face::of(path), Face::Scim, "{path}");
        }
        assert_eq!(Face::of("/scimmer"), Face::Management);
    }

    #[test]
    fn only_v1_speaks_openai() {
        for path in ["/v1", "/v1/", "/v1/chat/completions", "/v1/nowhere", "/v1/subscriptions"] {
            assert_eq!(Face::of(path), Face::OpenAi, "{path}");
        }
        for path in ["/", "/v11", "/api/v1/me", "/v2/x", "/workspaces/v1", "/v1/subscription/upgrade"] {
            assert_eq!(Face::of(path), Face::Management, "{path}");
        }
    }
}
