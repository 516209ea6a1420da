//! A workspace proves a domain, and its people sign in by a provider of its own, that others wrote.

use crate::{members::TEAMS, scenarios};
use anyhow::{Context as _, ensure};
use egress::testing::FakeNameServer;
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio, time::Duration};
use tests::{
    Browser, Cluster, authenticator,
    client::{Answer, PASSWORD},
    cluster::{Options, Shape},
    eventually, free_port, within,
};
use tokio::process::{Child, Command};

scenarios! {
    own: a_workspace_proves_its_domain_and_its_people_sign_in_by_its_provider;
}

const PAGE: &str = "https://app.example.com/signed-in";
const SECRET: &str = "between-the-two-of-us";

/// The provider, which sends people back to this address.
async fn provider(issuer: &str, callback: &str) -> anyhow::Result<Child> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let provider = Command::new("node")
        .arg(root.join("tests/conformance/node/openid_provider.cjs"))
        .env("ISSUER", issuer)
        .env("CALLBACK", callback)
        .env("CLIENT_SECRET", SECRET)
        .env("NODE_PATH", root.join(".tools/node/node_modules"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("node is not installed: run `make tools`")?;
    let description = format!("{issuer}/.well-known/openid-configuration");
    within(Duration::from_secs(60), async || Ok(reqwest::get(&description).await?.error_for_status().map(drop)?))
        .await
        .context("the provider does not answer: run `make tools`")?;
    Ok(provider)
}

/// From our page to the provider's, through its login, and back with a session.
async fn sign_in(cluster: &Cluster, who: &str) -> anyhow::Result<Answer> {
    let mut browser = Browser::new()?;
    let start = json!({"email": who, "redirect_to": PAGE});
    let started = browser.post(&format!("{}/auth/sso/start", cluster.url()), &start).await?.expect(200)?;
    browser.remember(&format!("{}/auth/sso/start", cluster.url()), &started)?;
    let url = started.json()?["authorization_url"].as_str().context("an address")?.to_owned();
    let mut visit = browser.open(&url).await?;
    for _ in 0..2 {
        let page = visit.answer.as_ref().map(|answer| answer.text.as_str()).unwrap_or_default();
        let fields: &[(&str, &str)] = match page {
            page if page.contains("value=\"login\"") => &[("prompt", "login"), ("login", who), ("password", "any")],
            page if page.contains("value=\"consent\"") => &[("prompt", "consent")],
            _ => break,
        };
        visit = browser.submit(&visit, fields).await?;
    }
    ensure!(visit.url.as_str().starts_with(PAGE), "another page: {visit:?}");
    let code = visit.url.query_pairs().find(|(name, _)| name == "code").context("no code")?.1.into_owned();
    browser.post(&format!("{}/auth/oauth/exchange", cluster.url()), &json!({"code": code})).await
}

async fn a_workspace_proves_its_domain_and_its_people_sign_in_by_its_provider(shape: Shape) -> anyhow::Result<()> {
    let names = FakeNameServer::start().await?;
    let server = String::from(names.server());
    let env = [
        ("PERPETUO__IDENTITY__OIDC_REDIRECTS", json!([PAGE]).to_string()),
        ("PERPETUO__EGRESS__ALLOW", "[127.0.0.0/8]".to_owned()),
        ("PERPETUO__EGRESS__DNS_SERVERS", json!([server]).to_string()),
        (TEAMS.0, TEAMS.1.to_owned()),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let owner = cluster.person().await?;
    let (me, anybody) = (&owner.client, cluster.anybody());
    proves(&cluster, &names).await?;
    let added = me.post(&owner.path("/domains"), &json!({"domain": "Acme.example."})).await?.expect(200)?.json()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    names.says(&text(&added["record"]["name"]), &text(&added["record"]["value"]));
    let verified = me.post(&owner.path("/domains/acme.example/verify"), &json!({})).await?.expect(200)?.json()?;
    ensure!(verified["verified"] == true && verified["domain"] == "acme.example", "{verified}");

    let issuer = format!("http://127.0.0.1:{}", free_port()?);
    let mut settings =
        json!({"issuer": issuer, "client_id": "perpetuo", "client_secret": SECRET, "default_role": "viewer"});
    let away = me.put(&owner.path("/sso"), &settings).await?.expect(502)?.json()?;
    ensure!(away["code"] == "SIGN_IN_FAILED", "{away}");
    let callback = format!("{}/api/v1/auth/sso/{}/callback", cluster.url(), owner.workspace);
    let _provider = provider(&issuer, &callback).await?;
    let put = me.put(&owner.path("/sso"), &settings).await?.expect(200)?.json()?;
    ensure!(put["callback_url"] == callback.as_str() && put["has_client_secret"] == true, "{put}");
    ensure!(!put.to_string().contains(SECRET), "{put}");

    let session = sign_in(&cluster, "bob@acme.example").await?.expect(200)?.json()?;
    ensure!(session["user"]["email"] == "bob@acme.example", "{session}");
    ensure!(session["workspace"]["id"] == owner.workspace.as_str(), "{session}");
    ensure!(session["workspace"]["role"] == "viewer", "{session}");
    let bob = anybody.with(text(&session["access_token"]));
    bob.get(&owner.path("/domains")).await?.expect(200)?;
    bob.get(&owner.path("/sso")).await?.expect(403)?;
    let members = me.get(&owner.path("/members")).await?.expect(200)?.json()?;
    ensure!(members.to_string().contains("bob@acme.example"), "{members}");
    let refused = sign_in(&cluster, "unsure@acme.example").await?.expect(403)?.json()?;
    ensure!(refused["code"] == "SIGN_IN_REFUSED", "{refused}");
    anybody.post("/auth/sso/start", &json!({"email": "eve@other.example"})).await?.expect(404)?;

    // Somebody with a password of their own, until it is enforced.
    let sign_up = json!({"email": "carl@acme.example", "password": PASSWORD, "name": "Carl"});
    let carl = anybody.post("/auth/signup", &sign_up).await?.expect(201)?.json()?;
    let carls = anybody.with(text(&carl["access_token"]));
    carls.get("/me").await?.expect(200)?;
    settings["enforced"] = json!(true);
    me.put(&owner.path("/sso"), &settings).await?.expect(409)?;
    let factor = owner.second_factor().await?;
    me.put(&owner.path("/sso"), &settings).await?.expect(200)?;
    within(Duration::from_secs(5), async || carls.get("/me").await?.expect(401).map(drop)).await?;
    bob.get("/me").await?.expect(200)?;
    let login = json!({"email": "carl@acme.example", "password": PASSWORD});
    let shut = anybody.post("/auth/login", &login).await?.expect(403)?.json()?;
    ensure!(shut["code"] == "SSO_REQUIRED" && shut["workspace_id"] == owner.workspace.as_str(), "{shut}");
    let wrong = json!({"email": "carl@acme.example", "password": "not-the-password-7"});
    anybody.post("/auth/login", &wrong).await?.expect(401)?;
    sign_in(&cluster, "carl@acme.example").await?.expect(200)?;

    // The owner's address is of another domain: the second factor lets them in as before.
    let code = authenticator::code(&factor.secret, 1)?;
    let back = json!({"email": owner.email, "password": PASSWORD, "totp": code});
    anybody.post("/auth/login", &back).await?.expect(200)?;
    me.delete(&owner.path("/domains/acme.example")).await?.expect(204)?;
    anybody.post("/auth/sso/start", &json!({"email": "bob@acme.example"})).await?.expect(404)?;
    eventually(async || {
        let trail = me.get(&owner.path("/audit?limit=100")).await?.expect(200)?.json()?.to_string();
        for action in ["domain.added", "domain.verified", "domain.removed", "sso.updated"] {
            ensure!(trail.contains(action), "{action}: {trail}");
        }
        ensure!(!trail.contains(SECRET), "a secret in the trail");
        Ok(())
    })
    .await?;
    let export = me.get(&owner.path("/data-export")).await?.expect(200)?.text;
    ensure!(export.contains("\"kind\":\"sso\"") && !export.contains(SECRET), "{export}");
    me.delete(&owner.path("/sso")).await?.expect(204)?;
    me.get(&owner.path("/sso")).await?.expect(404)?;
    Ok(())
}

/// What another workspace says of the same domain proves nothing.
async fn proves(cluster: &Cluster, names: &FakeNameServer) -> anyhow::Result<()> {
    let other = cluster.person().await?;
    let added =
        other.client.post(&other.path("/domains"), &json!({"domain": "acme.example"})).await?.expect(200)?.json()?;
    names.says(added["record"]["name"].as_str().unwrap_or_default(), "perpetuo-domain-verification=made-up");
    let unproved =
        other.client.post(&other.path("/domains/acme.example/verify"), &json!({})).await?.expect(409)?.json()?;
    ensure!(unproved["code"] == "DOMAIN_UNPROVED" && unproved["record"] == added["record"]["name"], "{unproved}");
    Ok(())
}
