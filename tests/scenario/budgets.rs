//! Budgets: money that may be spent, and what happens where nobody knows what something costs.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::{
    Answer, Cluster, Upstream,
    client::{Client, Person, chat},
    eventually,
    upstream::Script,
};

scenarios! {
    shared: a_budget_of_a_key_holds, a_budget_of_a_workspace_holds_for_all_its_keys_at_once,
        a_stream_ends_with_its_money_where_that_is_asked_for, a_model_without_a_price_is_refused_while_a_budget_applies,
        a_soft_budget_refuses_nothing, what_costs_nothing_is_no_matter_of_budgets;
}

/// In the catalogue of prices: 0.15 USD for a million tokens of input, 0.60 USD for a million of output.
const PRICED: &str = "gpt-4o-mini";
/// What the provider answers: twenty tokens, so that a request costs about 13 millionths of a dollar.
const WORDS: &str = "a b c d e f g h i j k l m n o p q r s t";

/// Somebody whose provider answers with [`WORDS`].
async fn somebody(cluster: &Cluster) -> anyhow::Result<(Person, Upstream)> {
    let (person, upstream) = (cluster.person().await?, Upstream::start().await?);
    upstream.on(PRICED, Script::text(WORDS));
    person.provider(&upstream.url, &json!({})).await?;
    Ok((person, upstream))
}

/// At most a hundred tokens of output: about 60 millionths of a dollar.
async fn ask(key: &Client) -> anyhow::Result<Answer> {
    let mut body = chat(PRICED, "hi");
    body["max_tokens"] = json!(100);
    key.post("/v1/chat/completions", &body).await
}

/// The answer about the budget: where the counters are too busy for one, SDKs ask again, and so does this.
async fn answered(key: &Client) -> anyhow::Result<Answer> {
    eventually(async || {
        let answer = ask(key).await?;
        ensure!(answer.status != 503, "{answer:?}");
        Ok(answer)
    })
    .await
}

/// What the workspace has spent, once at least this many requests are counted.
async fn spent(person: &Person, requests: usize) -> anyhow::Result<i64> {
    eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["total_requests"].as_u64() >= Some(requests as u64) && usage["currency"] == "USD", "{usage}");
        usage["total_cost_micros"].as_i64().with_context(|| format!("{usage}"))
    })
    .await
}

async fn a_budget_of_a_key_holds(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, upstream) = somebody(cluster).await?;
    let budget = json!({"amount_micros": 400, "period": "month"});
    let (key, made) = person.key_with(&json!({"budget": budget})).await?;
    ensure!(made["budget"]["amount_micros"] == 400 && made["budget"]["soft"] == false, "{made}");
    let mut passed = 0;
    let refused = loop {
        let answer = ask(&key).await?;
        match answer.status {
            200 if passed < 100 => passed += 1,
            _ => break answer.expect(402)?,
        }
    };
    let error = refused.json()?["error"].clone();
    ensure!(error["code"] == "budget_exceeded" && error["layer"] == "api_key", "{error}");
    ensure!(error["kind"] == "budget" && error["period"] == "month" && error["currency"] == "USD", "{error}");
    ensure!(error["limit"] == 400 && error["used"].as_i64().is_some_and(|used| (1..=400).contains(&used)), "{error}");
    ensure!(error["message"].as_str().is_some_and(|text| text.contains("0.000400 USD")), "{error}");
    let cost = spent(&person, passed).await?;
    ensure!((1..=400).contains(&cost), "{cost} were spent of 400");
    ensure!(upstream.received().len() == passed, "the provider saw {} of {passed}", upstream.received().len());
    // Raised, it lets pass again.
    let path = person.path(&format!("/api-keys/{}", made["id"].as_str().context("no id")?));
    let more = json!({"budget": {"amount_micros": 1_000_000, "period": "month"}});
    Answer::of(person.client.request(reqwest::Method::PATCH, &path).json(&more)).await?.expect(200)?;
    eventually(async || ask(&key).await?.expect(200).map(drop)).await
}

