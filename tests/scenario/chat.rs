//! A chat completion, from the request to the log and the usage.

use crate::scenarios;
use anyhow::ensure;
use serde_json::{Value, json};
use tests::{Cluster, Upstream, client::chat, eventually, upstream::Script};

scenarios! {
    shared: the_simulator_answers_without_any_set_up, a_request_is_seen_in_the_logs_and_in_the_usage,
        what_the_gateway_does_not_know_reaches_the_provider_untouched, the_provider_key_goes_to_the_provider_only,
        a_model_is_found_by_name_by_provider_and_by_kind, an_unknown_model_is_a_404_that_says_what_to_do,
        models_lists_what_the_key_may_call, a_person_may_chat_with_their_access_token, every_answer_carries_a_request_id,
        usage_of_a_real_provider_is_counted_to_the_token, what_a_provider_cannot_take_is_named_in_the_answer_and_the_log;
}

async fn the_simulator_answers_without_any_set_up(cluster: &Cluster) -> anyhow::Result<()> {
    let key = cluster.person().await?.key().await?;
    let first = key.chat("simulator/chat", "Say hello.").await?.expect(200)?;
    let again = key.chat("simulator/chat", "Say hello.").await?.expect(200)?;
    ensure!(!first.content()?.is_empty() && first.content()? == again.content()?, "not deterministic");
    let json = first.json()?;
    ensure!(json["object"] == "chat.completion" && json["choices"][0]["finish_reason"] == "stop", "{json}");
    let usage = &json["usage"];
    let sum = usage["prompt_tokens"].as_i64().unwrap_or(0) + usage["completion_tokens"].as_i64().unwrap_or(0);
    ensure!(sum > 1 && usage["total_tokens"] == sum, "{json}");
    Ok(())
}

async fn a_request_is_seen_in_the_logs_and_in_the_usage(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    let answer = key.chat("simulator/chat", "Count this.").await?.expect(200)?;
    let log = person.log_of(&answer).await?;
    let used = answer.json()?["usage"].clone();
    ensure!(log["id"] == answer.header("x-request-id") && log["outcome"] == "completed", "{log}");
    ensure!(log["input_tokens"] == used["prompt_tokens"] && log["output_tokens"] == used["completion_tokens"], "{log}");
    ensure!(log["status_code"] == 200 && log["stream"] == false && log["cost_micros"] == 0, "{log}");
    ensure!(log["attempts"].as_array().is_some_and(|a| a.len() == 1), "{log}");
    let usage = person.usage().await?;
    ensure!(usage["total_requests"] == 1 && usage["total_input_tokens"] == used["prompt_tokens"], "{usage}");
    ensure!(usage["currency"] == "USD" && usage["period"]["from"].is_string(), "{usage}");
    let by = person.client.get(&person.path("/usage/by-provider")).await?.expect(200)?.json()?;
    ensure!(by["data"][0]["provider"] == "simulator" && by["data"][0]["requests"] == 1, "{by}");
    let filtered = person.client.get(&person.path("/logs?outcome=completed&provider=simulator")).await?.expect(200)?;
    ensure!(filtered.json()?["data"].as_array().is_some_and(|d| d.len() == 1), "{}", filtered.text);
    let none = person.client.get(&person.path("/logs?outcome=client_gone")).await?.expect(200)?.json()?;
    ensure!(none["data"] == json!([]), "{none}");
    Ok(())
}

async fn what_the_gateway_does_not_know_reaches_the_provider_untouched(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    person.provider(&upstream.url, &json!({"name": "up"})).await?;
    let key = person.key().await?;
    // Odd spacing, unicode, numbers that floats would spoil: byte for byte but for the model.
    let body = r#"{ "future_field" : {"a":[1, 2.50,1e3], "b":"\u00e9 ☃"},"model": "up/tiny" , "seed":12345678901234567890,"messages":[ {"role":"user","content":"oi"} ] }"#;
    key.post_raw("/v1/chat/completions", body).await?.expect(200)?;
    let received = upstream.received();
    let sent = std::str::from_utf8(&received.last().ok_or_else(|| anyhow::anyhow!("nothing sent"))?.body)?.to_owned();
    ensure!(sent == body.replace("up/tiny", "tiny"), "{sent}");
    Ok(())
}

