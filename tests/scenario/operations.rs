//! What an operator looks at.

use crate::scenarios;
use anyhow::ensure;
use proto::Role;
use tests::{Answer, Cluster};

scenarios! {
    shared: probes_and_metrics_answer_on_the_operations_port, metrics_are_not_on_the_public_port,
        the_api_describes_itself, logs_are_json_with_request_ids, doctor_finds_nothing_wrong, config_shows_sources_and_no_secrets,
        forwarded_headers_of_strangers_do_not_count, cors_is_closed_unless_configured;
}

async fn probes_and_metrics_answer_on_the_operations_port(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    person.key().await?.chat("simulator/chat", "hi").await?.expect(200)?;
    let http = reqwest::Client::new();
    for role in Role::ALL {
        let ops = cluster.ops(*role);
        for path in ["/livez", "/readyz", "/metrics"] {
            let answer = Answer::of(http.get(format!("{ops}{path}"))).await?.expect(200)?;
            ensure!(path != "/metrics" || answer.text.contains("process_resident_memory_bytes"), "{}", answer.text);
        }
    }
    let edge = Answer::of(http.get(format!("{}/metrics", cluster.ops(Role::Edge)))).await?.text;
    ensure!(edge.contains("/v1/chat/completions"), "no route in the edge's metrics:\n{edge}");
    ensure!(!edge.contains(&person.workspace) && !edge.contains("pk_"), "an unbounded label");
    Ok(())
}

async fn metrics_are_not_on_the_public_port(cluster: &Cluster) -> anyhow::Result<()> {
    cluster.anybody().get("/metrics").await?.expect(404)?;
    for path in ["/health", "/livez", "/readyz"] {
        cluster.anybody().get(path).await?.expect(200)?;
    }
    ensure!(cluster.anybody().get("/health").await?.json()?["status"] == "ok", "health");
    Ok(())
}

async fn the_api_describes_itself(cluster: &Cluster) -> anyhow::Result<()> {
    let document = cluster.anybody().get("/openapi.json").await?.expect(200)?.json()?;
    ensure!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{}", document["openapi"]);
    for path in ["/v1/chat/completions", "/api/v1/workspaces", "/api/v1/workspaces/{workspace_id}/providers"] {
        let found = document["paths"].get(path).is_some();
        ensure!(
            found,
            "{path} is not described: {:?}",
            document["paths"].as_object().map(|p| p.keys().collect::<Vec<_>>())
        );
    }
    let page = cluster.anybody().get("/docs").await?.expect(200)?;
    ensure!(page.header("content-type").starts_with("text/html") && page.text.contains("chat/completions"), "no page");
    ensure!(!page.text.contains("https://cdn") && !page.text.contains("unpkg"), "the page needs the internet");
    for reason in proto::Reason::ALL {
        let page = cluster.anybody().get(&format!("/docs/errors/{}", reason.as_str())).await?.expect(200)?;
        ensure!(page.text.contains(reason.as_str()), "{}", reason.as_str());
    }
    Ok(())
}

async fn logs_are_json_with_request_ids(cluster: &Cluster) -> anyhow::Result<()> {
    let answer = cluster.anybody().get("/auth/me").await?.expect(401)?;
    let id = answer.header("x-request-id").to_owned();
    tests::eventually(async || {
        let output = cluster.output();
        let line = output.lines().find(|l| l.contains(&id)).ok_or_else(|| anyhow::anyhow!("no line with {id}"))?;
        serde_json::from_str::<serde_json::Value>(line)?;
        Ok(())
    })
    .await
}

async fn doctor_finds_nothing_wrong(cluster: &Cluster) -> anyhow::Result<()> {
    let config: &[&str] = if cluster.dir().join("cluster.yaml").exists() {
        &["--config", "cluster.yaml"]
    } else {
        &["--data-dir", "data"]
    };
    // A process says that it serves a moment after it does.
    let output = tests::eventually(async || cluster.command(&[&["doctor"], config].concat()).await).await?;
    ensure!(!output.contains("FAIL"), "{output}");
    Ok(())
}

async fn config_shows_sources_and_no_secrets(cluster: &Cluster) -> anyhow::Result<()> {
    let output = cluster.command(&["config"]).await?;
    ensure!(output.contains("log_format") && output.contains("PERPETUO__TELEMETRY__LOG_FORMAT"), "{output}");
    ensure!(output.contains("default"), "{output}");
    Ok(())
}

async fn forwarded_headers_of_strangers_do_not_count(cluster: &Cluster) -> anyhow::Result<()> {
    let request = cluster.anybody().request(reqwest::Method::GET, "/auth/me");
    let request =
        request.header("x-forwarded-for", "203.0.113.99").header("x-call-bin", "AAAA").header("x-peer-token", "x");
    let answer = Answer::of(request).await?.expect(401)?;
    let id = answer.header("x-request-id").to_owned();
    tests::eventually(async || {
        let output = cluster.output();
        let line = output.lines().find(|l| l.contains(&id)).ok_or_else(|| anyhow::anyhow!("no line with {id}"))?;
        ensure!(!line.contains("203.0.113.99"), "{line}");
        Ok(())
    })
    .await
}

async fn cors_is_closed_unless_configured(cluster: &Cluster) -> anyhow::Result<()> {
    let request = cluster.anybody().request(reqwest::Method::OPTIONS, "/v1/models");
    let request = request.header("origin", "https://evil.example").header("access-control-request-method", "GET");
    let answer = Answer::of(request).await?;
    ensure!(answer.headers.get("access-control-allow-origin").is_none(), "{:?}", answer.headers);
    Ok(())
}
