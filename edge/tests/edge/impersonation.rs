//! Operators who act for somebody: what every route lets them do.

pub mod body;
mod rows;

use crate::{
    ask::{Edge, bearer, request},
    documents::{document, filled, operations},
    fake::{
        ADMIN_TOKEN, ANA, EXECUTION, FOREIGN, OPERATOR_TOKEN, READING_TOKEN, SESSION, STAFF, TOKEN, WORKSPACE,
        WRITING_TOKEN, executions::event,
    },
};
use axum::body::Body;
use http::header::{ACCEPT, CONTENT_TYPE};
use proto::{Reason, engine::Phase};
use rows::Row;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What came of a request with a token.
async fn ask(edge: &Edge, token: &str, method: &str, path: &str, body: Option<&(String, String)>) -> (u16, String) {
    // As programs ask, which get no streams.
    let sent = request(method, path).header("authorization", bearer(token)).header(ACCEPT, "application/json");
    let sent = match body {
        Some((kind, body)) => sent.header(CONTENT_TYPE, kind).body(Body::from(body.clone())).unwrap(),
        None => sent.body(Body::empty()).unwrap(),
    };
    let answer = edge.send(sent).await;
    (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
}

/// Which row an operation belongs into, by what happens.
async fn observed(edge: &Edge, document: &Value, method: &str, path: &str, operation: &Value) -> Result<Row, String> {
    let (path, body) = (format!("{path}{}", body::query(document, operation)), body::of(document, operation));
    let path = if method == "POST" && path.starts_with("/v1beta/") { format!("{path}:generateContent") } else { path };
    let (path, body) = (path.as_str(), body.as_ref());
    let is_refusal = |(status, text): &(u16, String), what: &str| *status == 403 && text.contains(what);
    let (reading, writing) =
        (ask(edge, READING_TOKEN, method, path, body).await, ask(edge, WRITING_TOKEN, method, path, body).await);
    let (only_reads, never) = ("only reads, unless they began with write", "an operator who acts for somebody may not");
    match (is_refusal(&reading, only_reads), is_refusal(&reading, never)) {
        (true, _) if !is_refusal(&writing, never) && !is_refusal(&writing, only_reads) => Ok(Row::Writes),
        (_, true) if is_refusal(&writing, never) => Ok(Row::Never),
        // What asks for something else than reading has to come through for that.
        (false, false) if reading.0 < 300 || (only_shows(method, path) && reading.0 == 404) => Ok(Row::Reads),
        _ => Err(format!("{method} {path}: {reading:?} and {writing:?}")),
    }
}

/// Whether a request changes nothing by its name: it may be about something that the fakes do not have.
fn only_shows(method: &str, path: &str) -> bool {
    method == "GET" || (method == "POST" && path.starts_with("/api/v1/executions/") && path.contains("/export"))
}

#[tokio::test]
async fn every_route_lets_them_read_or_write_or_is_never_theirs() {
    let (edge, document) = (Edge::new(), document());
    let promised: BTreeMap<&str, Row> = rows::all().collect();
    let (mut seen, mut wrong) = (0, vec![]);
    for (method, path, operation) in operations(&document) {
        let security = operation["security"].as_array();
        if security.is_some_and(|any| any.contains(&json!({}))) {
            continue;
        }
        let name = format!("{method} {path}");
        let observed = observed(&edge, &document, &method, &filled(&path), &operation).await;
        match (promised.get(name.as_str()), observed) {
            (None, Ok(Row::Never)) if path.starts_with("/api/v1/admin/") => {}
            (Some(row), Ok(observed)) if *row == observed => seen += 1,
            (row, observed) => wrong.push(format!("{name}: promised {row:?}, observed {observed:?}")),
        }
    }
    assert!(wrong.is_empty(), "decide what operators may who act for somebody, in rows.rs:\n{}", wrong.join("\n"));
    assert_eq!(seen, promised.len(), "rows of routes that are not there");
}

#[tokio::test]
async fn services_are_told_who_acts_and_with_less_than_the_person_may() {
    let edge = Edge::new();
    let sent = request("GET", "/me").header("authorization", bearer(READING_TOKEN)).body(Body::empty()).unwrap();
    assert_eq!(edge.send(sent).await.status, 200);
    let call = edge.fakes.last("get_me").call;
    let acting = call.impersonation.expect("somebody acts for Ana");
    assert_eq!((call.actor(), acting.operator.to_string(), acting.may_write), (ANA.into(), STAFF.into(), false));
    assert!(
        !call.scopes.contains(proto::Permission::KeysWrite) && !call.scopes.contains(proto::Permission::WorkspaceWrite)
    );
    edge.get("/me").await;
    assert_eq!(edge.fakes.last("get_me").call.impersonation, None);
}

#[tokio::test]
async fn they_stay_in_one_workspace_and_whether_another_exists_is_not_said() {
    let edge = Edge::new();
    for workspace in [FOREIGN, "ws_01k9tq6j3se5mb1pt2xdv6q3k0"] {
        let sent = request("GET", &format!("/workspaces/{workspace}")).header("authorization", bearer(WRITING_TOKEN));
        edge.send(sent.body(Body::empty()).unwrap()).await.problem(403, "IMPERSONATION_FORBIDDEN");
    }
    assert!(!edge.fakes.was_called("get_workspace"));
}

#[tokio::test]
async fn they_read_what_has_happened_and_no_stream_that_would_outlive_them() {
    let edge = Edge::new();
    edge.fakes.change(|world| {
        world.put(Phase::Completed, 1);
        world.events = vec![event(1, "execution.completed")];
    });
    let events = async |query: &str, accept: &str| {
        let sent = request("GET", &format!("/executions/{EXECUTION}/events{query}"));
        let sent = sent.header("authorization", bearer(READING_TOKEN)).header(ACCEPT, accept);
        edge.send(sent.body(Body::empty()).unwrap()).await
    };
    for (query, accept) in [("", "*/*"), ("", "text/event-stream"), ("?format=sse", "application/json")] {
        let refused = events(query, accept).await.problem(403, "IMPERSONATION_FORBIDDEN");
        assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("format=json")), "{refused}");
    }
    for (query, accept) in [("?format=json", "*/*"), ("", "application/json")] {
        assert_eq!(events(query, accept).await.status, 200, "{query} {accept}");
    }
}

