//! The executive consultant, through the public API: with no key and no internet.

mod apart;
mod provider;
mod rates;

use crate::scenarios;
use anyhow::{Context as _, ensure};
use apart::the_engine_learns_nothing_of_who_asks;
use proto::Role;
use provider::{a_real_provider_is_called_like_by_any_other_client, what_a_revoked_key_began_calls_no_model};
use rates::so_many_requests_a_minute_as_the_plan_says;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tests::{
    Cluster,
    client::{Client, Person},
    cluster::{Options, Shape},
    within,
};

scenarios! {
    shared: a_problem_becomes_a_decision_at_each_depth, one_fact_that_changes_changes_the_figures, nobody_else_sees_it,
        the_plan_limits_how_many_and_how_many_at_once, one_that_is_not_wanted_ends_and_is_erased, bad_input_is_refused_and_counts_nothing,
        a_real_provider_is_called_like_by_any_other_client, what_a_revoked_key_began_calls_no_model,
        so_many_requests_a_minute_as_the_plan_says;
    own: killed_in_the_middle_it_goes_on, the_engine_learns_nothing_of_who_asks;
}

/// More than the free plan's one at once would let through.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn problem(text: &str, depth: &str) -> Value {
    json!({"problem_description": text, "business_type": "SaaS", "analysis_depth": depth})
}

pub(crate) const SALES: &str = "As vendas caíram 20% no trimestre. Temos R$ 400 mil em caixa, receita de R$ 180 mil por mês, custos de R$ 210 mil \
    por mês e churn de 6% ao mês. Podemos gastar no máximo R$ 90 mil.";

