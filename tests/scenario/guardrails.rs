//! What a workspace lets pass, as its owner sets it.

use crate::scenarios;
use anyhow::ensure;
use serde_json::{Value, json};
use tests::{Cluster, Person, Upstream, eventually, upstream::Script};

scenarios! {
    shared: what_is_redacted_reaches_nobody_and_the_log_says_how_much, a_stream_that_is_blocked_ends_with_an_error,
        a_mistake_in_guardrails_changes_nothing, a_question_in_other_words_gets_the_answer_of_before;
}

const CPF: &str = "529.982.247-25";

async fn put(person: &Person, rules: &Value) -> anyhow::Result<()> {
    person.client.put(&person.path("/guardrails"), &json!({"rules": rules})).await?.expect(200)?;
    Ok(())
}

async fn with(cluster: &Cluster, said: &str) -> anyhow::Result<(Person, Upstream)> {
    let (person, upstream) = (cluster.person().await?, Upstream::start().await?);
    upstream.on("a", Script::text(said));
    person.provider(&upstream.url, &json!({"name": "one", "models": ["a"]})).await?;
    Ok((person, upstream))
}

async fn what_is_redacted_reaches_nobody_and_the_log_says_how_much(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, upstream) = with(cluster, "fale com ana@exemplo.com.br").await?;
    let key = person.key().await?;
    put(&person, &json!([{"name": "pii", "action": "redact", "detect": ["cpf", "email"]}])).await?;
    eventually(async || {
        let answer = key.chat("a", &format!("meu CPF é {CPF}")).await?.expect(200)?;
        ensure!(answer.content()? == "fale com [EMAIL]", "{}", answer.text);
        let header = answer.header("x-perpetuo-guardrails");
        ensure!(header == "pii;input;redact=1, pii;output;redact=1", "{header}");
        let log = person.log_of(&answer).await?;
        let found = |stage: &str| json!({"name": "pii", "stage": stage, "action": "redact", "count": 1});
        ensure!(log["guardrails"] == json!([found("input"), found("output")]), "{log}");
        Ok(())
    })
    .await?;
    let last = upstream.received().pop().map(|received| format!("{received:?}")).unwrap_or_default();
    ensure!(last.contains("[CPF]") && !last.contains(CPF), "{last}");
    Ok(())
}

async fn a_stream_that_is_blocked_ends_with_an_error(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, _upstream) = with(cluster, "the key is sk-abcd1234 and more of it").await?;
    let key = person.key().await?;
    put(&person, &json!([{"name": "keys", "on": ["output"], "action": "block", "patterns": ["sk-[a-z0-9]{8}"]}]))
        .await?;
    eventually(async || {
        let answer = key.chat_stream("a", "hi").await?.expect(200)?;
        ensure!(answer.text.contains("guardrail_blocked") && !answer.text.contains("[DONE]"), "{}", answer.text);
        ensure!(!answer.text.contains("sk-") && !answer.text.contains("1234"), "{}", answer.text);
        let log = person.log_of(&answer).await?;
        ensure!(log["outcome"] == "blocked" && log["error_code"] == "GUARDRAIL_BLOCKED", "{log}");
        let refused = key.chat("a", "hi").await?.expect(400)?.json()?;
        ensure!(refused["error"]["code"] == "guardrail_blocked", "{refused}");
        Ok(())
    })
    .await
}

async fn a_mistake_in_guardrails_changes_nothing(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, _upstream) = with(cluster, "hi").await?;
    let good = json!([{"name": "rivals", "action": "flag", "words": ["acme"]}]);
    put(&person, &good).await?;
    let bad = json!({"rules": [
        {"name": "a", "action": "block", "patterns": ["("]},
        {"name": "a", "action": "redact", "moderation": {"model": "nobody/x"}},
    ]});
    let refused = person.client.put(&person.path("/guardrails"), &bad).await?.expect(422)?.json()?;
    let fields: Vec<_> =
        refused["errors"].as_array().into_iter().flatten().filter_map(|e| e["field"].as_str()).collect();
    let expected = ["rules[0].patterns[0]", "rules[1].name", "rules[1].action", "rules[1].moderation.model"];
    ensure!(fields == expected, "{fields:?}");
    let read = person.client.get(&person.path("/guardrails")).await?.expect(200)?.json()?;
    ensure!(read["rules"][0]["name"] == "rivals" && read["rules"].as_array().is_some_and(|r| r.len() == 1), "{read}");
    Ok(())
}

async fn a_question_in_other_words_gets_the_answer_of_before(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, _upstream) = with(cluster, "under settings").await?;
    let key = person.key().await?;
    let semantic = json!({"model": "simulator/embed"});
    let routing = json!({"policy": {"cache": {"ttl_seconds": 60, "semantic": semantic}}});
    person.client.put(&person.path("/routing"), &routing).await?.expect(200)?;
    eventually(async || {
        let answer = key.chat("a", "How do I reset my password?").await?.expect(200)?;
        ensure!(answer.header("x-perpetuo-cache") == "hit", "{}", answer.header("x-perpetuo-cache"));
        Ok(())
    })
    .await?;
    // Where there is no simulator there are no embeddings, and the provider is asked.
    let answer = key.chat("a", "Please tell me how to reset the password").await?.expect(200)?;
    let how = answer.header("x-perpetuo-cache");
    ensure!(how == "similar" || how == "miss", "{how}");
    ensure!(answer.content()? == "under settings", "{}", answer.text);
    Ok(())
}
