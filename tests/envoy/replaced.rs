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
use tests::{Cluster, client::Client, cluster::Shape, eventually, free_port};

cases! {
    own: a_killed_service_is_a_503_until_it_is_back, a_new_certificate_is_shown_without_a_restart,
        new_listeners_are_taken_by_a_running_envoy;
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
