//! The API description, generated from the handlers.

use crate::{
    anthropic, api,
    app::{Later, Shared},
    docs,
    face::Face,
    gemini, health, jwks, ollama, openai, scim, webhook,
};
use axum::Router;
use host::door::key;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, HttpMethod, OpenApi as Document, PathItem, Ref, RefOr, ResponseBuilder, ServerBuilder,
        path::{Operation, Parameter, ParameterIn},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

/// Where the management face is at home.
const MANAGEMENT: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Perpetuo",
        description = "An OpenAI-compatible gateway with your own provider keys, workspaces, limits and usage.\n\n\
            Send an access token or an API key as `Authorization: Bearer …`. Everything under `/api/v1` answers at the \
            root as well, so `/workspaces` is `/api/v1/workspaces`. Failures under `/v1` have OpenAI's shape, all \
            others and those under `/v1/subscription` are problem documents (RFC 9457). Every answer carries `x-request-id`.",
    ),
    tags(
        (name = "Account", description = "Sign up, log in, one's own account"),
        (name = "Audit", description = "What happened in a workspace, and who did it"),
        (name = "Operators", description = "What those who run the platform see and do; needs a platform role"),
        (name = "Workspaces", description = "Tenants and their members, limits and budgets"),
        (name = "Directory", description = "SCIM 2.0 (RFC 7643, RFC 7644): the directory of a workspace brings, changes and takes away its people. With \
            the API key of a service account that has the scopes `members.read` and `members.write`"),
        (name = "Providers", description = "Where models come from, with the workspace's own keys"),
        (name = "API keys", description = "Credentials for programs"),
        (name = "Models", description = "The OpenAI-compatible gateway"),
        (name = "Logs and usage", description = "What was asked, what it used"),
        (name = "Teams", description = "Members of a workspace who share limits and budgets, with API keys of their own"),
        (name = "Events", description = "What happens in a workspace, sent to addresses of its own as Standard Webhooks 1.0.0 says; \
            API keys need the scopes `webhooks.read` and `webhooks.write`"),
        (name = "Executions", description = "Business problems that several agents look at, until a decision with its reasons is there. \
            They belong to the credential's workspace; API keys need the scopes `executions.read` and `executions.write`"),
        (name = "Billing", description = "Plans, the subscription of the credential's workspace, its invoices and how they are paid"),
        (name = "Webhooks", description = "What providers of payments tell by themselves; for nobody else"),
        (name = "Service", description = "Probes and documentation"),
    ),
    components(schemas(api::problem::Problem, openai::error::Body, anthropic::error::Body, gemini::error::Body, ollama::error::Body, scim::error::Body)),
    security(("bearer" = [])),
    modifiers(&Bearer),
)]
struct Described;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(format!(
                "An access token (JWT) of a person, or an API key (`pk_…`). Scanners for secrets find keys by `{}`; the last six \
                 characters are the CRC-32 of those before, in base 62, so that hardly anything else passes",
                key::PATTERN
            )))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Every route, and the document that describes them.
pub(crate) fn routes_and_document(public_url: Option<&str>, later: &Later) -> (Router<Shared>, Document) {
    let management = api::routes(later);
    let at_root = management.clone().split_for_parts().0;
    let (routes, mut document) = OpenApiRouter::with_openapi(Described::openapi())
        .nest(MANAGEMENT, management)
        .merge(api::routes_under_v1())
        .merge(openai::routes())
        .merge(anthropic::routes())
        .merge(gemini::routes())
        .merge(ollama::routes())
        .merge(scim::routes())
        .merge(health::routes())
        .merge(jwks::routes())
        .merge(webhook::routes())
        .merge(docs::routes())
        .split_for_parts();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.servers = public_url.map(|url| vec![ServerBuilder::new().url(url).build()]);
    alias(&mut document);
    unstar(&mut document);
    for (path, item) in &mut document.paths.paths {
        let face = Face::of(path);
        for operation in operations(item) {
            openai::wishes::describe(operation);
            failures(operation, face);
        }
    }
    (routes.merge(at_root), document)
}

