//! Streams: what arrives, when it arrives, and how each ends.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Answer, Cluster, Upstream, client::chat, eventually, in_one_of_three, upstream::Script};

scenarios! {
    shared: a_stream_ends_with_done, usage_is_sent_only_if_asked_for, chunks_arrive_with_the_spacing_they_were_sent,
        bytes_split_anywhere_arrive_whole, leaving_cancels_the_provider_call_in_every_phase,
        the_simulator_streams_at_the_speed_it_is_told;
}

async fn a_stream_ends_with_done(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("m", Script::text("one two three"));
    person.provider(&upstream.url, &json!({})).await?;
    let answer = person.key().await?.chat_stream("m", "hi").await?.expect(200)?;
    ensure!(answer.header("content-type").starts_with("text/event-stream"), "{:?}", answer.headers);
    ensure!(answer.content()? == "one two three" && answer.events().last() == Some(&"[DONE]"), "{}", answer.text);
    let log = person.log_of(&answer).await?;
    ensure!(log["outcome"] == "completed" && log["stream"] == true && log["ttft_ms"].is_i64(), "{log}");
    Ok(())
}

async fn usage_is_sent_only_if_asked_for(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("m", Script::text("one two three"));
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    let quiet = key.chat_stream("m", "hi").await?.expect(200)?;
    ensure!(!quiet.text.contains("usage"), "{}", quiet.text);
    ensure!(upstream.last_body()?["stream_options"]["include_usage"] == true, "{}", upstream.last_body()?);
    let log = person.log_of(&quiet).await?;
    ensure!(log["input_tokens"] == 7 && log["output_tokens"] == 3, "{log}");
    for model in ["m", "simulator/chat"] {
        let mut body = chat(model, "hi");
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
        let asked = key.post("/v1/chat/completions", &body).await?.expect(200)?;
        let events: Vec<Value> = asked.events().iter().filter_map(|e| serde_json::from_str(e).ok()).collect();
        let (last, before) = events.split_last().context("no events")?;
        ensure!(last["choices"] == json!([]) && last["usage"]["total_tokens"].is_i64(), "{last}");
        ensure!(before.iter().all(|e| e["usage"].is_null() && e.get("usage").is_some()), "{}", asked.text);
        ensure!(asked.events().last() == Some(&"[DONE]"), "{}", asked.text);
    }
    Ok(())
}

async fn chunks_arrive_with_the_spacing_they_were_sent(cluster: &Cluster) -> anyhow::Result<()> {
    in_one_of_three(async || {
        let person = cluster.person().await?;
        let upstream = Upstream::start().await?;
        let pause = Duration::from_millis(100);
        upstream.on("slow", Script::Text { text: "a b c d e f g h i j".to_owned(), pause });
        person.provider(&upstream.url, &json!({})).await?;
        let mut body = chat("slow", "hi");
        body["stream"] = json!(true);
        let key = person.key().await?;
        let mut response = key.request(Method::POST, "/v1/chat/completions").json(&body).send().await?;
        let (start, mut times) = (Instant::now(), vec![]);
        while let Some(chunk) = response.chunk().await? {
            let events = chunk.windows(6).filter(|w| w == b"data: ").count();
            times.extend(std::iter::repeat_n(start.elapsed(), events));
        }
        ensure!(times.len() == 12, "{times:?}");
        let spread = times[9].saturating_sub(times[0]);
        ensure!(spread >= pause * 7, "ten chunks came within {spread:?}: something holds them back");
        Ok(())
    })
    .await
}

async fn bytes_split_anywhere_arrive_whole(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    let text = "日本語 😀 é";
    let chunk = json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]});
    let end = json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    for (name, newline) in [("lf", "\n"), ("crlf", "\r\n")] {
        let whole = format!(
            "data: {chunk}{newline}{newline}: note{newline}{newline}data: {end}{newline}{newline}data: [DONE]{newline}{newline}"
        );
        let pieces = whole.bytes().map(|b| (Duration::ZERO, vec![b].into())).collect();
        let then = tests::upstream::Then::End;
        upstream.on(name, Script::Pieces { content_type: "text/event-stream", pieces, then });
    }
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    for name in ["lf", "crlf"] {
        let answer = key.chat_stream(name, "hi").await?.expect(200)?;
        ensure!(answer.content()? == text && answer.events().last() == Some(&"[DONE]"), "{}", answer.text);
    }
    Ok(())
}

async fn leaving_cancels_the_provider_call_in_every_phase(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("silent", Script::Silent);
    let text = "word ".repeat(500);
    upstream.on("endless", Script::Text { text: text.clone(), pause: Duration::from_millis(100) });
    upstream.on("slow", Script::Text { text, pause: Duration::from_secs(100) });
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    // Before the head, while streaming, and while waiting for a whole answer.
    for (n, (model, stream)) in [("silent", true), ("endless", true), ("slow", false)].into_iter().enumerate() {
        let mut body = chat(model, "hi");
        body["stream"] = json!(stream);
        let request = key.request(Method::POST, "/v1/chat/completions").json(&body);
        let left = tokio::time::timeout(Duration::from_millis(1200), Answer::of(request)).await;
        ensure!(left.is_err(), "{model} ended by itself");
        tokio::time::sleep(Duration::from_secs(1)).await;
        ensure!(upstream.under_way() == 0, "{model}: the provider still works a second after the client left");
        ensure!(upstream.abandoned() == n + 1, "{model}: {} abandoned", upstream.abandoned());
    }
    eventually(async || {
        let logs = person.client.get(&person.path("/logs?outcome=client_gone")).await?.expect(200)?.json()?;
        ensure!(logs["data"].as_array().is_some_and(|d| d.len() == 3), "{logs}");
        Ok(())
    })
    .await
}

async fn the_simulator_streams_at_the_speed_it_is_told(cluster: &Cluster) -> anyhow::Result<()> {
    let key = cluster.person().await?.key().await?;
    let mut body = chat("simulator/chat", "hi");
    body["stream"] = json!(true);
    body["simulator"] = json!({"tokens": 10, "chunk_delay_ms": 50});
    let start = Instant::now();
    let answer = key.post("/v1/chat/completions", &body).await?.expect(200)?;
    ensure!(answer.events().last() == Some(&"[DONE]"), "{}", answer.text);
    ensure!(start.elapsed() >= Duration::from_millis(400), "{:?}", start.elapsed());
    Ok(())
}
