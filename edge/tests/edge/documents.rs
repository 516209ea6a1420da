//! The API description, the reference, and the pages of errors.

mod contract;

use crate::{
    ask::{Edge, ok, request},
    fake::{
        ANA, DELIVERY, EXECUTION, EXPORT, IDENTITY, INVITATION, INVOICE, KEY_ID, PASSKEY, PROMOTION_CODE, PROVIDER,
        REQUEST, ROLE, SCHEDULE, SESSION, TEAM, WEBHOOK, WORKSPACE,
    },
};
use axum::body::Body;
use edge::Config;
use proto::Reason;
use serde_json::Value;
use std::collections::BTreeSet;

pub fn document() -> Value {
    serde_json::from_str(&edge::openapi()).expect("JSON")
}

/// Every operation: method, path as described, and the operation.
pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        let methods = ["get", "put", "post", "delete", "patch"];
        methods.into_iter().filter_map(move |m| Some((m.to_uppercase(), path.clone(), item.get(m)?.clone())))
    });
    all.collect()
}

pub fn filled(path: &str) -> String {
    let ids = [
        ("workspace_id", WORKSPACE),
        ("provider_id", PROVIDER),
        ("key_id", KEY_ID),
        ("session_id", SESSION),
        ("user_id", ANA),
        ("invitation_id", INVITATION),
        ("request_id", REQUEST),
        ("export_id", EXPORT),
        ("execution_id", EXECUTION),
        ("schedule_id", SCHEDULE),
        ("webhook_id", WEBHOOK),
        ("role", ROLE),
        ("team_id", TEAM),
        ("delivery_id", DELIVERY),
        ("invoice_id", INVOICE),
        ("coupon_id", "launch"),
        ("promotion_code_id", PROMOTION_CODE),
        ("format", "pdf"),
        ("provider", "google"),
        ("identity_id", IDENTITY),
        ("passkey_id", PASSKEY),
        ("team_id", TEAM),
        ("name", "User"),
        ("urn", "urn:ietf:params:scim:schemas:core:2.0:User"),
        ("domain", "acme.example"),
    ];
    let path = ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
    path.replace("{model}", "simulator/chat").replace("{code}", "NOT_FOUND")
}

#[test]
fn every_route_of_the_contract_is_described_or_is_said_to_be_absent() {
    let described: BTreeSet<String> = operations(&document()).iter().map(|(m, p, _)| format!("{m} {p}")).collect();
    let promised: BTreeSet<String> = contract::promised().collect();
    let absent: BTreeSet<String> = contract::ABSENT.iter().map(|(route, _)| (*route).to_owned()).collect();
    let beyond: BTreeSet<String> = contract::beyond().collect();
    assert!(contract::ABSENT.iter().all(|(_, why)| why.len() > 20), "each says why");
    let unpromised: Vec<_> = absent.difference(&promised).collect();
    assert!(unpromised.is_empty(), "nobody promised these: {unpromised:?}");
    let there: Vec<_> = absent.intersection(&described).collect();
    assert!(there.is_empty(), "these are there now, take them off the list of what is absent: {there:?}");
    let twice: Vec<_> = beyond.intersection(&promised).collect();
    assert!(twice.is_empty(), "these are promised: {twice:?}");
    let expected: BTreeSet<String> = promised.difference(&absent).cloned().chain(beyond).collect();
    let missing: Vec<_> = expected.difference(&described).collect();
    assert!(missing.is_empty(), "these are promised, and neither described nor said to be absent: {missing:?}");
    let unheard: Vec<_> = described.difference(&expected).collect();
    assert!(unheard.is_empty(), "these are described, and in no list: {unheard:?}");
}

#[tokio::test]
async fn every_described_operation_is_mounted_and_asks_for_a_credential_if_it_says_so() {
    let (edge, document) = (Edge::new(), document());
    for (method, path, operation) in operations(&document) {
        let public = operation["security"].as_array().is_some_and(|any| any.contains(&serde_json::json!({})));
        let paths = [Some(filled(&path)), filled(&path).strip_prefix("/api/v1").map(str::to_owned)];
        for path in paths.into_iter().flatten() {
            let answer = edge.send(request(&method, &path).body(Body::empty()).unwrap()).await;
            assert!(![404, 405].contains(&answer.status), "{method} {path} is not mounted");
            // Both ask for something else than a credential in a header.
            let other = path.ends_with("/auth/logout") || path.ends_with("/callback");
            assert_eq!(answer.status == 401, !public || other, "{method} {path}: {}", answer.status);
        }
    }
}

#[test]
fn every_operation_says_what_it_takes_and_answers() {
    let document = document();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{place} has no summary");
        assert!(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{place} has no tag");
        assert!(ids.insert(operation["operationId"].to_string()), "{place} has a taken operation id");
        let responses = operation["responses"].as_object().expect("responses");
        // Browsers are sent on.
        let ends_well = |status: &String| status.starts_with('2') || status == "302";
        assert!(responses.keys().any(ends_well), "{place} never succeeds");
        for (status, response) in responses {
            let described = response["content"].as_object().is_some_and(|content| !content.is_empty());
            assert!(described || status == "204" || status.starts_with('3'), "{status} of {place} has no body");
        }
        let in_path = path.matches('{').count();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        assert_eq!(parameters.iter().filter(|p| p["in"] == "path").count(), in_path, "{place}: {parameters:?}");
        assert!(parameters.iter().all(|p| p["description"].is_string()), "{place}: {parameters:?}");
    }
}

