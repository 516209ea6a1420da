//! What is killed, replaced and renewed behind and beside the proxy.

use crate::{
    cases,
    front::{Front, trusting},
    web::Web,
};
use anyhow::{Context as _, ensure};
use http::Version;
use proto::Role;
use serde_json::json;
use std::{
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};
use tests::{
    Cluster, Process,
    client::Client,
    cluster::{Options, Shape},
    eventually, free_port,
};

cases! {
    own: a_killed_service_is_a_503_until_it_is_back, with_two_edges_no_request_fails_when_one_is_killed,
        a_new_certificate_is_shown_without_a_restart, new_listeners_are_taken_by_a_running_envoy;
}

async fn a_killed_service_is_a_503_until_it_is_back() -> anyhow::Result<()> {
    let options = trusting();
    let mut cluster = Cluster::start(Shape::One, &options).await?;
    let front = Front::start(&cluster, &[]).await?;
    let through = Client::new(front.url());
    let person = cluster.person().await?;
    let (_, key) = person.key_with(&json!({})).await?;
    let key = through.with(key["key"].as_str().context("a key")?);
    key.chat("simulator/chat", "hi").await?.expect(200)?;
    cluster.process(Role::Edge).kill().await?;
    for _ in 0..5 {
        let gone = key.chat("simulator/chat", "hi").await?.expect(503)?;
        ensure!(gone.json()?["error"]["code"] == "service_unavailable", "{}", gone.text);
    }
    cluster.restart(Role::Edge, &options).await?;
    eventually(async || key.chat("simulator/chat", "hi").await?.expect(200).map(drop)).await
}

async fn with_two_edges_no_request_fails_when_one_is_killed() -> anyhow::Result<()> {
    let options = Options { env: trusting().env, ..Options::default() };
    let mut cluster = Cluster::start(Shape::Many, &options).await?;
    // A second edge, which needs no database.
    let (http, ops) = (free_port()?, free_port()?);
    let listen = format!("127.0.0.1:{http}");
    let args = ["serve", "--role", "edge", "--config", "cluster.yaml", "--listen", &listen];
    let own =
        [("PERPETUO__OPS__LISTEN", format!("127.0.0.1:{ops}")), ("PERPETUO__SIMULATOR__ENABLED", "true".to_owned())];
    let env: Vec<_> = options.env.iter().map(|(k, v)| (k.as_str(), v.clone())).chain(own).collect();
    let second = Process::start("edge-2", cluster.dir(), &args, &env)?;
    let ready = format!("http://{listen}/readyz");
    eventually(async || Ok(reqwest::get(&ready).await?.error_for_status().map(drop)?)).await?;
    let edges = format!("edge={},{listen}", cluster.url().trim_start_matches("http://"));
    let front = Front::start(&cluster, &[&edges, "retry.unsent=true"]).await?;
    eventually(async || {
        let healthy = front.stat("cluster.edge.membership_healthy").await?;
        ensure!(healthy == 2, "{healthy} edges are healthy");
        Ok(())
    })
    .await?;
    let person = cluster.person().await?;
    let (_, key) = person.key_with(&json!({})).await?;
    let key = Client::new(front.url()).with(key["key"].as_str().context("a key")?);
    let (stop, mut asked) = (AtomicBool::new(false), 0);
    let load = async {
        while !stop.load(SeqCst) {
            key.get("/v1/models").await?.expect(200)?;
            asked += 1;
        }
        anyhow::Ok(())
    };
    let fault = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        cluster.process(Role::Edge).kill().await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        // The dead one has been noticed: what must not be repeated is not sent there either.
        for _ in 0..20 {
            key.chat("simulator/chat", "hi").await?.expect(200)?;
        }
        cluster.respawn(Role::Edge, &options)?;
        eventually(async || {
            let healthy = front.stat("cluster.edge.membership_healthy").await?;
            ensure!(healthy == 2, "{healthy} edges are healthy");
            Ok(())
        })
        .await?;
        stop.store(true, SeqCst);
        anyhow::Ok(())
    };
    tokio::try_join!(load, fault)?;
    drop(second);
    ensure!(asked > 50, "only {asked} requests were made");
    Ok(())
}

async fn a_new_certificate_is_shown_without_a_restart() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::One, &trusting()).await?;
    let front = Front::start(&cluster, &[]).await?;
    let web = Web::new(front.https, "localhost", Version::HTTP_2, &front.authority)?;
    let shown = async || -> anyhow::Result<Vec<u8>> {
        let connection = web.connect().await?;
        let certificates = connection.get_ref().1.peer_certificates().context("certificates")?;
        Ok(certificates.first().context("a certificate")?.to_vec())
    };
    let first = shown().await?;
    let renewed = front.authority.install(&front.dir().join("tls"), &["localhost"])?;
    ensure!(first != renewed, "another certificate");
    eventually(async || {
        ensure!(shown().await? == renewed, "the old certificate is shown");
        Ok(())
    })
    .await
}

async fn new_listeners_are_taken_by_a_running_envoy() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::One, &trusting()).await?;
    let front = Front::start(&cluster, &["reload=true"]).await?;
    Client::new(front.url()).get("/health").await?.expect(200)?;
    let moved = free_port()?;
    let file = front.dir().join("envoy.yaml").display().to_string();
    let (sets, plain) = (front.arguments(), format!("plain=127.0.0.1:{moved}"));
    let mut args = vec!["envoy-config", "--out", &file];
    args.extend(sets.iter().map(String::as_str));
    args.extend(["--set", &plain]);
    cluster.operate(&args).await?;
    let client = Client::new(format!("http://127.0.0.1:{moved}"));
    eventually(async || client.get("/health").await?.expect(200).map(drop)).await
}