pub(crate) async fn begin(client: &Client, body: &Value) -> anyhow::Result<String> {
    // The one before may not have been counted as ended yet.
    let began = std::time::Instant::now();
    let made = loop {
        let made = client.post("/api/v1/executions", body).await?;
        if made.status != 429 || began.elapsed() > PATIENCE {
            break made.expect(201)?;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    ensure!(made.header("location").starts_with("/api/v1/executions/exec_"), "{:?}", made.headers);
    let made = made.json()?;
    ensure!(made["status"] == "running" && made["estimated_duration_seconds"].as_i64() > Some(0), "{made}");
    Ok(made["execution_id"].as_str().context("no id")?.to_owned())
}

/// Waits for its end, which its events tell, so that the requests of a minute are left for others.
pub(crate) async fn ended(client: &Client, id: &str) -> anyhow::Result<Value> {
    within(PATIENCE, async || {
        let path = format!("/api/v1/executions/{id}");
        client.get(&format!("{path}/events")).await?;
        let found = client.get(&path).await?.expect(200)?.json()?;
        if found["status"] == "running" {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        ensure!(found["status"] != "running", "{found}");
        Ok(found)
    })
    .await
}

async fn report(client: &Client, body: &Value) -> anyhow::Result<Value> {
    let id = begin(client, body).await?;
    let found = ended(client, &id).await?;
    ensure!(found["status"] == "completed" && found["quality"] == "full", "{found}");
    Ok(found["results"].clone())
}

async fn a_problem_becomes_a_decision_at_each_depth(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for depth in ["Rápida", "padrao", "deep"] {
        let id = begin(&person.client, &problem(SALES, depth)).await?;
        let path = format!("/api/v1/executions/{id}");
        let events = person.client.get(&format!("{path}/events")).await?.expect(200)?;
        ensure!(events.header("content-type").starts_with("text/event-stream"), "{:?}", events.headers);
        let kinds: Vec<&str> = events.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
        ensure!(
            kinds.first() == Some(&"execution.queued") && kinds.last() == Some(&"execution.completed"),
            "{kinds:?}"
        );
        let numbers: Vec<i64> =
            events.text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect();
        ensure!(numbers.iter().copied().eq(1..=i64::try_from(kinds.len())?), "{numbers:?}");
        let found = ended(&person.client, &id).await?;
        ensure!(found["status"] == "completed" && found["quality"] == "full" && found["progress"] == 1.0, "{found}");
        let usage = &found["usage"];
        ensure!(
            usage["total_tokens"].as_i64() > Some(0) && usage["total_tokens"].as_i64() <= usage["ceiling"].as_i64(),
            "{usage}"
        );
        read(&person.client, &path).await?;
    }
    let listed = person.client.get("/api/v1/executions").await?.expect(200)?.json()?;
    ensure!(listed["data"].as_array().is_some_and(|all| all.len() == 3), "{listed}");
    let logs = person.client.get(&person.path("/logs")).await?.expect(200)?.json()?;
    let operations: BTreeSet<&str> =
        logs["data"].as_array().context("no list")?.iter().filter_map(|log| log["operation"].as_str()).collect();
    ensure!(operations == BTreeSet::from(["chat.completions.execution"]), "{operations:?}");
    Ok(())
}

/// Everything that can be read of one that is completed.
async fn read(client: &Client, path: &str) -> anyhow::Result<()> {
    for (part, field) in
        [("opinions", "data"), ("conflicts", "data"), ("meeting", "decisions"), ("artifacts", "action_plan")]
    {
        let found = client.get(&format!("{path}/{part}")).await?.expect(200)?.json()?;
        ensure!(found[field].is_array(), "{part}: {found}");
    }
    for (format, magic) in [("pdf", "%PDF"), ("docx", "PK"), ("md", "#"), ("json", "{"), ("csv", "")] {
        let made = client.post(&format!("{path}/export"), &json!({"format": format})).await?.expect(202)?.json()?;
        ensure!(made["export_id"].as_str().is_some_and(|id| id.starts_with("exp_")), "{made}");
        let file = client.request(reqwest::Method::GET, &format!("{path}/export?format={format}")).send().await?;
        ensure!(file.status() == 200, "{format}: {}", file.status());
        let name = file.headers()["content-disposition"].to_str()?.to_owned();
        ensure!(name.contains(&format!(".{format}")), "{name}");
        let bytes = file.bytes().await?;
        ensure!(bytes.starts_with(magic.as_bytes()) && bytes.len() > 100, "{format}");
    }
    client.get(&format!("{path}/export?format=exe")).await?.expect(422)?;
    Ok(())
}

async fn one_fact_that_changes_changes_the_figures(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let with = |cash: i64, churn: f64, cap: i64| {
        let mut body = problem("Clientes estão indo embora e precisamos decidir o que fazer.", "standard");
        body["locale"] = json!("pt-BR");
        body["facts"] =
            json!({"cash": cash, "revenue": 200_000, "operating_costs": 220_000, "churn": churn, "customers": 400});
        body["constraints"] = json!([{"kind": "budget_cap", "value": cap}]);
        body
    };
    let base = report(&person.client, &with(600_000, 6.0, 100_000)).await?;
    for (what, other) in [
        ("cash", with(90_000, 6.0, 100_000)),
        ("churn", with(600_000, 14.0, 100_000)),
        ("cap", with(600_000, 6.0, 5_000)),
    ] {
        let other = report(&person.client, &other).await?;
        ensure!(other["cells"] != base["cells"], "{what}: the figures are the same");
        ensure!(other["scenarios"] != base["scenarios"] || what == "cap", "{what}: the scenarios are the same");
        ensure!(other["meeting"]["decisions"] != base["meeting"]["decisions"], "{what}: the decisions are the same");
    }
    Ok(())
}

async fn nobody_else_sees_it(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let (ada, bob) = (cluster.person().await?, cluster.person().await?);
    let id = begin(&ada.client, &problem(SALES, "quick")).await?;
    let path = format!("/api/v1/executions/{id}");
    let absent = bob.client.get("/api/v1/executions/exec_00000000000000000000000000").await?.expect(404)?.json()?;
    for rest in ["", "/events", "/opinions", "/conflicts", "/meeting", "/artifacts", "/export?format=pdf"] {
        let refused = bob.client.get(&format!("{path}{rest}")).await?.expect(404)?.json()?;
        ensure!(refused["code"] == absent["code"] && refused["detail"] == absent["detail"], "{rest}: {refused}");
    }
    bob.client.post(&format!("{path}/export"), &json!({"format": "pdf"})).await?.expect(404)?;
    tests::Answer::of(bob.client.request(reqwest::Method::POST, &format!("{path}/cancel"))).await?.expect(404)?;
    bob.client.delete(&path).await?.expect(404)?;
    bob.client.post(&format!("{path}/answers"), &json!({"answers": {"cac": 1}})).await?.expect(404)?;
    let actuals = json!({"actuals": [{"metric": "churn", "value": 5, "day": 30}]});
    bob.client.post(&format!("{path}/outcomes"), &actuals).await?.expect(404)?;
    ensure!(ended(&ada.client, &id).await?["status"] == "completed");
    let listed = bob.client.get("/api/v1/executions").await?.expect(200)?.json()?;
    ensure!(listed["data"] == json!([]), "{listed}");
    ada.key().await?.get("/api/v1/executions").await?.expect(403)?;
    Ok(())
}

async fn the_plan_limits_how_many_and_how_many_at_once(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let mut asking = problem("Devemos abrir uma filial?", "quick");
    asking["interactive"] = json!(true);
    let waiting = begin(&person.client, &asking).await?;
    within(PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let found = person.client.get(&format!("/api/v1/executions/{waiting}")).await?.expect(200)?.json()?;
        ensure!(found["phase"] == "awaiting_input" && found["status"] == "running", "{found}");
        Ok(())
    })
    .await?;
    let busy = person.client.post("/api/v1/executions", &problem(SALES, "quick")).await?.expect(429)?;
    ensure!(!busy.header("retry-after").is_empty() && busy.json()?["code"] == "CONCURRENCY_LIMITED", "{}", busy.text);
    let deleted = person.client.delete(&format!("/api/v1/executions/{waiting}")).await?;
    ensure!([202, 204].contains(&deleted.status), "{}", deleted.text);
    for _ in 0..9 {
        let id = begin(&person.client, &problem(SALES, "quick")).await?;
        ended(&person.client, &id).await?;
    }
    // One whose model replied before it was deleted counts, so nine and that one are all there is.
    for (language, error) in [("pt-BR", "Limite de execuções atingido"), ("en", "Execution limit reached")] {
        let spent = within(PATIENCE, async || {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let asked = person.client.request(reqwest::Method::POST, "/api/v1/executions");
            let asked = asked.header("accept-language", language).json(&problem(SALES, "quick"));
            tests::Answer::of(asked).await?.expect(402)?.json()
        })
        .await?;
        ensure!(
            spent["executions_used"] == 10 && spent["executions_limit"] == 10 && spent["plan"] == "free",
            "{spent}"
        );
        ensure!(spent["error"] == error, "{spent}");
        ensure!(spent["upgrade_url"].as_str().is_some_and(|url| url.ends_with("/api/v1/plans")), "{spent}");
        ensure!(spent["code"] == "QUOTA_EXCEEDED" && spent["status"] == 402, "{spent}");
    }
    Ok(())
}

async fn one_that_is_not_wanted_ends_and_is_erased(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let mut asking = problem("Devemos contratar?", "quick");
    asking["interactive"] = json!(true);
    let id = begin(&person.client, &asking).await?;
    let path = format!("/api/v1/executions/{id}");
    let cancelled = person.client.request(reqwest::Method::POST, &format!("{path}/cancel"));
    let cancelled = tests::Answer::of(cancelled).await?;
    ensure!([200, 202].contains(&cancelled.status), "{}", cancelled.text);
    ensure!(ended(&person.client, &id).await?["status"] == "cancelled");
    person.client.get(&format!("{path}/artifacts")).await?.expect(409)?;
    person.client.delete(&path).await?.expect(204)?;
    person.client.get(&path).await?.expect(404)?;
    let listed = person.client.get("/api/v1/executions").await?.expect(200)?.json()?;
    ensure!(listed["data"] == json!([]), "{listed}");
    Ok(())
}

async fn bad_input_is_refused_and_counts_nothing(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let with = |field: &str, value: Value| {
        let mut body = problem(SALES, "quick");
        body[field] = value;
        body
    };
    for (body, status) in [
        (json!({}), 400),
        (with("analysis_depth", json!("endless")), 422),
        (with("problem_description", json!("")), 422),
        (with("problem_description", json!("x".repeat(20_001))), 422),
        (with("surprise", json!(1)), 400),
        (with("facts", json!({"Cash!": 1})), 422),
        (with("facts", json!({"cash": "many"})), 400),
        (with("constraints", json!([{"kind": "luck"}])), 422),
        (with("locale", json!("tlh")), 422),
    ] {
        let refused = person.client.post("/api/v1/executions", &body).await?;
        ensure!(refused.status == status, "{body}: {} {}", refused.status, refused.text);
        ensure!(refused.header("content-type").starts_with("application/problem+json"), "{:?}", refused.headers);
    }
    let used = person.client.get("/api/v1/billing/usage").await?.expect(200)?.json()?;
    let executions = used.to_string();
    ensure!(!executions.contains("\"used\":1"), "{executions}");
    Ok(())
}

async fn killed_in_the_middle_it_goes_on(shape: Shape) -> anyhow::Result<()> {
    let options = Options::default();
    let mut cluster = Cluster::start(shape, &options).await?;
    let person: Person = cluster.person().await?;
    for pause in [20, 120, 300] {
        let id = begin(&person.client, &problem(SALES, "deep")).await?;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        cluster.process(Role::AgentEngine).kill().await?;
        cluster.restart(Role::AgentEngine, &options).await?;
        let found = ended(&person.client, &id).await?;
        ensure!(found["status"] == "completed" && found["quality"] == "full", "{pause} ms: {found}");
        let events = person.client.get(&format!("/api/v1/executions/{id}/events")).await?.expect(200)?;
        let numbers: Vec<i64> =
            events.text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect();
        ensure!(numbers.iter().copied().eq(1..=i64::try_from(numbers.len())?), "{numbers:?}");
    }
    Ok(())
}
