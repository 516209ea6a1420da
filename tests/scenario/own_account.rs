//! What people do with their own account: another address, the devices they are logged in on, passwords that are too
//! easy, and what they agree to.

use crate::{
    mail::{Sink, token},
    scenarios,
};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    Cluster, authenticator,
    client::PASSWORD,
    cluster::{Options, Shape},
    database, in_one_of_three, within,
};

scenarios! {
    shared: easy_passwords_are_refused_with_advice_in_the_language_of_who_chooses,
        somebody_sees_their_devices_and_logs_one_out_within_a_second;
    own: an_address_is_changed_after_a_code_and_by_the_link_that_the_new_one_gets,
        what_is_to_be_agreed_to_is_agreed_to_at_sign_up_and_again_in_a_new_version;
}

async fn easy_passwords_are_refused_with_advice_in_the_language_of_who_chooses(
    cluster: &Cluster,
) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let sign_up = |password: &str| json!({"email": format!("x{}", person.email), "password": password, "name": "Bob"});
    let mut advice = vec![];
    for language in ["en", "pt-BR"] {
        let request = cluster.anybody().request(reqwest::Method::POST, "/auth/signup");
        let request = request.header("accept-language", language).json(&sign_up("password1"));
        let refused = tests::Answer::of(request).await?.expect(422)?.json()?;
        ensure!(refused["code"] == "WEAK_PASSWORD" && refused["errors"][0]["field"] == "password", "{refused}");
        advice.push(refused["errors"][0].to_string());
    }
    ensure!(advice[0] != advice[1], "one language for all: {advice:?}");
    // What is about its owner is easy for who knows them, also later.
    for easy in [person.email.as_str(), "qwertyuiop", "short"] {
        let change = json!({"current_password": PASSWORD, "password": easy});
        let refused = person.client.post("/me/password", &change).await?;
        ensure!(refused.status == 422 && refused.json()?["code"] == "WEAK_PASSWORD", "{easy}: {}", refused.text);
    }
    let login = json!({"email": person.email, "password": PASSWORD});
    cluster.anybody().post("/auth/login", &login).await?.expect(200)?;
    cluster.anybody().post("/auth/signup", &sign_up("crimson-walrus-lantern-9")).await?.expect(201)?;
    Ok(())
}

async fn somebody_sees_their_devices_and_logs_one_out_within_a_second(cluster: &Cluster) -> anyhow::Result<()> {
    in_one_of_three(async || {
        let (person, other) = (cluster.person().await?, cluster.person().await?);
        let request = cluster.anybody().request(reqwest::Method::POST, "/auth/login");
        let login = json!({"email": person.email, "password": PASSWORD});
        let request = request.header("user-agent", "Phone/7").json(&login);
        let phone = tests::Answer::of(request).await?.expect(200)?.json()?;
        let phone_client = cluster.anybody().with(phone["access_token"].as_str().context("no token")?);
        phone_client.get("/me").await?.expect(200)?;
        let listed = person.client.get("/me/sessions").await?.expect(200)?.json()?;
        let all = listed["data"].as_array().context("no list")?;
        let device = all.iter().find(|one| one["user_agent"] == "Phone/7").context("the phone is not listed")?;
        ensure!(all.len() == 2 && device["current"] == false && device["address"] == "127.0.0.1", "{listed}");
        ensure!(all.iter().filter(|one| one["current"] == true).count() == 1, "{listed}");
        let path = format!("/me/sessions/{}", device["id"].as_str().context("no id")?);
        other.client.delete(&path).await?.expect(404)?;
        phone_client.get("/me").await?.expect(200)?;
        person.client.delete(&path).await?.expect(204)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let ended = phone_client.get("/me").await?.expect(401)?.json()?;
        ensure!(ended["code"] == "SESSION_ENDED", "{ended}");
        let refresh = json!({"refresh_token": phone["refresh_token"]});
        cluster.anybody().post("/auth/refresh", &refresh).await?.expect(401)?;
        person.client.delete(&path).await?.expect(404)?;
        let left = person.client.get("/api/v1/me/sessions").await?.expect(200)?.json()?;
        ensure!(left["data"].as_array().map(Vec::len) == Some(1), "{left}");
        Ok(())
    })
    .await
}

