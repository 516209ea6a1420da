//! How a workspace routes, as its owner sets it.

use crate::scenarios;
use anyhow::ensure;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Answer, Cluster, Person, Upstream, eventually, upstream::Script};

scenarios! {
    shared: an_alias_is_served_within_a_second_and_swapped_as_a_whole, a_mistake_in_routing_changes_nothing,
        another_model_answers_where_the_first_fails, a_provider_that_fails_again_and_again_is_left_alone,
        the_log_says_why_and_a_dry_run_says_what_would_be, an_answer_is_given_again_until_it_is_erased,
        a_repeated_request_is_answered_and_billed_once;
}

async fn route(person: &Person, routing: &Value) -> anyhow::Result<()> {
    person.client.put(&person.path("/routing"), routing).await?.expect(200)?;
    Ok(())
}

/// Two providers, `one` and `two`, that answer with their names.
async fn two(cluster: &Cluster) -> anyhow::Result<(Person, Upstream, Upstream)> {
    let person = cluster.person().await?;
    let (one, two) = (Upstream::start().await?, Upstream::start().await?);
    for (upstream, name, models) in [(&one, "one", ["a", "b"]), (&two, "two", ["c", "d"])] {
        for model in models {
            upstream.on(model, Script::text(&format!("{name} {model}")));
        }
        person.provider(&upstream.url, &json!({"name": name, "models": models})).await?;
    }
    Ok((person, one, two))
}

async fn an_alias_is_served_within_a_second_and_swapped_as_a_whole(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, _one, _two) = two(cluster).await?;
    let key = person.key().await?;
    key.chat("smart", "hi").await?.expect(404)?;
    for (model, said) in [("a", "one a"), ("two/d", "two d"), ("b", "one b")] {
        route(&person, &json!({"aliases": {"smart": {"targets": [{"model": model}]}}})).await?;
        let since = Instant::now();
        eventually(async || {
            let answer = key.chat("smart", "hi").await?.expect(200)?;
            ensure!(answer.content()? == said, "{}", answer.text);
            Ok(())
        })
        .await?;
        ensure!(since.elapsed() < Duration::from_secs(3), "it took {:?}", since.elapsed());
    }
    let answer = key.chat_stream("smart", "hi").await?.expect(200)?;
    ensure!(answer.header("x-perpetuo-model") == "b", "{:?}", answer.header("x-perpetuo-model"));
    let log = person.log_of(&answer).await?;
    ensure!(log["requested_model"] == "smart" && log["model"] == "b", "{log}");
    let models = key.get("/v1/models").await?.expect(200)?.json()?;
    ensure!(models["data"][0]["id"] == "smart", "{models}");
    route(&person, &json!({})).await?;
    eventually(async || key.chat("smart", "hi").await?.expect(404).map(drop)).await
}

async fn a_mistake_in_routing_changes_nothing(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, _one, _two) = two(cluster).await?;
    let good = json!({"aliases": {"smart": {"targets": [{"model": "a"}]}}});
    route(&person, &good).await?;
    let bad = json!({
        "aliases": {
            "smart": {"targets": [{"model": "nobody-serves-this"}, {"model": "a", "provider": "three"}]},
            "left": {"targets": [{"model": "right"}]},
            "right": {"targets": [{"model": "left"}]},
            "none": {"targets": [{"model": "a", "priority": 0, "weight": 0}]},
        },
        "policy": {"deadlines": {"headers_ms": 9, "total_ms": 5}},
    });
    let refused = person.client.put(&person.path("/routing"), &bad).await?.expect(422)?.json()?;
    let fields: Vec<_> =
        refused["errors"].as_array().into_iter().flatten().filter_map(|e| e["field"].as_str()).collect();
    for field in [
        "aliases.smart.targets[0].model",
        "aliases.smart.targets[1].provider",
        "aliases.left.targets",
        "aliases.right.targets",
        "aliases.none.targets[0].weight",
        "policy.deadlines.total_ms",
    ] {
        ensure!(fields.contains(&field), "{field} is not in {refused}");
    }
    let kept = person.client.get(&person.path("/routing")).await?.expect(200)?.json()?;
    ensure!(
        kept["aliases"]["smart"]["targets"][0]["model"] == "a"
            && kept["aliases"].as_object().is_some_and(|a| a.len() == 1),
        "{kept}"
    );
    Ok(())
}

async fn another_model_answers_where_the_first_fails(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, one, _two) = two(cluster).await?;
    one.on("a", Script::status(500));
    route(&person, &json!({"fallbacks": {"a": ["c"]}, "policy": {"retries": {"max": 1, "base_ms": 10}}})).await?;
    let key = person.key().await?;
    let answer = eventually(async || key.chat("a", "hi").await?.expect(200)).await?;
    ensure!(answer.content()? == "two c" && answer.header("x-perpetuo-attempts") == "3", "{}", answer.text);
    let log = person.log_of(&answer).await?;
    let attempts: Vec<_> =
        log["attempts"].as_array().into_iter().flatten().map(|a| (a["model"].clone(), a["outcome"].clone())).collect();
    let expected = [("a", "upstream_error"), ("a", "upstream_error"), ("c", "completed")];
    ensure!(attempts == expected.map(|(model, outcome)| (json!(model), json!(outcome))), "{log}");
    Ok(())
}

