//! The ledger's promise: what was admitted is in the ledger once, whatever is killed.

use crate::scenarios;
use anyhow::ensure;
use proto::Role;
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tests::{
    Cluster, Person, Upstream,
    client::Client,
    cluster::{Options, Shape},
    eventually,
    upstream::Script,
    within,
};

scenarios! {
    shared: ten_thousand_tokens_add_up;
    own: a_killed_gateway_loses_nothing, a_killed_ledger_loses_nothing;
}

async fn ten_thousand_tokens_add_up(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("m", Script::text("one two three four five"));
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    for _ in 0..10 {
        let requests = (0..20).map(|n| {
            let key = key.clone();
            async move { if n % 2 == 0 { key.chat("m", "hi").await } else { key.chat_stream("m", "hi").await } }
        });
        for answer in futures::future::try_join_all(requests).await? {
            answer.expect(200)?;
        }
    }
    eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["total_requests"] == 200, "{usage}");
        ensure!(usage["total_input_tokens"] == 200 * 7 && usage["total_output_tokens"] == 200 * 5, "{usage}");
        Ok(())
    })
    .await?;
    ensure!(upstream.received().len() == 200, "{}", upstream.received().len());
    Ok(())
}

async fn a_killed_gateway_loses_nothing(shape: Shape) -> anyhow::Result<()> {
    killed_under_load(shape, Role::Gateway).await
}

async fn a_killed_ledger_loses_nothing(shape: Shape) -> anyhow::Result<()> {
    killed_under_load(shape, Role::UsageMetering).await
}

/// SIGKILL of a role in the middle of requests: afterwards the provider's own count and the ledger agree, and every
/// answer that a client saw completed has its row.
async fn killed_under_load(shape: Shape, role: Role) -> anyhow::Result<()> {
    let mut cluster = Cluster::start(shape, &Options::default()).await?;
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("m", Script::Text { text: "one two three four".to_owned(), pause: Duration::from_millis(5) });
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    let mut completed = HashSet::new();
    for _ in 0..3 {
        let stop = Arc::new(AtomicBool::new(false));
        let loaders: Vec<_> = (0..8).map(|n| load(key.clone(), n % 2 == 0, stop.clone())).collect();
        #[expect(clippy::disallowed_methods, reason = "joined below")]
        let loading = tokio::spawn(futures::future::join_all(loaders));
        tokio::time::sleep(Duration::from_millis(400)).await;
        cluster.process(role).kill().await?;
        stop.store(true, Relaxed);
        completed.extend(loading.await?.into_iter().flatten());
        cluster.restart(role, &Options::default()).await?;
        eventually(async || key.chat("simulator/none", "are you back?").await.map(drop)).await?;
    }
    ensure!(completed.len() > 20, "only {} requests completed: the scenario proves little", completed.len());
    let provider = upstream.received().len();
    // Grants of a killed gateway are swept when its lease of 15 s is over.
    within(Duration::from_secs(40), async || {
        let rows = all_logs(&person).await?;
        let ids: HashSet<String> = rows.iter().map(|r| r["id"].as_str().unwrap_or_default().to_owned()).collect();
        ensure!(ids.len() == rows.len(), "a request is logged twice");
        let missing = completed.iter().filter(|id| !ids.contains(*id)).count();
        ensure!(missing == 0, "{missing} of {} completed requests have no row", completed.len());
        let attempts: usize = rows.iter().map(|r| r["attempts"].as_array().map_or(0, Vec::len)).sum();
        ensure!(attempts >= provider, "the provider was called {provider} times, the ledger has {attempts} rows");
        Ok(())
    })
    .await?;
    for row in all_logs(&person).await?.iter().filter(|r| r["outcome"] == "completed") {
        ensure!(row["input_tokens"] == 7 && row["output_tokens"] == 4, "not the provider's count: {row}");
    }
    Ok(())
}

/// Chats until told to stop; the ids of the requests whose whole answer arrived.
async fn load(key: Client, stream: bool, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut completed = vec![];
    while !stop.load(Relaxed) {
        let answer = if stream { key.chat_stream("m", "hi").await } else { key.chat("m", "hi").await };
        match answer {
            Ok(a) if a.status == 200 && (!stream || a.text.contains("[DONE]")) => {
                completed.push(a.header("x-request-id").to_owned());
            }
            // Away: do not hammer.
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    completed
}

async fn all_logs(person: &Person) -> anyhow::Result<Vec<Value>> {
    let (mut rows, mut cursor) = (vec![], String::new());
    for _ in 0..200 {
        let path = person.path(&format!("/logs?limit=200{cursor}"));
        let page = person.client.get(&path).await?.expect(200)?.json()?;
        rows.extend(page["data"].as_array().into_iter().flatten().filter(|r| r["model"] == "m").cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    Ok(rows)
}
