//! Letters through a real SMTP server: what somebody reads is what opens their account.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio, time::Duration};
use tempfile::TempDir;
use tests::{
    Cluster,
    client::{Client, PASSWORD},
    cluster::{Options, Shape},
    free_port, within,
};
use tokio::process::{Child, Command};

scenarios! {
    own: an_account_comes_with_the_letter_and_every_address_is_answered_alike, a_server_that_is_busy_gets_the_letter_later,
        a_link_that_comes_by_mail_logs_in_once,
        exports_go_to_members_as_a_file_or_as_a_link_that_no_log_has;
    once: on_a_laptop_letters_are_files;
}

/// Longer than the pause after a first refusal.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server of Python's aiosmtpd, killed when dropped.
pub(crate) struct Sink {
    dir: TempDir,
    port: u16,
    _child: Child,
}

impl Sink {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let (dir, port) = (tempfile::tempdir()?, free_port()?);
        let child = Command::new(root.join(".tools/python/bin/python"))
            .arg(root.join("tests/conformance/python/smtp_sink.py"))
            .arg(port.to_string())
            .arg(dir.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("the SMTP server is not installed: run `make tools`")?;
        let sink = Self { dir, port, _child: child };
        within(PATIENCE, async || Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.map(drop)?)).await?;
        Ok(sink)
    }

    pub(crate) async fn cluster(&self, shape: Shape) -> anyhow::Result<Cluster> {
        self.cluster_with(shape, &[]).await
    }

    pub(crate) async fn cluster_with(&self, shape: Shape, more: &[(&str, &str)]) -> anyhow::Result<Cluster> {
        let env = [
            ("PERPETUO__MAIL__SMTP__HOST", "127.0.0.1".to_owned()),
            ("PERPETUO__MAIL__SMTP__PORT", self.port.to_string()),
            ("PERPETUO__MAIL__SMTP__TLS", "none".to_owned()),
            ("PERPETUO__MAIL__FROM", "Acme <no-reply@acme.example>".to_owned()),
            ("PERPETUO__MAIL__LINK_BASE", "https://app.acme.example/".to_owned()),
        ];
        let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let env = env.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect();
        Cluster::start(shape, &Options { env, ..Options::default() }).await
    }

    /// The n-th letter.
    async fn letter(&self, n: usize) -> anyhow::Result<Value> {
        let path = self.dir.path().join(format!("{n}.json"));
        within(PATIENCE, async || Ok(serde_json::from_str(&std::fs::read_to_string(&path)?)?)).await
    }

    /// The n-th letter to an address whose link leads there.
    pub(crate) async fn letter_to(&self, address: &str, page: &str, n: usize) -> anyhow::Result<Value> {
        within(PATIENCE, async || {
            let mut letters = self.letters_to(address, page)?;
            ensure!(letters.len() >= n, "{} letters to {address}", letters.len());
            Ok(letters.swap_remove(n - 1))
        })
        .await
    }

    /// Somebody who has followed the link of their sign-up, and their workspace.
    pub(crate) async fn newcomer(&self, cluster: &Cluster, email: &str) -> anyhow::Result<(Client, String)> {
        let anybody = cluster.anybody();
        let sign_up = json!({"email": email, "password": PASSWORD, "name": "Ada Lovelace"});
        anybody.post("/auth/signup", &sign_up).await?.expect(202)?;
        let letter = self.letter_to(email, "/auth/email/verify?token=", 1).await?;
        let verify = json!({"token": token(&letter)});
        let account = anybody.post("/auth/email/verify", &verify).await?.expect(200)?.json()?;
        let text = |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("left out: {account}"));
        Ok((anybody.with(text(&account["access_token"])?), text(&account["workspace"]["id"])?))
    }

    /// The letters to an address that have arrived, whose link leads there, oldest first.
    pub(crate) fn letters_to(&self, address: &str, page: &str) -> anyhow::Result<Vec<Value>> {
        let mut letters = vec![];
        for n in 1.. {
            let Ok(text) = std::fs::read_to_string(self.dir.path().join(format!("{n}.json"))) else { break };
            let letter: Value = serde_json::from_str(&text)?;
            let leads = letter["text"].as_str().unwrap_or_default().contains(page);
            letters.extend((leads && letter["to"] == json!([address])).then_some(letter));
        }
        Ok(letters)
    }
}

/// What the link of a letter holds.
pub(crate) fn token(letter: &Value) -> String {
    let text = letter["text"].as_str().unwrap_or_default();
    let token = text.split("?token=").nth(1).unwrap_or_default();
    token.split_whitespace().next().unwrap_or_default().to_owned()
}

