//! Stopping: readiness fails first, what runs finishes, what was metered is written, exit 0.

use crate::scenarios;
use anyhow::ensure;
use proto::Role;
use serde_json::json;
use std::time::Duration;
use tests::{
    Answer, Cluster, Upstream,
    client::chat,
    cluster::{Options, Shape},
    upstream::Script,
};

scenarios! {
    own: a_running_stream_finishes_when_the_edge_is_told_to_stop, everything_metered_is_there_after_a_restart;
    once: every_role_ends_with_exit_code_0, a_stop_is_nothing_to_warn_of;
}

async fn a_running_stream_finishes_when_the_edge_is_told_to_stop(shape: Shape) -> anyhow::Result<()> {
    let mut cluster = Cluster::start(shape, &Options::default()).await?;
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("slow", Script::Text { text: "word ".repeat(20), pause: Duration::from_millis(100) });
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    let mut body = chat("slow", "hi");
    body["stream"] = json!(true);
    let request = key.request(reqwest::Method::POST, "/v1/chat/completions").json(&body);
    #[expect(clippy::disallowed_methods, reason = "joined below")]
    let stream = tokio::spawn(Answer::of(request));
    tests::eventually(async || {
        ensure!(upstream.under_way() == 1, "not started");
        Ok(())
    })
    .await?;
    cluster.process(Role::Edge).terminate()?;
    let answer = stream.await??.expect(200)?;
    ensure!(answer.events().last() == Some(&"[DONE]"), "cut: {}", answer.text);
    let status = cluster.process(Role::Edge).ended(Duration::from_secs(40)).await?;
    ensure!(status.code() == Some(0), "{status}");
    cluster.restart(Role::Edge, &Options::default()).await?;
    let log = person.log_of(&answer).await?;
    ensure!(log["outcome"] == "completed" && log["output_tokens"] == 20, "{log}");
    Ok(())
}

async fn everything_metered_is_there_after_a_restart(shape: Shape) -> anyhow::Result<()> {
    let mut cluster = Cluster::start(shape, &Options::default()).await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    let requests = (0..50).map(|_| key.chat("simulator/chat", "hi"));
    for answer in futures::future::try_join_all(requests).await? {
        answer.expect(200)?;
    }
    cluster.process(Role::UsageMetering).terminate()?;
    let status = cluster.process(Role::UsageMetering).ended(Duration::from_secs(40)).await?;
    ensure!(status.code() == Some(0), "{status}");
    cluster.restart(Role::UsageMetering, &Options::default()).await?;
    tests::eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["total_requests"] == 50, "{usage}");
        Ok(())
    })
    .await
}

async fn every_role_ends_with_exit_code_0() -> anyhow::Result<()> {
    let mut cluster = Cluster::many().await?;
    for role in Role::ALL.iter().rev() {
        cluster.process(*role).terminate()?;
        let status = cluster.process(*role).ended(Duration::from_secs(40)).await?;
        ensure!(status.code() == Some(0), "{role}: {status}\n{}", cluster.process(*role).output());
    }
    Ok(())
}

async fn a_stop_is_nothing_to_warn_of() -> anyhow::Result<()> {
    let mut cluster = Cluster::one().await?;
    cluster.person().await?;
    let before = cluster.process(Role::Edge).output().len();
    cluster.process(Role::Edge).terminate()?;
    let status = cluster.process(Role::Edge).ended(Duration::from_secs(40)).await?;
    ensure!(status.code() == Some(0), "{status}");
    let output = cluster.process(Role::Edge).output();
    let said = &output[before..];
    ensure!(!said.contains("feed interrupted") && !said.contains("WARN"), "{said}");
    Ok(())
}