async fn the_provider_key_goes_to_the_provider_only(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    let secret = "sk-canary-7f3a9c51d2";
    let made = person.provider(&upstream.url, &json!({"api_key": secret})).await?;
    ensure!(made["key_hint"].as_str().is_some_and(|h| !h.is_empty() && secret.ends_with(h)), "{made}");
    ensure!(!made.to_string().contains(secret), "the key is in the answer");
    let key = person.key().await?;
    key.chat("tiny", "hi").await?.expect(200)?;
    let received = upstream.received();
    let authorization = received[0].headers["authorization"].to_str()?;
    ensure!(authorization == format!("Bearer {secret}"), "{authorization}");
    // Our own key and headers stay here.
    let headers = format!("{:?}", received[0].headers);
    ensure!(!headers.contains("pk_") && !headers.contains("x-call"), "{headers}");
    upstream.on("broken", Script::status(500));
    key.chat("broken", "hi").await?.expect(502)?;
    ensure!(!cluster.output().contains(secret), "the key is in the logs");
    let list = person.client.get(&person.path("/providers")).await?.expect(200)?;
    ensure!(!list.text.contains(secret), "the key is in the list");
    for file in walk(cluster.dir()) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        ensure!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "the key is in {}", file.display());
    }
    Ok(())
}

/// All files in a folder and in those in it.
pub fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.flat_map(|e| if e.path().is_dir() { walk(&e.path()) } else { vec![e.path()] }).collect()
}

async fn a_model_is_found_by_name_by_provider_and_by_kind(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    person.provider(&upstream.url, &json!({"name": "acme", "models": ["tiny", "org/large"]})).await?;
    let key = person.key().await?;
    for (asked, sent) in [("tiny", "tiny"), ("acme/tiny", "tiny"), ("openai/tiny", "tiny"), ("org/large", "org/large")]
    {
        let answer = key.chat(asked, "hi").await?.expect(200)?;
        ensure!(upstream.last_body()?["model"] == sent, "{asked}: {}", upstream.last_body()?);
        ensure!(
            answer.header("x-perpetuo-provider") == "acme" && answer.header("x-perpetuo-model") == sent,
            "{answer:?}"
        );
        ensure!(answer.header("x-perpetuo-attempts") == "1", "{answer:?}");
        ensure!(answer.header("x-perpetuo-overhead-us").parse::<u64>().is_ok(), "{answer:?}");
    }
    key.chat("acme/unlisted", "hi").await?.expect(404)?;
    Ok(())
}

async fn an_unknown_model_is_a_404_that_says_what_to_do(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    let refused = key.chat("simulator/chta", "hi").await?.expect(404)?.json()?;
    let message = refused["error"]["message"].as_str().unwrap_or_default();
    ensure!(refused["error"]["code"] == "model_not_found" && message.contains("simulator/chat"), "{refused}");
    let unprefixed = key.chat("gpt-4o", "hi").await?.expect(404)?;
    ensure!(unprefixed.text.contains("provider"), "{}", unprefixed.text);
    let log = person.log_of(&unprefixed).await?;
    ensure!(log["outcome"] == "rejected" && log["status_code"] == 404, "{log}");
    ensure!(person.usage().await?["total_requests"] == 0, "a refusal is not usage");
    Ok(())
}

