//! Signing in with an account elsewhere, at a provider that others wrote.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio, time::Duration};
use tests::{
    Browser, Cluster,
    browser::Visit,
    client::{Answer, Client, PASSWORD},
    cluster::{Options, Shape},
    free_port, within,
};
use tokio::process::{Child, Command};

scenarios! {
    own: a_provider_that_others_wrote_signs_people_in_and_is_linked;
}

const PAGE: &str = "https://app.example.com/signed-in";
const SECRET: &str = "between-the-two-of-us";

/// The provider, with our address.
async fn provider(issuer: &str, cluster: &Cluster) -> anyhow::Result<Child> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let provider = Command::new("node")
        .arg(root.join("tests/conformance/node/openid_provider.cjs"))
        .env("ISSUER", issuer)
        .env("CALLBACK", format!("{}/api/v1/auth/oauth/acme/callback", cluster.url()))
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

/// From our page to the provider's, through its login, and back to wherever that leads.
async fn sign_in(browser: &mut Browser, cluster: &Cluster, who: &str, query: &str) -> anyhow::Result<Visit> {
    let mut visit = browser.open(&format!("{}/auth/oauth/acme/start{query}", cluster.url())).await?;
    // Its pages ask who somebody is, and whether they agree; not again of those whom it knows.
    for _ in 0..2 {
        let page = visit.answer.as_ref().map(|answer| answer.text.as_str()).unwrap_or_default();
        let fields: &[(&str, &str)] = match page {
            page if page.contains("value=\"login\"") => &[("prompt", "login"), ("login", who), ("password", "any")],
            page if page.contains("value=\"consent\"") => &[("prompt", "consent")],
            _ => break,
        };
        visit = browser.submit(&visit, fields).await?;
    }
    Ok(visit)
}

fn code_of(visit: &Visit) -> anyhow::Result<String> {
    ensure!(visit.url.as_str().starts_with(PAGE), "another page: {visit:?}");
    let code = visit.url.query_pairs().find(|(name, _)| name == "code");
    Ok(code.with_context(|| format!("no code: {}", visit.url))?.1.into_owned())
}

async fn exchange(browser: &mut Browser, cluster: &Cluster, code: &str) -> anyhow::Result<Answer> {
    browser.post(&format!("{}/auth/oauth/exchange", cluster.url()), &json!({"code": code})).await
}

async fn a_provider_that_others_wrote_signs_people_in_and_is_linked(shape: Shape) -> anyhow::Result<()> {
    let issuer = format!("http://127.0.0.1:{}", free_port()?);
    let acme = json!([{"name": "acme", "label": "Acme", "issuer": issuer, "client_id": "perpetuo", "client_secret": SECRET,
        "trusts_addresses": true}]);
    let env = [
        ("PERPETUO__IDENTITY__OIDC", acme.to_string()),
        ("PERPETUO__IDENTITY__OIDC_REDIRECTS", json!([PAGE]).to_string()),
        ("PERPETUO__EGRESS__ALLOW", "[127.0.0.0/8]".to_owned()),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let anybody = cluster.anybody();
    let away = anybody.get("/auth/oauth/acme/start").await?.expect(502)?.json()?;
    ensure!(away["code"] == "SIGN_IN_FAILED", "{away}");
    let _provider = provider(&issuer, &cluster).await?;
    // What failed is not asked again for some seconds.
    within(Duration::from_secs(30), async || {
        let answer = anybody.get("/auth/oauth/acme/start").await?;
        ensure!(answer.status != 502, "{answer:?}");
        Ok(())
    })
    .await?;
    let listed = anybody.get("/auth/oauth").await?.expect(200)?.json()?;
    ensure!(listed["data"][0]["label"] == "Acme", "{listed}");

    let to_page = format!("?redirect_to={PAGE}");
    let mut browser = Browser::new()?;
    let code = code_of(&sign_in(&mut browser, &cluster, "ana@example.com", &to_page).await?)?;
    let stolen = exchange(&mut Browser::new()?, &cluster, &code).await?.expect(401)?.json()?;
    ensure!(stolen["code"] == "TOKEN_INVALID", "{stolen}");
    let session = exchange(&mut browser, &cluster, &code).await?.expect(200)?.json()?;
    ensure!(session["user"]["email"] == "ana@example.com" && session["user"]["name"] == "Ana Souza", "{session}");
    ensure!(session["workspace"]["role"] == "owner" && session["user"]["email_verified"] == true, "{session}");
    exchange(&mut browser, &cluster, &code).await?.expect(401)?;
    let ana = anybody.with(session["access_token"].as_str().unwrap_or_default());
    let identities = ana.get("/me/identities").await?.expect(200)?.json()?;
    ensure!(identities["data"][0]["issuer"] == issuer && identities["has_password"] == false, "{identities}");
    let only = identities["data"][0]["id"].as_str().unwrap_or_default();
    ana.delete(&format!("/me/identities/{only}")).await?.expect(409)?;
    let again = code_of(&sign_in(&mut browser, &cluster, "ana@example.com", &to_page).await?)?;
    let again = exchange(&mut browser, &cluster, &again).await?.expect(200)?.json()?;
    ensure!(again["user"]["id"] == session["user"]["id"], "{again}");
    let login = json!({"email": "ana@example.com", "password": PASSWORD});
    anybody.post("/auth/login", &login).await?.expect(401)?;

    // Without a page the code is shown.
    let shown = sign_in(&mut browser, &cluster, "ana@example.com", "").await?;
    let page = shown.answer.context("no page")?;
    ensure!(page.status == 200 && page.text.contains("<code>si_"), "{page:?}");
    links(&cluster, &to_page, &ana).await
}

/// An account there whose address nobody vouches for opens one here only once somebody who is logged in links it.
async fn links(cluster: &Cluster, to_page: &str, ana: &Client) -> anyhow::Result<()> {
    let mut browser = Browser::new()?;
    let code = code_of(&sign_in(&mut browser, cluster, "unsure@example.com", to_page).await?)?;
    let refused = exchange(&mut browser, cluster, &code).await?.expect(409)?.json()?;
    ensure!(refused["code"] == "LINK_REQUIRED", "{refused}");
    let link = async |browser: &mut Browser| -> anyhow::Result<Value> {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let query = format!("{to_page}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let code = code_of(&sign_in(browser, cluster, "unsure@example.com", &query).await?)?;
        let body = json!({"code": code, "code_verifier": verifier});
        ana.post("/me/identities", &body).await?.expect(201)?.json()
    };
    let linked = link(&mut browser).await?;
    ensure!(linked["email"] == "unsure@example.com", "{linked}");
    let code = code_of(&sign_in(&mut browser, cluster, "unsure@example.com", to_page).await?)?;
    let session = exchange(&mut browser, cluster, &code).await?.expect(200)?.json()?;
    ensure!(session["user"]["email"] == "ana@example.com", "{session}");
    let id = linked["id"].as_str().unwrap_or_default();
    ana.delete(&format!("/me/identities/{id}")).await?.expect(204)?;
    let code = code_of(&sign_in(&mut browser, cluster, "unsure@example.com", to_page).await?)?;
    exchange(&mut browser, cluster, &code).await?.expect(409)?;
    Ok(())
}