#[test]
fn creations_say_how_they_are_repeated() {
    let repeatable: BTreeSet<String> = operations(&document())
        .into_iter()
        .filter(|(_, _, operation)| operation["parameters"].to_string().contains("Idempotency-Key"))
        .map(|(method, path, operation)| {
            let responses = &operation["responses"];
            let said = ["200", "201", "202"].map(|made| responses[made]["headers"]["idempotent-replayed"].is_object());
            assert!(said.contains(&true), "{path}: {responses}");
            let mismatch = responses["409"]["description"].as_str().unwrap_or_default();
            assert!(mismatch.contains("Idempotency-Key"), "{path}: {mismatch}");
            format!("{method} {path}")
        })
        .collect();
    let one = "POST /api/v1/workspaces/{workspace_id}";
    let expected = [
        "POST /api/v1/admin/invoices/{invoice_id}/credit-notes",
        "POST /api/v1/admin/providers",
        "POST /api/v1/admin/workspaces/{workspace_id}/credits",
        "POST /api/v1/admin/workspaces/{workspace_id}/invoice-items",
        "POST /api/v1/billing/credits/checkout",
        "POST /api/v1/executions",
        "POST /api/v1/workspaces",
        &format!("{one}/api-keys"),
        &format!("{one}/api-keys/{{key_id}}/rotate"),
        &format!("{one}/export-schedules"),
        &format!("{one}/exports"),
        &format!("{one}/invitations"),
        &format!("{one}/providers"),
        &format!("{one}/roles"),
        &format!("{one}/teams"),
        &format!("{one}/webhooks"),
        &format!("{one}/webhooks/{{webhook_id}}/rotate"),
        "POST /api/chat",
        "POST /v1/audio/speech",
        "POST /v1/audio/transcriptions",
        "POST /v1/chat/completions",
        "POST /v1/completions",
        "POST /v1/embeddings",
        "POST /v1/images/generations",
        "POST /v1/messages",
        "POST /v1/messages/count_tokens",
        "POST /v1/moderations",
        "POST /v1/rerank",
        "POST /v1/responses",
        "POST /v1beta/models/{model}",
    ];
    assert_eq!(repeatable, expected.map(str::to_owned).into());
}

#[test]
fn every_reference_leads_somewhere_and_every_request_has_an_example() {
    let document = document();
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document["components"]["schemas"][reference].is_object(), "{reference}");
    }
    assert!(document["components"]["securitySchemes"]["bearer"].is_object());
}

#[tokio::test]
async fn the_description_is_served_and_names_the_configured_server() {
    let edge = Edge::with(Config { public_url: Some("https://api.example.com".into()), ..Config::default() });
    let answer = edge.get("/openapi.json").await;
    ok(&answer);
    assert_eq!(answer.json()["servers"][0]["url"], "https://api.example.com");
}

#[tokio::test]
async fn the_reference_shows_every_operation_and_needs_nothing_from_elsewhere() {
    let edge = Edge::new();
    let page = edge.get("/docs").await;
    ok(&page);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for (method, path, operation) in operations(&document()) {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(page.text().contains(&format!("<h3 id=\"{id}\">")), "{method} {path} is not shown");
    }
    for foreign in ["<script", "src=", "//cdn", "https://fonts"] {
        assert!(!page.text().contains(foreign), "{foreign}");
    }
    assert!(page.text().contains("curl -X POST http://127.0.0.1:8080/api/v1/auth/signup"));
    assert!(page.text().contains("$WORKSPACE_ID/providers/$PROVIDER_ID"));
    assert!(page.text().contains("invoices/$INVOICE_ID.$FORMAT"));
    assert_eq!(edge.get("/docs/style.css").await.header("content-type"), "text/css; charset=utf-8");
}

#[tokio::test]
async fn every_reason_has_its_page() {
    let edge = Edge::new();
    let list = edge.get("/docs/errors").await;
    for reason in Reason::ALL {
        let path = format!("/docs/errors/{}", reason.as_str());
        assert!(list.text().contains(&format!("href=\"{path}\"")), "{path}");
        let page = edge.get(&path).await;
        ok(&page);
        assert!(page.text().contains(&reason.http().to_string()), "{path}");
    }
    edge.get("/docs/errors/NO_SUCH_REASON").await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn every_kind_of_provider_says_what_becomes_of_each_field() {
    let page = Edge::new().get("/docs/providers").await;
    ok(&page);
    for kind in proto::provider::ALL.iter().filter(|kind| kind.dialect != "simulator") {
        assert!(page.text().contains(&format!("<code>{}</code>", kind.name)), "{}", kind.name);
        for field in kind.fields {
            let row = format!("<tr><td><code>{}</code></td><td>{}</td>", field.name, field.how.as_str());
            assert!(page.text().contains(&row), "{} {}", kind.name, field.name);
        }
    }
}

#[tokio::test]
async fn pages_cannot_be_framed_or_run_scripts_and_insist_on_tls_where_there_is_tls() {
    let page = Edge::new().get("/docs").await;
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!((page.header("x-content-type-options"), page.header("strict-transport-security")), ("nosniff", ""));
    let edge = Edge::with(Config { public_url: Some("https://api.example.com".into()), ..Config::default() });
    assert!(edge.get("/docs").await.header("strict-transport-security").starts_with("max-age="));
}
