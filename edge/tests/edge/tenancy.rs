//! Another workspace's id in the path, in every route that has one there.

use crate::{
    ask::{Edge, bearer, request},
    documents::{document, filled, operations},
    fake::{FOREIGN, TOKEN, WORKSPACE},
    impersonation::body,
};
use axum::body::Body;
use http::header::CONTENT_TYPE;

/// What asks who the caller is, and in which workspaces.
const DOOR: [&str; 4] = ["resolve_token", "resolve_key", "resolve_member", "list_memberships"];

#[tokio::test]
async fn a_foreign_workspace_is_not_there_on_any_route_and_no_service_hears_of_it() {
    let (edge, document) = (Edge::new(), document());
    let mut tried = 0;
    for (method, path, operation) in operations(&document) {
        // Operators see all workspaces; who comes back from the provider of a workspace is nobody yet.
        let is_of_all = path.starts_with("/api/v1/admin/") || path.starts_with("/api/v1/auth/");
        if !path.contains("{workspace_id}") || is_of_all {
            continue;
        }
        let described = format!("{}{}", filled(&path).replace(WORKSPACE, FOREIGN), body::query(&document, &operation));
        for path in [&described, described.strip_prefix("/api/v1").unwrap_or(&described)] {
            edge.fakes.seen.lock().unwrap().clear();
            for token in [TOKEN.to_owned(), edge.fakes.key.to_string()] {
                let sent = request(&method, path).header("authorization", bearer(&token));
                let sent = match body::of(&document, &operation) {
                    Some((kind, body)) => sent.header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap(),
                    None => sent.body(Body::empty()).unwrap(),
                };
                let answer = edge.send(sent).await;
                assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
                assert_eq!(answer.json()["code"], "NOT_FOUND", "{method} {path}: {}", answer.text());
            }
            let asked: Vec<_> = edge.fakes.seen.lock().unwrap().iter().map(|seen| seen.rpc).collect();
            let others: Vec<_> = asked.iter().filter(|rpc| !DOOR.contains(rpc)).collect();
            assert!(others.is_empty(), "{method} {path} asked {others:?}");
            tried += 1;
        }
    }
    assert!(tried > 100, "only {tried} routes have a workspace in their path");
}
