//! What executions learn, how they are cancelled, and how they are deleted.

use super::{PATH, of};
use crate::{
    ask::{Edge, ok},
    fake::EXECUTION,
};
use proto::engine::Phase;
use serde_json::json;

#[tokio::test]
async fn a_running_execution_is_cancelled_and_one_that_has_ended_stays() {
    let edge = Edge::new();
    for (before, status, after) in [
        (Phase::Running, 202, "cancelling"),
        (Phase::Cancelling, 202, "cancelling"),
        (Phase::Queued, 200, "cancelled"),
        (Phase::Completed, 200, "completed"),
    ] {
        edge.fakes.world().put(before, 1);
        let answer = edge.put("POST", &of("/cancel"), "").await;
        assert_eq!((answer.status, &answer.json()["phase"]), (status, &json!(after)), "{answer:?}");
    }
}

#[tokio::test]
async fn what_has_ended_is_deleted_at_once_and_counts_as_it_should() {
    for (phase, replies, counts) in [
        (Phase::Completed, 0, true),
        (Phase::Failed, 2, true),
        (Phase::Failed, 0, false),
        (Phase::Cancelled, 1, true),
        (Phase::Cancelled, 0, false),
    ] {
        let edge = Edge::new();
        edge.fakes.world().put(phase, replies);
        let answer = edge.put("DELETE", &of(""), "").await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer:?}");
        edge.fakes.change(|world| {
            assert!(world.owned.is_empty() && world.known.is_empty() && world.reserved.is_empty());
            assert_eq!(world.recorded.contains_key(EXECUTION), counts, "{phase:?} {replies}");
        });
        edge.put("DELETE", &of(""), "").await.problem(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn what_runs_is_cancelled_and_goes_and_is_not_free_for_that() {
    for (replies, counts) in [(3, true), (0, false)] {
        let edge = Edge::new();
        edge.fakes.world().put(Phase::Running, replies);
        let answer = edge.put("DELETE", &of(""), "").await;
        assert_eq!((answer.status, answer.json()), (202, json!({"status": "cancelling"})));
        assert!(edge.fakes.was_called("engine.cancel_execution") && edge.fakes.was_called("engine.delete_execution"));
        edge.fakes.change(|world| {
            assert!(world.owned.is_empty() && world.reserved.is_empty());
            assert_eq!(world.recorded.contains_key(EXECUTION), counts);
        });
        assert_eq!(edge.get(PATH).await.json()["data"], json!([]));
    }
}

#[tokio::test]
async fn one_that_never_came_to_the_engine_is_deleted_too() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::Queued, 0);
    edge.fakes.world().known.clear();
    assert_eq!(edge.put("DELETE", &of(""), "").await.status, 204);
    let world = edge.fakes.world();
    assert!(world.owned.is_empty() && world.reserved.is_empty() && world.recorded.is_empty());
}

#[tokio::test]
async fn questions_are_answered_as_a_list_or_in_short() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::AwaitingInput, 1);
    for body in [
        r#"{"answers":{"monthly_revenue":180000}}"#,
        r#"{"answers":[{"key":"monthly_revenue","value":180000,"unit":"money","period":"month"}]}"#,
    ] {
        let answer = edge.put("POST", &of("/answers"), body).await;
        ok(&answer);
        assert_eq!((&answer.json()["phase"], &answer.json()["execution_id"]), (&json!("queued"), &json!(EXECUTION)));
        assert!(edge.fakes.last("engine.answer_questions").request.contains("180000.0"));
    }
    for (body, status, code) in [
        (r#"{"answers":{}}"#, 422, "REFUSED_VALUE"),
        (r#"{"answers":[{"key":"a","value":1},{"key":"a","value":1}]}"#, 422, "REFUSED_VALUE"),
        (r#"{"answer":{}}"#, 400, "INVALID_ARGUMENT"),
    ] {
        edge.put("POST", &of("/answers"), body).await.problem(status, code);
    }
    edge.fakes.world().put(Phase::Running, 1);
    edge.put("POST", &of("/answers"), r#"{"answers":{"a":1}}"#).await.problem(409, "CONFLICT");
}

#[tokio::test]
async fn what_really_happened_is_passed_on() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::Completed, 1);
    let body =
        r#"{"actuals":[{"metric":"monthly_revenue","value":195000,"day":30},{"metric":"monthly_churn","value":4}]}"#;
    let answer = edge.put("POST", &of("/outcomes"), body).await;
    ok(&answer);
    assert_eq!(answer.text(), r#"{"actuals":[],"agents":[]}"#);
    assert_eq!(answer.header("content-type"), "application/json");
    let seen = edge.fakes.last("engine.record_outcomes").request;
    assert!(seen.contains("day: 30") && seen.contains("day: 0"), "{seen}");
    edge.put("POST", &of("/outcomes"), r#"{"actuals":[]}"#).await.problem(422, "REFUSED_VALUE");
    edge.put("POST", &of("/outcomes"), r#"{"actuals":[{"metric":"a"}]}"#).await.problem(400, "INVALID_ARGUMENT");
}
