//! Two edges behind one proxy, of which one goes: nobody notices.

use crate::{
    cases,
    front::{Front, trusting},
};
use anyhow::{Context as _, ensure};
use futures::future::try_join_all;
use proto::Role;
use serde_json::json;
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    time::Duration,
};
use tests::{
    Cluster, Process,
    client::{Client, chat},
    cluster::{Options, Shape},
    eventually, free_port,
};

cases! {
    own: reading_goes_on_when_one_is_killed, nothing_fails_and_no_stream_is_cut_when_one_stops_and_comes_back;
}

/// A cluster with an edge more, a proxy in front of both, and somebody's key.
struct Two {
    cluster: Cluster,
    options: Options,
    second: Process,
    front: Front,
    key: Client,
}

impl Two {
    async fn start(set: &[&str]) -> anyhow::Result<Self> {
        let options = trusting();
        let cluster = Cluster::start(Shape::Many, &options).await?;
        let (http, ops) = (free_port()?, free_port()?);
        let listen = format!("127.0.0.1:{http}");
        // An edge keeps no tables: it needs no database.
        let args = ["serve", "--role", "edge", "--config", "cluster.yaml", "--listen", &listen];
        let own = [("PERPETUO__OPS__LISTEN", format!("127.0.0.1:{ops}"))];
        let env: Vec<_> = options.env.iter().map(|(k, v)| (k.as_str(), v.clone())).chain(own).collect();
        let second = Process::start("edge-2", cluster.dir(), &args, &env)?;
        let ready = format!("http://{listen}/readyz");
        eventually(async || Ok(reqwest::get(&ready).await?.error_for_status().map(drop)?)).await?;
        let edges = format!("edge={},{listen}", cluster.url().trim_start_matches("http://"));
        let front = Front::start(&cluster, &[&[edges.as_str()], set].concat()).await?;
        let (_, key) = cluster.person().await?.key_with(&json!({})).await?;
        let key = Client::new(front.url()).with(key["key"].as_str().context("a key")?);
        let two = Self { cluster, options, second, front, key };
        two.healthy(2).await?;
        Ok(two)
    }

    /// Waits until the proxy gives requests to so many.
    async fn healthy(&self, expected: u64) -> anyhow::Result<()> {
        eventually(async || {
            let healthy = self.front.stat("cluster.edge.membership_healthy").await?;
            ensure!(healthy == expected, "{healthy} edges are healthy");
            Ok(())
        })
        .await
    }
}

/// Asks again and again until `stop`. Fails with the first failure.
async fn load(stop: &AtomicBool, asked: &AtomicUsize, ask: impl AsyncFn() -> anyhow::Result<()>) -> anyhow::Result<()> {
    while !stop.load(SeqCst) {
        ask().await.with_context(|| format!("after {} requests", asked.load(SeqCst)))?;
        asked.fetch_add(1, SeqCst);
    }
    Ok(())
}

async fn reading_goes_on_when_one_is_killed() -> anyhow::Result<()> {
    let mut two = Two::start(&[]).await?;
    let (stop, asked, key) = (AtomicBool::new(false), AtomicUsize::new(0), two.key.clone());
    let reading = load(&stop, &asked, async || key.get("/v1/models").await?.expect(200).map(drop));
    let fault = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        two.cluster.process(Role::Edge).kill().await?;
        two.healthy(1).await?;
        // The dead one has been noticed: what must not be repeated is not sent there either.
        for _ in 0..20 {
            two.key.chat("simulator/chat", "hi").await?.expect(200)?;
        }
        two.cluster.respawn(Role::Edge, &two.options)?;
        two.healthy(2).await?;
        stop.store(true, SeqCst);
        anyhow::Ok(())
    };
    tokio::try_join!(reading, fault)?;
    ensure!(asked.load(SeqCst) > 50, "only {asked:?} requests were made");
    Ok(())
}

/// What costs money, with nothing that repeats it: SIGTERM, and a process in its place.
async fn nothing_fails_and_no_stream_is_cut_when_one_stops_and_comes_back() -> anyhow::Result<()> {
    let mut two = Two::start(&[]).await?;
    let (stop, asked, key) = (AtomicBool::new(false), AtomicUsize::new(0), two.key.clone());
    let mut slow = chat("simulator/chat", "hi");
    slow["stream"] = json!(true);
    slow["simulator"] = json!({"tokens": 60, "chunk_delay_ms": 100});
    let streams = try_join_all((0..6).map(|_| async {
        let answer = key.post("/v1/chat/completions", &slow).await?.expect(200)?;
        ensure!(answer.events().last() == Some(&"[DONE]"), "a stream was cut: {}", answer.text);
        anyhow::Ok(())
    }));
    let post = async || key.chat("simulator/chat", "hi").await?.expect(200).map(drop);
    let loads = try_join_all((0..3).map(|_| load(&stop, &asked, post)));
    let fault = async {
        tokio::time::sleep(Duration::from_millis(1000)).await;
        two.cluster.process(Role::Edge).terminate()?;
        two.cluster.process(Role::Edge).ended(Duration::from_secs(40)).await?;
        two.cluster.respawn(Role::Edge, &two.options)?;
        two.healthy(2).await?;
        two.second.terminate()?;
        two.second.ended(Duration::from_secs(40)).await?;
        stop.store(true, SeqCst);
        anyhow::Ok(())
    };
    tokio::try_join!(streams, loads, fault)?;
    ensure!(asked.load(SeqCst) > 100, "only {asked:?} requests were made");
    let retries = two.front.stat("cluster.edge.upstream_rq_retry").await?;
    ensure!(retries == 0, "{retries} requests were sent again");
    Ok(())
}
