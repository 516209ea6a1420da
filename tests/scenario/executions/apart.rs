//! The engine knows nobody: marks in everything that could tell who asks are in none of its tables, in nothing that its process
//! says, and in nothing that a model is told.

use super::{ended, provider};
use anyhow::{Context as _, ensure};
use proto::Role;
use serde_json::{Value, json};
use tests::{
    Cluster,
    client::{PASSWORD, Person},
    cluster::{Options, Shape},
};

const MARK: &str = "zqxcanary";

pub(super) async fn the_engine_learns_nothing_of_who_asks(shape: Shape) -> anyhow::Result<()> {
    let everything = "debug,h2=info,hyper_util=info,sqlx=info,tower=info".to_owned();
    let options = Options { env: vec![("PERPETUO__TELEMETRY__LOG_LEVEL".into(), everything)], ..Options::default() };
    let mut cluster = Cluster::start(shape, &options).await?;
    let person = marked(&cluster).await?;
    let upstream = provider::provider(&cluster, &person).await?;
    let scopes = json!(["inference", "executions.read", "executions.write"]);
    let (key, made) = person.key_with(&json!({"name": format!("{MARK} key"), "scopes": scopes})).await?;
    let sent = key.request(reqwest::Method::POST, "/api/v1/executions").json(&provider::asked("deep"));
    let sent = [
        "user-agent",
        "x-request-id",
        "idempotency-key",
        "referer",
        "x-forwarded-for",
        "baggage",
        "tracestate",
        "cookie",
    ]
    .iter()
    .fold(sent, |sent, name| sent.header(*name, format!("{MARK}={MARK}")));
    let id = tests::Answer::of(sent).await?.expect(201)?.json()?["execution_id"].as_str().context("no id")?.to_owned();
    ensure!(ended(&person.client, &id).await?["status"] == "completed");
    let name = |value: &Value| value.as_str().map(str::to_owned).context("an id is missing");
    let known = [name(&person.account["user"]["id"])?, person.workspace.clone(), name(&made["id"])?, MARK.to_owned()];
    let mut places = vec![("its tables", tables(&cluster).await?)];
    if shape == Shape::Many {
        // With everything in one process, what the edge says of the caller is beside it.
        places.push(("its log", cluster.process(Role::AgentEngine).output()));
    }
    let told: Vec<String> =
        upstream.received().iter().map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect();
    ensure!(told.len() > 15, "{}", told.len());
    places.push(("prompts", told.concat()));
    let exported = person.client.get(&format!("/api/v1/executions/{id}/export?format=json")).await?.expect(200)?;
    places.push(("the report", exported.text));
    for (place, text) in places {
        ensure!(text.len() > 1_000, "{place} is nearly empty: {text}");
        for mark in &known {
            ensure!(!text.to_lowercase().contains(&mark.to_lowercase()), "{place}: {mark} is in there");
        }
    }
    Ok(())
}

async fn marked(cluster: &Cluster) -> anyhow::Result<Person> {
    let email = format!("{MARK}@example.com");
    let body = json!({
        "email": email, "password": PASSWORD, "name": format!("{MARK} name"), "workspace_name": format!("{MARK} workspace"),
    });
    let account = cluster.anybody().post("/auth/signup", &body).await?.expect(201)?.json()?;
    let token = account["access_token"].as_str().context("no token")?;
    let workspace = account["workspace"]["id"].as_str().context("no workspace")?.to_owned();
    Ok(Person { client: cluster.anybody().with(token), account, workspace, email })
}

/// Everything that the engine has stored.
async fn tables(cluster: &Cluster) -> anyhow::Result<String> {
    let Some(url) = cluster.database() else {
        let mut all = String::new();
        for file in ["engine.db", "engine.db-wal"] {
            let path = cluster.dir().join("data").join(file);
            let bytes = std::fs::read(&path).with_context(|| format!("{}", path.display()))?;
            all.push_str(&String::from_utf8_lossy(&bytes));
        }
        return Ok(all);
    };
    let pool = sqlx::PgPool::connect(url).await?;
    let mut all = String::new();
    for table in ["executions", "texts", "steps", "calls", "events", "reports", "outcomes"] {
        let rows = format!("select row_to_json(t)::text from engine.{table} t");
        let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(rows)).fetch_all(&pool).await?;
        ensure!(!rows.is_empty() || table == "outcomes", "{table} is empty");
        rows.iter().for_each(|(row,)| all.push_str(row));
    }
    pool.close().await;
    Ok(all)
}
