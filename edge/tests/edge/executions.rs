//! Executions: how they begin. What can be read of them, how they are followed and how they end stands beside it.

mod ending;
mod events;
mod rate;
mod reading;
mod settling;

use crate::{
    ask::{Answer, Edge, bearer, ok, request},
    fake::{ANA, EXECUTION, FOREIGN, SESSION, TOKEN, WORKSPACE, executions::owned},
};
use axum::body::Body;
use edge::Config;
use proto::{
    Call, Reason, Role,
    billing::{Entitlement, entitlement::Value as Allowed},
    engine::Phase,
};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/executions";
/// The seed's.
const PROBLEM: &str =
    r#"{"problem_description":"Vendas caíram 20%...","business_type":"SaaS","analysis_depth":"Padrão"}"#;

fn of(rest: &str) -> String {
    format!("{PATH}/{EXECUTION}{rest}")
}

/// `POST` with a JSON body and more headers.
async fn post(edge: &Edge, body: impl Into<Body>, headers: &[(&str, &str)]) -> Answer {
    let sent = request("POST", PATH).header("authorization", bearer(TOKEN)).header("content-type", "application/json");
    let sent = headers.iter().fold(sent, |sent, (name, value)| sent.header(*name, *value));
    edge.send(sent.body(body.into()).unwrap()).await
}

/// The seed's problem with other fields.
fn problem(more: Value) -> String {
    let mut body: Value = serde_json::from_str(PROBLEM).unwrap();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body.to_string()
}

/// As many at once as the plan allows.
fn at_once(limit: i64) -> Vec<(String, Entitlement)> {
    vec![("executions_concurrency".to_owned(), Entitlement { value: Some(Allowed::Limit(limit)) })]
}

