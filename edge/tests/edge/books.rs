//! What operators do with invoices, credits and books.

use crate::{
    ask::{Answer, Edge, bearer, ok, request},
    fake::{ADMIN_TOKEN, CREDITS, FOREIGN, INVOICE, OPERATOR_TOKEN, TOKEN, WORKSPACE},
    invoices::{invoice, paid},
    plans::ask,
};
use axum::body::Body;
use serde_json::{Value, json};

fn of(what: &str) -> String {
    format!("/api/v1/admin/invoices/{INVOICE}/{what}")
}

/// `POST` by an admin under an `Idempotency-Key`.
async fn keyed(edge: &Edge, path: &str, key: &str, body: &'static str) -> Answer {
    let sent = request("POST", path).header("authorization", bearer(ADMIN_TOKEN)).header("idempotency-key", key);
    edge.send(sent.header("content-type", "application/json").body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn an_operator_lists_the_invoices_of_all_workspaces_or_of_one() {
    let edge = Edge::new();
    let answer = ask(&edge, OPERATOR_TOKEN, ("GET", "/api/v1/admin/invoices"), "").await;
    ok(&answer);
    assert_eq!(answer.json(), json!({"data": [invoice(json!({}))], "next_cursor": null}));
    let seen = edge.fakes.last("list_all_invoices");
    let request = r#"ListAllInvoicesRequest { workspace_id: "", status: "", page_size: 0, page_token: "" }"#;
    assert_eq!((seen.call.workspace, seen.request.as_str()), (None, request));
    let query = format!("/admin/invoices?workspace_id={WORKSPACE}&status=draft&limit=7&cursor=abc");
    let draft = ask(&edge, OPERATOR_TOKEN, ("GET", &query), "").await.json()["data"][0].clone();
    assert_eq!(
        (&draft["number"], &draft["digest"], &draft["finalized_at"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let seen = edge.fakes.last("list_all_invoices").request;
    let rest = r#"status: "draft", page_size: 7, page_token: "abc" }"#;
    assert_eq!(seen, format!(r#"ListAllInvoicesRequest {{ workspace_id: "{WORKSPACE}", {rest}"#));
    let query = format!("/admin/invoices?workspace_id={FOREIGN}");
    ask(&edge, OPERATOR_TOKEN, ("GET", &query), "").await.problem(404, "NOT_FOUND");
    let problem = ask(&edge, OPERATOR_TOKEN, ("GET", "/admin/invoices?colour=red"), "").await;
    assert_eq!(problem.problem(400, "INVALID_ARGUMENT")["errors"][0]["field"], "colour");
}

#[tokio::test]
async fn an_admin_writes_down_what_was_paid_elsewhere() {
    let (edge, path) = (Edge::new(), of("payments"));
    let body = r#"{"amount":3000,"reference":"TED 1","paid_at":"2026-09-21T14:13:20Z"}"#;
    let answer = ask(&edge, ADMIN_TOKEN, ("POST", &path), body).await;
    ok(&answer);
    assert_eq!(answer.json(), paid());
    let seen = edge.fakes.last("record_payment").request;
    assert!(seen.contains(r#"amount: 3000, reference: "TED 1""#) && seen.contains("1790000000"), "{seen}");
    ok(&ask(&edge, ADMIN_TOKEN, ("POST", &path), r#"{"reference":"TED 2"}"#).await);
    let seen = edge.fakes.last("record_payment").request;
    assert!(seen.contains("amount: 0") && seen.contains("paid_at: None"), "{seen}");
}

#[tokio::test]
async fn an_amount_of_nothing_is_not_taken_for_all_that_is_left() {
    let edge = Edge::new();
    for amount in [0, -1] {
        for (path, rest) in [(of("payments"), r#""reference":"a""#), (of("credit-notes"), r#""reason":"a""#)] {
            let body = format!(r#"{{"amount":{amount},{rest}}}"#);
            let refused = ask(&edge, ADMIN_TOKEN, ("POST", &path), body).await.problem(422, "REFUSED_VALUE");
            assert_eq!(refused["errors"][0]["field"], "amount");
        }
    }
    assert!(!edge.fakes.was_called("record_payment") && !edge.fakes.was_called("credit_invoice"));
}

#[tokio::test]
async fn an_admin_takes_an_invoice_back_without_a_body() {
    let edge = Edge::new();
    let bare = request("POST", &of("void")).header("authorization", bearer(ADMIN_TOKEN));
    let answer = edge.send(bare.body(Body::empty()).unwrap()).await;
    ok(&answer);
    assert_eq!(answer.json(), invoice(json!({"status": "void", "voided_at": "2026-09-21T14:15:00Z"})));
    assert!(edge.fakes.last("void_invoice").request.contains(INVOICE));
}

#[tokio::test]
async fn an_admin_gives_back_a_part_of_an_invoice_once_under_one_key() {
    let (edge, path) = (Edge::new(), of("credit-notes"));
    let body = r#"{"amount":900,"refund_to":"outside","reason":"Two days without service"}"#;
    let again = keyed(&edge, &path, "again", body).await;
    let answer = keyed(&edge, &path, "k1", body).await;
    ok(&answer);
    assert_eq!((again.status, again.json()), (200, answer.json()));
    assert_eq!((answer.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_eq!(answer.json(), invoice(json!({"credited": 1090})));
    let seen = edge.fakes.last("credit_invoice");
    let rest = r#"amount: 900, refund_to: "outside", reason: "Two days without service" }"#;
    assert_eq!(seen.request, format!(r#"CreditInvoiceRequest {{ invoice_id: "{INVOICE}", {rest}"#));
    assert_eq!((seen.call.idempotency_key.as_deref(), seen.call.workspace), (Some("k1"), None));
    ok(&ask(&edge, ADMIN_TOKEN, ("POST", &path), r#"{"reason":"a"}"#).await);
    let seen = edge.fakes.last("credit_invoice").request;
    assert!(seen.ends_with(r#"amount: 0, refund_to: "", reason: "a" }"#), "{seen}");
}

#[tokio::test]
async fn an_admin_gives_credits_to_a_workspace() {
    let (edge, path) = (Edge::new(), format!("/api/v1/admin/workspaces/{WORKSPACE}/credits"));
    let body = r#"{"amount":5000,"currency":"USD","expires_at":"2026-10-21T14:13:20Z","note":"Welcome"}"#;
    let again = keyed(&edge, &path, "again", body).await;
    let answer = keyed(&edge, &path, "k2", body).await;
    assert_eq!((again.status, answer.status), (201, 201), "{answer:?}");
    assert_eq!((answer.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_eq!(
        answer.json(),
        json!({
            "id": CREDITS, "category": "promotional", "currency": "USD", "amount": 5000, "remaining": 4100,
            "note": "Welcome", "created_at": "2026-09-21T14:13:20Z", "expires_at": "2026-10-21T14:13:20Z",
        })
    );
    let seen = edge.fakes.last("grant_credits");
    assert!(seen.request.contains(WORKSPACE) && seen.request.contains("amount: 5000"), "{}", seen.request);
    assert_eq!(seen.call.idempotency_key.as_deref(), Some("k2"));
    for id in [FOREIGN, "nonsense"] {
        let path = format!("/admin/workspaces/{id}/credits");
        ask(&edge, ADMIN_TOKEN, ("POST", &path), r#"{"amount":1}"#).await.problem(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_operator_reads_the_books_of_a_workspace() {
    let edge = Edge::new();
    let path = format!("/api/v1/admin/workspaces/{WORKSPACE}/books");
    let answer = ask(&edge, OPERATOR_TOKEN, ("GET", &format!("{path}?limit=1")), "").await;
    ok(&answer);
    assert_eq!(
        answer.json(),
        json!({
            "balances": [
                {"account": "receivable", "currency": "USD", "balance": 2900},
                {"account": "revenue:plans", "currency": "USD", "balance": -2900},
            ],
            "data": [{
                "id": "01999999-0000-7000-8000-000000000000", "kind": "invoice", "source": format!("invoice:{INVOICE}"),
                "invoice_id": INVOICE, "note": null, "at": "2026-09-21T14:13:20Z",
                "transfers": [{"debit": "receivable", "credit": "revenue:plans", "currency": "USD", "amount": 2900}],
            }],
            "next_cursor": "more",
        })
    );
    let seen = edge.fakes.last("get_books").request;
    assert_eq!(seen, format!(r#"GetBooksRequest {{ workspace_id: "{WORKSPACE}", page_size: 1, page_token: "" }}"#));
    let absent = format!("/admin/workspaces/{FOREIGN}/books");
    ask(&edge, OPERATOR_TOKEN, ("GET", &absent), "").await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn wrong_fields_and_ids_of_operators_are_told_too() {
    let edge = Edge::new();
    let credits = format!("/admin/workspaces/{WORKSPACE}/credits");
    for (path, body, field) in [
        (of("payments"), "{}", "reference"),
        (of("payments"), r#"{"reference":"a","paid_at":"yesterday"}"#, "paid_at"),
        (of("credit-notes"), r#"{"amount":1}"#, "reason"),
        (of("credit-notes"), r#"{"reason":"a","to":"b"}"#, "to"),
        (credits.clone(), "{}", "amount"),
        (credits, r#"{"amount":1,"category":"paid"}"#, "category"),
    ] {
        let problem = ask(&edge, ADMIN_TOKEN, ("POST", &path), body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    for what in ["payments", "void", "credit-notes"] {
        for id in ["nonsense", "inv_01k9tq6j3se5mb1pt2xdv6q3kx", &format!("{INVOICE}.pdf")] {
            let path = format!("/admin/invoices/{id}/{what}");
            let body = if what == "payments" { r#"{"reference":"a"}"# } else { r#"{"reason":"a"}"# };
            ask(&edge, ADMIN_TOKEN, ("POST", &path), body).await.problem(404, "NOT_FOUND");
        }
    }
}

#[tokio::test]
async fn an_operator_sees_what_customers_dispute() {
    let edge = Edge::new();
    let query = format!("/api/v1/admin/disputes?workspace_id={WORKSPACE}&status=needs_response&limit=7&cursor=abc");
    let answer = ask(&edge, OPERATOR_TOKEN, ("GET", &query), "").await;
    ok(&answer);
    let dispute = json!({
        "id": "0190a5d1-c0de-7abc-8123-456789abcdef", "workspace_id": WORKSPACE, "invoice_id": INVOICE,
        "provider": "stripe", "reference": "dp_1", "received": "ch_1", "currency": "USD", "amount": 3000,
        "status": "needs_response", "reason": "fraudulent", "respond_by": "2026-09-22T14:13:20Z",
        "opened_at": "2026-09-21T14:13:20Z",
    });
    assert_eq!(answer.json(), json!({"data": [dispute], "next_cursor": "more"}));
    let seen = edge.fakes.last("list_disputes").request;
    let rest = r#"status: "needs_response", page_size: 7, page_token: "abc" }"#;
    assert_eq!(seen, format!(r#"ListDisputesRequest {{ workspace_id: "{WORKSPACE}", {rest}"#));
    let query = format!("/admin/disputes?workspace_id={FOREIGN}");
    ask(&edge, OPERATOR_TOKEN, ("GET", &query), "").await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn members_touch_no_money_of_the_platform_and_developers_only_look() {
    let edge = Edge::new();
    let (credits, books) =
        (format!("/admin/workspaces/{WORKSPACE}/credits"), format!("/admin/workspaces/{WORKSPACE}/books"));
    let (payments, void, notes) = (of("payments"), of("void"), of("credit-notes"));
    let key = edge.fakes.key.clone();
    for (route, body, permission) in [
        (("GET", "/admin/invoices"), "", "platform.read"),
        (("GET", books.as_str()), "", "platform.read"),
        (("GET", "/admin/disputes"), "", "platform.read"),
        (("POST", &payments), r#"{"reference":"a"}"#, "platform.write"),
        (("POST", &void), "", "platform.write"),
        (("POST", &notes), r#"{"reason":"a"}"#, "platform.write"),
        (("POST", &credits), r#"{"amount":1}"#, "platform.write"),
    ] {
        let developer = (permission == "platform.write").then_some(OPERATOR_TOKEN);
        for credential in [TOKEN, &key].into_iter().chain(developer) {
            let refused = ask(&edge, credential, route, body).await.problem(403, "PERMISSION_DENIED");
            assert_eq!(refused["permission"], permission, "{route:?}");
        }
    }
    let called = [
        "list_all_invoices",
        "get_books",
        "list_disputes",
        "record_payment",
        "void_invoice",
        "credit_invoice",
        "grant_credits",
    ];
    assert!(!called.iter().any(|rpc| edge.fakes.was_called(rpc)));
}
