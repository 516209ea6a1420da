//! What Envoy answers by itself, in the shape of the face that was asked. Its own words would name addresses of ours.

use crate::v3::{
    core::{DataSource, HeaderMatcher, HeaderValueOption, StringMatcher},
    log::{BodyFormat, Filter, Filters, HeaderFilter, ResponseMapper},
};
use serde_json::{Value, json};

/// A failure in the words of `proto`'s table of reasons.
struct Failure {
    status: u16,
    /// `code` of problem documents.
    reason: &'static str,
    title: &'static str,
    message: &'static str,
    /// `type` and `code` of OpenAI's shape.
    openai: (&'static str, &'static str),
    /// `type` of Anthropic's.
    anthropic: &'static str,
    /// `status` of Google's.
    google: &'static str,
}

const FAILURES: &[Failure] = &[
    Failure {
        status: 401,
        reason: "TOKEN_INVALID",
        title: "The token is not one of ours",
        message: "the access token is not valid, or has expired; exchange the refresh token, or log in again",
        openai: ("invalid_request_error", "invalid_token"),
        anthropic: "authentication_error",
        google: "UNAUTHENTICATED",
    },
    Failure {
        status: 404,
        reason: "NOT_FOUND",
        title: "There is no such thing",
        message: "there is nothing at this address",
        openai: ("invalid_request_error", "not_found"),
        anthropic: "not_found_error",
        google: "NOT_FOUND",
    },
    Failure {
        status: 413,
        reason: "BODY_TOO_LARGE",
        title: "The body is too large",
        message: "the body is larger than this installation takes; send less",
        openai: ("invalid_request_error", "body_too_large"),
        anthropic: "request_too_large",
        google: "INVALID_ARGUMENT",
    },
    Failure {
        status: 429,
        reason: "RATE_LIMITED",
        title: "Too many requests or tokens in a minute",
        message: "too many requests; try again after the seconds that Retry-After names",
        openai: ("requests", "rate_limit_exceeded"),
        anthropic: "rate_limit_error",
        google: "RESOURCE_EXHAUSTED",
    },
    Failure {
        status: 408,
        reason: "DEADLINE_EXCEEDED",
        title: "The deadline passed",
        message: "the request took too long to arrive; try again",
        openai: ("server_error", "timeout"),
        anthropic: "timeout_error",
        google: "DEADLINE_EXCEEDED",
    },
    Failure {
        status: 504,
        reason: "DEADLINE_EXCEEDED",
        title: "The deadline passed",
        message: "no answer came in time; try again",
        openai: ("server_error", "timeout"),
        anthropic: "timeout_error",
        google: "DEADLINE_EXCEEDED",
    },
    Failure {
        status: 503,
        reason: "SERVICE_UNAVAILABLE",
        title: "A part of Perpetuo is unavailable",
        message: "this part of Perpetuo cannot be reached right now; try again shortly",
        openai: ("server_error", "service_unavailable"),
        anthropic: "overloaded_error",
        google: "UNAVAILABLE",
    },
];
/// Everything else: requests that break the rules of HTTP.
const MALFORMED: Failure = Failure {
    status: 400,
    reason: "MALFORMED_REQUEST",
    title: "The request cannot be read",
    message: "the request breaks the rules of HTTP and was not passed on",
    openai: ("invalid_request_error", "malformed_request"),
    anthropic: "invalid_request_error",
    google: "INVALID_ARGUMENT",
};

/// A family of paths, and the shape of its failures.
struct Face {
    /// Which paths: none where it is all the rest.
    paths: Option<&'static str>,
    content_type: &'static str,
    body: fn(&Failure) -> Value,
}

/// In the order in which the edge tells them apart.
const FACES: &[Face] = &[
    Face { paths: Some(r"^/v1beta([/?].*)?$"), content_type: "application/json", body: google },
    Face { paths: Some(r"^/api/(chat|tags|version)(\?.*)?$"), content_type: "application/json", body: ollama },
    Face { paths: Some(r"^/v1/messages([/?].*)?$"), content_type: "application/json", body: anthropic },
    Face { paths: Some(r"^/v1/subscription([/?].*)?$"), content_type: "application/problem+json", body: problem },
    Face { paths: Some(r"^/v1([/?].*)?$"), content_type: "application/json", body: openai },
    Face { paths: None, content_type: "application/problem+json", body: problem },
];

/// The answers of a listener.
pub(crate) fn of(listener: &str) -> Vec<ResponseMapper> {
    let failures = || FAILURES.iter().map(|f| (Filter::status(f.status), f)).chain([(Filter::failures(), &MALFORMED)]);
    if listener == "grpc" {
        return failures().map(|(filter, failure)| mapper(filter, text(failure))).collect();
    }
    let shaped = |face: &'static Face| {
        failures().map(move |(status, failure)| mapper(face.filter(status), json_of(face, failure)))
    };
    FACES.iter().flat_map(shaped).collect()
}

impl Face {
    fn filter(&self, status: Filter) -> Filter {
        let Some(paths) = self.paths else { return status };
        let string_match = Some(StringMatcher::regex(paths));
        let header = HeaderMatcher { name: ":path", string_match, ..HeaderMatcher::default() };
        let path = Filter { header_filter: Some(HeaderFilter { header }), ..Filter::default() };
        Filter { and_filter: Some(Filters { filters: vec![status, path] }), ..Filter::default() }
    }
}

fn mapper(filter: Filter, body: BodyFormat) -> ResponseMapper {
    // The id under which the access log has it: the edge, which gives others, has not seen it.
    let id = HeaderValueOption::set("x-request-id", "%REQ(X-REQUEST-ID)%");
    ResponseMapper { filter, body_format_override: body, headers_to_add: vec![id] }
}

fn json_of(face: &Face, failure: &Failure) -> BodyFormat {
    BodyFormat { content_type: face.content_type, json_format: Some((face.body)(failure)), text_format_source: None }
}

/// Of gRPC this is the message, whatever the content type.
fn text(failure: &Failure) -> BodyFormat {
    let source = DataSource { inline_string: Some(failure.message.to_owned()), ..DataSource::default() };
    BodyFormat { content_type: "text/plain", json_format: None, text_format_source: Some(source) }
}

fn openai(failure: &Failure) -> Value {
    let (kind, code) = failure.openai;
    json!({"error": {"message": failure.message, "type": kind, "param": null, "code": code}})
}

fn anthropic(failure: &Failure) -> Value {
    let error = json!({"type": failure.anthropic, "message": failure.message, "code": failure.openai.1});
    json!({"type": "error", "error": error, "request_id": "%REQ(X-REQUEST-ID)%"})
}

fn google(failure: &Failure) -> Value {
    json!({"error": {"code": "%RESPONSE_CODE%", "message": failure.message, "status": failure.google, "reason": failure.reason}})
}

fn ollama(failure: &Failure) -> Value {
    json!({"error": failure.message, "code": failure.openai.1})
}

fn problem(failure: &Failure) -> Value {
    json!({
        "type": format!("/docs/errors/{}", failure.reason),
        "title": failure.title,
        "status": "%RESPONSE_CODE%",
        "detail": failure.message,
        "instance": "%PATH(NQ:PATH)%",
        "code": failure.reason,
        "request_id": "%REQ(X-REQUEST-ID)%",
        "errors": [],
    })
}