#[tokio::test]
async fn an_execution_begins_as_the_contract_says() {
    let edge = Edge::new();
    let answer = post(&edge, PROBLEM, &[]).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["execution_id"].as_str().unwrap().to_owned();
    let expected = json!({
        "execution_id": id, "status": "running", "phase": "queued", "created_at": "2026-09-21T14:13:20Z",
        "estimated_duration_seconds": 45, "estimated_range_seconds": [45, 100],
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("location"), format!("{PATH}/{id}"));
    assert!(id.starts_with("exec_") && answer.header("idempotent-replayed").is_empty());

    edge.fakes.change(|world| {
        let told = &world.created[0];
        assert_eq!((told.execution_id.as_str(), told.budget_token.as_str()), (id.as_str(), "bt_secret"));
        assert_eq!((told.locale.as_str(), told.model.as_str()), ("pt-BR", "simulator/business"));
        let brief = told.brief.as_ref().unwrap();
        assert_eq!((brief.business_type.as_str(), brief.currency.as_str(), brief.horizon_days), ("SaaS", "USD", 0));
        assert_eq!(world.owned[&id].0.created_by, ANA);
        assert!(world.reserved.contains(&id), "it counts");
    });
    let reserved = edge.fakes.last("reserve_usage").request;
    let expected =
        format!(r#"workspace_id: "{WORKSPACE}", source: "perpetuo.executions", id: "{id}", resource: "executions""#);
    assert!(reserved.contains(&expected) && reserved.contains(r#"plan: "free""#), "{reserved}");
    let opened = edge.fakes.last("open_execution").request;
    assert!(opened.contains(r#"title: "Vendas caíram 20%...""#) && opened.contains("max_open: None"), "{opened}");
    let answer = edge.put("POST", "/executions", PROBLEM).await;
    assert_eq!(answer.status, 201, "at the root too: {answer:?}");
}

#[tokio::test]
async fn who_may_begin_one_need_not_be_allowed_to_read_what_that_takes() {
    let edge = Edge::new();
    let key = edge.fakes.key.clone();
    for (method, path, permission) in [
        ("POST", PATH.to_owned(), "executions.write"),
        ("GET", PATH.to_owned(), "executions.read"),
        ("GET", of(""), "executions.read"),
        ("GET", of("/events"), "executions.read"),
        ("GET", of("/artifacts"), "executions.read"),
        ("POST", of("/cancel"), "executions.write"),
        ("DELETE", of(""), "executions.write"),
        ("GET", of("/export?format=pdf"), "executions.read"),
    ] {
        let sent = request(method, &path).header("authorization", bearer(&key));
        let sent = sent.header("content-type", "application/json").body(Body::from(PROBLEM)).unwrap();
        let refused = edge.send(sent).await.problem(403, "PERMISSION_DENIED");
        assert_eq!(refused["permission"], permission, "{method} {path}");
    }
    assert!(!edge.fakes.was_called("open_execution") && !edge.fakes.was_called("find_execution"));
}

#[tokio::test]
async fn the_language_is_what_somebody_asks_for() {
    let edge = Edge::new();
    let english = [("accept-language", "en-GB, pt;q=0.5")];
    for (body, headers, locale) in [
        (problem(json!({"locale": "en"})), &[][..], "en"),
        (problem(json!({"locale": "pt-BR", "analysis_depth": "quick"})), &english, "pt-BR"),
        (problem(json!({})), &english, "en"),
        (problem(json!({"analysis_depth": "deep"})), &[("accept-language", "pt")], "pt-BR"),
        (problem(json!({"analysis_depth": "RAPIDA"})), &[("accept-language", "*")], "pt-BR"),
        (problem(json!({"analysis_depth": "quick"})), &[], "en"),
    ] {
        assert_eq!(post(&edge, body.clone(), headers).await.status, 201, "{body}");
        assert_eq!(edge.fakes.world().created.last().unwrap().locale, locale, "{body} {headers:?}");
    }
}

#[tokio::test]
async fn numbers_are_given_as_a_list_or_in_short() {
    let edge = Edge::new();
    let list = json!({"facts": [{"key": "monthly_churn", "value": 4.5, "unit": "percent", "period": "month"}]});
    let more = json!({
        "facts": {"monthly_churn": 4.5}, "constraints": [{"kind": "budget_cap", "value": 50000, "text": "não mais"}],
        "currency": "BRL", "horizon_days": 90, "model": "smart", "interactive": true,
    });
    assert_eq!(post(&edge, problem(list), &[]).await.status, 201);
    assert_eq!(post(&edge, problem(more), &[]).await.status, 201);
    let world = edge.fakes.world();
    let [first, second] = [0, 1].map(|n| world.created[n].brief.clone().unwrap());
    let facts = [&first, &second].map(|brief| (brief.facts[0].key.as_str(), brief.facts[0].value));
    assert_eq!(facts, [("monthly_churn", 4.5); 2]);
    assert_eq!((first.facts[0].unit.as_str(), second.facts[0].unit.as_str()), ("percent", ""));
    assert_eq!((second.currency.as_str(), second.horizon_days), ("BRL", 90));
    assert_eq!((second.constraints[0].kind.as_str(), second.constraints[0].value), ("budget_cap", Some(50_000.0)));
    assert_eq!((world.created[1].model.as_str(), world.created[1].interactive), ("smart", true));
}

#[tokio::test]
async fn what_is_no_execution_is_named_field_by_field() {
    let edge = Edge::new();
    for (body, field) in [
        (r#"{"business_type":"SaaS","analysis_depth":"quick"}"#.to_owned(), "problem_description"),
        (problem(json!({"budget": 1})), "budget"),
        (problem(json!({"horizon_days": "90"})), "horizon_days"),
        (problem(json!({"facts": 1})), "facts"),
        (problem(json!({"facts": {"monthly_churn": "4"}})), "facts.monthly_churn"),
        (problem(json!({"facts": [{"key": "monthly_churn"}]})), "facts[0].value"),
        (problem(json!({"constraints": [["budget_cap"]]})), "constraints[0]"),
    ] {
        let refused = post(&edge, body, &[]).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let twice = json!([{"key": "a", "value": 1}, {"key": "a", "value": 2}]);
    let wrong = json!({
        "problem_description": " ", "business_type": "x".repeat(201), "analysis_depth": "fast", "locale": "fr",
        "currency": "reais", "horizon_days": 29, "model": "", "facts": twice,
        "constraints": [{"kind": "magic"}, {"kind": "deadline"}, {"kind": "forbidden", "key": "prices"}],
    });
    let refused = post(&edge, problem(wrong), &[]).await.problem(422, "REFUSED_VALUE");
    let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    let expected = json!([
        "problem_description",
        "business_type",
        "analysis_depth",
        "locale",
        "currency",
        "horizon_days",
        "model",
        "facts[1].key",
        "constraints[0].kind",
        "constraints[1].value",
    ]);
    assert_eq!(json!(fields), expected);
    let long = problem(json!({"problem_description": "ã".repeat(20_001)}));
    post(&edge, long, &[]).await.problem(422, "REFUSED_VALUE");
    assert_eq!(post(&edge, problem(json!({"problem_description": "ã".repeat(20_000)})), &[]).await.status, 201);
}

#[tokio::test]
async fn a_used_up_plan_answers_the_body_of_the_contract() {
    let config = Config { public_url: Some("https://api.example.com/".into()), ..Config::default() };
    let edge = Edge::with(config);
    for (language, error) in [("pt-BR", "Limite de execuções atingido"), ("en", "Execution limit reached")] {
        let spent = Reason::QuotaExceeded.with("ten a month are used").fact("layer", "plan").fact("plan", "free");
        let spent = spent.fact("limit", 10).fact("used", 10).fact("period", "month");
        edge.fakes.world().refuse("reserve_usage", spent.retry_after(std::time::Duration::from_secs(60)));
        let answer = post(&edge, PROBLEM, &[("accept-language", language)]).await;
        let refused = answer.problem(402, "QUOTA_EXCEEDED");
        let members = ["error", "plan", "executions_used", "executions_limit", "upgrade_url"];
        let told: Value = members.map(|name| (name.to_owned(), refused[name].clone())).into_iter().collect();
        let expected = json!({
            "error": error, "plan": "free", "executions_used": 10, "executions_limit": 10,
            "upgrade_url": "https://api.example.com/api/v1/plans",
        });
        assert_eq!(told, expected, "{refused}");
        assert_eq!((&refused["layer"], &refused["limits_url"]), (&json!("plan"), &json!("/v1/limits")));
        assert_eq!(answer.header("retry-after"), "60");
    }
    assert!(!edge.fakes.was_called("open_execution"));
}

#[tokio::test]
async fn only_so_many_run_at_once_and_what_has_ended_is_not_in_the_way() {
    let edge = Edge::new();
    edge.fakes.world().entitlements = at_once(1);
    edge.fakes.world().put(Phase::Running, 3);
    let answer = post(&edge, PROBLEM, &[]).await;
    let refused = answer.problem(429, "CONCURRENCY_LIMITED");
    assert_eq!((&refused["layer"], &refused["limit"]), (&json!("plan"), &json!(1)));
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(edge.fakes.world().reserved.iter().collect::<Vec<_>>(), [EXECUTION], "the other one does not count");
    assert_eq!(edge.fakes.last("list_open_executions").call.workspace.map(String::from).as_deref(), Some(WORKSPACE));

    edge.fakes.world().put(Phase::Completed, 3);
    assert_eq!(post(&edge, PROBLEM, &[]).await.status, 201);
    assert_eq!(edge.fakes.world().outcome(), "completed");
    // A plan whose rates only warn refuses nobody.
    edge.fakes.world().entitlements.push(("executions_soft".into(), Entitlement { value: Some(Allowed::Flag(true)) }));
    assert_eq!(post(&edge, PROBLEM, &[]).await.status, 201);
}

#[tokio::test]
async fn the_same_request_under_its_key_is_the_same_execution() {
    let edge = Edge::new();
    let first = post(&edge, PROBLEM, &[("idempotency-key", "k1")]).await;
    let reservations = |edge: &Edge| {
        let seen = edge.fakes.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.rpc == "reserve_usage").count()
    };
    let before = reservations(&edge);
    // Plans and their limits are asked for once.
    edge.fakes.world().refuse("reserve_usage", Reason::QuotaExceeded.with("used up"));
    let again = post(&edge, PROBLEM, &[("idempotency-key", "k1")]).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"), "{again:?}");
    assert_eq!((again.json(), reservations(&edge)), (first.json(), before));
    let other = problem(json!({"business_type": "Restaurante"}));
    post(&edge, other, &[("idempotency-key", "k1")]).await.problem(409, "IDEMPOTENCY_MISMATCH");
    edge.fakes.world().refusals.clear();
    let another = post(&edge, PROBLEM, &[("idempotency-key", "k2")]).await;
    assert_ne!(another.json()["execution_id"], first.json()["execution_id"]);

    // One that has ended is shown as it is.
    let id = first.json()["execution_id"].as_str().unwrap().to_owned();
    edge.fakes.world().known.get_mut(&id).unwrap().set_phase(Phase::Completed);
    let ended = post(&edge, PROBLEM, &[("idempotency-key", "k1")]).await;
    assert_eq!((ended.status, &ended.json()["status"]), (201, &json!("completed")));
}

#[tokio::test]
async fn a_key_does_not_buy_a_second_execution_once_the_first_is_deleted() {
    let edge = Edge::new();
    edge.fakes.world().refuse("reserve_usage", Reason::EventConflict.with("1 executions, recorded"));
    post(&edge, PROBLEM, &[("idempotency-key", "k1")]).await.problem(409, "CONFLICT");
    assert!(!edge.fakes.was_called("open_execution"));
}

#[tokio::test]
async fn what_the_engine_does_not_take_leaves_nothing_behind() {
    let edge = Edge::new();
    let metric = Reason::RefusedValue.with("no such metric").field("facts[0].key", "must be a metric");
    let invalid = Reason::InvalidArgument.with("no such unit").field("facts[0].unit", "must be a unit");
    let away = Reason::ServiceUnavailable.with("the engine is away");
    let late = Reason::DeadlineExceeded.with("the deadline passed");
    for (failure, status, code) in [
        (metric, 422, "REFUSED_VALUE"),
        (invalid, 422, "REFUSED_VALUE"),
        (away, 503, "SERVICE_UNAVAILABLE"),
        (late, 503, "SERVICE_UNAVAILABLE"),
    ] {
        edge.fakes.world().refuse("engine.create_execution", failure.clone());
        let refused = post(&edge, PROBLEM, &[]).await.problem(status, code);
        let fields: Vec<_> = failure.fields.iter().map(|(field, _)| json!(field)).collect();
        assert_eq!(
            refused["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect::<Vec<_>>(),
            fields
        );
        let world = edge.fakes.world();
        assert!(world.owned.is_empty() && world.reserved.is_empty() && world.known.is_empty());
    }
    edge.fakes.world().refuse("open_execution", Reason::ServiceUnavailable.with("the database is away"));
    post(&edge, PROBLEM, &[]).await.problem(503, "SERVICE_UNAVAILABLE");
    assert!(edge.fakes.world().reserved.is_empty());
}

#[tokio::test]
async fn a_repeated_request_takes_nothing_back_that_the_first_one_made() {
    let edge = Edge::new();
    post(&edge, PROBLEM, &[("idempotency-key", "k1")]).await;
    edge.fakes.world().refuse("engine.create_execution", Reason::ServiceUnavailable.with("the engine is away"));
    post(&edge, PROBLEM, &[("idempotency-key", "k1")]).await.problem(503, "SERVICE_UNAVAILABLE");
    let world = edge.fakes.world();
    assert_eq!((world.owned.len(), world.reserved.len(), world.known.len()), (1, 1, 1));
}

#[tokio::test]
async fn the_engine_learns_nothing_of_who_asks() {
    let edge = Edge::new();
    edge.fakes.world().put(Phase::AwaitingInput, 1);
    edge.fakes.world().document = "[]";
    let export = r#"{"format":"pdf"}"#;
    let routes: [(&str, String, &str); 14] = [
        ("POST", PATH.to_owned(), PROBLEM),
        ("GET", PATH.to_owned(), ""),
        ("GET", of(""), ""),
        ("POST", of("/answers"), r#"{"answers":{"monthly_revenue":1}}"#),
        ("POST", of("/outcomes"), r#"{"actuals":[{"metric":"monthly_revenue","value":1}]}"#),
        ("GET", of("/events?format=json"), ""),
        ("GET", of("/opinions"), ""),
        ("GET", of("/conflicts"), ""),
        ("GET", of("/meeting"), ""),
        ("GET", of("/artifacts"), ""),
        ("POST", of("/export"), export),
        ("GET", of("/export?format=pdf"), ""),
        ("POST", of("/cancel"), ""),
        ("DELETE", of(""), ""),
    ];
    for (method, path, body) in routes {
        let sent = request(method, &path)
            .header("authorization", bearer(TOKEN))
            .header("content-type", "application/json")
            .header("user-agent", "canary-agent")
            .header("idempotency-key", "canary-key")
            .header("x-request-id", "canary-request")
            .header("x-forwarded-for", "198.51.100.77")
            .header("traceparent", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01");
        let answer = edge.send(sent.body(Body::from(body)).unwrap()).await;
        assert!(![400, 404, 500].contains(&answer.status), "{method} {path}: {answer:?}");
    }
    let seen = edge.fakes.seen.lock().unwrap().clone();
    let told: Vec<_> = seen.iter().filter(|seen| seen.rpc.starts_with("engine.")).collect();
    assert!(told.len() >= 14, "{}", told.len());
    for seen in told {
        let text = format!("{:?} {}", seen.call, seen.request);
        let canaries =
            ["canary", ANA, SESSION, WORKSPACE, TOKEN, "203.0.113.9", "198.51.100.77", "Acme", "0123456789abcdef"];
        for canary in canaries {
            assert!(!text.contains(canary), "{} learns {canary}: {text}", seen.rpc);
        }
        let expected = Call { deadline: seen.call.deadline, ..Call::service(Role::Edge, seen.call.request_id) };
        assert_eq!(format!("{:?}", seen.call), format!("{expected:?}"));
    }
    // What a key stands for cannot be seen from the id either: it is a hash of where it is used, by whom.
    let created = edge.fakes.world().created[0].clone();
    assert_eq!(created.budget_token, "bt_secret");
}

#[tokio::test]
async fn executions_of_others_are_as_absent_as_those_that_never_were() {
    let edge = Edge::new();
    let mut foreign = owned(1_790_000_000);
    foreign.workspace_id = FOREIGN.into();
    edge.fakes.world().owned.insert(EXECUTION.into(), (foreign, vec![]));
    let body = |rest: &str| match rest {
        "/outcomes" => r#"{"actuals":[{"metric":"churn","value":1}]}"#,
        "/export" => r#"{"format":"pdf"}"#,
        _ => r#"{"answers":{"a":1}}"#,
    };
    for (method, rest) in [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("POST", "/answers"),
        ("POST", "/outcomes"),
        ("POST", "/export"),
        ("GET", "/events"),
        ("GET", "/opinions"),
        ("GET", "/conflicts"),
        ("GET", "/meeting"),
        ("GET", "/artifacts"),
        ("GET", "/export?format=pdf"),
    ] {
        let ask = async |id: &str| {
            edge.put(method, &format!("{PATH}/{id}{rest}"), body(rest)).await.problem(404, "NOT_FOUND")
        };
        let (foreign, absent) = (ask(EXECUTION).await, ask("exec_01k9tq6j3se5mb1pt2xdv6q3kx").await);
        assert_eq!(foreign["detail"], absent["detail"]);
        ask("nonsense").await;
    }
    ok(&edge.get(PATH).await);
    assert_eq!(edge.get(PATH).await.json()["data"], json!([]));
    let seen = edge.fakes.seen.lock().unwrap();
    assert!(
        !seen.iter().any(|seen| seen.rpc.starts_with("engine.")),
        "nothing is asked before it is known whose it is"
    );
}
