//! Coupons and promotion codes, as operators have them.

use crate::{
    ask::{Edge, ok},
    fake::{ADMIN_TOKEN, OPERATOR_TOKEN, PROMOTION_CODE, TOKEN},
    plans::ask,
};
use serde_json::{Value, json};

fn coupon() -> Value {
    json!({
        "id": "launch", "version": 2, "titles": {"en": "Launch"}, "percent_off": "50", "amount_off": null, "currency": null,
        "duration": "repeating", "duration_in_months": 3, "max_redemptions": 100, "redeem_by": null, "plans": ["pro"],
        "times_redeemed": 7, "created_at": "2026-09-21T14:13:20Z",
    })
}

fn code() -> Value {
    json!({
        "id": PROMOTION_CODE, "code": "LAUNCH50", "coupon_id": "launch", "active": true, "max_redemptions": null,
        "expires_at": null, "times_redeemed": 7, "created_at": "2026-09-21T14:13:20Z",
    })
}

#[tokio::test]
async fn coupons_are_listed_read_and_published() {
    let edge = Edge::new();
    for path in ["/api/v1/admin/coupons", "/admin/coupons/launch"] {
        let answer = ask(&edge, OPERATOR_TOKEN, ("GET", path), "").await;
        ok(&answer);
        assert_eq!(answer.json(), json!({"data": [coupon()]}));
    }
    ask(&edge, OPERATOR_TOKEN, ("GET", "/admin/coupons/none"), "").await.problem(404, "NOT_FOUND");
    let body = json!({
        "id": "ten", "titles": {"en": "Ten"}, "amount_off": 1000, "currency": "BRL", "duration": "once",
        "redeem_by": "2026-12-31T00:00:00Z",
    });
    let answer = ask(&edge, ADMIN_TOKEN, ("POST", "/admin/coupons"), body.to_string()).await;
    ok(&answer);
    let written = answer.json();
    assert_eq!((&written["amount_off"], &written["percent_off"]), (&json!(1000), &Value::Null));
    assert_eq!(written["redeem_by"], "2026-12-31T00:00:00Z");
    for (body, status, reason, field) in [
        (json!({"id": "a", "titles": {}, "duration": "once", "amount_off": 0}), 422, "REFUSED_VALUE", "amount_off"),
        (
            json!({"id": "a", "titles": {}, "duration": "once", "max_redemptions": -1}),
            422,
            "REFUSED_VALUE",
            "max_redemptions",
        ),
        (
            json!({"id": "a", "titles": {}, "duration": "once", "percent_off": 50}),
            400,
            "INVALID_ARGUMENT",
            "percent_off",
        ),
        (json!({"titles": {}, "duration": "once"}), 400, "INVALID_ARGUMENT", "id"),
        (json!({"id": "a", "titles": {}, "duration": "once", "off": 1}), 400, "INVALID_ARGUMENT", "off"),
    ] {
        let answer = ask(&edge, ADMIN_TOKEN, ("POST", "/admin/coupons"), body.to_string()).await;
        assert_eq!(answer.problem(status, reason)["errors"][0]["field"], field, "{body}");
    }
}

#[tokio::test]
async fn promotion_codes_are_made_listed_and_switched_off() {
    let (edge, path) = (Edge::new(), "/api/v1/admin/promotion-codes");
    let body = r#"{"code":"launch50","coupon_id":"launch","max_redemptions":5,"expires_at":"2026-12-31"}"#;
    let answer = ask(&edge, ADMIN_TOKEN, ("POST", path), body).await;
    assert_eq!((answer.status, answer.json(), answer.header("idempotent-replayed")), (201, code(), ""));
    let seen = edge.fakes.last("create_promotion_code").request;
    assert!(seen.contains(r#"code: "launch50", coupon_id: "launch", max_redemptions: 5, expires_at: Some("#), "{seen}");
    let again = ask(&edge, ADMIN_TOKEN, ("POST", path), r#"{"code":"AGAIN","coupon_id":"launch"}"#).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    ask(&edge, ADMIN_TOKEN, ("POST", path), r#"{"code":"X1Y","coupon_id":"none"}"#).await.problem(404, "NOT_FOUND");
    let answer = ask(&edge, OPERATOR_TOKEN, ("GET", &format!("{path}?coupon_id=launch&limit=1")), "").await;
    ok(&answer);
    assert_eq!(answer.json(), json!({"data": [code()], "next_cursor": "more"}));
    let seen = edge.fakes.last("list_promotion_codes").request;
    assert_eq!(seen, r#"ListPromotionCodesRequest { coupon_id: "launch", page_size: 1, page_token: "" }"#);
    let one = format!("{path}/{PROMOTION_CODE}");
    let off = ask(&edge, ADMIN_TOKEN, ("PATCH", &one), r#"{"active":false}"#).await;
    ok(&off);
    assert_eq!(off.json()["active"], false);
    ask(&edge, ADMIN_TOKEN, ("PATCH", &format!("{path}/x")), r#"{"active":false}"#).await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn nobody_else_gives_discounts_and_developers_only_look() {
    let edge = Edge::new();
    let one = format!("/admin/promotion-codes/{PROMOTION_CODE}");
    let coupon = r#"{"id":"a","titles":{},"duration":"once"}"#;
    for (route, body, permission) in [
        (("GET", "/admin/coupons"), "", "platform.read"),
        (("GET", "/admin/coupons/launch"), "", "platform.read"),
        (("POST", "/admin/coupons"), coupon, "platform.write"),
        (("GET", "/admin/promotion-codes"), "", "platform.read"),
        (("POST", "/admin/promotion-codes"), r#"{"code":"ABC","coupon_id":"launch"}"#, "platform.write"),
        (("PATCH", &one), r#"{"active":true}"#, "platform.write"),
    ] {
        let developer = (permission == "platform.write").then_some(OPERATOR_TOKEN);
        for credential in [TOKEN].into_iter().chain(developer) {
            let refused = ask(&edge, credential, route, body).await.problem(403, "PERMISSION_DENIED");
            assert_eq!(refused["permission"], permission, "{route:?}");
        }
    }
}
