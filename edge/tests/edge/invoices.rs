//! Invoices of a workspace, as its members list, read and print them.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{INVOICE, SUBSCRIPTION, TOKEN, WORKSPACE},
};
use axum::body::Body;
use serde_json::{Value, json};

/// Nobody's.
const OTHER: &str = "inv_01k9tq6j3se5mb1pt2xdv6q3kx";

/// What the fake answers with for its open invoice, with what differs.
pub fn invoice(more: Value) -> Value {
    let mut invoice = json!({
        "id": INVOICE, "workspace_id": WORKSPACE, "number": "INV/00042", "status": "open",
        "billing_reason": "subscription_update", "subscription_id": SUBSCRIPTION, "currency": "USD",
        "lines": [{
            "kind": "period", "description": "Pro", "period_start": "2026-09-21T14:13:20Z",
            "period_end": "2026-10-21T14:13:20Z", "quantity": 1, "unit_amount": 2900,
            "amount": 2900,
        }],
        "taxes": [{"name": "VAT", "rate": "10", "inclusive": false, "amount": 290}],
        "subtotal": 2900, "total": 3190, "credited": 190, "amount_paid": 0, "amount_remaining": 3000,
        "payment_methods": ["card", "transfer"], "created_at": "2026-09-21T14:13:20Z",
        "finalized_at": "2026-09-21T14:13:20Z", "due_at": "2026-09-28T14:13:20Z", "expires_at": "2026-09-22T14:13:20Z",
        "paid_at": null, "voided_at": null, "digest": "5e88",
    });
    let fields = more.as_object().expect("fields").clone();
    invoice.as_object_mut().expect("fields").extend(fields);
    invoice
}

/// The same once it is paid.
pub fn paid() -> Value {
    invoice(json!({
        "status": "paid", "amount_paid": 3000, "amount_remaining": 0, "paid_at": "2026-09-21T14:15:00Z",
        "payment_methods": [],
    }))
}

#[tokio::test]
async fn invoices_are_listed_page_by_page() {
    let edge = Edge::new();
    for path in ["/api/v1/billing/invoices", "/billing/invoices?limit=2&cursor="] {
        let answer = edge.get(path).await;
        ok(&answer);
        assert_eq!(answer.json(), json!({"data": [invoice(json!({})), paid()], "next_cursor": "more"}));
    }
    let seen = edge.fakes.last("list_invoices");
    assert_eq!(
        seen.request,
        r#"ListInvoicesRequest { page_size: 2, page_token: "", finalized_from: None, finalized_to: None }"#
    );
    assert_eq!(seen.call.workspace.map(|id| id.to_string()).as_deref(), Some(WORKSPACE));
    for (query, field) in [("limit=0", "limit"), ("cursor=garbage", "cursor"), ("status=open", "status")] {
        let answer = edge.get(&format!("/billing/invoices?{query}")).await;
        assert_eq!(answer.problem(400, "INVALID_ARGUMENT")["errors"][0]["field"], field, "{query}");
    }
}

#[tokio::test]
async fn an_invoice_says_what_it_is_for_and_how_much_is_paid() {
    let edge = Edge::new();
    let answer = edge.get(&format!("/api/v1/billing/invoices/{INVOICE}")).await;
    ok(&answer);
    assert_eq!(answer.json(), invoice(json!({})));
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));
    assert!(!edge.fakes.was_called("render_invoice"));
}