#[tokio::test]
async fn they_log_out_and_the_service_hears_whose_session_it_is() {
    let edge = Edge::new();
    let sent = request("POST", "/auth/logout").header("authorization", bearer(READING_TOKEN)).body(Body::empty());
    assert_eq!(edge.send(sent.unwrap()).await.status, 204);
    assert!(edge.fakes.last("logout").call.impersonation.is_some());
}

#[tokio::test]
async fn an_admin_begins_lists_and_ends_and_others_do_not() {
    let edge = Edge::new();
    let wish =
        json!({"user_id": ANA, "reason": "Ticket 4711: nothing is shown", "workspace_id": WORKSPACE, "minutes": 5});
    let ask = async |token: &str, method: &str, path: &str, body: &Value| {
        let sent =
            request(method, path).header("authorization", bearer(token)).header(CONTENT_TYPE, "application/json");
        edge.send(sent.body(Body::from(body.to_string())).unwrap()).await
    };
    let path = "/api/v1/admin/impersonations";
    for token in [TOKEN, OPERATOR_TOKEN] {
        let refused = ask(token, "POST", path, &wish).await.problem(403, "PERMISSION_DENIED");
        assert_eq!(refused["permission"], "platform.write");
    }
    for token in [READING_TOKEN, WRITING_TOKEN] {
        ask(token, "POST", path, &wish).await.problem(403, "IMPERSONATION_FORBIDDEN");
    }
    let begun = ask(ADMIN_TOKEN, "POST", path, &wish).await;
    assert_eq!(begun.status, 201);
    let begun = begun.json();
    assert_eq!((&begun["id"], &begun["operator_id"], &begun["user_id"]), (&json!(SESSION), &json!(STAFF), &json!(ANA)));
    assert_eq!((&begun["access_token"], &begun["token_type"]), (&json!(READING_TOKEN), &json!("Bearer")));
    assert!(begun.get("refresh_token").is_none() && begun["ended_at"].is_null(), "{begun}");
    let seen = edge.fakes.last("start_impersonation");
    assert!(seen.request.contains("minutes: 5") && seen.request.contains("write: false"), "{}", seen.request);
    let listed = ask(OPERATOR_TOKEN, "GET", path, &Value::Null).await.json();
    assert_eq!((&listed["data"][0]["reason"], &listed["next_cursor"]), (&wish["reason"], &Value::Null));
    let one = format!("{path}/{SESSION}");
    ask(OPERATOR_TOKEN, "DELETE", &one, &Value::Null).await.problem(403, "PERMISSION_DENIED");
    assert_eq!(ask(ADMIN_TOKEN, "DELETE", &one, &Value::Null).await.status, 204);
    let unknown = json!({"user_id": ANA, "reason": "Ticket 4711", "admin": true});
    ask(ADMIN_TOKEN, "POST", path, &unknown).await.problem(400, Reason::InvalidArgument.as_str());
}

#[tokio::test]
async fn the_person_finds_it_among_their_sessions() {
    let edge = Edge::new();
    let sessions = edge.get("/me/sessions").await.json();
    let acting = &sessions["data"][0]["impersonation"];
    assert_eq!((&acting["operator_id"], &acting["write"]), (&json!(STAFF), &json!(false)), "{sessions}");
    assert!(!sessions.to_string().contains('@'), "operators are named by their ids: {sessions}");
}
