//! What answers tell browsers, and what pages of others can make a browser send.

use crate::{
    ask::{Answer, Edge, bearer, request},
    documents::{document, filled, operations},
    fake::TOKEN,
    impersonation::body,
};
use axum::body::Body;
use edge::Config;
use http::{
    Request,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Rpcs of the only routes that a browser is led to instead of asking for them: a sign-in begins and comes back. And what
/// counts that somebody has read.
const BY_READING: [&str; 3] = ["start_sign_in", "finish_sign_in", "count_call"];

/// Every operation, as somebody who is logged in asks for it.
fn requests() -> Vec<(String, Request<Body>)> {
    let document = document();
    let all = operations(&document).into_iter().map(|(method, path, operation)| {
        let name = format!("{method} {path}");
        let path = format!("{}{}", filled(&path), body::query(&document, &operation));
        let path = if name == "POST /v1beta/models/{model}" { format!("{path}:generateContent") } else { path };
        // As programs ask, which get no streams that go on.
        let sent = request(&method, &path).header("authorization", bearer(TOKEN)).header(ACCEPT, "application/json");
        let sent = match body::of(&document, &operation) {
            Some((kind, body)) => sent.header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap(),
            None => sent.body(Body::empty()).unwrap(),
        };
        (name, sent)
    });
    all.collect()
}

/// Every answer that there is: of each operation, with a credential and without, of each face to who is lost, and of pages.
async fn answers(edge: &Edge) -> Vec<(String, Answer)> {
    let mut all = vec![];
    for (name, sent) in requests() {
        let stranger = request(sent.method().as_str(), sent.uri().path()).body(Body::empty()).unwrap();
        all.push((format!("{name} of a stranger"), edge.send(stranger).await));
        all.push((name, edge.send(sent).await));
    }
    for path in [
        "/nowhere",
        "/v1/nowhere",
        "/v1beta/nowhere",
        "/docs",
        "/docs/style.css",
        "/health",
        "/auth/oauth/google/callback",
    ] {
        all.push((path.to_owned(), edge.get(path).await));
    }
    let stream = edge.put("POST", "/v1/chat/completions", r#"{"model":"stream","stream":true}"#).await;
    all.push(("a stream".to_owned(), stream));
    all
}

#[tokio::test]
async fn every_answer_tells_browsers_to_run_frame_guess_and_leak_nothing() {
    let edge = Edge::with(Config { public_url: Some("https://api.example.com".into()), ..Config::default() });
    let all = answers(&edge).await;
    assert!(all.len() > 300, "{} answers", all.len());
    for (name, answer) in all {
        let policy = answer.header("content-security-policy");
        for directive in ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.split("; ").any(|one| one == directive), "{name}: {directive} is not in {policy:?}");
        }
        assert!(!policy.contains("script-src") && !policy.contains('*'), "{name}: {policy}");
        let is_page = answer.header("content-type").starts_with("text/html");
        let is_file = answer.header("content-disposition").starts_with("inline");
        assert!(is_page || is_file || policy.ends_with("; sandbox"), "{name}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{name}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains", "{name}");
    }
}

#[tokio::test]
async fn every_answer_says_what_it_is_and_text_in_which_characters() {
    for (name, answer) in answers(&Edge::new()).await {
        let kind = answer.header("content-type");
        assert_eq!(kind.is_empty(), answer.body.is_empty(), "{name}: {answer:?}");
        assert!(!kind.starts_with("text/") || kind.contains("charset=utf-8"), "{name}: {kind}");
        let text = std::str::from_utf8(&answer.body);
        if ["application/json", "application/problem+json"].contains(&kind) {
            assert!(serde_json::from_str::<Value>(text.unwrap_or_default()).is_ok(), "{name} is no JSON: {answer:?}");
        } else if kind.starts_with("text/html") {
            assert!(text.unwrap_or_default().starts_with("<!doctype html>"), "{name} is no page: {answer:?}");
        } else if kind.starts_with("text/") {
            assert!(text.is_ok(), "{name} is no text: {answer:?}");
        }
    }
}

/// A client that talks to the wrong address by mistake is told so, and not led on as if nothing had happened.
#[tokio::test]
async fn nothing_is_redirected_but_a_sign_in_that_is_under_way() {
    let redirected: BTreeSet<String> = answers(&Edge::new())
        .await
        .into_iter()
        .filter(|(_, answer)| (300..400).contains(&answer.status) || !answer.header("refresh").is_empty())
        .map(|(name, _)| name.trim_end_matches(" of a stranger").to_owned())
        .collect();
    assert_eq!(redirected, ["GET /api/v1/auth/oauth/{provider}/start".to_owned()].into());
}

/// What is said with GET a browser does for any page that asks it to: for a picture, or by following a link.
#[tokio::test]
async fn nothing_is_changed_by_get() {
    let changing: BTreeSet<String> =
        proto::rpcs().filter(|rpc| !rpc.no_side_effects).map(|rpc| snake(rpc.method)).collect();
    assert!(changing.contains("create_api_key") && !changing.contains("get_me"), "{changing:?}");
    let (edge, mut asked) = (Edge::new(), 0);
    for (name, sent) in requests().into_iter().filter(|(name, _)| name.starts_with("GET ")) {
        edge.send(sent).await;
        let seen = std::mem::take(&mut *edge.fakes.seen.lock().unwrap());
        asked += seen.len();
        let changed = seen.iter().find(|seen| changing.contains(seen.rpc) && !BY_READING.contains(&seen.rpc));
        assert!(changed.is_none(), "{name} calls {changed:?}");
    }
    assert!(asked > 100, "{asked} calls");
}

/// Pages of other sites can make a browser send forms and plain text with its cookies, and never a header of ours or JSON.
#[tokio::test]
async fn what_any_page_can_make_a_browser_send_changes_nothing() {
    let (edge, document, mut tried, mut done) = (Edge::new(), document(), 0, vec![]);
    for (method, path, operation) in operations(&document).into_iter().filter(|(method, ..)| method != "GET") {
        let (path, name) = (filled(&path), format!("{method} {path}"));
        // Asks for a challenge, which is nobody's; and what payment providers sign or prove in their address.
        if name == "POST /api/v1/auth/passkey/options" || path.starts_with("/webhooks/") {
            continue;
        }
        let body = body::of(&document, &operation).map_or_else(String::new, |(_, body)| body);
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let sent = request(&method, &path)
                .header("origin", "https://evil.example")
                .header("cookie", format!("__Host-perpetuo-sign-in=a-browser; session={TOKEN}"))
                .header(CONTENT_TYPE, kind);
            let answer = edge.send(sent.body(Body::from(body.clone())).unwrap()).await;
            let seen: Vec<_> = std::mem::take(&mut *edge.fakes.seen.lock().unwrap()).iter().map(|s| s.rpc).collect();
            if !(400..500).contains(&answer.status) || !seen.is_empty() {
                done.push(format!("{name} as {kind}: {} {seen:?}", answer.status));
            }
            tried += 1;
        }
    }
    assert!(done.is_empty() && tried > 300, "of {tried} requests these do something: {done:#?}");
}

fn snake(method: &str) -> String {
    let mut text = String::new();
    for c in method.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
