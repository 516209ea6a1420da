//! How processes talk to each other, and what they take over without a restart.

use crate::scenarios;
use anyhow::ensure;
use proto::Role;
use reqwest::Method;
use std::{fs, io::Write as _, sync::Arc};
use tests::{Answer, Authority, Cluster, cluster::Options, cluster::Shape, eventually};

scenarios! {
    once: processes_talk_over_tls_and_take_over_new_certificates, a_hangup_takes_over_what_can_be_and_names_the_rest,
        plain_text_between_machines_is_a_decision;
}

async fn processes_talk_over_tls_and_take_over_new_certificates() -> anyhow::Result<()> {
    let authority = Arc::new(Authority::new()?);
    let options = Options { tls: Some(authority.clone()), ..Options::default() };
    let cluster = Cluster::start(Shape::Many, &options).await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    key.chat("simulator/chat", "hi").await?.expect(200)?;
    let plain = tonic::transport::Endpoint::try_from(cluster.grpc(Role::Identity))?.connect_lazy();
    let mut health = tonic_health::pb::health_client::HealthClient::new(plain);
    ensure!(
        health.check(tonic_health::pb::HealthCheckRequest::default()).await.is_err(),
        "somebody without TLS was let in"
    );
    // A process says that it serves a moment after it does.
    let told = eventually(async || cluster.operate(&["doctor", "--role", "edge"]).await).await?;
    ensure!(told.contains("certificate (peers.tls)") && told.contains("2200-01-01"), "{told}");

    authority.issue(&cluster.dir().join("tls"), 2300)?;
    let year_2300 = "perpetuo_certificate_expires_timestamp_seconds{setting=\"grpc.tls.cert_file\"} 10413792000";
    eventually(async || {
        for text in cluster.metrics(Role::Gateway).await? {
            ensure!(text.contains(year_2300), "not taken over yet");
        }
        Ok(())
    })
    .await?;
    key.chat("simulator/chat", "hi").await?.expect(200).map(drop)
}

async fn a_hangup_takes_over_what_can_be_and_names_the_rest() -> anyhow::Result<()> {
    let mut cluster = Cluster::many().await?;
    let allowed = async |cluster: &Cluster| {
        let request = cluster.anybody().request(Method::GET, "/health").header("origin", "https://app.example.com");
        let answer = Answer::of(request).await?.expect(200)?;
        anyhow::Ok(answer.header("access-control-allow-origin").to_owned())
    };
    ensure!(allowed(&cluster).await?.is_empty(), "nobody has allowed it");
    let file = cluster.dir().join("cluster.yaml");
    let before = fs::read_to_string(&file)?;
    let more = "edge:\n  cors_origins: [https://app.example.com]\nusage:\n  commit_timeout_ms: 2999\n";
    fs::write(&file, format!("{before}{more}"))?;
    cluster.process(Role::Edge).signal("HUP")?;
    eventually(async || {
        ensure!(allowed(&cluster).await? == "https://app.example.com", "not taken over yet");
        Ok(())
    })
    .await?;
    let told = cluster.process(Role::Edge).output();
    ensure!(told.contains("edge.cors_origins") && told.contains("are in force"), "{told}");
    let refused = told.lines().find(|line| line.contains("need a restart")).unwrap_or_default();
    ensure!(refused.contains("usage.commit_timeout_ms") && !refused.contains("cors_origins"), "{told}");

    // What cannot be read changes nothing, and ends nothing.
    fs::OpenOptions::new().append(true).open(&file)?.write_all(b"no_such_section: 1\n")?;
    cluster.process(Role::Edge).signal("HUP")?;
    eventually(async || {
        let told = cluster.process(Role::Edge).output();
        ensure!(told.contains("no_such_section") && told.contains("those from before stay"), "{told}");
        Ok(())
    })
    .await?;
    ensure!(allowed(&cluster).await? == "https://app.example.com", "what was in force is not");
    Ok(())
}

async fn plain_text_between_machines_is_a_decision() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let env = [
        ("DATABASE_URL", "postgres://127.0.0.1:1/x".to_owned()),
        ("PERPETUO__PEERS__WORKSPACE", "http://workspace.internal:9090".to_owned()),
    ];
    let (status, told) = tests::Process::run(dir.path(), &["serve", "--role", "identity"], &env).await?;
    ensure!(!status.success() && told.contains("peers.plaintext: true") && told.contains("peers.tls"), "{told}");
    Ok(())
}
