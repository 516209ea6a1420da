//! How a workspace pays: checkouts, credits, and what invoices say of it.

use crate::{
    ask::{Answer, Edge, bearer, ok, request},
    billing::subscription,
    fake::{CREDITS, INVOICE, PAYMENT, TOKEN, WORKSPACE},
};
use axum::body::Body;
use serde_json::{Value, json};

/// A checkout by card, with what differs.
fn checkout(more: Value) -> Value {
    let mut checkout = json!({
        "status": "open", "checkout_id": PAYMENT, "invoice_id": INVOICE, "method": "card", "amount": 3000,
        "currency": "USD", "url": "https://pay.example.com/1", "pix": null, "boleto": null, "instructions": null,
        "expires_at": "2026-09-22T14:13:20Z", "subscription": null,
    });
    let fields = more.as_object().expect("fields").clone();
    checkout.as_object_mut().expect("fields").extend(fields);
    checkout
}

/// Nothing is to be paid.
fn complete(more: Value) -> Value {
    let mut complete = checkout(json!({
        "status": "complete", "checkout_id": null, "invoice_id": null, "method": null, "amount": null,
        "currency": null, "url": null, "expires_at": null,
    }));
    let fields = more.as_object().expect("fields").clone();
    complete.as_object_mut().expect("fields").extend(fields);
    complete
}

