//! The fault wall: every way in which a provider fails gives the documented error, never a clean-looking success.

use crate::scenarios;
use anyhow::ensure;
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    Answer, Cluster, Person, Upstream,
    client::Client,
    cluster::{Options, Shape},
    upstream::{Script, Then},
};

scenarios! {
    shared: a_provider_that_is_down_is_a_502, errors_of_the_provider_keep_their_status, a_cut_stream_never_looks_finished,
        an_error_inside_a_200_is_an_error, a_lying_content_type_is_an_error, malformed_answers_are_errors,
        an_overloaded_provider_keeps_its_status_and_its_retry_after, the_simulator_can_fail_in_each_way;
    own: deadlines_end_what_a_provider_does_not;
}

async fn with(cluster: &Cluster, script: Script) -> anyhow::Result<(Person, Client, Upstream)> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("m", script);
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    Ok((person, key, upstream))
}

fn error(answer: &Answer) -> anyhow::Result<Value> {
    let error = answer.json()?["error"].clone();
    ensure!(
        error["message"].is_string() && error["type"].is_string() && error.get("code").is_some(),
        "{}",
        answer.text
    );
    Ok(error)
}

/// An event stream that ends in an error event and is not said to be done.
fn ends_in_an_error(answer: &Answer) -> anyhow::Result<()> {
    let events = answer.events();
    let last: Value = serde_json::from_str(events.last().copied().unwrap_or("null"))?;
    ensure!(last["error"]["message"].is_string(), "{}", answer.text);
    ensure!(!answer.text.contains("[DONE]"), "{}", answer.text);
    Ok(())
}

async fn a_provider_that_is_down_is_a_502(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, key, upstream) = with(cluster, Script::text("x")).await?;
    upstream.go_away();
    tokio::time::sleep(Duration::from_millis(50)).await;
    for stream in [false, true] {
        let answer = if stream { key.chat_stream("m", "hi").await? } else { key.chat("m", "hi").await? };
        let answer = answer.expect(502)?;
        ensure!(error(&answer)?["code"] == "upstream_failed", "{}", answer.text);
        let log = person.log_of(&answer).await?;
        ensure!(log["outcome"] == "upstream_error" && log["status_code"] == 502 && log["output_tokens"] == 0, "{log}");
    }
    Ok(())
}

async fn errors_of_the_provider_keep_their_status(cluster: &Cluster) -> anyhow::Result<()> {
    let (_, key, upstream) = with(cluster, Script::text("x")).await?;
    for (status, expected) in [(400, 400), (404, 404), (422, 422), (401, 401), (403, 403), (500, 502)] {
        upstream.on("m", Script::status(status));
        for stream in [false, true] {
            let answer = if stream { key.chat_stream("m", "hi").await? } else { key.chat("m", "hi").await? };
            let answer = answer.expect(expected)?;
            error(&answer)?;
        }
    }
    Ok(())
}

async fn a_cut_stream_never_looks_finished(cluster: &Cluster) -> anyhow::Result<()> {
    for then in [Then::End, Then::Break] {
        let (person, key, _upstream) = with(cluster, Script::cut("one two three", then)).await?;
        let answer = key.chat_stream("m", "hi").await?.expect(200)?;
        ends_in_an_error(&answer)?;
        ensure!(answer.text.contains("one "), "{}", answer.text);
        let log = person.log_of(&answer).await?;
        ensure!(log["outcome"] == "incomplete" && log["output_tokens"].as_i64() > Some(0), "{log}");
    }
    Ok(())
}

async fn an_error_inside_a_200_is_an_error(cluster: &Cluster) -> anyhow::Result<()> {
    let body = json!({"error": {"message": "model is broken", "type": "server_error", "code": null, "param": null}});
    let headers = vec![("content-type", "application/json".to_owned())];
    let (_, key, upstream) = with(cluster, Script::Raw { status: 200, headers, body: body.to_string() }).await?;
    key.chat("m", "hi").await?.expect(502)?;
    let pieces = vec![(Duration::ZERO, format!("data: {body}\n\n").into())];
    upstream.on("m", Script::Pieces { content_type: "text/event-stream", pieces, then: Then::End });
    let answer = key.chat_stream("m", "hi").await?;
    ensure!(answer.status == 502, "{} {}", answer.status, answer.text);
    Ok(())
}

