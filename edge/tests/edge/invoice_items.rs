//! What operators charge beside plans and usage.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{ADMIN_TOKEN, FOREIGN, OPERATOR_TOKEN, TOKEN, WORKSPACE},
    plans::ask,
};
use axum::body::Body;
use serde_json::{Value, json};

fn item() -> Value {
    json!({
        "id": "ii_01k9tq6j3se5mb1pt2xdv6q3kz", "description": "Workshop", "currency": "USD", "quantity": 2, "unit_amount": 500,
        "amount": 1000, "invoice_id": null, "created_by": "usr_01k9tq6j3se5mb1pt2xdv6q3kz",
        "created_at": "2026-09-21T14:13:20Z",
    })
}

fn of(workspace: &str) -> String {
    format!("/api/v1/admin/workspaces/{workspace}/invoice-items")
}

#[tokio::test]
async fn what_is_charged_once_is_written_down_and_listed() {
    let (edge, path) = (Edge::new(), of(WORKSPACE));
    let body = r#"{"description":"Workshop","unit_amount":500,"quantity":2,"currency":"USD","own_invoice":true}"#;
    let sent = request("POST", &path).header("authorization", bearer(ADMIN_TOKEN)).header("idempotency-key", "k-1");
    let answer = edge.send(sent.header("content-type", "application/json").body(Body::from(body)).unwrap()).await;
    assert_eq!((answer.status, answer.json()), (201, item()));
    let seen = edge.fakes.last("add_invoice_item");
    assert_eq!(seen.call.idempotency_key.as_deref(), Some("k-1"));
    let rest = r#"description: "Workshop", currency: "USD", quantity: 2, unit_amount: 500, own_invoice: true }"#;
    assert_eq!(seen.request, format!(r#"AddInvoiceItemRequest {{ workspace_id: "{WORKSPACE}", {rest}"#));
    let answer = ask(&edge, OPERATOR_TOKEN, ("GET", &path), "").await;
    ok(&answer);
    assert_eq!(answer.json(), json!({"data": [item()], "next_cursor": null}));
    for (body, status, reason, field) in [
        (r#"{"description":"x","unit_amount":1,"quantity":0}"#, 422, "REFUSED_VALUE", "quantity"),
        (r#"{"description":"x"}"#, 400, "INVALID_ARGUMENT", "unit_amount"),
        (r#"{"description":"x","unit_amount":1.5}"#, 400, "INVALID_ARGUMENT", "unit_amount"),
        (r#"{"description":"x","unit_amount":1,"tax":1}"#, 400, "INVALID_ARGUMENT", "tax"),
    ] {
        let problem = ask(&edge, ADMIN_TOKEN, ("POST", &path), body).await.problem(status, reason);
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    let body = r#"{"description":"x","unit_amount":1}"#;
    ask(&edge, ADMIN_TOKEN, ("POST", &of(FOREIGN)), body).await.problem(404, "NOT_FOUND");
    for credential in [TOKEN, OPERATOR_TOKEN] {
        let refused = ask(&edge, credential, ("POST", &path), body).await.problem(403, "PERMISSION_DENIED");
        assert_eq!(refused["permission"], "platform.write");
    }
    ask(&edge, TOKEN, ("GET", &path), "").await.problem(403, "PERMISSION_DENIED");
}