async fn a_provider_that_fails_again_and_again_is_left_alone(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, one, _two) = two(cluster).await?;
    one.on("a", Script::status(500));
    let targets = json!([{"model": "a"}, {"model": "c"}]);
    route(
        &person,
        &json!({
            "aliases": {"safe": {"targets": targets}}, "policy": {"breaker": {"failures": 2, "open_ms": 600_000}},
        }),
    )
    .await?;
    let key = person.key().await?;
    eventually(async || key.chat("safe", "hi").await?.expect(200).map(drop)).await?;
    for _ in 0..5 {
        ensure!(key.chat("safe", "hi").await?.expect(200)?.content()? == "two c");
    }
    let asked = one.received().len();
    ensure!(asked == 2, "it was asked {asked} times");
    Ok(())
}

async fn the_log_says_why_and_a_dry_run_says_what_would_be(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, one, _two) = two(cluster).await?;
    one.on("a", Script::status(500));
    route(&person, &json!({"aliases": {"safe": {"targets": [{"model": "a"}, {"model": "c"}]}}})).await?;
    let key = person.key().await?;
    let answer = eventually(async || {
        let chat = json!({"model": "safe", "messages": [{"role": "user", "content": "hi"}]});
        let request = key.request(reqwest::Method::POST, "/v1/chat/completions").header("x-perpetuo-explain", "1");
        Answer::of(request.json(&chat)).await?.expect(200)
    })
    .await?;
    let log = person.log_of(&answer).await?;
    let why = &log["routing"];
    ensure!(why["candidates"][1]["outcome"] == "answered" && why["attempts"][0]["status"] == 500, "{log}");
    let proposed = json!({"routing": {"aliases": {"safe": {"targets": [{"model": "d"}]}}}, "last": 1});
    let asked = one.received().len();
    let dry = person.client.post(&person.path("/routing/dry-run"), &proposed).await?.expect(200)?.json()?;
    ensure!(
        dry["changed"] == 1 && dry["data"][0]["now"][0]["model"] == "a" && dry["data"][0]["then"][0]["model"] == "d",
        "{dry}"
    );
    ensure!(dry["data"][0]["logged"]["model"] == "c" && one.received().len() == asked, "{dry}");
    let wrong = json!({"routing": {"aliases": {"safe": {"targets": [{"model": "nobody"}]}}}});
    person.client.post(&person.path("/routing/dry-run"), &wrong).await?.expect(422)?;
    Ok(())
}

async fn an_answer_is_given_again_until_it_is_erased(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, one, _two) = two(cluster).await?;
    route(&person, &json!({"policy": {"cache": {"ttl_seconds": 600}}})).await?;
    let key = person.key().await?;
    for stream in [false, true] {
        let ask = async || if stream { key.chat_stream("a", "hi").await } else { key.chat("a", "hi").await };
        let first = eventually(async || {
            let first = ask().await?.expect(200)?;
            ensure!(!first.header("x-perpetuo-cache").is_empty(), "it is not kept yet");
            Ok(first)
        })
        .await?;
        let asked = one.received().len();
        let again = ask().await?.expect(200)?;
        ensure!(again.header("x-perpetuo-cache") == "hit" && one.received().len() == asked, "{}", again.text);
        ensure!(again.text == first.text, "{} {}", first.text, again.text);
        let log = person.log_of(&again).await?;
        ensure!(log["outcome"] == "cached" && log["output_tokens"] == 0 && log["cost_micros"] == 0, "{log}");
    }
    person.client.delete(&person.path("/routing/cache")).await?.expect(204)?;
    eventually(async || {
        let answer = key.chat("a", "hi").await?.expect(200)?;
        ensure!(answer.header("x-perpetuo-cache") == "miss", "{}", answer.header("x-perpetuo-cache"));
        Ok(())
    })
    .await
}

async fn a_repeated_request_is_answered_and_billed_once(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, one, _two) = two(cluster).await?;
    let key = person.key().await?;
    for stream in [false, true] {
        let body = json!({"model": "a", "messages": [{"role": "user", "content": "hi"}], "stream": stream});
        let name = format!("repeated-{stream}");
        let asked = one.received().len();
        let first = key.post_once(&name, "/v1/chat/completions", &body).await?.expect(200)?;
        let again = key.post_once(&name, "/v1/chat/completions", &body).await?.expect(200)?;
        ensure!(first.header("idempotent-replayed").is_empty(), "the first is new");
        ensure!(again.header("idempotent-replayed") == "true" && again.text == first.text, "{}", again.text);
        ensure!(one.received().len() == asked + 1, "the provider was asked again");
        let other = json!({"model": "b", "messages": [{"role": "user", "content": "hi"}], "stream": stream});
        let refused = key.post_once(&name, "/v1/chat/completions", &other).await?.expect(409)?.json()?;
        ensure!(refused["error"]["code"] == "idempotency_mismatch", "{refused}");
        let log = person.log_of(&again).await?;
        ensure!(log["outcome"] == "replayed" && log["attempts"].as_array().is_some_and(Vec::is_empty), "{log}");
    }
    let usage = person.usage().await?;
    ensure!(usage["total_requests"] == 2, "{usage}");
    Ok(())
}