async fn an_account_comes_with_the_letter_and_every_address_is_answered_alike(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = sink.cluster(shape).await?;
    let anybody = cluster.anybody();
    let sign_up = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada <b>King</b>"});
    let first = anybody.post("/auth/signup", &sign_up).await?.expect(202)?;
    ensure!(first.json()? == json!({"status": "verification_sent"}), "{}", first.text);
    let letter = sink.letter(1).await?;
    ensure!(letter["to"] == json!(["ada@example.com"]), "{letter}");
    ensure!(letter["from"] == "Acme <no-reply@acme.example>", "{letter}");
    let html = letter["html"].as_str().unwrap_or_default();
    ensure!(html.contains("Ada &lt;b&gt;King&lt;/b&gt;") && html.contains(&token(&letter)), "{html}");
    ensure!(letter["text"].as_str().unwrap_or_default().contains("https://app.acme.example/auth/email/verify?token="));
    let account = anybody.post("/auth/email/verify", &json!({"token": token(&letter)})).await?.expect(200)?.json()?;
    ensure!(account["user"]["email_verified"] == true && account["workspace"]["role"] == "owner", "{account}");
    anybody.post("/auth/email/verify", &json!({"token": token(&letter)})).await?.expect(401)?;

    // The same answer to whoever tries it again; the owner of the address hears of it.
    let taken = json!({"email": "ada@example.com", "password": "eve-wants-it-too-7", "name": "Eve"});
    let again = anybody.post("/auth/signup", &taken).await?.expect(202)?;
    ensure!(again.text == first.text, "{}", again.text);

    let known = anybody.post("/auth/password/forgot", &json!({"email": "ada@example.com"})).await?.expect(202)?;
    let unknown = anybody.post("/auth/password/forgot", &json!({"email": "nobody@example.com"})).await?.expect(202)?;
    ensure!(known.text == unknown.text, "{} {}", known.text, unknown.text);
    let mut reset = None;
    for n in 2..=3 {
        // The letter about the taken address may have been asked for in the minute of the first.
        let Ok(letter) = sink.letter(n).await else { break };
        ensure!(letter["to"] == json!(["ada@example.com"]), "{letter}");
        if !token(&letter).is_empty() {
            reset = Some(token(&letter));
            break;
        }
    }
    let body = json!({"token": reset.context("no letter with a link")?, "password": "violet-anvil-harbor-43"});
    anybody.post("/auth/password/reset", &body).await?.expect(204)?;
    let login = |password: &str| json!({"email": "ada@example.com", "password": password});
    anybody.post("/auth/login", &login(PASSWORD)).await?.expect(401)?;
    anybody.post("/auth/login", &login("violet-anvil-harbor-43")).await?.expect(200)?;
    Ok(())
}

async fn a_link_that_comes_by_mail_logs_in_once(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = sink.cluster(shape).await?;
    let anybody = cluster.anybody();
    let (ada, _) = sink.newcomer(&cluster, "ada@example.com").await?;
    for email in ["nobody@example.com", " Ada@example.com"] {
        anybody.post("/auth/magic-link", &json!({"email": email})).await?.expect(202)?;
    }
    let page = "/auth/magic-link/verify?token=";
    let letter = sink.letter_to("ada@example.com", page, 1).await?;
    ensure!(!cluster.output().contains(&token(&letter)), "the link is in a log");
    let body = json!({"token": token(&letter)});
    let session = anybody.post("/auth/magic-link/verify", &body).await?.expect(200)?.json()?;
    let phone = anybody.with(session["access_token"].as_str().context("no token")?);
    let (one, other) = (phone.get("/me").await?.expect(200)?.json()?, ada.get("/me").await?.expect(200)?.json()?);
    ensure!(one["id"] == other["id"] && one["email"] == "ada@example.com", "{one} {other}");
    let again = anybody.post("/auth/magic-link/verify", &body).await?.expect(401)?.json()?;
    ensure!(again["code"] == "TOKEN_INVALID", "{again}");
    ensure!(sink.letters_to("nobody@example.com", "")?.is_empty(), "somebody without an account is written to");
    Ok(())
}

async fn a_server_that_is_busy_gets_the_letter_later(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = sink.cluster(shape).await?;
    std::fs::write(sink.dir.path().join("busy"), "")?;
    let sign_up = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    cluster.anybody().post("/auth/signup", &sign_up).await?.expect(202)?;
    let refused = sink.dir.path().join("refused");
    within(PATIENCE, async || {
        ensure!(refused.exists(), "it was not tried");
        Ok(())
    })
    .await?;
    std::fs::remove_file(sink.dir.path().join("busy"))?;
    let letter = sink.letter(1).await?;
    cluster.anybody().post("/auth/email/verify", &json!({"token": token(&letter)})).await?.expect(200)?;
    Ok(())
}