async fn keyed(edge: &Edge, key: &str, body: &'static str) -> Answer {
    let sent = request("POST", "/api/v1/billing/credits/checkout").header("authorization", bearer(TOKEN));
    let sent = sent.header("content-type", "application/json").header("idempotency-key", key);
    edge.send(sent.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn an_invoice_is_paid_in_the_way_that_is_asked_for() {
    let (edge, path) = (Edge::new(), format!("/api/v1/billing/invoices/{INVOICE}/checkout"));
    let by = |method: &str, more: Value| {
        let mut differs = json!({"method": method, "url": null});
        differs.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        (json!({"method": method}).to_string(), checkout(differs))
    };
    for (body, expected) in [
        (String::new(), checkout(json!({}))),
        ("{}".to_owned(), checkout(json!({}))),
        by("pix", json!({"pix": {"copy_paste": "00020126", "qr_png": "data:image/png;base64,iVBO"}})),
        by("boleto", json!({"boleto": {"barcode": "34191.79001", "pdf_url": null}})),
        by("transfer", json!({"instructions": {"en": "IBAN DE02"}})),
    ] {
        let answer = edge.put("POST", &path, body).await;
        ok(&answer);
        assert_eq!(answer.json(), expected);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let refused = edge.put("POST", &path, r#"{"method":"gold"}"#).await.problem(422, "REFUSED_VALUE");
    assert_eq!(refused["errors"][0]["field"], "method");
}

#[tokio::test]
async fn a_plan_that_costs_more_is_changed_and_paid_in_one() {
    let edge = Edge::new();
    let body = r#"{"plan":"business","method":"card","success_url":"https://a.example/ok","cancel_url":"https://a.example/no"}"#;
    let answer = edge.put("POST", "/api/v1/billing/checkout", body).await;
    ok(&answer);
    assert_eq!(answer.json(), checkout(json!({})));
    let seen = edge.fakes.last("change_plan");
    let urls = r#"success_url: "https://a.example/ok", cancel_url: "https://a.example/no""#;
    // How it is paid is said before anything changes.
    let how = format!(r#"payment: Some(PaymentChoice {{ method: "card", {urls} }})"#);
    assert_eq!(
        seen.request,
        format!(r#"ChangePlanRequest {{ plan: "business", interval: "", {how}, quantity: 0, promotion_code: "" }}"#)
    );
    let seen = edge.fakes.last("pay_invoice");
    assert_eq!(seen.request, format!(r#"PayInvoiceRequest {{ invoice_id: "{INVOICE}", {how} }}"#));
    assert_eq!(seen.call.workspace.map(|id| id.to_string()).as_deref(), Some(WORKSPACE));
}

#[tokio::test]
async fn a_plan_that_needs_no_payment_is_complete_at_once() {
    let edge = Edge::new();
    let answer = edge.put("POST", "/billing/checkout", r#"{"plan":"team","interval":"month"}"#).await;
    ok(&answer);
    assert_eq!(answer.json(), complete(json!({"subscription": subscription(json!({"subscribed_plan": "team"}))})));
    // What waits for its payment is another change: nobody asked to pay that.
    for body in [r#"{"plan":"basic"}"#, r#"{"plan":"business","interval":"month"}"#] {
        let answer = edge.put("POST", "/billing/checkout", body).await.json();
        assert_eq!((&answer["status"], &answer["checkout_id"]), (&"complete".into(), &Value::Null), "{body}");
        assert_eq!(answer["subscription"]["pending_update"]["plan"], "business");
    }
    assert!(!edge.fakes.was_called("pay_invoice"));
    edge.put("POST", "/billing/checkout", r#"{"plan":"gold"}"#).await.problem(422, "REFUSED_VALUE");
    edge.put("POST", "/billing/checkout", r#"{"plan":"pro"}"#).await.problem(503, "PAYMENTS_NOT_CONFIGURED");
}

#[tokio::test]
async fn credits_are_shown_in_the_order_in_which_they_are_used() {
    let edge = Edge::new();
    let answer = edge.get("/api/v1/billing/credits").await;
    ok(&answer);
    assert_eq!(
        answer.json(),
        json!({
            "balances": [{"currency": "USD", "amount": 4100}],
            "grants": [{
                "id": CREDITS, "category": "paid", "currency": "USD", "amount": 5000, "remaining": 4100, "note": null,
                "created_at": "2026-09-21T14:13:20Z", "expires_at": null,
            }],
        })
    );
}

#[tokio::test]
async fn credits_are_bought_once_under_one_key() {
    let edge = Edge::new();
    let body = r#"{"amount":5000,"currency":"USD","method":"pix"}"#;
    let answer = keyed(&edge, "k1", body).await;
    ok(&answer);
    let pix = json!({"copy_paste": "00020126", "qr_png": "data:image/png;base64,iVBO"});
    assert_eq!(answer.json(), checkout(json!({"method": "pix", "url": null, "pix": pix})));
    let seen = edge.fakes.last("buy_credits");
    assert_eq!(
        seen.request,
        r#"BuyCreditsRequest { amount: 5000, currency: "USD", payment: Some(PaymentChoice { method: "pix", success_url: "", cancel_url: "" }) }"#
    );
    assert_eq!(seen.call.idempotency_key.as_deref(), Some("k1"));
    assert!(edge.fakes.last("pay_invoice").request.contains(r#"method: "pix""#));
    let again = keyed(&edge, "again", body).await;
    assert_eq!((again.status, again.json()), (200, answer.json()));
    assert_eq!((answer.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
}

#[tokio::test]
async fn who_repeats_a_purchase_after_paying_is_told_that_it_is_complete() {
    let edge = Edge::new();
    let answer = keyed(&edge, "paid", r#"{"amount":5000}"#).await;
    ok(&answer);
    assert_eq!(answer.json(), complete(json!({"invoice_id": INVOICE})));
    assert_eq!(answer.header("idempotent-replayed"), "true");
    assert!(!edge.fakes.was_called("pay_invoice"));
}

#[tokio::test]
async fn billing_details_are_replaced_as_a_whole() {
    let edge = Edge::new();
    let answer = edge.get("/api/v1/billing/details").await;
    ok(&answer);
    assert_eq!(answer.json(), json!({"name": null, "email": null, "tax_id": null, "address": null}));
    let address = json!({
        "line1": "Rua Augusta, 100", "line2": null, "district": "Consolação", "city": "São Paulo", "state": "SP",
        "postal_code": "01304-000", "country": "BR",
    });
    let details = json!({"name": "Aurora", "email": null, "tax_id": "11222333000181", "address": address});
    // What is read can be written back.
    let answer = edge.put("PUT", "/api/v1/billing/details", details.to_string()).await;
    ok(&answer);
    assert_eq!(answer.json(), details);
    let seen = edge.fakes.last("put_billing_details").request;
    assert!(seen.contains(r#"name: "Aurora", email: "", tax_id: "11222333000181""#), "{seen}");
    assert!(seen.contains(r#"line2: "", district: "Consolação""#), "{seen}");
    ok(&edge.put("PUT", "/billing/details", "{}").await);
    assert!(edge.fakes.last("put_billing_details").request.contains("address: None"));
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let edge = Edge::new();
    let invoice = format!("/billing/invoices/{INVOICE}/checkout");
    for (method, path, body, field) in [
        ("POST", "/billing/checkout", "{}", "plan"),
        ("POST", "/billing/checkout", r#"{"plan":"team","coupon":"x"}"#, "coupon"),
        ("POST", "/billing/checkout", r#"{"plan":"team","method":1}"#, "method"),
        ("POST", &invoice, r#"{"invoice_id":"x"}"#, "invoice_id"),
        ("POST", "/billing/credits/checkout", "{}", "amount"),
        ("POST", "/billing/credits/checkout", r#"{"amount":10.5}"#, "amount"),
        ("POST", "/billing/credits/checkout", r#"{"amount":"10"}"#, "amount"),
        ("PUT", "/billing/details", r#"{"phone":"1"}"#, "phone"),
        ("PUT", "/billing/details", r#"{"address":{"street":"x"}}"#, "address.street"),
        ("PUT", "/billing/details", r#"{"address":["x"]}"#, "address"),
    ] {
        let problem = edge.put(method, path, body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let called =
        ["change_plan", "pay_invoice", "buy_credits", "put_billing_details"].map(|rpc| edge.fakes.was_called(rpc));
    assert_eq!(called, [false; 4]);
}

#[tokio::test]
async fn a_key_for_inference_pays_and_sees_nothing() {
    let edge = Edge::new();
    let invoice = format!("/billing/invoices/{INVOICE}/checkout");
    for (method, path, body, permission) in [
        ("POST", "/billing/checkout", r#"{"plan":"business"}"#, "billing.write"),
        ("POST", &invoice, "", "billing.write"),
        ("GET", "/billing/credits", "", "billing.read"),
        ("POST", "/billing/credits/checkout", r#"{"amount":1}"#, "billing.write"),
        ("GET", "/billing/details", "", "billing.read"),
        ("PUT", "/billing/details", "{}", "billing.write"),
    ] {
        let sent = request(method, path).header("authorization", bearer(&edge.fakes.key));
        let sent = sent.header("content-type", "application/json").body(Body::from(body)).unwrap();
        let refused = edge.send(sent).await.problem(403, "PERMISSION_DENIED");
        assert_eq!(refused["permission"], permission, "{method} {path}");
    }
}

#[tokio::test]
async fn a_workspace_looks_after_its_cards_on_a_page_of_the_provider() {
    let (edge, path) = (Edge::new(), "/api/v1/billing/portal");
    for (body, asked) in [
        ("", ""),
        ("{}", ""),
        (r#"{"return_url":"https://app.example.com/billing"}"#, "https://app.example.com/billing"),
    ] {
        let answer = edge.put("POST", path, body).await;
        ok(&answer);
        assert_eq!(answer.json(), json!({"url": "https://pay.example.com/portal"}));
        assert_eq!(answer.header("cache-control"), "no-store");
        let seen = edge.fakes.last("open_portal");
        assert_eq!(seen.request, format!(r#"OpenPortalRequest {{ return_url: "{asked}" }}"#));
        assert_eq!(seen.call.workspace.map(|id| id.to_string()).as_deref(), Some(WORKSPACE));
    }
    let refused = r#"{"return_url":"http://elsewhere.example"}"#;
    let refused = edge.put("POST", path, refused).await.problem(422, "REFUSED_VALUE");
    assert_eq!(refused["errors"][0]["field"], "return_url");
    let without = r#"{"return_url":"https://nowhere.example"}"#;
    edge.put("POST", path, without).await.problem(503, "PAYMENTS_NOT_CONFIGURED");
    edge.put("POST", path, r#"{"url":"https://app.example.com"}"#).await.problem(400, "INVALID_ARGUMENT");
    edge.post_anonymous(path, "{}").await.problem(401, "CREDENTIALS_MISSING");
}

#[tokio::test]
async fn somebody_allows_once_that_invoices_are_taken() {
    let (edge, path) = (Edge::new(), "/api/v1/billing/mandate");
    for (method, status, code, rpc) in [
        ("POST", "pending", json!("00020180"), "create_mandate"),
        ("GET", "active", json!(null), "get_mandate"),
        ("DELETE", "ended", json!(null), "cancel_mandate"),
    ] {
        let answer = edge.put(method, path, "").await;
        ok(&answer);
        let expected = json!({
            "id": "mdt_1", "provider": "efi", "status": status, "interval": "month", "currency": "BRL",
            "pix_copy_paste": code, "created_at": "2026-09-21T14:13:20Z",
        });
        assert_eq!(answer.json(), expected);
        assert_eq!(edge.fakes.last(rpc).call.workspace.map(|id| id.to_string()).as_deref(), Some(WORKSPACE));
    }
    edge.post_anonymous(path, "").await.problem(401, "CREDENTIALS_MISSING");
}
