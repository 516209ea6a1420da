//! What can be read of executions: lists, one of them, its parts, its files.

use super::{PATH, of};
use crate::{
    ask::{Edge, ok},
    fake::{ANA, EXECUTION},
};
use proto::engine::Phase;
use serde_json::json;

#[tokio::test]
async fn executions_are_listed_with_what_the_engine_knows_of_them() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::Completed, 9);
    let answer = edge.get(&format!("{PATH}?status=running&limit=7&cursor=abc")).await;
    ok(&answer);
    let expected = json!({"data": [{
        "execution_id": EXECUTION, "title": "Vendas caíram 20%", "status": "completed", "phase": "completed",
        "analysis_depth": "standard", "created_at": "2026-09-21T14:13:20Z", "finished_at": "2026-09-21T14:14:20Z",
        "progress": 0.25, "quality": "full", "headline": "Cut the price", "created_by": ANA,
    }], "next_cursor": "more"});
    assert_eq!(answer.json(), expected);
    let asked = edge.fakes.last("list_executions").request;
    assert_eq!(asked, r#"ListExecutionsRequest { page_size: 7, page_token: "abc", status: "open" }"#);
    for (query, field) in [("status=open", "status"), ("limit=0", "limit"), ("q=x", "q")] {
        let refused = edge.get(&format!("{PATH}?{query}")).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(refused["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn clients_see_few_states_and_the_phase_says_more() {
    let edge = Edge::new();
    for (phase, status, name) in [
        (Phase::Queued, "running", "queued"),
        (Phase::Running, "running", "running"),
        (Phase::AwaitingInput, "running", "awaiting_input"),
        (Phase::Cancelling, "running", "cancelling"),
        (Phase::Completed, "completed", "completed"),
        (Phase::Failed, "failed", "failed"),
        (Phase::Cancelled, "cancelled", "cancelled"),
    ] {
        edge.fakes.world().put(phase, 1);
        let shown = edge.get(&of("")).await.json();
        assert_eq!((&shown["status"], &shown["phase"]), (&json!(status), &json!(name)));
        assert_eq!(shown["questions"].is_array(), phase == Phase::AwaitingInput, "{shown}");
    }
    // One that is on its way to the engine, and one that never came there.
    edge.fakes.world().known.clear();
    assert_eq!(edge.get(&of("")).await.json()["phase"], "queued");
    edge.fakes.change(|world| {
        let (owned, _) = world.owned.get_mut(EXECUTION).unwrap();
        (owned.closed_at, owned.outcome) = (owned.created_at, "failed".into());
    });
    let shown = edge.get(&of("")).await.json();
    assert_eq!((&shown["status"], &shown["stage"], &shown["error"]), (&json!("failed"), &json!(null), &json!(null)));
}

#[tokio::test]
async fn a_completed_execution_has_its_report_as_the_engine_wrote_it() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::Completed, 9);
    edge.fakes.world().document = r#"{"decision":{"b":1.50,"a":2}}"#;
    let answer = edge.get(&of("")).await;
    ok(&answer);
    assert!(answer.text().contains(r#""results":{"decision":{"b":1.50,"a":2}}"#), "{}", answer.text());
    let shown = answer.json();
    let usage = json!({"input_tokens": 900, "output_tokens": 100, "total_tokens": 1000, "ceiling": 50_000});
    assert_eq!((&shown["usage"], &shown["replies"], &shown["report_hash"]), (&usage, &json!(9), &json!("ab")));
    assert_eq!((&shown["locale"], &shown["model"]), (&json!("pt-BR"), &json!("simulator/business")));
    edge.fakes.world().put(Phase::Running, 9);
    assert_eq!(edge.get(&of("")).await.json()["results"], json!(null));
}

#[tokio::test]
async fn a_failed_execution_says_why() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::Failed, 0);
    edge.fakes.change(|world| {
        let known = world.known.get_mut(EXECUTION).unwrap();
        (known.error_code, known.error_message) = ("BUDGET_EXCEEDED".into(), "the budget is spent".into());
    });
    let shown = edge.get(&of("")).await.json();
    assert_eq!(shown["error"], json!({"code": "BUDGET_EXCEEDED", "message": "the budget is spent"}));
}

#[tokio::test]
async fn parts_are_there_as_they_come_and_artifacts_at_the_end() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::Running, 1);
    for part in ["opinions", "conflicts"] {
        assert_eq!(edge.get(&of(&format!("/{part}"))).await.json(), json!({"data": []}));
    }
    assert_eq!(edge.get(&of("/meeting")).await.json(), json!({}));
    let early = edge.get(&of("/artifacts")).await;
    early.problem(409, "EXPORT_NOT_READY");
    assert_eq!(early.header("retry-after"), "5");
    edge.fakes.world().put(Phase::Cancelled, 1);
    edge.get(&of("/artifacts")).await.problem(409, "CONFLICT");

    edge.fakes.world().put(Phase::Completed, 1);
    edge.fakes.world().document = r#"[{"agent":"analyst","b":1,"a":2}]"#;
    let answer = edge.get(&of("/opinions")).await;
    assert_eq!(answer.text(), r#"{"data":[{"agent":"analyst","b":1,"a":2}]}"#);
    assert!(edge.fakes.last("engine.get_document").request.contains("Opinions"));
    edge.fakes.world().document = r#"{"summary":"x"}"#;
    assert_eq!(edge.get(&of("/artifacts")).await.json(), json!({"summary": "x"}));
    assert_eq!(edge.get(&of("/meeting")).await.json(), json!({"summary": "x"}));
}

