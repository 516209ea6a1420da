//! The second factor, and what failed logins cost, as people and thieves meet them.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use futures::future::try_join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use tests::{
    Cluster, authenticator,
    client::{Answer, PASSWORD},
    cluster::{Options, Shape},
};
use tokio::process::Command;

scenarios! {
    shared: a_second_factor_is_asked_for_at_every_way_in_and_for_what_is_sensitive,
        an_app_that_others_wrote_reads_our_address_and_its_codes_log_in;
    own: failed_logins_wait_on_every_process_and_strangers_keep_nobody_out;
}

async fn a_second_factor_is_asked_for_at_every_way_in_and_for_what_is_sensitive(
    cluster: &Cluster,
) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (me, anybody) = (&person.client, cluster.anybody());
    let login = |totp: Option<&str>| json!({"email": person.email, "password": PASSWORD, "totp": totp});
    anybody.post("/auth/login", &login(None)).await?.expect(200)?;
    let before = me.get("/me/mfa").await?.expect(200)?.json()?;
    ensure!(before["enabled"] == false && before["recovery_codes_left"] == 0, "{before}");
    me.post("/me/mfa/totp", &json!({"password": "not-the-password-7"})).await?.expect(401)?;
    person.key().await?.get("/me/mfa").await?.expect(403)?;
    let factor = person.second_factor().await?;

    let asked = anybody.post("/auth/login", &login(None)).await?.expect(401)?.json()?;
    ensure!(asked["code"] == "MFA_REQUIRED", "{asked}");
    let wrong = anybody.post("/auth/login", &login(Some("000000"))).await?.expect(401)?.json()?;
    ensure!(wrong["code"] == "MFA_CODE_INVALID", "{wrong}");
    let code = authenticator::code(&factor.secret, 1)?;
    let session = anybody.post("/auth/login", &login(Some(&code))).await?.expect(200)?.json()?;
    ensure!(session["user"]["mfa_enabled"] == true, "{session}");
    let again = anybody.post("/auth/login", &login(Some(&code))).await?.expect(401)?.json()?;
    ensure!(again["code"] == "MFA_CODE_INVALID", "a code works once: {again}");
    anybody.post("/auth/login", &login(Some(&factor.recovery_codes[0]))).await?.expect(200)?;
    anybody.post("/auth/login", &login(Some(&factor.recovery_codes[0]))).await?.expect(401)?;
    let state = me.get("/api/v1/me/mfa").await?.expect(200)?.json()?;
    ensure!(state["enabled"] == true && state["recovery_codes_left"] == 9, "{state}");

    // It was shown just now, so sensitive changes are for its owner.
    let other = "crimson-walrus-lantern-9";
    let change = json!({"current_password": PASSWORD, "password": other});
    me.post("/me/password", &change).await?.expect(204)?;
    let renewed = me.post("/me/mfa/recovery-codes", &json!({})).await?.expect(200)?.json()?;
    ensure!(renewed["recovery_codes"].as_array().is_some_and(|codes| codes.len() == 10), "{renewed}");
    me.post("/me/mfa/step-up", &json!({"code": factor.recovery_codes[1]})).await?.expect(401)?;
    me.post("/me/mfa/step-up", &json!({"code": renewed["recovery_codes"][0]})).await?.expect(204)?;
    me.delete("/me/mfa/totp").await?.expect(204)?;
    me.delete("/me/mfa/totp").await?.expect(404)?;
    let plain = json!({"email": person.email, "password": other});
    anybody.post("/auth/login", &plain).await?.expect(200)?;
    Ok(())
}

async fn failed_logins_wait_on_every_process_and_strangers_keep_nobody_out(shape: Shape) -> anyhow::Result<()> {
    let env = vec![("PERPETUO__EDGE__TRUSTED_PROXIES".to_owned(), "[127.0.0.0/8]".to_owned())];
    let cluster = Cluster::start(shape, &Options { env, more_identities: 1, ..Options::default() }).await?;
    let person = cluster.person().await?;
    let anybody = cluster.anybody();
    let login = async |from: &str, device: &str, password: &str| {
        let request = anybody.request(Method::POST, "/auth/login").header("x-forwarded-for", from);
        let request = request.header("user-agent", device);
        Answer::of(request.json(&json!({"email": person.email, "password": password}))).await
    };
    login("198.51.100.1", "Firefox/150", PASSWORD).await?.expect(200)?;
    let guess = async |from: &str| login(from, "curl/8", "not-the-password-7").await;
    let refused = judged_five_of(["203.0.113.7", "203.0.113.8", "203.0.113.9"], guess).await?;
    let problem = refused.json()?;
    ensure!(problem["code"] == "RATE_LIMITED" && problem["layer"] == "account", "{problem}");
    ensure!(refused.header("retry-after").parse::<u32>()? >= 1, "{:?}", refused.headers);
    // Whoever is somewhere else is judged, and who was there before is, whatever the neighbours do.
    login("192.0.2.9", "Firefox/150", PASSWORD).await?.expect(200)?;
    for _ in 0..8 {
        login("198.51.100.1", "curl/8", "not-the-password-7").await?;
    }
    login("198.51.100.1", "Firefox/150", PASSWORD).await?.expect(200)?;
    // An address that nobody has is answered alike.
    let nobody = json!({"email": "nobody@example.com", "password": "not-the-password-7"});
    let guess = async |from: &str| {
        let request = anybody.request(Method::POST, "/auth/login").header("x-forwarded-for", from);
        Answer::of(request.json(&nobody)).await
    };
    judged_five_of(["203.0.113.17", "203.0.113.18", "203.0.113.19"], guess).await?;
    Ok(())
}

/// Guesses eight times at once, so that no wait is over before all have come; five must be judged. From other networks
/// again if they were not: where Redis is late on a busy machine, each process counts for itself for a second.
/// Gives what those got who have to wait.
async fn judged_five_of(
    networks: [&str; 3],
    guess: impl AsyncFn(&str) -> anyhow::Result<Answer>,
) -> anyhow::Result<Answer> {
    let mut seen = vec![];
    for network in networks {
        let answers = try_join_all((0..8).map(|_| guess(network))).await?;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        if statuses == [401, 401, 401, 401, 401, 429, 429, 429] {
            return answers.into_iter().find(|answer| answer.status == 429).context("nobody has to wait");
        }
        seen.push(statuses);
    }
    anyhow::bail!("not five were judged: {seen:?}")
}

async fn an_app_that_others_wrote_reads_our_address_and_its_codes_log_in(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let factor = person.second_factor().await?;
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(root.join(".tools/python/bin/python"))
        .arg(root.join("tests/conformance/python/authenticator.py"))
        .arg(&factor.uri)
        .output()
        .await
        .context("Python is not installed: run `make tools`")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let app: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(app["issuer"] == "Perpetuo" && app["name"] == person.email.as_str(), "{app}");
    ensure!(app["secret"] == factor.secret.as_str(), "{app}");
    // What it shows now was shown already, to put it in force.
    let login = json!({"email": person.email, "password": PASSWORD, "totp": app["next"]});
    cluster.anybody().post("/auth/login", &login).await?.expect(200)?;
    Ok(())
}