async fn a_lying_content_type_is_an_error(cluster: &Cluster) -> anyhow::Result<()> {
    let headers = vec![("content-type", "text/html".to_owned())];
    let html = "<html><body>It works!</body></html>".to_owned();
    let (_, key, upstream) = with(cluster, Script::Raw { status: 200, headers, body: html.clone() }).await?;
    key.chat("m", "hi").await?.expect(502)?;
    key.chat_stream("m", "hi").await?.expect(502)?;
    let headers = vec![("content-type", "application/json".to_owned())];
    upstream.on("m", Script::Raw { status: 200, headers, body: html });
    key.chat("m", "hi").await?.expect(502)?;
    Ok(())
}

async fn malformed_answers_are_errors(cluster: &Cluster) -> anyhow::Result<()> {
    for text in ["data: {not json\n\n", "data: 7\n\n", "garbage without any frame", "", "event: x\n\n"] {
        let pieces = vec![(Duration::ZERO, text.to_owned().into())];
        let script = Script::Pieces { content_type: "text/event-stream", pieces, then: Then::End };
        let (_, key, _upstream) = with(cluster, script).await?;
        let answer = key.chat_stream("m", "hi").await?;
        match answer.status {
            502 => error(&answer).map(drop)?,
            200 => ends_in_an_error(&answer)?,
            status => anyhow::bail!("{text:?} gave {status}"),
        }
    }
    Ok(())
}

async fn an_overloaded_provider_keeps_its_status_and_its_retry_after(cluster: &Cluster) -> anyhow::Result<()> {
    let headers = vec![("content-type", "application/json".to_owned()), ("retry-after", "7".to_owned())];
    let body = json!({"error": {"message": "slow down", "type": "x", "code": "rate_limit_exceeded"}}).to_string();
    for status in [429, 503] {
        let (_, key, _upstream) =
            with(cluster, Script::Raw { status, headers: headers.clone(), body: body.clone() }).await?;
        let answer = key.chat("m", "hi").await?;
        ensure!(answer.status == status, "{} {}", answer.status, answer.text);
        ensure!(answer.header("retry-after") == "7", "{:?}", answer.headers);
    }
    Ok(())
}

async fn the_simulator_can_fail_in_each_way(cluster: &Cluster) -> anyhow::Result<()> {
    let key = cluster.person().await?.key().await?;
    for (model, status) in [("simulator/status-500", 502), ("simulator/status-400", 400), ("simulator/wrong-type", 502)]
    {
        let answer = key.chat(model, "hi").await?;
        ensure!(answer.status == status, "{model}: {} {}", answer.status, answer.text);
    }
    let limited = key.chat("simulator/status-429", "hi").await?;
    ensure!(!limited.header("retry-after").is_empty(), "{limited:?}");
    for model in ["simulator/cut", "simulator/malformed", "simulator/error-event", "simulator/reset"] {
        let answer = key.chat_stream(model, "hi").await?;
        match answer.status {
            200 => ends_in_an_error(&answer)?,
            status => ensure!(status == 502, "{model}: {status} {}", answer.text),
        }
    }
    Ok(())
}

async fn deadlines_end_what_a_provider_does_not(shape: Shape) -> anyhow::Result<()> {
    let set = |name: &str, value: &str| (format!("PERPETUO__GATEWAY__{name}"), value.to_owned());
    let env = vec![set("FIRST_BYTE_MS", "500"), set("IDLE_MS", "500"), set("TOTAL_MS", "2000")];
    let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let (_, key, upstream) = with(&cluster, Script::Silent).await?;
    let answer = key.chat("m", "hi").await?.expect(504)?;
    ensure!(error(&answer)?["code"] == "upstream_timeout", "{}", answer.text);
    key.chat_stream("m", "hi").await?.expect(504)?;
    upstream.on("m", Script::cut("one two", Then::Stall));
    ends_in_an_error(&key.chat_stream("m", "hi").await?.expect(200)?)?;
    // A slow drip beats every idle deadline; the total one ends it.
    upstream.on("m", Script::Text { text: "drip ".repeat(100), pause: Duration::from_millis(300) });
    let start = std::time::Instant::now();
    ends_in_an_error(&key.chat_stream("m", "hi").await?.expect(200)?)?;
    ensure!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    Ok(())
}
