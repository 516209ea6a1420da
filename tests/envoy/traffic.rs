//! HTTP through the proxy, in all three versions.

use crate::{
    cases,
    front::{World, tool},
    web::Web,
};
use anyhow::{Context as _, ensure};
use http::{Request, Version};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Person, Upstream, client::chat, in_one_of_three, upstream::Script};
use tokio::process::Command;

cases! {
    shared: an_account_is_made_and_a_model_answers_over_http1_and_http2, http3_answers_and_is_advertised,
        chunks_of_a_stream_keep_their_spacing, a_body_of_a_megabyte_arrives_whole, every_line_of_the_log_is_json_without_a_key,
        the_edge_sees_the_client_and_not_the_proxy;
}

async fn an_account_is_made_and_a_model_answers_over_http1_and_http2(world: &World) -> anyhow::Result<()> {
    let person = Person::sign_up(&world.front.url()).await?;
    let (_, key) = person.key_with(&json!({})).await?;
    let key = key["key"].as_str().context("a key")?;
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let web = Web::new(world.front.https, "localhost", version, &world.front.authority)?;
        let request = Request::post("/v1/chat/completions")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        let (spoken, answer) = web.ask(request, chat("simulator/chat", "hi").to_string()).await?;
        ensure!(spoken == version && answer.status == 200, "{spoken:?} {answer:?}");
        ensure!(answer.content()?.contains("You said: hi"), "{}", answer.text);
        ensure!(answer.header("x-request-id").starts_with("req_"), "{:?}", answer.headers);
        ensure!(answer.headers.keys().all(|name| !name.as_str().starts_with("x-envoy-")), "{:?}", answer.headers);
    }
    Ok(())
}

async fn http3_answers_and_is_advertised(world: &World) -> anyhow::Result<()> {
    let web = Web::new(world.front.https, "localhost", Version::HTTP_2, &world.front.authority)?;
    let (_, answer) = web.get("/health").await?;
    let advertised = format!("h3=\":{}\"", world.front.https);
    ensure!(answer.header("alt-svc").starts_with(&advertised), "{:?}", answer.headers);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/envoy/http3.py");
    let output = Command::new(tool("bin/python")?)
        .args([script, "localhost", &world.front.https.to_string(), "/v1/models"])
        .arg(&world.front.authority.file)
        .kill_on_drop(true)
        .output()
        .await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && text.starts_with("401\n") && text.contains("missing_api_key"), "{text}");
    Ok(())
}

async fn chunks_of_a_stream_keep_their_spacing(world: &World) -> anyhow::Result<()> {
    let person = Person::sign_up(&world.front.url()).await?;
    let upstream = Upstream::start().await?;
    let pause = Duration::from_millis(100);
    upstream.on("slow", Script::Text { text: "a b c d e f g h i j".to_owned(), pause });
    person.provider(&upstream.url, &json!({})).await?;
    let (_, key) = person.key_with(&json!({})).await?;
    let key = key["key"].as_str().context("a key")?;
    let mut body = chat("slow", "hi");
    body["stream"] = json!(true);
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let web = Web::new(world.front.https, "localhost", version, &world.front.authority)?;
        in_one_of_three(async || {
            let request = Request::post("/v1/chat/completions")
                .header("authorization", format!("Bearer {key}"))
                .header("content-type", "application/json");
            let (response, _connection) = web.send(request, body.to_string()).await?;
            ensure!(response.status() == 200, "{response:?}");
            let (mut stream, start, mut times) = (response.into_body(), Instant::now(), vec![]);
            while let Some(frame) = stream.frame().await {
                let Ok(data) = frame?.into_data() else { continue };
                let events = data.windows(6).filter(|window| *window == b"data: ").count();
                times.extend(std::iter::repeat_n(start.elapsed(), events));
            }
            ensure!(times.len() == 12, "{times:?}");
            let spread = times[9].saturating_sub(times[0]);
            ensure!(spread >= pause * 7, "{version:?}: ten chunks came within {spread:?}: something holds them back");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

async fn a_body_of_a_megabyte_arrives_whole(world: &World) -> anyhow::Result<()> {
    let person = Person::sign_up(&world.front.url()).await?;
    let upstream = Upstream::start().await?;
    let long = "word ".repeat(400_000);
    upstream.on("echo", Script::text(&long));
    person.provider(&upstream.url, &json!({})).await?;
    let answer = person.key().await?.chat("echo", &long).await?.expect(200)?;
    ensure!(answer.content()? == long, "{} bytes came back", answer.content()?.len());
    ensure!(upstream.last_body()?["messages"][0]["content"] == long, "something of the request is missing");
    Ok(())
}

async fn every_line_of_the_log_is_json_without_a_key(world: &World) -> anyhow::Result<()> {
    let person = Person::sign_up(&world.front.url()).await?;
    let (client, key) = person.key_with(&json!({})).await?;
    let secret = key["key"].as_str().context("a key")?.to_owned();
    let token = person.account["access_token"].as_str().context("a token")?.to_owned();
    client.chat("simulator/chat", "hi").await?.expect(200)?;
    client.get(&format!("/v1beta/models?key={secret}")).await?;
    client.get(&format!("/exports/download?token={secret}")).await?;
    client.post(&format!("/webhooks/stripe?hmac={secret}"), &json!({})).await?;
    tests::eventually(async || {
        let log = world.front.access_log()?;
        let line = |path: &str| log.iter().rev().find(|line| line["path"] == path).cloned();
        let asked = line("/v1beta/models").context("the request is not in the log")?;
        ensure!(asked["route"] == "inference.read" && asked["status"].is_number(), "{asked}");
        let told = line("/webhooks/stripe").context("the webhook is not in the log")?;
        ensure!(told["method"] == "POST" && told["cluster"] == "edge" && told["duration_ms"].is_number(), "{told}");
        Ok(())
    })
    .await?;
    let written = world.front.written();
    ensure!(!written.contains(&secret) && !written.contains(&token), "the log holds a credential");
    Ok(())
}

async fn the_edge_sees_the_client_and_not_the_proxy(world: &World) -> anyhow::Result<()> {
    let client = world.cluster.anybody();
    let through = tests::client::Client::new(world.front.url());
    // On loopback Envoy names the machine's own address for its clients.
    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip"] {
        let path = format!("/nowhere-{name}");
        let request = through.request(reqwest::Method::GET, &path).header(name, "198.51.100.77");
        tests::Answer::of(request).await?.expect(404)?;
    }
    client.get("/nowhere-direct").await?.expect(404)?;
    let output = world.cluster.output();
    ensure!(!output.contains("198.51.100.77"), "a client has chosen its address");
    let clients: Vec<Value> = output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["route"] == "unmatched")
        .map(|line| line["client"].clone())
        .collect();
    ensure!(clients.len() >= 5 && clients.iter().all(Value::is_string), "{clients:?}");
    Ok(())
}