async fn a_budget_of_a_workspace_holds_for_all_its_keys_at_once(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, _upstream) = somebody(cluster).await?;
    let budgets = json!([{"amount_micros": 2_000, "period": "day"}, {"amount_micros": 900, "period": "total"}]);
    person.client.put(&person.path(""), &json!({"limits": {"budgets": budgets}})).await?.expect(200)?;
    let keys = [person.key().await?, person.key().await?];
    let answers = futures::future::try_join_all((0..200).map(|n| answered(&keys[n % 2]))).await?;
    let strange = answers.iter().find(|a| ![200, 402].contains(&a.status));
    ensure!(strange.is_none(), "neither passed nor refused: {strange:?}");
    let passed = answers.iter().filter(|a| a.status == 200).count();
    ensure!((1..200).contains(&passed), "{passed} of 200 passed");
    let cost = spent(&person, passed).await?;
    ensure!(cost <= 900, "{cost} were spent of 900");
    let refused = answers.iter().find(|a| a.status == 402).context("no 402")?;
    let error = refused.json()?["error"].clone();
    ensure!(error["layer"] == "workspace" && error["period"] == "total", "{error}");
    ensure!(refused.header("retry-after").is_empty(), "what is spent for ever does not come back: {refused:?}");
    Ok(())
}

async fn a_stream_ends_with_its_money_where_that_is_asked_for(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, upstream) = somebody(cluster).await?;
    upstream.on(PRICED, Script::text(&"word ".repeat(400)));
    let budget = json!({"amount_micros": 60, "period": "day"});
    let limits = json!({"stop_streams_when_spent": true, "budgets": [budget]});
    let (key, _) = person.key_with(&json!({"limits": limits})).await?;
    let mut body = chat(PRICED, "hi");
    (body["max_tokens"], body["stream"]) = (json!(1000), json!(true));
    let answer = key.post("/v1/chat/completions", &body).await?.expect(200)?;
    let last: Value = serde_json::from_str(answer.events().last().context("no events")?)?;
    ensure!(last["error"]["code"] == "budget_exceeded", "{last}");
    let words = answer.content()?.split_whitespace().count();
    ensure!((1..400).contains(&words), "{words} words arrived");
    let log = person.log_of(&answer).await?;
    ensure!(log["outcome"] == "budget_stopped", "{log}");
    // Who cannot be stopped on the way is refused before.
    body["stream"] = json!(false);
    key.post("/v1/chat/completions", &body).await?.expect(402)?;
    Ok(())
}

async fn a_model_without_a_price_is_refused_while_a_budget_applies(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, upstream) = somebody(cluster).await?;
    let budget = json!({"amount_micros": 5_000_000, "period": "month"});
    let (key, _) = person.key_with(&json!({"budget": budget})).await?;
    let refused = key.chat("house-made", "hi").await?.expect(402)?;
    let error = refused.json()?["error"].clone();
    ensure!(error["code"] == "unpriced_model" && error["layer"] == "api_key", "{error}");
    ensure!(upstream.received().is_empty(), "the provider was called");
    // Without a budget it runs, and is listed as unpriced.
    person.key().await?.chat("house-made", "hi").await?.expect(200)?;
    eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["unpriced_requests"] == 1 && usage["total_cost_micros"] == 0, "{usage}");
        Ok(())
    })
    .await
}

async fn a_soft_budget_refuses_nothing(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, _upstream) = somebody(cluster).await?;
    let budget = json!({"amount_micros": 1, "period": "day", "soft": true});
    let (key, _) = person.key_with(&json!({"budget": budget})).await?;
    for _ in 0..3 {
        ask(&key).await?.expect(200)?;
    }
    key.chat("house-made", "hi").await?.expect(200)?;
    eventually(async || {
        let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
        let limit = &limits["data"][0];
        ensure!(limit["kind"] == "budget" && limit["soft"] == true && limit["remaining"] == 0, "{limits}");
        ensure!(limit["used"].as_i64().is_some_and(|used| used > 1), "{limits}");
        Ok(())
    })
    .await
}

async fn what_costs_nothing_is_no_matter_of_budgets(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let budget = json!({"amount_micros": 1, "period": "total"});
    person.client.put(&person.path(""), &json!({"budget": budget})).await?.expect(200)?;
    let key = person.key().await?;
    for _ in 0..3 {
        key.chat("simulator/chat", "hi").await?.expect(200)?;
    }
    let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
    ensure!(limits["data"][0]["used"] == 0 && limits["data"][0]["limit"] == 1, "{limits}");
    Ok(())
}