async fn models_lists_what_the_key_may_call(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    let names = async || -> anyhow::Result<Vec<String>> {
        let list: Value = key.get("/v1/models").await?.expect(200)?.json()?;
        ensure!(list["object"] == "list", "{list}");
        Ok(list["data"].as_array().into_iter().flatten().filter_map(|m| m["id"].as_str().map(str::to_owned)).collect())
    };
    ensure!(names().await?.contains(&"simulator/chat".to_owned()), "{:?}", names().await?);
    let upstream = Upstream::start().await?;
    person.provider(&upstream.url, &json!({"models": ["alpha"]})).await?;
    eventually(async || {
        let names = names().await?;
        ensure!(names.iter().any(|n| n == "alpha"), "{names:?}");
        Ok(())
    })
    .await?;
    let one = key.get("/v1/models/simulator/chat").await?.expect(200)?.json()?;
    ensure!(one["id"] == "simulator/chat" && one["object"] == "model", "{one}");
    key.get("/v1/models/nothing").await?.expect(404)?;
    Ok(())
}

async fn a_person_may_chat_with_their_access_token(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let answer = person.client.chat("simulator/chat", "hi").await?.expect(200)?;
    let log = person.log_of(&answer).await?;
    ensure!(log["user_id"] == person.account["user"]["id"] && log["api_key_id"].is_null(), "{log}");
    Ok(())
}

async fn every_answer_carries_a_request_id(cluster: &Cluster) -> anyhow::Result<()> {
    let anybody = cluster.anybody();
    for path in ["/health", "/nowhere", "/v1/models", "/auth/me", "/openapi.json"] {
        let answer = anybody.get(path).await?;
        ensure!(answer.header("x-request-id").starts_with("req_"), "{path}: {:?}", answer.headers);
    }
    let request = anybody.request(reqwest::Method::GET, "/health").header("x-request-id", "mine-1");
    let answer = tests::Answer::of(request).await?;
    ensure!(answer.header("x-client-request-id") == "mine-1", "{:?}", answer.headers);
    Ok(())
}

async fn usage_of_a_real_provider_is_counted_to_the_token(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    let answer = json!({
        "id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 80}, "completion_tokens_details": {"reasoning_tokens": 30}},
    });
    let headers = vec![("content-type", "application/json".to_owned())];
    upstream.on("m", Script::Raw { status: 200, headers, body: answer.to_string() });
    person.provider(&upstream.url, &json!({})).await?;
    let sent = person.key().await?.post("/v1/chat/completions", &chat("m", "hi")).await?.expect(200)?;
    let log = person.log_of(&sent).await?;
    ensure!(log["input_tokens"] == 100 && log["cached_input_tokens"] == 80, "{log}");
    ensure!(log["output_tokens"] == 50 && log["reasoning_tokens"] == 30, "{log}");
    ensure!(log["cost_micros"].is_null(), "an unknown price is not zero: {log}");
    Ok(())
}

async fn what_a_provider_cannot_take_is_named_in_the_answer_and_the_log(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    person.provider(&upstream.url, &json!({"provider": "mistral", "name": "mi"})).await?;
    let key = person.key().await?;
    let body = json!({"model": "mi/small", "messages": [{"role": "user", "content": "oi"}], "seed": 7, "user": "u", "x_new": 1});
    let answer = key.post("/v1/chat/completions", &body).await?.expect(200)?;
    ensure!(answer.header("x-perpetuo-dropped") == "user,x_new", "{:?}", answer.headers);
    let sent = upstream.last_body()?;
    ensure!(sent["random_seed"] == 7 && sent.get("seed").is_none() && sent.get("user").is_none(), "{sent}");
    let log = person.log_of(&answer).await?;
    ensure!(log["dropped"] == json!(["user", "x_new"]), "{log}");
    let refused = json!({"model": "mi/small", "messages": [], "audio": {"voice": "alloy", "format": "wav"}});
    let refused = key.post("/v1/chat/completions", &refused).await?.expect(400)?.json()?;
    ensure!(refused["error"]["param"] == "audio", "{refused}");
    Ok(())
}
