//! The subscription of a workspace, as its members see and change it.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{INVOICE, SUBSCRIPTION, TOKEN, WORKSPACE},
};
use axum::body::Body;
use serde_json::{Value, json};

/// What the fake answers with for a subscription to `pro` that may not be used, with what differs.
pub fn subscription(more: Value) -> Value {
    let mut subscription = json!({
        "workspace_id": WORKSPACE, "subscription_id": SUBSCRIPTION, "plan": "free", "subscribed_plan": "pro",
        "plan_version": 2, "status": "past_due",
        "price": {"currency": "USD", "interval": "month", "unit_amount": 2900},
        "current_period_start": "2026-09-21T14:13:20Z", "current_period_end": "2026-10-21T14:13:20Z",
        "trial_end": null, "cancel_at_period_end": false, "quantity": 1, "scheduled_plan": null, "scheduled_quantity": null,
        "discount": null, "collection_method": null, "pending_update": null, "payment_due_at": null, "created_at": "2026-09-21T14:13:20Z", "ended_at": null,
        "entitlements": {"storage_gb": "unlimited", "support": "24h", "tickets_per_month": 15, "white_label": false},
    });
    let fields = more.as_object().expect("fields").clone();
    subscription.as_object_mut().expect("fields").extend(fields);
    subscription
}

#[tokio::test]
async fn who_never_had_a_subscription_sees_the_default_plan() {
    let edge = Edge::new();
    for path in ["/api/v1/billing/status", "/billing/status"] {
        let answer = edge.get(path).await;
        ok(&answer);
        assert_eq!(
            answer.json(),
            json!({
                "workspace_id": WORKSPACE, "subscription_id": null, "plan": "free", "subscribed_plan": null,
                "plan_version": null, "status": "active", "price": null, "current_period_start": null,
                "current_period_end": null, "trial_end": null, "cancel_at_period_end": false, "quantity": 1,
                "scheduled_plan": null, "scheduled_quantity": null, "discount": null, "collection_method": null, "pending_update": null, "payment_due_at": null, "created_at": null, "ended_at": null, "entitlements": {},
            })
        );
    }
    let seen = edge.fakes.last("get_subscription");
    assert_eq!(seen.call.workspace.map(|id| id.to_string()).as_deref(), Some(WORKSPACE));
}

#[tokio::test]
async fn what_is_used_stands_beside_what_is_allowed() {
    let edge = Edge::new();
    let answer = edge.get("/api/v1/billing/usage").await;
    ok(&answer);
    let open = |key: &str, limit: Value| json!({"key": key, "limit": limit, "used": null, "remaining": null, "resets_at": null});
    assert_eq!(
        answer.json(),
        json!({
            "plan": "free", "status": "active", "current_period_start": null, "current_period_end": null,
            "entitlements": [
                open("storage_gb", json!("unlimited")),
                open("support", json!("24h")),
                {"key": "tickets_per_month", "limit": 15, "used": 4, "remaining": 11, "resets_at": "2026-10-21T14:13:20Z"},
                open("white_label", json!(false)),
            ],
        })
    );
    let seen = edge.fakes.last("get_entitlement_usage");
    assert_eq!(seen.call.workspace.map(|id| id.to_string()).as_deref(), Some(WORKSPACE));
}