async fn on_a_laptop_letters_are_files() -> anyhow::Result<()> {
    let cluster = Cluster::one().await?;
    let person = cluster.person().await?;
    ensure!(person.account["user"]["email_verified"] == false, "{}", person.account);
    cluster.anybody().post("/auth/magic-link", &json!({"email": person.email})).await?.expect(202)?;
    let link = within(PATIENCE, async || {
        // The log shows it, as people who run this on their own machine see it.
        let output = cluster.output();
        let at = output.find("/auth/magic-link/verify?token=").context("no link")?;
        let token = output[at..].split("?token=").nth(1).unwrap_or_default();
        Ok(token.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect::<String>())
    })
    .await?;
    let letters = std::fs::read_dir(cluster.dir().join("data/mail"))?.count();
    ensure!(letters >= 1, "no file");
    let session = cluster.anybody().post("/auth/magic-link/verify", &json!({"token": link})).await?.expect(200)?;
    ensure!(session.json()?["user"]["email_verified"] == true, "{}", session.text);
    Ok(())
}

async fn exports_go_to_members_as_a_file_or_as_a_link_that_no_log_has(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let small = [("PERPETUO__USAGE__LETTERS__ATTACHMENT_MAX_BYTES", "300")];
    let cluster = sink.cluster_with(shape, &small).await?;
    let anybody = cluster.anybody();
    let sign_up = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    anybody.post("/auth/signup", &sign_up).await?.expect(202)?;
    let verify = json!({"token": token(&sink.letter(1).await?)});
    let account = anybody.post("/auth/email/verify", &verify).await?.expect(200)?.json()?;
    let ada = anybody.with(account["access_token"].as_str().unwrap_or_default());
    let exports = format!("/workspaces/{}/exports", account["workspace"]["id"].as_str().unwrap_or_default());

    // Nobody else is written to, whoever they are.
    let to =
        |kind: &str, to: &str| json!({"kind": kind, "format": "csv", "destination": {"type": "email", "to": [to]}});
    let stranger = ada.post(&exports, &to("usage", "eve@example.com")).await?.expect(422)?.json()?;
    ensure!(stranger["errors"][0]["field"] == "destination.to", "{stranger}");

    // Without use there is a header, which fits.
    ada.post(&exports, &to("logs", "Ada@example.com")).await?.expect(202)?;
    let letter = sink.letter(2).await?;
    ensure!(letter["to"] == json!(["ada@example.com"]), "{letter}");
    let files = letter["files"].as_object().context("no file")?;
    let (name, text) = files.iter().next().context("no file")?;
    ensure!(
        name.starts_with("logs-") && text.as_str().is_some_and(|text| text.starts_with("id,created_at")),
        "{letter}"
    );

    // Events reach the trail a moment after they happened.
    let trail = format!("/workspaces/{}/audit", account["workspace"]["id"].as_str().unwrap_or_default());
    within(PATIENCE, async || {
        let seen = ada.get(&trail).await?.expect(200)?.text;
        ensure!(seen.contains("workspace.created") && seen.contains("member.added"), "{seen}");
        Ok(())
    })
    .await?;
    // The trail of a new workspace does not: what the link leads to is what is downloaded.
    let made = ada.post(&exports, &to("audit", "ada@example.com")).await?.expect(202)?.json()?;
    let letter = sink.letter(3).await?;
    ensure!(letter["files"] == json!({}), "{letter}");
    let link = token(&letter);
    let linked = anybody.get(&format!("/api/v1/exports/download?token={link}")).await?.expect(200)?;
    let download = format!("{exports}/{}/download", made["id"].as_str().unwrap_or_default());
    let downloaded = ada.get(&download).await?.expect(200)?;
    ensure!(linked.text == downloaded.text && linked.text.contains("workspace.created"), "{}", linked.text);
    anybody.get(&download).await?.expect(401)?;
    anybody.get(&format!("/api/v1/exports/download?token={}", &link[..link.len() - 4])).await?.expect(404)?;
    let export =
        ada.get(&format!("{exports}/{}", made["id"].as_str().unwrap_or_default())).await?.expect(200)?.json()?;
    ensure!(export["delivery"]["location"] == "mailto:ada@example.com", "{export}");
    ensure!(!cluster.output().contains(&link) && !export.to_string().contains(&link), "the link is in a log");
    Ok(())
}
