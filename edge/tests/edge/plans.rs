//! Plans, and what operators do with them and with subscriptions.

use crate::{
    ask::{Answer, Edge, bearer, ok, request},
    billing::subscription,
    fake::{ADMIN_TOKEN, FOREIGN, OPERATOR_TOKEN, TOKEN, WORKSPACE},
};
use axum::body::Body;
use serde_json::{Value, json};

fn pro() -> Value {
    json!({
        "name": "pro", "version": 2, "titles": {"en": "Pro", "pt-BR": "Profissional"},
        "prices": [{"currency": "USD", "interval": "month", "unit_amount": 2900}], "trial_days": 14,
        "entitlements": {"storage_gb": "unlimited", "support": "24h", "tickets_per_month": 15, "white_label": false},
        "usage": null, "max_quantity": 1, "scaled_entitlements": [], "hidden": false, "created_at": "2026-09-21T14:13:20Z",
    })
}

fn of(workspace: &str) -> String {
    format!("/admin/workspaces/{workspace}/subscription")
}

/// A request with this credential and a JSON body.
pub async fn ask(edge: &Edge, credential: &str, (method, path): (&str, &str), body: impl Into<Body>) -> Answer {
    let sent = request(method, path).header("authorization", bearer(credential));
    edge.send(sent.header("content-type", "application/json").body(body.into()).unwrap()).await
}

#[tokio::test]
async fn anybody_sees_what_is_offered() {
    let edge = Edge::new();
    for path in ["/api/v1/plans", "/plans"] {
        let answer = edge.send(request("GET", path).body(Body::empty()).unwrap()).await;
        ok(&answer);
        assert_eq!(answer.json(), json!({"data": [pro()]}));
    }
    // A credential that has expired is no reason not to see them.
    ok(&ask(&edge, "ana.expired.token", ("GET", "/plans"), "").await);
    assert_eq!(edge.fakes.last("list_plans").call.scopes, proto::Scopes::NONE);
}

#[tokio::test]
async fn operators_see_what_is_hidden_too() {
    let edge = Edge::new();
    let mut hidden = pro();
    hidden["hidden"] = true.into();
    let answer = ask(&edge, OPERATOR_TOKEN, ("GET", "/api/v1/admin/plans"), "").await;
    ok(&answer);
    assert_eq!(answer.json(), json!({"data": [hidden]}));
    let refused = ask(&edge, TOKEN, ("GET", "/admin/plans"), "").await.problem(403, "PERMISSION_DENIED");
    assert_eq!(refused["permission"], "platform.read");
}

#[tokio::test]
async fn an_admin_publishes_plans_of_every_kind_of_entitlement() {
    let edge = Edge::new();
    let mut team = pro();
    let written = team.as_object_mut().expect("fields");
    written.insert("name".into(), "team".into());
    written.insert("hidden".into(), true.into());
    written.insert("max_quantity".into(), 50.into());
    written.insert("scaled_entitlements".into(), json!(["tickets_per_month"]));
    written.insert("usage".into(), json!({"markup_percent": "12.5", "included": {"BRL": 0, "USD": 500}}));
    let mut expected = team.clone();
    expected["version"] = 1.into();
    team.as_object_mut().expect("fields").retain(|name, _| name != "version" && name != "created_at");
    let answer =
        ask(&edge, ADMIN_TOKEN, ("POST", "/api/v1/admin/seed-plans"), json!({"plans": [team]}).to_string()).await;
    ok(&answer);
    assert_eq!(answer.json(), json!({"data": [expected, pro()], "published": ["team"]}));
    let seen = edge.fakes.last("publish_plans");
    assert_eq!(seen.call.workspace, None);
    for kind in ["Limit(15)", "Unlimited(true)", "Flag(false)", r#"Level("24h")"#] {
        assert!(seen.request.contains(kind), "{kind}: {}", seen.request);
    }
    let usage = r#"usage: Some(UsageTerms { markup_percent: "12.5", included: {"BRL": 0, "USD": 500} })"#;
    assert!(seen.request.contains(usage), "{}", seen.request);
}

