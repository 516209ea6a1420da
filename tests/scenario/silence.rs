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
    wire,
};

scenarios! {
    shared: who_is_refused_is_in_the_log;
    own: logs_hold_no_secret_and_no_prompt, no_kind_of_credential_is_logged_shown_or_written_down;
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

/// Kinds that put their credential into different headers, with their options.
const KINDS: [(&str, &str); 9] = [
    ("openai", "{}"),
    ("azure", "{}"),
    ("azure", r#"{"entra": true, "api_version": "2024-10-21"}"#),
    ("anthropic", "{}"),
    ("gemini", "{}"),
    ("cohere", "{}"),
    ("mistral", "{}"),
    ("deepseek", "{}"),
    ("ollama", "{}"),
];

async fn no_kind_of_credential_is_logged_shown_or_written_down(shape: Shape) -> anyhow::Result<()> {
    let env = vec![("PERPETUO__TELEMETRY__LOG_LEVEL".to_owned(), "debug".to_owned())];
    let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let (person, upstream) = (cluster.person().await?, Upstream::start().await?);
    let key = person.key().await?;
    let canaries: Vec<String> = (0..KINDS.len()).map(|n| format!("zqx-canary-{n}-{}", 4720 + n)).collect();
    let shown = async |what: &str, answer: Answer| {
        let said = format!("{answer:?}");
        match canaries.iter().find(|canary| said.contains(*canary)) {
            Some(canary) => anyhow::bail!("{what} shows {canary}: {said}"),
            None => Ok(answer),
        }
    };
    // Whoever refuses says what it was sent, in a shape of each dialect.
    let said = format!("Incorrect key: {}", canaries.join(", "));
    let said =
        json!({"type": "error", "error": {"type": "x", "message": said, "code": 1, "status": "X"}, "message": said});
    for (model, status) in [("m200", 200), ("m400", 400), ("m401", 401), ("m429", 429), ("m500", 500)] {
        let headers = vec![("content-type", "application/json".to_owned())];
        upstream.on(model, Script::Raw { status, headers, body: said.to_string() });
    }
    for (n, (kind, options)) in KINDS.iter().enumerate() {
        let (name, options) = (format!("p{n}"), serde_json::from_str::<serde_json::Value>(options)?);
        let fields = json!({"provider": kind, "name": name, "api_key": canaries[n], "options": options});
        let made = person.provider(&upstream.url, &fields).await?;
        ensure!(!made.to_string().contains(&canaries[n]), "{made}");
        for model in ["tiny", "m200", "m400", "m401", "m429", "m500"] {
            for stream in [false, true] {
                let mut asked = chat(&format!("{name}/{model}"), "hi");
                asked["stream"] = stream.into();
                let request = key.request(Method::POST, "/v1/chat/completions").header("x-perpetuo-explain", "1");
                let answer = shown(kind, Answer::of(request.json(&asked)).await?).await?;
                let log = person.log_of(&answer).await?;
                ensure!(log["routing"].is_object(), "no explanation: {log}");
                ensure!(!canaries.iter().any(|canary| log.to_string().contains(canary)), "{log}");
            }
        }
        let id = made["id"].as_str().context("an id")?;
        shown(kind, person.client.post(&person.path(&format!("/providers/{id}/test")), &json!({})).await?).await?;
    }
    upstream.on("silent", Script::Silent);
    let request = key.request(Method::POST, "/v1/chat/completions").json(&chat("p0/silent", "hi"));
    ensure!(Answer::of(request.timeout(Duration::from_millis(300))).await.is_err(), "a silent provider answered");
    shown("the list", person.client.get(&person.path("/providers")).await?).await?;
    shown("the models", key.get("/v1/models").await?).await?;
    let sent: String = upstream.received().iter().map(|request| format!("{:?}", request.headers)).collect();
    let missing: Vec<_> = canaries.iter().filter(|canary| !sent.contains(*canary)).collect();
    ensure!(missing.is_empty(), "the provider never got {missing:?}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let output = cluster.output();
    ensure!(output.contains("\"level\":\"DEBUG\""), "nothing is logged at the level debug");
    let line = output.lines().find(|line| canaries.iter().any(|canary| line.contains(canary)));
    ensure!(line.is_none(), "a line of the log: {line:?}");
    for file in crate::chat::walk(cluster.dir()) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let found = canaries.iter().find(|canary| wire::find(&bytes, canary.as_bytes()).is_some());
        ensure!(found.is_none(), "{found:?} is in {}", file.display());
    }
    Ok(())
}

/// The line that tells of a request, by what the client was told as its id.
async fn line_of(cluster: &Cluster, answer: &Answer) -> anyhow::Result<serde_json::Value> {
    let id = answer.header("x-request-id").to_owned();
    ensure!(!id.is_empty(), "an answer without an id: {answer:?}");
    tests::eventually(async || {
        let output = cluster.output();
        let lines = output.lines().filter(|line| line.contains(&id)).map(serde_json::from_str::<serde_json::Value>);
        let mut told = lines.filter_map(Result::ok).filter(|line| line["message"] == "request");
        told.next().with_context(|| format!("no line tells of {id}"))
    })
    .await
}

/// Each try to get in, and each refusal, with who, from where, where to and why.
async fn who_is_refused_is_in_the_log(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let login = async |password: &str| {
        let body = json!({"email": person.email, "password": password});
        let asked = cluster.anybody().request(Method::POST, "/auth/login").json(&body);
        Answer::of(asked.header("x-request-id", "a\",\"code\":\"\",\"b\":\"")).await
    };
    let failed = line_of(cluster, &login(WRONG_PASSWORD).await?.expect(401)?).await?;
    ensure!(failed["code"] == "LOGIN_FAILED" && failed["status"] == 401, "{failed}");
    ensure!(failed["client"] == "127.0.0.1" && failed["route"].to_string().contains("/auth/login"), "{failed}");
    ensure!(failed["client_request_id"] == "a\",\"code\":\"\",\"b\":\"" && failed["b"].is_null(), "{failed}");
    let done = line_of(cluster, &login(PASSWORD).await?.expect(200)?).await?;
    ensure!(done["status"] == 200 && done["code"].is_null(), "{done}");

    let invented = cluster.anybody().with("pk_zqxinvented").get("/v1/models").await?.expect(401)?;
    let invented = line_of(cluster, &invented).await?;
    ensure!(invented["code"].is_string() && invented["key_id"].is_null(), "{invented}");
    let (key, made) = person.key_with(&json!({"scopes": ["inference"]})).await?;
    let refused = key.get(&person.path("/api-keys")).await?.expect(403)?;
    let refused = line_of(cluster, &refused).await?;
    ensure!(refused["code"] == "PERMISSION_DENIED" && refused["key_id"] == made["id"], "{refused}");
    ensure!(refused["workspace_id"] == person.workspace && refused["route"].is_string(), "{refused}");
    let strange = person.client.post(&person.path("/api-keys"), &json!({"no_field": 1})).await?.expect(400)?;
    let strange = line_of(cluster, &strange).await?;
    ensure!(strange["code"] == "INVALID_ARGUMENT" && strange["user_id"].is_string(), "{strange}");
    Ok(())
}
