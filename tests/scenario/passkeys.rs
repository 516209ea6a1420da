//! Passkeys, made and shown by a device that others wrote (Yubico's fido2).

use crate::{
    mail::{Sink, token},
    scenarios,
};
use anyhow::{Context as _, ensure};
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio, time::Duration};
use tests::{
    Cluster, authenticator,
    client::{Client, PASSWORD},
    cluster::Shape,
    within,
};
use tokio::{io::AsyncWriteExt as _, process::Command};

scenarios! {
    own: a_device_that_others_wrote_signs_in_steps_up_and_is_removed;
}

/// Where people see pages: as letters have it, because nothing else is set.
const ORIGIN: &str = "https://app.acme.example";
const ADA: &str = "ada@example.com";

/// What the device makes or, if it has made one before, shows.
async fn device(options: &Value, origin: &str, before: Option<&Value>) -> anyhow::Result<(Value, Value)> {
    let mut told = json!({"options": options, "origin": origin});
    if let Some(before) = before {
        told["device"] = before.clone();
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut child = Command::new(root.join(".tools/python/bin/python"))
        .arg(root.join("tests/conformance/python/passkey.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("Python is not installed: run `make tools`")?;
    let mut input = child.stdin.take().context("no input")?;
    input.write_all(told.to_string().as_bytes()).await?;
    drop(input);
    let output = child.wait_with_output().await?;
    ensure!(output.status.success(), "run `make tools`? {}", String::from_utf8_lossy(&output.stderr));
    let mut done: Value = serde_json::from_slice(&output.stdout)?;
    Ok((done["credential"].take(), done["device"].take()))
}

/// Somebody with a confirmed address.
async fn ada(sink: &Sink, cluster: &Cluster) -> anyhow::Result<Client> {
    let anybody = cluster.anybody();
    anybody.post("/auth/signup", &json!({"email": ADA, "password": PASSWORD, "name": "Ada"})).await?.expect(202)?;
    let letter = within(Duration::from_secs(60), async || {
        sink.letters_to(ADA, "/auth/email/verify")?.pop().context("no letter")
    })
    .await?;
    let account = anybody.post("/auth/email/verify", &json!({"token": token(&letter)})).await?.expect(200)?.json()?;
    Ok(anybody.with(account["access_token"].as_str().context("no token")?))
}

async fn asked_at_the_door(anybody: &Client) -> anyhow::Result<Value> {
    anybody.post("/auth/passkey/options", &json!({})).await?.expect(200)?.json()
}

async fn a_device_that_others_wrote_signs_in_steps_up_and_is_removed(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = sink.cluster_with(shape, &[]).await?;
    let (me, anybody) = (ada(&sink, &cluster).await?, cluster.anybody());
    me.post("/me/passkeys/options", &json!({"password": "not-the-password-7"})).await?.expect(401)?;
    let options = me.post("/me/passkeys/options", &json!({"password": PASSWORD})).await?.expect(200)?.json()?;
    ensure!(options["rp"]["id"] == "app.acme.example" && options["user"]["name"] == ADA, "{options}");
    let (made, kept) = device(&options, ORIGIN, None).await?;
    let passkey = json!({"name": "Key ring", "credential": made});
    let added = me.post("/me/passkeys", &passkey).await?.expect(201)?.json()?;
    ensure!(added["name"] == "Key ring" && added["backed_up"] == true, "{added}");
    me.post("/me/passkeys", &passkey).await?.expect(422)?;
    within(Duration::from_secs(60), async || {
        sink.letters_to(ADA, "passkey was added")?.pop().map(drop).context("no letter")
    })
    .await?;

    // Without a name, once, and on our pages only.
    let options = asked_at_the_door(&anybody).await?;
    let (shown, _) = device(&options, ORIGIN, Some(&kept)).await?;
    let answers =
        try_join_all((0..4).map(|_| async { anybody.post("/auth/passkey", &json!({"credential": shown})).await }))
            .await?;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    ensure!(won.len() == 1 && answers.iter().filter(|answer| answer.status == 401).count() == 3, "{answers:?}");
    let session = won[0].json()?;
    ensure!(session["user"]["email"] == ADA && session["workspace"]["role"] == "owner", "{session}");
    let (phished, _) =
        device(&asked_at_the_door(&anybody).await?, "https://acme.example.evil.net", Some(&kept)).await?;
    let refused = anybody.post("/auth/passkey", &json!({"credential": phished})).await?.expect(401)?.json()?;
    ensure!(refused["code"] == "LOGIN_FAILED", "{refused}");
    let large = json!({"credential": {"id": "A".repeat(100_000)}});
    anybody.post("/auth/passkey", &large).await?.expect(401)?;
    anybody.post("/auth/passkey", &json!({"credential": {"id": "A".repeat(5_000_000)}})).await?.expect(413)?;

    // In the place of a code.
    let there = anybody.with(session["access_token"].as_str().context("no token")?);
    let secret = there.post("/me/mfa/totp", &json!({"password": PASSWORD})).await?.expect(201)?.json()?;
    let code = authenticator::code(secret["secret"].as_str().context("no secret")?, 0)?;
    there.post("/me/mfa/totp/confirm", &json!({"code": code})).await?.expect(200)?;
    let mut login = json!({"email": ADA, "password": PASSWORD});
    let asked = anybody.post("/auth/login", &login).await?.expect(401)?.json()?;
    ensure!(asked["code"] == "MFA_REQUIRED" && asked["methods"] == "totp recovery_code passkey", "{asked}");
    let (shown, _) = device(&asked_at_the_door(&anybody).await?, ORIGIN, Some(&kept)).await?;
    login["passkey"] = shown;
    anybody.post("/auth/login", &login).await?.expect(200)?;
    let again = anybody.post("/auth/login", &login).await?.expect(401)?.json()?;
    ensure!(again["code"] == "MFA_CODE_INVALID", "{again}");
    let options = there.post("/me/mfa/step-up/options", &json!({})).await?.expect(200)?.json()?;
    let (shown, _) = device(&options, ORIGIN, Some(&kept)).await?;
    there.post("/me/mfa/step-up", &json!({"passkey": shown})).await?.expect(204)?;
    there.post("/me/mfa/step-up", &json!({"passkey": shown})).await?.expect(401)?;
    let mfa = there.get("/me/mfa").await?.expect(200)?.json()?;
    ensure!(mfa["passkeys"] == 1 && mfa["shown_at"].is_string(), "{mfa}");

    let id = added["id"].as_str().context("no id")?;
    there.patch(&format!("/me/passkeys/{id}"), &json!({"name": "Old key ring"})).await?.expect(200)?;
    let listed = there.get("/me/passkeys").await?.expect(200)?.json()?;
    ensure!(listed["data"][0]["name"] == "Old key ring" && listed["data"][0]["last_used_at"].is_string(), "{listed}");
    there.delete(&format!("/me/passkeys/{id}")).await?.expect(204)?;
    there.delete(&format!("/me/passkeys/{id}")).await?.expect(404)?;
    let (shown, _) = device(&asked_at_the_door(&anybody).await?, ORIGIN, Some(&kept)).await?;
    anybody.post("/auth/passkey", &json!({"credential": shown})).await?.expect(401)?;
    Ok(())
}