#[tokio::test]
async fn a_plan_may_charge_nothing_of_usage_or_include_none() {
    let edge = Edge::new();
    for (usage, shown) in [
        ("", json!(null)),
        (r#","usage":null"#, json!(null)),
        (r#","usage":{"markup_percent":"0"}"#, json!({"markup_percent": "0", "included": {}})),
    ] {
        let body = format!(r#"{{"plans":[{{"name":"a","titles":{{"en":"A"}}{usage}}}]}}"#);
        let answer = ask(&edge, ADMIN_TOKEN, ("POST", "/admin/seed-plans"), body).await;
        ok(&answer);
        assert_eq!(answer.json()["data"][0]["usage"], shown);
    }
}

#[tokio::test]
async fn without_plans_those_of_the_configuration_are_published() {
    let edge = Edge::new();
    let bare = request("POST", "/admin/seed-plans").header("authorization", bearer(ADMIN_TOKEN));
    let answer = edge.send(bare.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.json(), json!({"data": [pro()], "published": []}));
    for body in ["", "{}", r#"{"plans":[]}"#] {
        ok(&ask(&edge, ADMIN_TOKEN, ("POST", "/admin/seed-plans"), body).await);
        assert_eq!(edge.fakes.last("publish_plans").request, "PublishPlansRequest { plans: [] }");
    }
}

#[tokio::test]
async fn wrong_fields_of_plans_are_named_by_their_path() {
    let edge = Edge::new();
    let plan = |more: Value| {
        let mut plan = json!({"name": "pro", "titles": {"en": "Pro"}});
        plan.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        json!({"plans": [plan]})
    };
    let price = json!({"currency": "USD", "interval": "month"});
    let mut cases = vec![
        (json!({"plan": []}), "plan"),
        (json!({"plans": [{"name": "pro"}]}), "plans[0].titles"),
        (json!({"plans": [["pro"]]}), "plans[0]"),
        (plan(json!({"version": 3})), "plans[0].version"),
        (plan(json!({"trial_days": "14"})), "plans[0].trial_days"),
        (plan(json!({"titles": {"en": 1}})), "plans[0].titles.en"),
        (plan(json!({"prices": [price]})), "plans[0].prices[0].unit_amount"),
        (plan(json!({"usage": ["20"]})), "plans[0].usage"),
        (plan(json!({"usage": {}})), "plans[0].usage.markup_percent"),
        (plan(json!({"usage": {"markup_percent": 20}})), "plans[0].usage.markup_percent"),
        (plan(json!({"usage": {"markup_percent": "20", "markup": 1}})), "plans[0].usage.markup"),
        (plan(json!({"usage": {"markup_percent": "20", "included": {"USD": 1.5}}})), "plans[0].usage.included.USD"),
    ];
    for none in [json!(null), json!([1]), json!({"limit": 1}), json!(1.5), json!(u64::MAX)] {
        cases.push((plan(json!({"entitlements": {"storage_gb": none}})), "plans[0].entitlements.storage_gb"));
    }
    for (body, field) in cases {
        let answer = ask(&edge, ADMIN_TOKEN, ("POST", "/admin/seed-plans"), body.to_string()).await;
        let problem = answer.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        assert!(problem["errors"][0]["message"].as_str().is_some_and(|text| text.len() > 5), "{problem}");
    }
    assert!(!edge.fakes.was_called("publish_plans"));
}

#[tokio::test]
async fn an_operator_sees_the_subscription_of_any_workspace() {
    let edge = Edge::new();
    let answer = ask(&edge, OPERATOR_TOKEN, ("GET", &of(WORKSPACE)), "").await;
    ok(&answer);
    assert_eq!(answer.json(), subscription(json!({})));
    let seen = edge.fakes.last("get_workspace_subscription");
    assert!(seen.call.workspace.is_none() && seen.request.contains(WORKSPACE), "{seen:?}");
    for id in [FOREIGN, "nonsense"] {
        ask(&edge, OPERATOR_TOKEN, ("GET", &of(id)), "").await.problem(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_admin_puts_a_workspace_on_a_plan() {
    let (edge, path) = (Edge::new(), of(WORKSPACE));
    let body = r#"{"plan":"team","interval":"year","currency":"BRL","trial_days":0,"collection_method":"send_invoice","quantity":5}"#;
    let answer = ask(&edge, ADMIN_TOKEN, ("PUT", &path), body).await;
    ok(&answer);
    assert_eq!(answer.json(), subscription(json!({"subscribed_plan": "team"})));
    let seen = edge.fakes.last("set_subscription").request;
    let rest = r#"plan: "team", interval: "year", currency: "BRL", trial_days: Some(0), collection_method: "send_invoice", quantity: 5 }"#;
    assert_eq!(seen, format!(r#"SetSubscriptionRequest {{ workspace_id: "{WORKSPACE}", {rest}"#));
    ok(&ask(&edge, ADMIN_TOKEN, ("PUT", &path), r#"{"plan":"team"}"#).await);
    let seen = edge.fakes.last("set_subscription").request;
    assert!(seen.ends_with(r#"currency: "", trial_days: None, collection_method: "", quantity: 0 }"#), "{seen}");
    for (body, field) in
        [("{}", "plan"), (r#"{"plan":"a","trial_days":1.5}"#, "trial_days"), (r#"{"plans":1}"#, "plans")]
    {
        let problem = ask(&edge, ADMIN_TOKEN, ("PUT", &path), body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    ask(&edge, ADMIN_TOKEN, ("PUT", &of(FOREIGN)), r#"{"plan":"team"}"#).await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn an_admin_records_what_became_of_payments() {
    let (edge, path) = (Edge::new(), format!("{}/events", of(WORKSPACE)));
    let answer = ask(&edge, ADMIN_TOKEN, ("POST", &path), r#"{"event":"paid"}"#).await;
    ok(&answer);
    assert_eq!(answer.json(), subscription(json!({})));
    let seen = edge.fakes.last("record_subscription_event").request;
    assert_eq!(seen, format!(r#"RecordSubscriptionEventRequest {{ workspace_id: "{WORKSPACE}", event: "paid" }}"#));
    let refused = ask(&edge, ADMIN_TOKEN, ("POST", &path), r#"{"event":"unpaused"}"#).await;
    assert_eq!(refused.problem(409, "CONFLICT")["events"], "paid, paused");
    for (body, field) in [("{}", "event"), (r#"{"event":"paid","at":1}"#, "at")] {
        let problem = ask(&edge, ADMIN_TOKEN, ("POST", &path), body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn nobody_else_does_what_operators_do_and_developers_only_look() {
    let edge = Edge::new();
    let (subscription, events) = (of(WORKSPACE), format!("{}/events", of(WORKSPACE)));
    let key = edge.fakes.key.clone();
    for (route, body, permission) in [
        (("POST", "/admin/seed-plans"), "", "platform.write"),
        (("GET", subscription.as_str()), "", "platform.read"),
        (("PUT", &subscription), r#"{"plan":"team"}"#, "platform.write"),
        (("POST", &events), r#"{"event":"paid"}"#, "platform.write"),
    ] {
        let developer = (permission == "platform.write").then_some(OPERATOR_TOKEN);
        for credential in [TOKEN, &key].into_iter().chain(developer) {
            let refused = ask(&edge, credential, route, body).await.problem(403, "PERMISSION_DENIED");
            assert_eq!(refused["permission"], permission, "{route:?}");
        }
    }
    let called = ["publish_plans", "get_workspace_subscription", "set_subscription", "record_subscription_event"];
    assert!(!called.iter().any(|rpc| edge.fakes.was_called(rpc)));
}