/// The document as JSON.
pub(crate) fn json(document: &Document) -> String {
    document.to_pretty_json().expect("a document of strings and maps is JSON")
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete]
        .into_iter()
        .filter_map(Option::as_mut)
}

/// Second paths are routes of their own and are described as such.
fn alias(document: &mut Document) {
    for (alias, of) in api::ALIASES {
        let Some(mut item) = document.paths.paths.get(&format!("{MANAGEMENT}{of}")).cloned() else { continue };
        for operation in operations(&mut item) {
            operation.operation_id = operation.operation_id.take().map(|id| format!("{id}_alias"));
            operation.description = Some(format!("The same as `{MANAGEMENT}{of}`."));
        }
        document.paths.paths.insert(format!("{MANAGEMENT}{alias}"), item);
    }
}

/// axum's `{*model}` is OpenAPI's `{model}`.
fn unstar(document: &mut Document) {
    let starred: Vec<_> = document.paths.paths.keys().filter(|path| path.contains("{*")).cloned().collect();
    for path in starred {
        if let Some(item) = document.paths.paths.remove(&path) {
            document.paths.paths.insert(path.replace("{*", "{"), item);
        }
    }
}

/// Describes the failures that follow from what an operation is: they are the same for all of its kind.
fn failures(operation: &mut Operation, face: Face) {
    let public = operation.security.as_ref().is_some_and(|any| any.iter().any(|s| *s == Default::default()));
    let tagged = |name: &str| operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| tag == name));
    let (calls_service, is_webhook) = (!tagged("Service"), tagged("Webhooks"));
    let in_path = |p: &RefOr<Parameter>| matches!(p, RefOr::T(p) if p.parameter_in == ParameterIn::Path);
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let (named, with_input) = (parameters.iter().any(in_path), !parameters.is_empty());
    let has_body = operation.request_body.is_some();
    let expected = [
        (
            "400",
            "The request cannot be read, or a field is missing, unknown or of the wrong type",
            has_body || with_input,
        ),
        ("401", "No valid credential", !public),
        ("403", "The caller may not do this", !public),
        (
            "404",
            "There is no such thing, or it belongs to another workspace",
            named || !face.is_management() && has_body,
        ),
        ("413", "The body is too large", has_body),
        ("415", "The body is not JSON", has_body && !is_webhook),
        ("422", "A value is not accepted", has_body && face == Face::Management && !is_webhook),
        ("429", "A limit is reached; see `Retry-After` and `GET /v1/limits`", calls_service && !is_webhook),
        ("500", "Something is wrong on our side", calls_service),
        ("502", "The provider failed", !face.is_management() && has_body),
        ("503", "A part of Perpetuo, or the provider, is unavailable or overloaded; see `Retry-After`", calls_service),
        ("504", "It took too long", calls_service),
    ];
    let (schema, media) = match face {
        Face::OpenAi => ("OpenAiError", "application/json"),
        Face::Anthropic => ("AnthropicError", "application/json"),
        Face::Gemini => ("GeminiError", "application/json"),
        Face::Ollama => ("OllamaError", "application/json"),
        Face::Scim => ("ScimError", "application/scim+json"),
        Face::Management => ("Problem", "application/problem+json"),
    };
    let content = || ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    let responses = &mut operation.responses.responses;
    for (status, description, _) in expected.into_iter().filter(|(_, _, applies)| *applies) {
        let described = ResponseBuilder::new().description(description).content(media, content()).build();
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(described));
    }
    // What a handler says of a failure in words gets the shape that all failures have.
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
            && response.content.is_empty()
        {
            response.content.insert(media.to_owned(), RefOr::T(content()));
        }
    }
}

/// The methods of a path, as the document names them.
pub(crate) const METHODS: [(HttpMethod, &str); 5] = [
    (HttpMethod::Get, "get"),
    (HttpMethod::Put, "put"),
    (HttpMethod::Post, "post"),
    (HttpMethod::Patch, "patch"),
    (HttpMethod::Delete, "delete"),
];
