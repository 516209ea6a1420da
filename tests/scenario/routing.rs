//! How a workspace routes, as its owner sets it.

use crate::scenarios;
use anyhow::ensure;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Cluster, Person, Upstream, eventually, upstream::Script};

scenarios! {
    shared: an_alias_is_served_within_a_second_and_swapped_as_a_whole, a_mistake_in_routing_changes_nothing,
        another_model_answers_where_the_first_fails, a_provider_that_fails_again_and_again_is_left_alone;
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
