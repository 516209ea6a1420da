//! Logs hold no secret and nothing of what people ask and are answered, at the level debug too, whatever goes wrong.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tests::{
    Answer, Cluster, Person, Upstream,
    client::{Client, PASSWORD, chat},
    cluster::{Options, Shape},
    upstream::Script,
};

scenarios! {
    own: logs_hold_no_secret_and_no_prompt;
}

const PROMPT: &str = "zqxprompt-4711";
const ANSWER: &str = "zqxanswer-4712";
const PROVIDER_KEY: &str = "sk-zqxprovider-4713";
const WRONG_PASSWORD: &str = "zqxpassword-4714-long";

async fn logs_hold_no_secret_and_no_prompt(shape: Shape) -> anyhow::Result<()> {
    let env = vec![("PERPETUO__TELEMETRY__LOG_LEVEL".to_owned(), "debug".to_owned())];
    let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let person = cluster.person().await?;
    let (key, made) = person.key_with(&json!({})).await?;
    ask_and_fail(&person, &key).await?;
    let wrong = json!({"email": person.email, "password": WRONG_PASSWORD});
    cluster.anybody().post("/auth/login", &wrong).await?.expect(401)?;
    let account = cluster.anybody().post("/auth/login", &json!({"email": person.email, "password": PASSWORD})).await?;
    let account = account.expect(200)?.json()?;
    let factor = person.second_factor().await?;
    cluster.anybody().with("pk_zqxinvented").get("/v1/models").await?.expect(401)?;

    let mut secrets = vec![PROMPT, ANSWER, PROVIDER_KEY, WRONG_PASSWORD, PASSWORD, "pk_zqxinvented"];
    secrets.push(made["key"].as_str().context("a key")?);
    for of in [&person.account, &account] {
        for token in ["access_token", "refresh_token"] {
            secrets.push(of[token].as_str().with_context(|| format!("no {token}"))?);
        }
    }
    secrets.push(&factor.secret);
    secrets.extend(factor.recovery_codes.iter().map(String::as_str));
    // What is logged about a request is logged when it ends.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let output = cluster.output();
    ensure!(output.contains("\"level\":\"DEBUG\""), "nothing is logged at the level debug");
    for line in output.lines() {
        if let Some(secret) = secrets.iter().find(|secret| line.contains(**secret)) {
            anyhow::bail!("a line holds {secret:.12}…: {line}");
        }
        let is_json =
            serde_json::from_str::<serde_json::Value>(line).is_ok_and(|line| line.get("request_id").is_some());
        // The banner of the one process, and what it says at its end, are for people.
        ensure!(is_json || !line.starts_with('{'), "no JSON with a request id: {line}");
    }
    Ok(())
}

/// A prompt that is answered, streamed, refused by the provider, not understood, and cut off.
async fn ask_and_fail(person: &Person, key: &Client) -> anyhow::Result<()> {
    let upstream = Upstream::start().await?;
    person.provider(&upstream.url, &json!({"name": "up", "api_key": PROVIDER_KEY})).await?;
    upstream.on("tiny", Script::text(ANSWER));
    key.chat("up/tiny", PROMPT).await?.expect(200)?;
    key.chat_stream("up/tiny", PROMPT).await?.expect(200)?;
    key.chat("simulator/chat", PROMPT).await?.expect(200)?;
    // What a provider says when it refuses may repeat what it was sent.
    let said =
        json!({"error": {"message": format!("{PROMPT} is not allowed for {PROVIDER_KEY}"), "type": "x"}}).to_string();
    for (model, status) in [("refused", 400), ("credential", 401), ("broken", 500)] {
        let script =
            Script::Raw { status, headers: vec![("content-type", "application/json".into())], body: said.clone() };
        upstream.on(model, script);
        let answer = key.chat(&format!("up/{model}"), PROMPT).await?;
        ensure!(answer.status >= 400, "{}", answer.text);
    }
    let malformed = format!("{{\"model\": \"up/tiny\", \"messages\": \"{PROMPT}");
    ensure!(key.post_raw("/v1/chat/completions", malformed).await?.status == 400, "not refused");
    let unknown = json!({"api_key": PROVIDER_KEY, "no_field": PROMPT});
    ensure!(person.client.post(&person.path("/providers"), &unknown).await?.status == 400, "not refused");
    upstream.on("silent", Script::Silent);
    let request = key.request(Method::POST, "/v1/chat/completions").json(&chat("up/silent", PROMPT));
    let left = Answer::of(request.timeout(Duration::from_millis(300))).await;
    ensure!(left.is_err(), "a silent provider answered");
    Ok(())
}
