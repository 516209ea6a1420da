//! What every request goes through.

use crate::ask::{Edge, bearer, ok, request};
use crate::fake::TOKEN;
use axum::body::Body;
use edge::Config;
use std::time::Duration;

const SIGN_UP: &str = r#"{"email":"ana@example.com","password":"correct horse","name":"Ana"}"#;

#[tokio::test]
async fn every_answer_carries_an_id_of_ours() {
    let edge = Edge::new();
    for (method, path) in [("GET", "/health"), ("GET", "/nowhere"), ("PATCH", "/me"), ("GET", "/v1/models")] {
        let answer = edge.send(request(method, path).body(Body::empty()).unwrap()).await;
        let id = answer.header("x-request-id");
        assert!(id.parse::<proto::id::RequestId>().is_ok(), "{path}: {id:?}");
    }
}

#[tokio::test]
async fn no_cache_keeps_what_somebody_was_answered() {
    let edge = Edge::new();
    for path in ["/api/v1/me", "/me/sessions", "/v1/models", "/v1/responses/resp_1", "/v1/responses/resp_1/input_items"]
    {
        let answer = edge.get(path).await;
        ok(&answer);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    assert_eq!(edge.get("/v1/responses/resp_gone").await.header("cache-control"), "no-store", "failures neither");
    let asked = r#"{"model":"m","messages":[]}"#;
    let answer = edge.put("POST", "/v1/chat/completions", asked).await;
    assert!(answer.header("cache-control").starts_with("no-"), "{answer:?}");
}

#[tokio::test]
async fn the_clients_own_id_is_kept_beside_ours() {
    let edge = Edge::new();
    let with = async |id: &str| {
        let sent = request("GET", "/health").header("x-request-id", id);
        edge.send(sent.body(Body::empty()).unwrap()).await
    };
    let answer = with("req_mine").await;
    assert_eq!(answer.header("x-client-request-id"), "req_mine");
    assert_ne!(answer.header("x-request-id"), "req_mine");
    for bad in [&"x".repeat(129), "two words", ""] {
        assert!(!with(bad).await.headers.contains_key("x-client-request-id"), "{bad:?}");
    }
}

#[tokio::test]
async fn services_see_the_client_behind_trusted_proxies_only() {
    let forwarded = |edge: Edge| async move {
        let sent = request("POST", "/auth/signup").header("content-type", "application/json");
        edge.send(sent.header("x-forwarded-for", "198.51.100.7").body(SIGN_UP.into()).unwrap()).await;
        edge.fakes.last("sign_up").call.client.map(|address| address.to_string())
    };
    assert_eq!(forwarded(Edge::new()).await.as_deref(), Some("203.0.113.9"));
    let config = Config { trusted_proxies: vec!["203.0.113.0/24".parse().unwrap()], ..Config::default() };
    assert_eq!(forwarded(Edge::with(config)).await.as_deref(), Some("198.51.100.7"));
}

#[tokio::test]
async fn a_service_gets_the_deadline_the_trace_and_the_idempotency_key() {
    let edge = Edge::new();
    let sent = request("POST", "/auth/signup").header("content-type", "application/json");
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    edge.send(sent.header("idempotency-key", "once").header("traceparent", trace).body(SIGN_UP.into()).unwrap()).await;
    let call = edge.fakes.last("sign_up").call;
    assert_eq!((call.idempotency_key.as_deref(), call.trace.as_deref()), (Some("once"), Some(trace)));
    let left = call.deadline.expect("a deadline") - tokio::time::Instant::now();
    assert!(left > Duration::from_secs(20) && left <= Duration::from_secs(30), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_answers_is_a_504() {
    let edge = Edge::new();
    let answer = edge.post_anonymous("/auth/signup", SIGN_UP.replace("ana@", "slow@")).await;
    answer.problem(504, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn a_bug_is_a_500_that_shows_nothing_of_it() {
    let edge = Edge::new();
    for who in ["panic@", "bug@"] {
        let answer = edge.post_anonymous("/auth/signup", SIGN_UP.replace("ana@", who)).await;
        answer.problem(500, "INTERNAL");
        assert!(!answer.text().contains("secret-detail") && !answer.text().contains("select"), "{answer:?}");
    }
    let answer = edge.post_anonymous("/auth/signup", SIGN_UP.replace("ana@", "away@")).await;
    answer.problem(503, "SERVICE_UNAVAILABLE");
    assert!(!answer.text().contains("10.0.0.7"), "{answer:?}");
}

#[tokio::test]
async fn web_pages_may_call_only_from_configured_origins() {
    let preflight = |edge: Edge, origin: &'static str| async move {
        let sent = request("OPTIONS", "/v1/chat/completions").header("origin", origin);
        let sent = sent.header("access-control-request-method", "POST");
        let sent = sent.header("access-control-request-headers", "authorization,x-stainless-os");
        edge.send(sent.body(Body::empty()).unwrap()).await
    };
    let none = preflight(Edge::new(), "https://app.example.com").await;
    assert_eq!((none.status, none.header("access-control-allow-origin")), (405, ""));

    let configured =
        || Edge::with(Config { cors_origins: vec!["https://app.example.com".parse().unwrap()], ..Config::default() });
    let allowed = preflight(configured(), "https://app.example.com").await;
    ok(&allowed);
    assert_eq!(allowed.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(allowed.header("access-control-allow-headers"), "authorization,x-stainless-os");
    assert!(allowed.headers.contains_key("x-request-id"));
    let other = preflight(configured(), "https://app.example.com.evil.example").await;
    assert_eq!(other.header("access-control-allow-origin"), "");

    let sent = request("GET", "/me").header("origin", "https://app.example.com");
    let failed = configured().send(sent.body(Body::empty()).unwrap()).await;
    failed.problem(401, "CREDENTIALS_MISSING");
    assert_eq!(failed.header("access-control-allow-origin"), "https://app.example.com", "a page can read errors too");
    assert!(failed.header("access-control-expose-headers").contains("x-request-id"));
}

#[tokio::test]
async fn every_origin_never_means_credentials() {
    let edge = Edge::with(Config { cors_origins: vec!["*".parse().unwrap()], ..Config::default() });
    let sent = request("GET", "/health").header("origin", "https://anywhere.example");
    let answer = edge.send(sent.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let edge = Edge::new();
    let send = async |method: &str, path: &str| {
        let sent = request(method, path).header("authorization", bearer(TOKEN));
        edge.send(sent.body(Body::empty()).unwrap()).await
    };
    for path in ["/me", "/nowhere", "/docs", "/v1/models"] {
        let (get, head) = (send("GET", path).await, send("HEAD", path).await);
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn probes_tell_whether_requests_can_be_served() {
    let edge = Edge::new();
    let get = async |path: &str| edge.send(request("GET", path).body(Body::empty()).unwrap()).await;
    for path in ["/health", "/livez", "/readyz"] {
        let answer = get(path).await;
        ok(&answer);
        assert_eq!(answer.json()["status"], "ok");
    }
    edge.fakes.readiness.fail("stopping");
    assert_eq!((get("/readyz").await.status, get("/livez").await.status), (503, 200));
    assert_eq!(get("/readyz").await.json()["status"], "unavailable");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_id() {
    let edge = Edge::new();
    edge.get("/workspaces/ws_nobody/members").await;
    edge.send(request("BREW", "/coffee/pot").body(Body::empty()).unwrap()).await;
    let text = String::from_utf8(host::metrics::text()).unwrap();
    let counted = |labels: &str| text.contains(&format!("perpetuo_http_requests_total{{{labels}}}"));
    assert!(counted(r#"method="GET",route="/workspaces/{workspace_id}/members",status="4xx""#), "{text}");
    assert!(counted(r#"method="other",route="unmatched",status="4xx""#), "{text}");
    assert!(!text.contains("ws_nobody") && !text.contains("coffee"));
}
