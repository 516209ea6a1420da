//! What a client of an inference wants of us beside the answer, on whichever surface it asks.

use crate::{
    api::repeat::{KEY, MISMATCH},
    app::Shared,
};
use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, header::CACHE_CONTROL, request::Parts};
use proto::gateway::CompleteRequest;
use std::convert::Infallible;
use utoipa::{
    IntoParams, PartialSchema as _,
    openapi::{
        HeaderBuilder, RefOr, Required, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
    },
};

/// `1`: the log says why the request went where it went.
const EXPLAIN: HeaderName = HeaderName::from_static("x-perpetuo-explain");

/// The headers of a good answer.
const SAID: &[(&str, &str)] = &[
    ("x-perpetuo-provider", "Name of the provider that answered"),
    ("x-perpetuo-model", "The model as the provider knows it"),
    ("idempotent-replayed", "`true` on an answer that was given before"),
    (
        "x-perpetuo-cache",
        "`hit`: the answer was given before; `similar`: to a request that means the same; `miss`: it may be given again",
    ),
    ("x-perpetuo-attempts", "How many attempts were made"),
    (
        "x-perpetuo-dropped",
        "Fields of the request that the provider cannot take and was not sent, separated by commas; which those are is in \
         /docs/providers",
    ),
    (
        "x-perpetuo-guardrails",
        "What guardrails found until the head left: `name;input;redact=2`, separated by commas. What they find in a stream \
         is in its log",
    ),
    ("x-perpetuo-overhead-us", "Our own time until the head, in microseconds"),
    ("x-ratelimit-limit-requests", "Requests per minute, where limited; `-tokens` likewise"),
    ("x-ratelimit-remaining-requests", "What is left of it"),
    ("x-ratelimit-reset-requests", "Until all of it is available again: `1s`, `6m0s`"),
];

/// A request that says no more than that.
pub(crate) struct Wishes(pub CompleteRequest);

impl FromRequestParts<Shared> for Wishes {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Infallible> {
        Ok(Self(read(&parts.headers)))
    }
}

fn read(headers: &HeaderMap) -> CompleteRequest {
    let control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<_> = control.flat_map(|value| value.split(',')).map(str::trim).collect();
    let asks = |directive: &str| directives.iter().any(|given| given.eq_ignore_ascii_case(directive));
    CompleteRequest {
        explain: headers.get(EXPLAIN).is_some_and(|value| value == "1" || value == "true"),
        no_cache: asks("no-cache"),
        no_store: asks("no-store"),
        ..CompleteRequest::default()
    }
}

/// As the API description has it, the same for every surface.
impl IntoParams for Wishes {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = |name: &str, description: &str| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(description))
                .schema(Some(String::schema()))
                .build()
        };
        vec![
            header("Idempotency-Key", KEY),
            header("Cache-Control", "`no-cache`: not an answer that was given before; `no-store`: nor keep this one"),
            header(
                EXPLAIN.as_str(),
                "`1`: the request's log says in `routing` who could have answered, why each did not, what it would have \
                 cost and how long each attempt took",
            ),
        ]
    }
}

/// What the answer of every inference says beside itself, for the API description: told once, not on each surface.
pub(crate) fn describe(operation: &mut Operation) {
    let is_inference =
        |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.name == EXPLAIN.as_str());
    if !operation.parameters.iter().flatten().any(is_inference) {
        return;
    }
    let responses = &mut operation.responses.responses;
    if let Some(RefOr::T(good)) = responses.get_mut("200") {
        for (name, description) in SAID {
            let header = HeaderBuilder::new().schema(Some(String::schema())).description(Some(*description)).build();
            good.headers.insert((*name).to_owned(), RefOr::T(header));
        }
    }
    let conflict = ResponseBuilder::new().description(MISMATCH).build();
    responses.entry("409".to_owned()).or_insert_with(|| RefOr::T(conflict));
}
