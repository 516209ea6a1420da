//! Limits: what is set holds, and what is refused says why and until when.

use crate::scenarios;
use anyhow::ensure;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Cluster, Upstream, client::chat, eventually, upstream::Script};

scenarios! {
    shared: requests_per_minute_of_a_key_hold, a_workspace_limits_all_its_keys, parallel_callers_do_not_pass_a_concurrency_limit,
        tokens_per_minute_hold, nothing_is_limited_unless_set, limits_show_what_is_left, impossible_limits_are_refused;
}

/// How many requests a limit per minute lets pass from its beginning until now: all of it at once, then one after
/// another as it fills up again. On a busy machine that happens within a test.
fn may_pass(rpm: u32, since: Instant) -> usize {
    (f64::from(rpm) * (1.0 + since.elapsed().as_secs_f64() / 60.0)) as usize
}

fn refused(answer: &tests::Answer) -> anyhow::Result<Value> {
    let error = answer.json()?["error"].clone();
    ensure!(error["code"] == "rate_limit_exceeded", "{error}");
    let wait: u64 = answer.header("retry-after").parse()?;
    ensure!((1..=60).contains(&wait), "{wait}");
    Ok(error)
}

async fn requests_per_minute_of_a_key_hold(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, made) = person.key_with(&json!({"limits": {"rpm": 5}})).await?;
    ensure!(made["limits"]["rpm"] == 5, "{made}");
    let since = Instant::now();
    let requests = (0..20).map(|_| key.chat("simulator/chat", "hi"));
    let answers = futures::future::try_join_all(requests).await?;
    let passed = answers.iter().filter(|a| a.status == 200).count();
    ensure!((5..=may_pass(5, since)).contains(&passed), "{passed} of 20 passed a limit of 5");
    let answer = answers.iter().find(|a| a.status == 429).ok_or_else(|| anyhow::anyhow!("no 429"))?;
    refused(answer)?;
    let ok = answers.iter().find(|a| a.status == 200).ok_or_else(|| anyhow::anyhow!("no 200"))?;
    ensure!(ok.header("x-ratelimit-limit-requests") == "5", "{:?}", ok.headers);
    ensure!(ok.header("x-ratelimit-remaining-requests").parse::<u32>().is_ok_and(|n| n < 5), "{:?}", ok.headers);
    // Another key of the same workspace is not limited by it.
    person.key().await?.chat("simulator/chat", "hi").await?.expect(200)?;
    eventually(async || {
        let logs = person.client.get(&person.path("/logs?status=429")).await?.expect(200)?.json()?;
        // Refusals are logged as well as it goes: on a machine that is busy enough one may be missing.
        ensure!(logs["data"].as_array().is_some_and(|d| (1..=20 - passed).contains(&d.len())), "{logs}");
        // The one of the other key counts as well, the refused ones do not.
        ensure!(person.usage().await?["total_requests"] == passed + 1, "{}", person.usage().await?);
        Ok(())
    })
    .await
}

async fn a_workspace_limits_all_its_keys(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let changed = person.client.put(&person.path(""), &json!({"limits": {"rpm": 3}})).await?.expect(200)?.json()?;
    ensure!(changed["limits"]["rpm"] == 3, "{changed}");
    let keys = [person.key().await?, person.key().await?];
    let (mut passed, since) = (0, Instant::now());
    for n in 0..8 {
        let answer = keys[n % 2].chat("simulator/chat", "hi").await?;
        passed += usize::from(answer.status == 200);
        ensure!([200, 429].contains(&answer.status), "{} {}", answer.status, answer.text);
    }
    ensure!((3..=may_pass(3, since)).contains(&passed), "{passed} passed a limit of 3");
    Ok(())
}

async fn parallel_callers_do_not_pass_a_concurrency_limit(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("slow", Script::Text { text: "done".to_owned(), pause: Duration::from_secs(4) });
    person.provider(&upstream.url, &json!({})).await?;
    let (key, _) = person.key_with(&json!({"limits": {"concurrency": 2}})).await?;
    let requests = (0..40).map(|_| key.chat("slow", "hi"));
    let answers = futures::future::try_join_all(requests).await?;
    let passed = answers.iter().filter(|a| a.status == 200).count();
    ensure!(passed == 2, "{passed} of 40 passed a concurrency of 2");
    ensure!(upstream.received().len() == 2, "the provider saw {}", upstream.received().len());
    // Places are given back.
    eventually(async || key.chat("slow", "hi").await?.expect(200).map(drop)).await
}

async fn tokens_per_minute_hold(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, _) = person.key_with(&json!({"limits": {"tpm": 1000}})).await?;
    let mut body = chat("simulator/chat", "hi");
    body["max_tokens"] = json!(600);
    key.post("/v1/chat/completions", &body).await?.expect(200)?;
    // What was reserved and not used came back, so that a second one fits.
    eventually(async || key.post("/v1/chat/completions", &body).await?.expect(200).map(drop)).await?;
    body["max_tokens"] = json!(5000);
    let answer = key.post("/v1/chat/completions", &body).await?;
    ensure!(answer.status == 429, "{} {}", answer.status, answer.text);
    ensure!(answer.text.contains("1000"), "{}", answer.text);
    Ok(())
}

async fn nothing_is_limited_unless_set(cluster: &Cluster) -> anyhow::Result<()> {
    let key = cluster.person().await?.key().await?;
    let requests = (0..100).map(|_| key.chat("simulator/chat", "hi"));
    for answer in futures::future::try_join_all(requests).await? {
        answer.expect(200)?;
    }
    Ok(())
}

async fn limits_show_what_is_left(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, _) = person.key_with(&json!({"limits": {"rpm": 10}})).await?;
    // Again when so much time went by that the limit has filled up meanwhile.
    let limits = eventually(async || {
        key.chat("simulator/chat", "hi").await?.expect(200)?;
        let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
        let limit = &limits["data"][0];
        ensure!(limit["limit"] == 10 && limit["used"].as_i64().is_some_and(|n| n > 0), "{limits}");
        ensure!(limit["used"].as_i64().zip(limit["remaining"].as_i64()).is_some_and(|(u, r)| u + r == 10), "{limits}");
        Ok(limits)
    })
    .await?;
    let limit = &limits["data"][0];
    ensure!(limit["layer"] == "api_key" && limit["kind"] == "requests_per_minute", "{limits}");
    Ok(())
}

async fn impossible_limits_are_refused(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for limits in [json!({"rpm": 0}), json!({"rpm": -1}), json!({"rpm": "many"}), json!({"per_year": 3})] {
        let answer = person.client.post(&person.path("/api-keys"), &json!({"name": "x", "limits": limits})).await?;
        ensure!([400, 422].contains(&answer.status), "{limits}: {} {}", answer.status, answer.text);
    }
    Ok(())
}
