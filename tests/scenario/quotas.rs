//! Quotas of tokens: so many in a day or a month, whoever asks and however many at once.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::{
    Answer, Cluster,
    client::{Client, Person, chat},
    eventually,
};

scenarios! {
    shared: a_daily_quota_of_a_key_holds, a_monthly_quota_holds_for_all_keys_of_a_workspace,
        two_hundred_at_once_never_pass_a_quota, a_soft_limit_warns_and_refuses_nothing,
        a_key_that_is_changed_obeys_at_once, limits_in_force_say_whose_they_are_and_what_is_left;
}

/// Asks until a quota refuses, at most this often.
const MOST: usize = 100;

async fn ask(key: &Client, max_tokens: u32) -> anyhow::Result<Answer> {
    let mut body = chat("simulator/chat", "hi");
    body["max_tokens"] = json!(max_tokens);
    key.post("/v1/chat/completions", &body).await
}

/// The answer about the quota: where the counters are too busy for one, SDKs ask again, and so does this.
async fn answered(key: &Client, max_tokens: u32) -> anyhow::Result<Answer> {
    eventually(async || {
        let answer = ask(key, max_tokens).await?;
        ensure!(answer.status != 503, "{answer:?}");
        Ok(answer)
    })
    .await
}

/// Asks with the keys in turn until one is refused, and gives that refusal's error.
async fn until_refused(keys: &[Client]) -> anyhow::Result<Value> {
    for n in 0..MOST {
        let answer = ask(&keys[n % keys.len()], 60).await?;
        if answer.status != 200 {
            return Ok(answer.expect(402)?.json()?["error"].clone());
        }
    }
    anyhow::bail!("{MOST} requests passed")
}

/// All tokens that the workspace has used, once at least this many requests are counted.
async fn tokens(person: &Person, requests: usize) -> anyhow::Result<i64> {
    let usage = eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["total_requests"].as_u64() >= Some(requests as u64), "{usage}");
        Ok(usage)
    })
    .await?;
    let number = |name: &str| usage[name].as_i64().with_context(|| format!("no {name} in {usage}"));
    Ok(number("total_input_tokens")? + number("total_output_tokens")?)
}

async fn passed(person: &Person) -> anyhow::Result<usize> {
    let logs = person.client.get(&person.path("/logs?status=200&limit=200")).await?.expect(200)?.json()?;
    Ok(logs["data"].as_array().map_or(0, Vec::len))
}

async fn a_daily_quota_of_a_key_holds(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, made) = person.key_with(&json!({"limits": {"tokens_per_day": 300}})).await?;
    ensure!(made["limits"]["tokens_per_day"] == 300, "{made}");
    let error = until_refused(std::slice::from_ref(&key)).await?;
    ensure!(error["code"] == "insufficient_quota" && error["layer"] == "api_key", "{error}");
    ensure!(error["kind"] == "quota" && error["resource"] == "tokens" && error["period"] == "day", "{error}");
    ensure!(error["limit"] == 300 && error["limits_url"] == "/v1/limits", "{error}");
    ensure!(error["used"].as_i64().is_some_and(|used| (1..=300).contains(&used)), "{error}");
    // What is left is still there for who asks for no more than that; other keys are not concerned.
    ask(&person.key().await?, 60).await?.expect(200)?;
    // What was reserved for the requests before, and not used, has come back meanwhile.
    let refused = eventually(async || ask(&key, 60).await?.expect(402)).await?;
    let wait: u64 = refused.header("retry-after").parse()?;
    ensure!((1..=25 * 3600).contains(&wait), "{wait}");
    Ok(())
}

async fn a_monthly_quota_holds_for_all_keys_of_a_workspace(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let limits = json!({"limits": {"tokens_per_month": 300}, "time_zone": "America/Sao_Paulo"});
    person.client.put(&person.path(""), &limits).await?.expect(200)?;
    let keys = [person.key().await?, person.key().await?, person.client.clone()];
    let error = until_refused(&keys).await?;
    ensure!(error["layer"] == "workspace" && error["period"] == "month", "{error}");
    let requests = eventually(async || {
        let requests = passed(&person).await?;
        ensure!(requests > 0, "nothing is logged yet");
        Ok(requests)
    })
    .await?;
    let used = tokens(&person, requests).await?;
    ensure!(used <= 300, "{used} tokens were used of 300");
    Ok(())
}

async fn two_hundred_at_once_never_pass_a_quota(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, _) = person.key_with(&json!({"limits": {"tokens_per_day": 1000}})).await?;
    let answers = futures::future::try_join_all((0..200).map(|_| answered(&key, 40))).await?;
    let passed = answers.iter().filter(|a| a.status == 200).count();
    let strange = answers.iter().find(|a| ![200, 402].contains(&a.status));
    ensure!(strange.is_none(), "neither passed nor refused: {strange:?}");
    ensure!((1..200).contains(&passed), "{passed} of 200 passed");
    let used = tokens(&person, passed).await?;
    ensure!(used <= 1000, "{used} tokens were used of 1000");
    // What was reserved and not used has come back: the count is what was used, not what was asked for.
    eventually(async || {
        let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
        ensure!(limits["data"][0]["used"] == used, "{limits}, and {used} were used");
        Ok(())
    })
    .await
}

