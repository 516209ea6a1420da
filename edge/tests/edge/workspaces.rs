//! Workspaces and what is in them, at both prefixes.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{ANA, INVITATION, KEY_ID, PROVIDER, REQUEST, TOKEN, WORKSPACE},
};
use axum::body::Body;
use serde_json::{Value, json};

fn within(rest: &str) -> String {
    format!("/workspaces/{WORKSPACE}{rest}")
}

#[tokio::test]
async fn a_workspace_is_created_listed_read_and_changed() {
    let edge = Edge::new();
    let acme = json!({
        "id": WORKSPACE, "name": "Acme", "plan": "free", "role": "owner", "currency": "USD", "time_zone": "UTC",
        "locale": "en", "limits": unlimited(), "budget": null, "per_user": unlimited(), "per_model": {},
        "created_at": "2026-09-21T14:13:20Z", "deleted_at": null, "purge_at": null,
    });
    let made = edge.put("POST", "/workspaces", r#"{"name":"Acme"}"#).await;
    assert_eq!((made.status, made.json()), (201, acme.clone()));
    assert_eq!(made.header("location"), format!("/api/v1{}", within("")));
    assert_eq!(edge.get(made.header("location")).await.json(), acme);
    let listed = edge.get("/api/v1/workspaces?limit=10").await;
    assert_eq!(listed.json(), json!({"data": [acme], "next_cursor": null}));
    ok(&edge.put("PUT", &within(""), r#"{"limits":{"rpm":60}}"#).await);
    let seen = edge.fakes.last("update_workspace").request;
    assert!(seen.contains("rpm: Some(60), tpm: None") && seen.contains("name: None"), "{seen}");
    assert!(seen.contains("budgets: None, per_user: None, per_model: None"), "{seen}");
}

#[tokio::test]
async fn a_workspace_is_deleted_and_restored() {
    let edge = Edge::new();
    let deleted = edge.put("DELETE", &within(""), "").await;
    let dates = json!(["2026-09-21T14:13:20Z", "2026-10-21T14:13:20Z"]);
    assert_eq!((deleted.status, json!([deleted.json()["deleted_at"], deleted.json()["purge_at"]])), (202, dates));
    assert!(edge.fakes.was_called("delete_workspace"));
    let restored = edge.put("POST", &within("/restore"), "").await;
    assert_eq!((restored.status, &restored.json()["purge_at"]), (200, &Value::Null));
}

/// Limits that limit nothing, as they are shown.
fn unlimited() -> Value {
    json!({
        "rpm": null, "tpm": null, "concurrency": null, "tokens_per_day": null, "tokens_per_month": null,
        "budgets": [], "soft": false, "stop_streams_when_spent": false, "resources": [],
    })
}

#[tokio::test]
async fn resources_are_limited_and_events_are_held_against_what_is_allowed() {
    let edge = Edge::new();
    let resources = json!([{"resource": "tickets", "quantity": 5, "period": "month", "soft": true}]);
    ok(&edge.put("PUT", &within(""), json!({"limits": {"resources": resources}}).to_string()).await);
    let seen = edge.fakes.last("update_workspace").request;
    let one = "resources: [ResourceLimit { resource: \"tickets\", quantity: 5, period: Month, soft: true }]";
    assert!(seen.contains(one), "{seen}");
    let event =
        json!({"source": "shop", "id": "1", "resource": "tickets", "quantity": 1, "at": "2026-11-21T08:00:00Z"});
    let record = async |body: Value| {
        ok(&edge.put("POST", &within("/usage/events"), body.to_string()).await);
        edge.fakes.last("record_usage").request
    };
    let seen = record(json!({"events": [event]})).await;
    assert!(seen.contains("limits: Some(ResourceLimits { plan: \"free\""), "{seen}");
    let seen = record(json!({"events": [event], "enforce_limits": false})).await;
    assert!(seen.contains("limits: None"), "{seen}");
    let wrong = json!({"limits": {"resources": [{"resource": "tickets", "quantity": "5", "period": "month"}]}});
    let problem = edge.put("PUT", &within(""), wrong.to_string()).await.problem(400, "INVALID_ARGUMENT");
    assert_eq!(problem["errors"][0]["field"], "limits.resources[0].quantity", "{problem}");
}

#[tokio::test]
async fn limits_and_budgets_of_a_workspace_its_members_and_models_are_set() {
    let edge = Edge::new();
    let set = async |body: Value| {
        ok(&edge.put("PUT", &within(""), body.to_string()).await);
        edge.fakes.last("update_workspace").request
    };
    let month = json!({"amount_micros": 5_000_000, "period": "month"});
    let seen = set(json!({"budget": month})).await;
    let one = "budgets: Some(Budgets { budgets: [Budget { amount_micros: 5000000, period: Month, soft: false }] })";
    assert!(seen.contains("limits: None") && seen.contains(one), "{seen}");
    let seen = set(json!({"budget": null})).await;
    assert!(seen.contains("budgets: Some(Budgets { budgets: [] })"), "null lifts it: {seen}");
    let day = json!({"amount_micros": 1, "period": "day", "soft": true});
    let limits = json!({"tokens_per_day": 7, "tokens_per_month": 8, "budgets": [month, day], "soft": true});
    let seen =
        set(json!({"per_user": limits, "per_model": {"gpt-5": {"rpm": 3, "stop_streams_when_spent": true}}})).await;
    for part in [
        "tokens_per_day: Some(7), tokens_per_month: Some(8)",
        "Budget { amount_micros: 1, period: Day, soft: true }], soft: true",
        "{\"gpt-5\": Limits { rpm: Some(3)",
        "stop_streams_when_spent: true",
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    for (body, field) in [
        (json!({"budget": {"amount_micros": 1, "period": "week"}}), "budget.period"),
        (json!({"budget": {"period": "day"}}), "budget.amount_micros"),
        (json!({"budget": [1, "day"]}), "budget"),
        (json!({"limits": {"budgets": [{"amount_micros": 1.5, "period": "day"}]}}), "limits.budgets[0].amount_micros"),
        (json!({"per_user": {"rpd": 5}}), "per_user.rpd"),
        (json!({"per_model": {"gpt-5": {"rpm": "many"}}}), "per_model.gpt-5.rpm"),
    ] {
        let problem = edge.put("PUT", &within(""), body.to_string()).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn members_are_listed() {
    let member = edge_get("/members").await["data"][0].clone();
    assert_eq!((&member["user_id"], &member["role"]), (&json!(ANA), &json!("owner")));
}

#[tokio::test]
async fn members_are_changed_removed_and_given_the_workspace() {
    let edge = Edge::new();
    let other = ANA.replace("kz", "kx");
    let changed = edge.put("PATCH", &within(&format!("/members/{other}")), r#"{"role":"admin"}"#).await;
    ok(&changed);
    assert_eq!(changed.json()["role"], "admin");
    let seen = edge.fakes.last("change_member_role").request;
    assert!(seen.contains(&other) && seen.contains("\"admin\""), "{seen}");
    assert_eq!(edge.put("DELETE", &within(&format!("/members/{other}")), "").await.status, 204);
    assert!(edge.fakes.last("remove_member").request.contains(&other) && !edge.fakes.was_called("leave_workspace"));
    // With one's own id one leaves.
    edge.put("DELETE", &within(&format!("/members/{ANA}")), "").await.problem(409, "LAST_OWNER");
    assert!(edge.fakes.was_called("leave_workspace"));
    let given = edge.put("POST", &within("/transfer"), format!(r#"{{"user_id":"{other}"}}"#)).await;
    ok(&given);
    assert_eq!(given.json()["role"], "owner");
    assert!(edge.fakes.last("transfer_ownership").request.contains(&other));
    edge.put("DELETE", &within("/members/everybody"), "").await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn somebody_is_invited_again_and_not_and_comes() {
    let edge = Edge::new();
    let made = edge.put("POST", &within("/invitations"), r#"{"email":"bob@example.com","role":"member"}"#).await;
    assert_eq!(made.status, 201, "{made:?}");
    let invitation = json!({
        "id": INVITATION, "email": "bob@example.com", "role": "member", "locale": "pt-BR", "status": "pending",
        "invited_by": ANA, "created_at": "2026-09-21T14:13:20Z", "expires_at": "2026-09-28T14:13:20Z", "sent_at": null,
    });
    assert_eq!(made.json(), invitation);
    let path = within(&format!("/invitations/{INVITATION}"));
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    let listed = edge_get("/invitations").await;
    assert_eq!((&listed["data"][0], &listed["data"][1]["status"]), (&invitation, &json!("expired")));
    let resent = edge.put("POST", &format!("{path}/resend"), "").await;
    ok(&resent);
    assert_eq!(resent.json(), invitation);
    assert!(edge.fakes.last("resend_invitation").request.contains(INVITATION));
    assert_eq!(edge.put("DELETE", &path, "").await.status, 204);
    assert!(edge.fakes.last("revoke_invitation").request.contains(INVITATION));
    let joined = edge.put("POST", "/api/v1/invitations/accept", r#"{"token":"it_1"}"#).await;
    ok(&joined);
    assert_eq!(joined.json(), json!({"id": WORKSPACE, "name": "Acme", "role": "member"}));
    assert!(!edge.fakes.last("accept_invitation").request.contains("it_1"), "a link is a secret");
    edge.put("POST", "/invitations/accept", r#"{"token":"it_2"}"#).await.problem(404, "INVITATION_INVALID");
}

#[tokio::test]
async fn a_key_is_rotated_and_what_it_is_bound_to_changed() {
    let edge = Edge::new();
    let path = within(&format!("/api-keys/{KEY_ID}"));
    let rotated = edge.put("POST", &format!("{path}/rotate"), r#"{"grace_seconds":60}"#).await;
    ok(&rotated);
    assert_eq!((&rotated.json()["key"], &rotated.json()["id"]), (&json!("pk_another-one"), &json!(KEY_ID)));
    assert!(edge.fakes.last("rotate_api_key").request.contains("grace_seconds: Some(60)"));
    ok(&edge.put("POST", &format!("{path}/rotate"), "").await);
    assert!(edge.fakes.last("rotate_api_key").request.contains("grace_seconds: None"));
    ok(&edge.put("PATCH", &path, r#"{"allowed_models":["a","b/*"],"allowed_ips":null}"#).await);
    let seen = edge.fakes.last("update_api_key").request;
    for part in ["allowed_models: Some(Names { names: [\"a\", \"b/*\"] })", "allowed_ips: Some(Names { names: [] })"] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    let new = r#"{"name":"a","allowed_ips":["10.0.0.0/8"],"service_account":true}"#;
    assert_eq!(edge.put("POST", &within("/api-keys"), new).await.status, 201);
    let seen = edge.fakes.last("create_api_key").request;
    assert!(seen.contains("allowed_ips: [\"10.0.0.0/8\"], service_account: true"), "{seen}");
}

async fn edge_get(rest: &str) -> Value {
    let edge = Edge::new();
    let (root, canonical) = (edge.get(&within(rest)).await, edge.get(&format!("/api/v1{}", within(rest))).await);
    ok(&root);
    assert_eq!(root.json(), canonical.json(), "both prefixes answer the same");
    root.json()
}

#[tokio::test]
async fn a_provider_is_added_without_its_key_coming_back() {
    let edge = Edge::new();
    let body = json!({
        "provider": "openai", "api_key": "sk-secret-abcd", "name": "acme-openai", "base_url": "https://x.example/v1",
        "priority": 1, "weight": 2, "enabled": false, "models": ["gpt-5-mini"], "options": {"include_usage": false},
    });
    let made = edge.put("POST", &within("/providers"), body.to_string()).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.header("location"), format!("/api/v1{}/{PROVIDER}", within("/providers")));
    assert!(!made.text().contains("sk-secret"), "{made:?}");
    assert_eq!((&made.json()["key_hint"], &made.json()["options"]), (&json!("abcd"), &json!({"include_usage": false})));
    let seen = edge.fakes.last("create_provider").request;
    for part in ["priority: Some(1)", "weight: Some(2)", "enabled: Some(false)", r#"{\"include_usage\":false}"#] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    assert!(!seen.contains("sk-secret"), "not even in Debug");
}

#[tokio::test]
async fn what_a_change_leaves_out_stays() {
    let edge = Edge::new();
    let path = within(&format!("/providers/{PROVIDER}"));
    ok(&edge.put("PUT", &path, r#"{"priority":3}"#).await);
    let seen = edge.fakes.last("update_provider").request;
    for part in ["api_key: None", "name: None", "priority: Some(3)", "models: None", "options_json: None", PROVIDER] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    assert_eq!(edge.put("DELETE", &path, "").await.status, 204);
    assert!(edge.fakes.last("delete_provider").request.contains(PROVIDER));
}

#[tokio::test]
async fn a_provider_that_fails_its_test_is_an_answer() {
    let answer = Edge::new().put("POST", &within(&format!("/providers/{PROVIDER}/test")), "").await;
    ok(&answer);
    let failed = json!({"ok": false, "latency_ms": 12, "models": null, "error": "the provider refused the key"});
    assert_eq!(answer.json(), failed);
}

#[tokio::test]
async fn a_key_is_shown_once() {
    let edge = Edge::new();
    let made =
        edge.put("POST", &within("/api-keys"), r#"{"name":"production","limits":{"rpm":60},"budget":null}"#).await;
    assert_eq!((made.status, made.json()["key"].as_str()), (201, Some("pk_the-key-itself")));
    assert_eq!(made.header("cache-control"), "no-store");
    let listed = edge.get(&within("/api-keys")).await.json();
    assert_eq!(listed["next_cursor"], "next");
    let budget = json!({"amount_micros": 25_000_000, "period": "month", "soft": false});
    let mut limits = unlimited();
    (limits["rpm"], limits["budgets"]) = (json!(60), json!([budget]));
    assert_eq!(
        listed["data"][0],
        json!({
            "id": KEY_ID, "workspace_id": WORKSPACE, "name": "production", "prefix": "pk_4fT9aB",
            "scopes": ["inference"], "limits": limits, "budget": budget, "active": true,
            "created_by": ANA, "created_at": "2026-09-21T14:13:20Z", "expires_at": null, "revoked_at": null,
            "last_used_at": null, "allowed_models": ["gpt-5-mini"], "allowed_ips": null, "user_id": ANA,
            "service_account": false, "team_id": null, "rotated_at": null, "previous_expires_at": null,
        })
    );
    let revoked = edge.put("POST", &within(&format!("/api-keys/{KEY_ID}/revoke")), "").await;
    ok(&revoked);
    assert_eq!((&revoked.json()["active"], revoked.json()["revoked_at"].is_string()), (&json!(false), true));
    assert_eq!(edge.put("DELETE", &within(&format!("/api-keys/{KEY_ID}")), "").await.status, 204);
}

#[tokio::test]
async fn name_limits_and_budget_of_a_key_are_changed() {
    let edge = Edge::new();
    let path = within(&format!("/api-keys/{KEY_ID}"));
    let changed = edge.put("PATCH", &path, r#"{"name":"batch","budget":{"amount_micros":9,"period":"total"}}"#).await;
    ok(&changed);
    assert_eq!((&changed.json()["id"], &changed.json()["key"]), (&json!(KEY_ID), &Value::Null));
    let seen = edge.fakes.last("update_api_key").request;
    assert!(seen.contains(KEY_ID) && seen.contains("name: Some(\"batch\"), limits: None"), "{seen}");
    assert!(seen.contains("Budget { amount_micros: 9, period: Total, soft: false }"), "{seen}");
    edge.put("PATCH", &path, r#"{"scopes":["keys.write"]}"#).await.problem(400, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn logs_are_filtered_and_found_by_request_id() {
    let edge = Edge::new();
    let query = "?provider=acme-openai&model=gpt-5-mini&status=200&outcome=completed&from=2026-01-01&limit=5";
    let listed = edge.get(&within(&format!("/logs{query}"))).await;
    ok(&listed);
    let seen = edge.fakes.last("list_logs").request;
    for part in ["page_size: 5", "status: Some(200)", "outcome: Some(\"completed\")", "seconds: 1767225600"] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    let log = edge.get(&within(&format!("/logs/{REQUEST}"))).await.json();
    assert_eq!(log, listed.json()["data"][0]);
    for name in ["user_id", "cost_micros", "ttft_ms", "error_code", "error_message", "price_version"] {
        assert_eq!(log[name], json!(null), "{name} in {log}");
    }
    assert_eq!((&log["attempts"][0]["attempt"], &log["api_key_id"]), (&json!(1), &json!(KEY_ID)));
    assert_eq!((&log["attempts"][0]["credential"], &log["credential"]), (&json!("platform"), &json!("platform")));
    assert_eq!(log["units"], json!({"images": 0, "audio_ms": 0, "characters": 12, "searches": 0}));
    let other = REQUEST.replace("kz", "kx");
    edge.get(&within(&format!("/logs/{other}"))).await.problem(404, "NOT_FOUND");
}

fn tokens() -> Value {
    json!({
        "input": 30, "cache_read": 0, "cache_write_5m": 0, "cache_write_1h": 3, "audio_input": 0, "image_input": 0,
        "output": 21, "reasoning": 9, "audio_output": 0, "image_output": 0,
    })
}

/// What the fakes answer for everything that has sums.
fn sums(of: Value) -> Value {
    let mut sums = json!({
        "requests": 3, "attempts": 4, "failed_requests": 1, "unpriced_requests": 1, "input_tokens": 33,
        "output_tokens": 21, "tokens": tokens(), "cost_micros": 42,
        "other_costs": [{"currency": "EUR", "cost_micros": 7}],
        "units": {"images": 2, "audio_ms": 8470, "characters": 0, "searches": 0},
    });
    sums.as_object_mut().unwrap().extend(of.as_object().unwrap().clone());
    sums
}

#[tokio::test]
async fn usage_is_summed_up() {
    let usage = edge_get("/usage?from=2026-09-01T00:00:00Z&to=2026-10-01").await;
    assert_eq!(
        usage,
        json!({
            "total_requests": 3, "total_attempts": 4, "failed_requests": 1, "unpriced_requests": 1,
            "total_input_tokens": 33, "total_output_tokens": 21, "tokens": tokens(), "total_cost_micros": 42,
            "currency": "USD", "other_costs": [{"currency": "EUR", "cost_micros": 7}],
            "platform": {
                "requests": 1, "unpriced_requests": 0, "input_tokens": 4, "output_tokens": 0, "cost_micros": 9,
                "other_costs": [],
            },
            "period": {"from": "2026-09-01T00:00:00Z", "to": "2026-10-01T00:00:00Z"},
        })
    );
    let period = json!({"from": "2026-09-21T14:13:20Z", "to": "2026-09-21T14:15:00Z"});
    for (path, of) in [
        ("/usage/by-provider", json!({"provider": "acme-openai"})),
        ("/usage/by-model", json!({"model": "gpt-5-mini"})),
        ("/usage/by-key", json!({"api_key_id": KEY_ID})),
        ("/usage/by-user", json!({"user_id": null})),
    ] {
        let expected = json!({"data": [sums(of)], "currency": "USD", "period": period});
        assert_eq!(edge_get(path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn usage_is_plotted_in_the_time_zone_and_currency_of_the_workspace() {
    let edge = Edge::new();
    let plot = edge.get(&within("/usage/series?interval=hour&group_by=model&from=2026-09-21")).await;
    ok(&plot);
    let point = sums(json!({"at": "2026-09-21T14:13:20Z", "model": "gpt-5-mini"}));
    let period = json!({"from": "2026-09-21T14:13:20Z", "to": "2026-09-21T14:15:00Z"});
    let expected =
        json!({"data": [point], "interval": "hour", "time_zone": "UTC", "currency": "USD", "period": period});
    assert_eq!(plot.json(), expected);
    let seen = edge.fakes.last("get_usage_series").request;
    for part in ["interval: Hour", "by: Model", "time_zone: \"UTC\"", "to: None"] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    let all = edge.get(&within("/usage/series?interval=day")).await.json();
    assert_eq!(all["data"], json!([sums(json!({"at": "2026-09-21T14:13:20Z"}))]));
    for (query, field) in
        [("", "interval"), ("?interval=week", "interval"), ("?interval=day&group_by=plan", "group_by")]
    {
        let problem = edge.get(&within(&format!("/usage/series{query}"))).await.problem(400, "INVALID_ARGUMENT");
        assert!(problem.to_string().contains(field), "{query}: {problem}");
    }
    let problem = edge.get(&within("/usage/by-model?form=2026-01-01")).await.problem(400, "INVALID_ARGUMENT");
    assert!(problem.to_string().contains("form"), "{problem}");
}

#[tokio::test]
async fn unusual_hours_are_listed() {
    let anomalies = edge_get("/usage/anomalies?from=2026-09-21&to=2026-09-22").await;
    let hour = json!({
        "at": "2026-09-21T14:13:20Z", "measure": "cost", "currency": "USD", "amount": 9_000_000, "usual": 2_000_000,
    });
    assert_eq!(anomalies["data"], json!([hour]));
}

#[tokio::test]
async fn a_key_may_only_do_what_its_scopes_say() {
    let edge = Edge::new();
    let with_key = |path: String| {
        let sent = request("GET", &path).header("authorization", bearer(&edge.fakes.key));
        edge.send(sent.body(Body::empty()).unwrap())
    };
    ok(&with_key("/v1/models".to_owned()).await);
    let problem = with_key(within("/logs")).await.problem(403, "PERMISSION_DENIED");
    assert_eq!(problem["permission"], "logs.read");
    with_key("/me".to_owned()).await.problem(403, "PERMISSION_DENIED");
    assert!(!edge.fakes.was_called("list_logs"));
}

#[tokio::test]
async fn an_answer_that_was_given_before_says_so() {
    let edge = Edge::new();
    for (path, body) in [
        ("/workspaces".to_owned(), r#"{"name":"Acme"}"#),
        (within("/providers"), r#"{"provider":"simulator"}"#),
        (within("/api-keys"), r#"{"name":"production"}"#),
    ] {
        for (key, replayed) in [("again", "true"), ("new", "")] {
            let sent = request("POST", &path).header("authorization", bearer(TOKEN)).header("idempotency-key", key);
            let sent = sent.header("content-type", "application/json").body(body.into()).unwrap();
            let answer = edge.send(sent).await;
            assert_eq!((answer.status, answer.header("idempotent-replayed")), (201, replayed), "{path} {key}");
        }
        assert_eq!(edge.put("POST", &path, body).await.header("idempotent-replayed"), "", "{path}");
    }
}

#[tokio::test]
async fn everything_of_a_workspace_is_one_file_that_says_where_it_ends() {
    let edge = Edge::new();
    let file = edge.get(&within("/data-export")).await;
    ok(&file);
    assert_eq!(file.header("content-type"), "application/jsonl");
    assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"{WORKSPACE}.jsonl\""));
    let lines: Vec<Value> = file.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, lines) = lines.split_last().unwrap();
    assert_eq!(last, &json!({"kind": "end", "data": {"lines": lines.len()}}));
    let of =
        |kind: &str| lines.iter().filter(|line| line["kind"] == kind).map(|line| &line["data"]).collect::<Vec<_>>();
    assert_eq!((of("workspace").len(), &of("workspace")[0]["name"]), (1, &json!("Acme")));
    assert_eq!(of("member")[0]["user_id"], ANA);
    assert_eq!((&of("team")[0]["name"], &of("team")[0]["member_ids"]), (&json!("Research"), &json!([ANA])));
    for kind in [
        "role",
        "directory_user",
        "invitation",
        "provider",
        "api_key",
        "routing",
        "guardrails",
        "prices",
        "webhook",
        "subscription",
        "invoice",
        "audit_event",
    ] {
        assert!(!of(kind).is_empty(), "{kind}");
    }
}