#[tokio::test]
async fn a_report_is_exported_once_it_is_there() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::Running, 1);
    let ask = async |body: &'static str| edge.put("POST", &of("/export"), body).await;
    let pending = ask(r#"{"format":"pdf"}"#).await;
    assert_eq!((pending.status, &pending.json()["status"]), (202, &json!("pending")), "{pending:?}");
    assert_eq!(pending.json()["export_id"], ask(r#"{"format":"pdf"}"#).await.json()["export_id"]);
    assert_ne!(pending.json()["export_id"], ask(r#"{"format":"csv"}"#).await.json()["export_id"]);
    edge.get(&of("/export?format=pdf")).await.problem(409, "EXPORT_NOT_READY");

    edge.fakes.world().put(Phase::Completed, 1);
    let done = ask(r#"{"format":"pdf","locale":"en"}"#).await;
    let export = done.json();
    let url = of("/export?format=pdf&locale=en");
    assert!(export["export_id"].as_str().is_some_and(|id| id.starts_with("exp_0") && id.len() == 30), "{export}");
    assert_eq!((&export["status"], &export["url"], &export["locale"]), (&json!("done"), &json!(url), &json!("en")));
    assert_eq!((done.status, done.header("location")), (202, url.as_str()));
    assert!(edge.fakes.last("engine.render_report").request.contains("check_only: true"));
    assert_eq!(ask(r#"{"format":"md"}"#).await.json()["locale"], "pt-BR", "the execution's own");

    let file = edge.get(&url).await;
    ok(&file);
    assert_eq!((file.text(), file.header("content-type")), ("%PDF-1.7", "application/pdf"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"report.pdf\"");
    edge.fakes.world().put(Phase::Failed, 1);
    ask(r#"{"format":"pdf"}"#).await.problem(409, "CONFLICT");
}

#[tokio::test]
async fn an_unknown_format_or_language_is_refused() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::Completed, 1);
    for (query, body, fields) in [
        ("format=xlsx", r#"{"format":"xlsx"}"#, json!(["format"])),
        ("format=odt&locale=fr", r#"{"format":"odt","locale":"fr"}"#, json!(["format", "locale"])),
    ] {
        let answers = [edge.get(&of(&format!("/export?{query}"))).await, edge.put("POST", &of("/export"), body).await];
        for answer in answers {
            let refused = answer.problem(422, "REFUSED_VALUE");
            let named: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect();
            assert_eq!(json!(named), fields);
        }
    }
    edge.get(&of("/export")).await.problem(400, "INVALID_ARGUMENT");
}