async fn a_soft_limit_warns_and_refuses_nothing(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let limits = json!({"rpm": 1, "tokens_per_day": 1, "soft": true});
    let (key, _) = person.key_with(&json!({"limits": limits})).await?;
    for _ in 0..5 {
        let answer = ask(&key, 60).await?.expect(200)?;
        ensure!(answer.header("x-ratelimit-limit-requests").is_empty(), "a soft limit holds nobody up: {answer:?}");
    }
    eventually(async || {
        let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
        let quota = limit(&limits, "api_key", "quota")?;
        ensure!(quota["soft"] == true && quota["remaining"] == 0, "{limits}");
        ensure!(quota["used"].as_i64().is_some_and(|used| used > 1), "{limits}");
        Ok(())
    })
    .await
}

async fn a_key_that_is_changed_obeys_at_once(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, made) = person.key_with(&json!({})).await?;
    ask(&key, 60).await?.expect(200)?;
    let path = person.path(&format!("/api-keys/{}", made["id"].as_str().context("no id")?));
    let change = async |body: Value| {
        let answer = Answer::of(person.client.request(reqwest::Method::PATCH, &path).json(&body)).await?;
        answer.expect(200)?.json()
    };
    let changed = change(json!({"name": "narrow", "limits": {"tokens_per_day": 1}})).await?;
    ensure!(changed["name"] == "narrow" && changed["limits"]["tokens_per_day"] == 1, "{changed}");
    eventually(async || ask(&key, 60).await?.expect(402).map(drop)).await?;
    change(json!({"limits": {}})).await?;
    eventually(async || ask(&key, 60).await?.expect(200).map(drop)).await
}

/// The only limit of this layer and kind among those in force.
fn limit<'a>(limits: &'a Value, layer: &str, kind: &str) -> anyhow::Result<&'a Value> {
    let data = limits["data"].as_array().context("no data")?;
    let mut found = data.iter().filter(|l| l["layer"] == layer && l["kind"] == kind);
    let first = found.next().with_context(|| format!("no {kind} of {layer} in {limits}"))?;
    ensure!(found.next().is_none(), "more than one {kind} of {layer} in {limits}");
    Ok(first)
}

async fn limits_in_force_say_whose_they_are_and_what_is_left(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let budget = json!({"amount_micros": 500_000_000, "period": "month"});
    let settings = json!({
        "currency": "BRL", "time_zone": "America/Sao_Paulo",
        "limits": {"concurrency": 50, "tokens_per_month": 1_000_000}, "budget": budget,
        "per_user": {"tokens_per_day": 100_000}, "per_model": {"simulator/chat": {"tpm": 90_000, "soft": true}},
    });
    let changed = person.client.put(&person.path(""), &settings).await?.expect(200)?.json()?;
    ensure!(changed["budget"]["amount_micros"] == 500_000_000, "{changed}");
    let total = json!({"amount_micros": 7_000_000, "period": "total"});
    let (key, made) = person.key_with(&json!({"limits": {"rpm": 1000}, "budget": total})).await?;
    ensure!(made["budget"]["period"] == "total" && made["limits"]["budgets"][0]["period"] == "total", "{made}");
    ask(&key, 60).await?.expect(200)?;
    let used = tokens(&person, 1).await?;
    let limits = eventually(async || {
        let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
        ensure!(limit(&limits, "workspace", "quota")?["used"] == used, "{limits}, and {used} were used");
        Ok(limits)
    })
    .await?;
    let month = limit(&limits, "workspace", "quota")?;
    ensure!(month["id"] == person.workspace.as_str() && month["resource"] == "tokens", "{month}");
    ensure!(month["limit"] == 1_000_000 && month["remaining"] == 1_000_000 - used, "{month}");
    // Months begin at midnight of the workspace's own zone, which is three hours behind UTC all year.
    ensure!(month["resets_at"].as_str().is_some_and(|at| at.contains("-01T03:00:00")), "{month}");
    let budget = limit(&limits, "workspace", "budget")?;
    ensure!(budget["currency"] == "BRL" && budget["limit"] == 500_000_000 && budget["used"] == 0, "{budget}");
    let total = limit(&limits, "api_key", "budget")?;
    ensure!(total["id"] == made["id"] && total["resets_at"].is_null() && total["period"] == "total", "{total}");
    let user = limit(&limits, "user", "quota")?;
    ensure!(user["id"] == person.account["user"]["id"] && user["used"] == used, "{user}");
    let model = limit(&limits, "model", "tokens_per_minute")?;
    ensure!(model["id"] == "simulator/chat" && model["soft"] == true, "{model}");
    for (layer, kind) in [("workspace", "concurrent_requests"), ("api_key", "requests_per_minute")] {
        ensure!(limit(&limits, layer, kind)?["resource"].is_null(), "{limits}");
    }
    // The person sees the same, but for what only their key has.
    let own = person.client.get(&person.path("/limits")).await?.expect(200)?.json()?;
    ensure!(limit(&own, "user", "quota")?["used"] == used && limit(&own, "api_key", "budget").is_err(), "{own}");
    Ok(())
}
