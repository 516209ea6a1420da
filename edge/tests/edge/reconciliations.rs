//! Whether providers of payments have received what the ledger says.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{ADMIN_TOKEN, INVOICE, OPERATOR_TOKEN, TOKEN},
    plans::ask,
};
use axum::body::Body;
use serde_json::json;

const PATH: &str = "/api/v1/admin/reconciliations";

#[tokio::test]
async fn an_admin_compares_a_time_and_sees_every_difference() {
    let edge = Edge::new();
    let body = r#"{"from":"2026-09-21T14:13:20Z","to":"2026-09-22"}"#;
    let answer = ask(&edge, ADMIN_TOKEN, ("POST", PATH), body).await;
    ok(&answer);
    assert_eq!(
        answer.json(),
        json!({
            "providers": [{
                "provider": "efi", "received_count": 2, "received": [{"currency": "BRL", "amount": 3100}],
                "ledger": [{"currency": "BRL", "amount": 3000}],
            }],
            "differences": [
                {
                    "provider": "efi", "reference": "E1", "kind": "missed", "provider_amount": 3000, "ledger_amount": 0,
                    "currency": "BRL", "invoice_id": INVOICE, "explained": true,
                },
                {
                    "provider": "efi", "reference": "E2", "kind": "unknown", "provider_amount": 100, "ledger_amount": 0,
                    "currency": "BRL", "invoice_id": null, "explained": false,
                },
            ],
            "balanced": false,
        })
    );
    let seen = edge.fakes.last("reconcile");
    let moment = |seconds: i64| format!("Some(Timestamp {{ seconds: {seconds}, nanos: 0 }})");
    let expected = format!("ReconcileRequest {{ from: {}, to: {} }}", moment(1_790_000_000), moment(1_790_035_200));
    assert_eq!((seen.request, seen.call.workspace), (expected, None));
}

#[tokio::test]
async fn without_a_time_it_is_the_last_day_and_what_is_explained_balances() {
    let edge = Edge::new();
    let bare = request("POST", PATH).header("authorization", bearer(ADMIN_TOKEN));
    let answer = edge.send(bare.body(Body::empty()).unwrap()).await;
    ok(&answer);
    let found = answer.json();
    assert_eq!((&found["balanced"], &found["differences"][0]["kind"]), (&true.into(), &"missed".into()), "{found}");
    for body in ["", "{}", r#"{"from":null,"to":null}"#] {
        assert_eq!(ask(&edge, ADMIN_TOKEN, ("POST", "/admin/reconciliations"), body).await.json(), found);
        assert_eq!(edge.fakes.last("reconcile").request, "ReconcileRequest { from: None, to: None }");
    }
}

#[tokio::test]
async fn a_time_that_is_none_is_named_and_one_that_is_too_long_refused() {
    let edge = Edge::new();
    for (body, field) in
        [(r#"{"from":"yesterday"}"#, "from"), (r#"{"to":1}"#, "to"), (r#"{"provider":"efi"}"#, "provider")]
    {
        let problem = ask(&edge, ADMIN_TOKEN, ("POST", PATH), body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    assert!(!edge.fakes.was_called("reconcile"));
    let long = ask(&edge, ADMIN_TOKEN, ("POST", PATH), r#"{"from":"2025-01-01"}"#).await.problem(422, "REFUSED_VALUE");
    assert_eq!(long["errors"][0]["field"], "from");
}

#[tokio::test]
async fn nobody_else_reconciles_and_developers_neither() {
    let edge = Edge::new();
    for credential in [TOKEN, &edge.fakes.key.clone(), OPERATOR_TOKEN] {
        let refused = ask(&edge, credential, ("POST", PATH), "").await.problem(403, "PERMISSION_DENIED");
        assert_eq!(refused["permission"], "platform.write");
    }
    assert!(!edge.fakes.was_called("reconcile"));
}