#[tokio::test]
async fn a_preview_shows_every_line_and_their_sum() {
    let edge = Edge::new();
    let answer = edge.put("POST", "/api/v1/billing/preview", r#"{"plan":"team","interval":"year"}"#).await;
    ok(&answer);
    let (start, end) = ("2026-09-21T14:13:20Z", "2026-10-21T14:13:20Z");
    assert_eq!(
        answer.json(),
        json!({
            "currency": "USD", "total": 3500, "effective_at": start,
            "lines": [
                {"kind": "unused_time", "plan": "pro", "quantity": 1, "unit_amount": 2900, "promotion_code": null,
                    "period_start": start, "period_end": end, "amount": -1450},
                {"kind": "remaining_time", "plan": "team", "quantity": 1, "unit_amount": 2900, "promotion_code": null,
                    "period_start": start, "period_end": end, "amount": 4950},
            ],
        })
    );
    let seen = edge.fakes.last("preview_change").request;
    assert_eq!(seen, r#"PreviewChangeRequest { plan: "team", interval: "year", quantity: 0, promotion_code: "" }"#);
    assert_eq!(edge.put("POST", "/api/v1/billing/preview", r#"{"plan":"team"}"#).await.status, 200);
    let seen = edge.fakes.last("preview_change").request;
    assert_eq!(seen, r#"PreviewChangeRequest { plan: "team", interval: "", quantity: 0, promotion_code: "" }"#);
}

#[tokio::test]
async fn another_plan_is_asked_for_under_v1() {
    let edge = Edge::new();
    let answer = edge.put("POST", "/v1/subscription/upgrade", r#"{"plan":"team","interval":"month"}"#).await;
    ok(&answer);
    assert_eq!(answer.json(), subscription(json!({"subscribed_plan": "team"})));
    assert_eq!(answer.header("cache-control"), "no-store");
    let seen = edge.fakes.last("change_plan");
    assert_eq!(
        seen.request,
        r#"ChangePlanRequest { plan: "team", interval: "month", payment: None, quantity: 0, promotion_code: "" }"#
    );
    assert_eq!(seen.call.workspace.map(|id| id.to_string()).as_deref(), Some(WORKSPACE));
}

#[tokio::test]
async fn a_plan_that_costs_more_waits_for_its_invoice() {
    let edge = Edge::new();
    let answer = edge.put("POST", "/v1/subscription/upgrade", r#"{"plan":"business","interval":"year"}"#).await;
    ok(&answer);
    assert_eq!(
        answer.json(),
        subscription(json!({
            "collection_method": "send_invoice", "payment_due_at": "2026-09-28T14:13:20Z",
            "pending_update": {
                "plan": "business", "interval": "year", "quantity": 3, "promotion_code": "LAUNCH50", "invoice_id": INVOICE, "expires_at": "2026-09-22T14:13:20Z",
            },
        }))
    );
    assert!(!edge.fakes.was_called("pay_invoice"));
}

#[tokio::test]
async fn quantity_and_promotion_code_are_asked_for_and_shown() {
    let edge = Edge::new();
    let body = r#"{"plan":"team","quantity":3,"promotion_code":"launch50"}"#;
    ok(&edge.put("POST", "/billing/preview", body).await);
    let seen = edge.fakes.last("preview_change").request;
    assert_eq!(seen, r#"PreviewChangeRequest { plan: "team", interval: "", quantity: 3, promotion_code: "launch50" }"#);
    for path in ["/billing/checkout", "/v1/subscription/upgrade"] {
        ok(&edge.put("POST", path, body).await);
        let seen = edge.fakes.last("change_plan").request;
        assert!(seen.ends_with(r#"quantity: 3, promotion_code: "launch50" }"#), "{path}: {seen}");
        for wrong in [0, -1] {
            let body = format!(r#"{{"plan":"team","quantity":{wrong}}}"#);
            let refused = edge.put("POST", path, body).await.problem(422, "REFUSED_VALUE");
            assert_eq!(refused["errors"][0]["field"], "quantity");
        }
        let refused = edge.put("POST", path, r#"{"plan":"team","promotion_code":"GONE"}"#).await;
        let refused = refused.problem(422, "PROMOTION_CODE_INVALID");
        assert_eq!((&refused["why"], &refused["errors"][0]["field"]), (&json!("expired"), &json!("promotion_code")));
    }
    let discounted = edge.put("POST", "/v1/subscription/upgrade", r#"{"plan":"discounted"}"#).await.json();
    assert_eq!(
        discounted["discount"],
        json!({
            "coupon_id": "launch", "coupon_version": 2, "titles": {"en": "Launch"}, "promotion_code": "LAUNCH50",
            "percent_off": "50", "amount_off": null, "currency": null, "duration": "repeating", "duration_in_months": 3,
            "plans": ["pro"], "started_at": "2026-09-21T14:13:20Z", "ends_at": null, "period_amount": 1450,
        })
    );
}

#[tokio::test]
async fn failures_under_v1_subscription_are_problems_and_not_openais() {
    let (edge, path) = (Edge::new(), "/v1/subscription/upgrade");
    edge.put("POST", path, r#"{"plan":"gold"}"#).await.problem(422, "REFUSED_VALUE");
    edge.put("POST", path, r#"{"plan":"pro"}"#).await.problem(503, "PAYMENTS_NOT_CONFIGURED");
    edge.put("POST", path, "{").await.problem(400, "MALFORMED_REQUEST");
    edge.post_anonymous(path, r#"{"plan":"team"}"#).await.problem(401, "CREDENTIALS_MISSING");
    edge.get(path).await.problem(405, "METHOD_NOT_ALLOWED");
    edge.get("/v1/subscription").await.problem(404, "NOT_FOUND");
    edge.get("/v1/subscriptions").await.openai(404, "not_found");
    let described: Value = serde_json::from_str(&edge::openapi()).unwrap();
    let refused = &described["paths"][path]["post"]["responses"];
    for status in ["400", "401", "409", "422", "503"] {
        assert!(refused[status]["content"]["application/problem+json"].is_object(), "{status}: {refused}");
    }
}

#[tokio::test]
async fn a_cancellation_needs_no_body_and_says_when_with_one() {
    let (edge, path) = (Edge::new(), "/api/v1/billing/cancel");
    let without = request("POST", path).header("authorization", bearer(TOKEN)).body(Body::empty()).unwrap();
    let cancelled = subscription(json!({"cancel_at_period_end": true}));
    assert_eq!(edge.send(without).await.json(), cancelled);
    for (body, at_once) in [("", false), ("{}", false), (r#"{"at_once":false}"#, false), (r#"{"at_once":true}"#, true)]
    {
        let answer = edge.put("POST", path, body).await;
        ok(&answer);
        assert_eq!(answer.json()["cancel_at_period_end"], !at_once, "{body}");
        let seen = edge.fakes.last("cancel_subscription").request;
        assert_eq!(seen, format!("CancelSubscriptionRequest {{ at_once: {at_once} }}"));
    }
}

#[tokio::test]
async fn what_was_cancelled_is_resumed_without_a_body() {
    let edge = Edge::new();
    let sent = request("POST", "/api/v1/billing/resume").header("authorization", bearer(TOKEN));
    let answer = edge.send(sent.body(Body::empty()).unwrap()).await;
    ok(&answer);
    assert_eq!(answer.json(), subscription(json!({})));
    assert!(edge.fakes.was_called("resume_subscription"));
}

#[tokio::test]
async fn wrong_fields_of_changes_are_named() {
    let edge = Edge::new();
    for path in ["/api/v1/billing/preview", "/v1/subscription/upgrade"] {
        for (body, field) in [
            ("{}", "plan"),
            (r#"{"plan":7}"#, "plan"),
            (r#"{"plan":"pro","interval":1}"#, "interval"),
            (r#"{"plan":"pro","coupon":"x"}"#, "coupon"),
            (r#"["pro","month"]"#, "body"),
        ] {
            let problem = edge.put("POST", path, body).await.problem(400, "INVALID_ARGUMENT");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
    }
    for (body, field) in [(r#"{"at_once":"yes"}"#, "at_once"), (r#"{"now":true}"#, "now")] {
        let problem = edge.put("POST", "/api/v1/billing/cancel", body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let called = ["preview_change", "change_plan", "cancel_subscription"].map(|rpc| edge.fakes.was_called(rpc));
    assert_eq!(called, [false; 3]);
}

#[tokio::test]
async fn a_key_for_inference_sees_and_changes_nothing() {
    let edge = Edge::new();
    let ask = async |method: &str, path: &str, body: &'static str| {
        let sent = request(method, path).header("authorization", bearer(&edge.fakes.key));
        let sent = sent.header("content-type", "application/json").body(Body::from(body)).unwrap();
        edge.send(sent).await.problem(403, "PERMISSION_DENIED")["permission"].clone()
    };
    assert_eq!(ask("GET", "/billing/status", "").await, "billing.read");
    assert_eq!(ask("GET", "/billing/usage", "").await, "billing.read");
    assert_eq!(ask("POST", "/billing/preview", r#"{"plan":"pro"}"#).await, "billing.read");
    for path in ["/v1/subscription/upgrade", "/billing/cancel", "/billing/resume"] {
        let body = if path.ends_with("upgrade") { r#"{"plan":"pro"}"# } else { "" };
        assert_eq!(ask("POST", path, body).await, "billing.write");
    }
}
