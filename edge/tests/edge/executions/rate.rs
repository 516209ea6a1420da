//! So many requests a minute as the plan says, whatever they are about.

use super::{PATH, PROBLEM, of, post};
use crate::{
    ask::{Edge, ok},
    fake::WORKSPACE,
};
use proto::{
    Reason,
    usage::{LimitKind, LimitState},
};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn each_request_is_counted_and_told_where_the_limit_stands() {
    let edge = Edge::new();
    let state = LimitState { limit: 60, remaining: 12, reset_ms: 48_000, ..LimitState::default() };
    edge.fakes.world().rates = vec![LimitState { kind: LimitKind::RequestsPerMinute.into(), ..state }];
    for path in [PATH.to_owned(), of(""), of("/events?format=json"), of("/export?format=pdf"), "/executions".to_owned()]
    {
        let answer = edge.get(&path).await;
        let told = ["limit", "remaining", "reset"]
            .map(|what| answer.header(&format!("x-ratelimit-{what}-requests")).to_owned());
        assert_eq!(told, ["60", "12", "48s"], "{path}");
        let asked = edge.fakes.last("count_call").request;
        let expected = format!(r#"workspace_id: "{WORKSPACE}", surface: "executions", plan: "free""#);
        assert!(asked.contains(&expected), "{asked}");
    }
    let counted = edge.fakes.seen.lock().unwrap().iter().filter(|seen| seen.rpc == "count_call").count();
    assert_eq!(counted, 5);
    ok(&edge.get("/api/v1/me").await);
    let counted_then = edge.fakes.seen.lock().unwrap().iter().filter(|seen| seen.rpc == "count_call").count();
    assert_eq!(counted_then, 5, "nothing else is counted");
}

#[tokio::test]
async fn one_too_many_is_refused_before_anything_is_done() {
    let edge = Edge::new();
    let facts =
        [("layer", "plan"), ("kind", "requests_per_minute"), ("limit", "60"), ("used", "60"), ("reset_ms", "60000")];
    let full =
        facts.into_iter().fold(Reason::RateLimited.with("60 a minute"), |full, (name, value)| full.fact(name, value));
    edge.fakes.world().refuse("count_call", full.retry_after(Duration::from_secs(2)));
    let answer = post(&edge, PROBLEM, &[]).await;
    let refused = answer.problem(429, "RATE_LIMITED");
    assert_eq!((&refused["layer"], &refused["limit"]), (&json!("plan"), &json!(60)));
    assert_eq!((answer.header("retry-after"), answer.header("x-ratelimit-remaining-requests")), ("2", "0"));
    assert!(!edge.fakes.was_called("open_execution") && !edge.fakes.was_called("reserve_usage"));
}

#[tokio::test]
async fn what_cannot_be_counted_is_let_through_and_who_shows_nothing_is_not() {
    let edge = Edge::new();
    edge.fakes.world().refuse("count_call", Reason::ServiceUnavailable.with("the counters are away"));
    ok(&edge.get(PATH).await);
    let nobody = edge.send(crate::ask::request("GET", PATH).body(axum::body::Body::empty()).unwrap()).await;
    nobody.problem(401, "CREDENTIALS_MISSING");
    let wrong = edge.put("PUT", PATH, PROBLEM).await;
    assert_eq!(wrong.status, 405, "{wrong:?}");
}