#[tokio::test]
async fn an_extension_makes_it_a_file_with_a_type_and_a_name() {
    let edge = Edge::new();
    for (extension, content_type, disposition, begin) in [
        ("pdf", "application/pdf", "inline", "%PDF"),
        ("html", "text/html; charset=utf-8", "inline", "<!doctype"),
        ("csv", "text/csv; charset=utf-8", "attachment", "kind,"),
        ("json", "application/json", "attachment", "{\"number"),
    ] {
        let answer = edge.get(&format!("/api/v1/billing/invoices/{INVOICE}.{extension}")).await;
        ok(&answer);
        assert!(answer.text().starts_with(begin), "{answer:?}");
        assert_eq!(answer.header("content-type"), content_type);
        // The number has a slash, which is none of the name of a file.
        let named = format!("{disposition}; filename=\"INV-00042.{extension}\"");
        assert_eq!(answer.header("content-disposition"), named);
        assert_eq!(answer.header("cache-control"), "no-store");
        let seen = edge.fakes.last("render_invoice").request;
        assert!(seen.contains(&format!("format: {extension:?}")) && seen.contains(INVOICE), "{seen}");
    }
    assert!(!edge.fakes.was_called("get_invoice"));
}

#[tokio::test]
async fn a_printed_invoice_runs_nothing_and_asks_nobody() {
    let edge = Edge::new();
    for extension in ["html", "pdf", "csv", "json"] {
        let answer = edge.get(&format!("/billing/invoices/{INVOICE}.{extension}")).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn the_language_is_the_one_asked_for_or_else_the_browsers() {
    let edge = Edge::new();
    for (query, accepted, language) in
        [("?language=en", Some("pt-BR,pt;q=0.9"), "en"), ("", Some("pt-BR,pt;q=0.9"), "pt-BR,pt;q=0.9"), ("", None, "")]
    {
        let path = format!("/billing/invoices/{INVOICE}.pdf{query}");
        let mut sent = request("GET", &path).header("authorization", bearer(TOKEN));
        if let Some(accepted) = accepted {
            sent = sent.header("accept-language", accepted);
        }
        ok(&edge.send(sent.body(Body::empty()).unwrap()).await);
        let seen = edge.fakes.last("render_invoice").request;
        assert!(seen.ends_with(&format!("language: {language:?} }}")), "{seen}");
    }
    let answer = edge.get(&format!("/billing/invoices/{INVOICE}.pdf?lang=en")).await;
    assert_eq!(answer.problem(400, "INVALID_ARGUMENT")["errors"][0]["field"], "lang");
}

#[tokio::test]
async fn what_is_no_invoice_or_no_file_of_one_is_404() {
    let edge = Edge::new();
    let unknown =
        [format!("{INVOICE}.docx"), format!("{INVOICE}."), format!("{INVOICE}.PDF"), format!("{INVOICE}.pdf.html")];
    for name in unknown.iter().map(String::as_str).chain(["nonsense", ".pdf", "nonsense.pdf", SUBSCRIPTION]) {
        edge.get(&format!("/billing/invoices/{name}")).await.problem(404, "NOT_FOUND");
    }
    assert!(!edge.fakes.was_called("get_invoice") && !edge.fakes.was_called("render_invoice"));
    for name in [OTHER.to_owned(), format!("{OTHER}.pdf")] {
        edge.get(&format!("/billing/invoices/{name}")).await.problem(404, "NOT_FOUND");
    }
    for name in ["nonsense", OTHER, &format!("{INVOICE}.pdf")] {
        let path = format!("/billing/invoices/{name}/checkout");
        edge.put("POST", &path, "{}").await.problem(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_stranger_and_a_key_for_inference_read_no_invoice() {
    let edge = Edge::new();
    for path in ["", &format!("/{INVOICE}"), &format!("/{INVOICE}.pdf"), "/nonsense.docx"] {
        let path = format!("/billing/invoices{path}");
        edge.send(request("GET", &path).body(Body::empty()).unwrap()).await.problem(401, "CREDENTIALS_MISSING");
        if !path.contains("nonsense") {
            let sent = request("GET", &path).header("authorization", bearer(&edge.fakes.key));
            let refused = edge.send(sent.body(Body::empty()).unwrap()).await.problem(403, "PERMISSION_DENIED");
            assert_eq!(refused["permission"], "billing.read", "{path}");
        }
    }
    let called = ["list_invoices", "get_invoice", "render_invoice"].map(|rpc| edge.fakes.was_called(rpc));
    assert_eq!(called, [false; 3]);
}