async fn an_address_is_changed_after_a_code_and_by_the_link_that_the_new_one_gets(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = sink.cluster_with(shape, &[("PERPETUO__IDENTITY__VERIFY_EMAIL", "false")]).await?;
    let (person, anybody) = (cluster.person().await?, cluster.anybody());
    let factor = person.second_factor().await?;
    let login = |email: &str, code: &str| json!({"email": email, "password": PASSWORD, "totp": code});
    let change = |password: &str| json!({"email": "lovelace@example.com", "password": password});
    // Eleven minutes later: who finds the laptop open, and even knows the password, has shown no code.
    database::at_time(&cluster, "identity", "update sessions set mfa_at = {time} where mfa_at is not null", -660)
        .await?;
    let refused = person.client.post("/me/email", &change(PASSWORD)).await?.expect(403)?.json()?;
    ensure!(refused["code"] == "STEP_UP_REQUIRED", "{refused}");
    person.client.post("/me/mfa/step-up", &json!({"code": "000000"})).await?.expect(401)?;
    person
        .client
        .post("/me/mfa/step-up", &json!({"code": authenticator::code(&factor.secret, 1)?}))
        .await?
        .expect(204)?;
    person.client.post("/me/email", &change("not-the-password-7")).await?.expect(401)?;
    person.client.post("/me/email", &change(PASSWORD)).await?.expect(202)?;
    let me = person.client.get("/me").await?.expect(200)?.json()?;
    ensure!(me["email"] == person.email.as_str(), "nobody has shown that they read the new address: {me}");
    let letter = sink.letter_to("lovelace@example.com", "/auth/email/verify?token=", 1).await?;
    let verify = json!({"token": token(&letter), "totp": factor.recovery_codes[1]});
    anybody.post("/auth/email/verify", &verify).await?.expect(200)?;
    let told = within(Duration::from_secs(60), async || {
        let letters = sink.letters_to(&person.email, "")?;
        ensure!(letters.iter().any(|letter| letter["subject"] == CHANGED), "the address before hears nothing");
        Ok(())
    });
    told.await?;
    let code = &factor.recovery_codes[2];
    anybody.post("/auth/login", &login(&person.email, code)).await?.expect(401)?;
    let session = anybody.post("/auth/login", &login("lovelace@example.com", code)).await?.expect(200)?.json()?;
    ensure!(session["user"]["email"] == "lovelace@example.com" && session["user"]["email_verified"] == true);
    Ok(())
}

/// What the letter to the address before is about.
const CHANGED: &str = "The address of your account was changed";

async fn what_is_to_be_agreed_to_is_agreed_to_at_sign_up_and_again_in_a_new_version(
    shape: Shape,
) -> anyhow::Result<()> {
    let texts = |version: &str| {
        let terms = json!({"kind": "terms", "version": version, "url": "https://example.com/terms"});
        let news = json!({"kind": "news", "version": "1", "url": "https://example.com/news", "required": false});
        let env = vec![("PERPETUO__IDENTITY__CONSENTS".to_owned(), json!([terms, news]).to_string())];
        Options { env, ..Options::default() }
    };
    let mut cluster = Cluster::start(shape, &texts("2026-10")).await?;
    let anybody = cluster.anybody();
    let sign_up = |consents: Value| json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada", "consents": consents});
    anybody.post("/auth/signup", &sign_up(json!([]))).await?.expect(422)?;
    let other = json!([{"kind": "terms", "version": "2026-09"}]);
    anybody.post("/auth/signup", &sign_up(other)).await?.expect(422)?;
    let terms = |version: &str| json!([{"kind": "terms", "version": version}]);
    let account = anybody.post("/auth/signup", &sign_up(terms("2026-10"))).await?.expect(201)?.json()?;
    let ada = anybody.with(account["access_token"].as_str().context("no token")?);
    let agreed = ada.get("/me/consents").await?.expect(200)?.json()?;
    ensure!(agreed["data"][0]["kind"] == "terms" && agreed["data"][0]["version"] == "2026-10", "{agreed}");
    ensure!(agreed["data"][0]["address"] == "127.0.0.1", "from where is part of the proof: {agreed}");

    // The operator publishes another version: nothing is locked, and it is due.
    let newer = texts("2026-11");
    let role = proto::Role::Identity;
    cluster.process(role).terminate()?;
    cluster.process(role).ended(Duration::from_secs(60)).await?;
    cluster.restart(role, &newer).await?;
    let me = tests::eventually(async || ada.get("/me").await?.expect(200)?.json()).await?;
    ensure!(me["consents_due"][0]["version"] == "2026-11", "{me}");
    ada.post("/me/consents", &json!({"consents": terms("2026-10")})).await?.expect(422)?;
    let agreed = ada.post("/me/consents", &json!({"consents": terms("2026-11")})).await?.expect(200)?.json()?;
    let versions: Vec<_> =
        agreed["data"].as_array().context("no list")?.iter().map(|one| one["version"].clone()).collect();
    ensure!(versions == [json!("2026-10"), json!("2026-11")], "the one before stays: {agreed}");
    let me = ada.get("/me").await?.expect(200)?.json()?;
    ensure!(!me["consents_due"].to_string().contains("terms"), "{me}");
    Ok(())
}
