//! Bad input: each gets its documented status and a message that says what to change, and none is a 500.

use crate::scenarios;
use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Cluster, client::PASSWORD};

scenarios! {
    shared: bad_bodies_on_v1_are_400s_in_openais_shape, bad_bodies_elsewhere_are_problems, sign_up_says_what_is_wrong,
        bodies_that_are_too_large_are_413, deep_nesting_is_refused, wrong_paths_and_methods, cursors_and_limits_are_checked,
        provider_input_is_checked, addresses_that_may_not_be_called_are_refused;
}

/// What every refusal on `/v1` looks like.
fn openai(answer: &Answer, status: u16) -> anyhow::Result<Value> {
    ensure!(answer.status == status, "expected {status}, got {} {}", answer.status, answer.text);
    let error = answer.json()?["error"].clone();
    ensure!(error["message"].as_str().is_some_and(|m| !m.is_empty()) && error["type"].is_string(), "{}", answer.text);
    ensure!(error.get("param").is_some() && error.get("code").is_some(), "{}", answer.text);
    Ok(error)
}

/// What every refusal of the management API looks like (RFC 9457).
fn problem(answer: &Answer, status: u16) -> anyhow::Result<Value> {
    ensure!(answer.status == status, "expected {status}, got {} {}", answer.status, answer.text);
    ensure!(answer.header("content-type").starts_with("application/problem+json"), "{:?}", answer.headers);
    let problem = answer.json()?;
    ensure!(problem["status"] == status && problem["code"].is_string() && problem["title"].is_string(), "{problem}");
    ensure!(problem["request_id"] == answer.header("x-request-id") && problem["detail"].is_string(), "{problem}");
    Ok(problem)
}

async fn bad_bodies_on_v1_are_400s_in_openais_shape(cluster: &Cluster) -> anyhow::Result<()> {
    let key = cluster.person().await?.key().await?;
    let bodies: Vec<(Vec<u8>, &str)> = vec![
        (b"{".to_vec(), ""),
        (b"".to_vec(), ""),
        (b"[]".to_vec(), ""),
        (b"null".to_vec(), ""),
        (b"{\"model\":\"simulator/chat\"}".to_vec(), "messages"),
        (b"{\"messages\":[]}".to_vec(), "model"),
        (b"{\"model\":7,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}".to_vec(), "model"),
        (b"{\"model\":\"simulator/chat\",\"messages\":\"hi\"}".to_vec(), "messages"),
        (b"{\"model\":\"simulator/chat\",\"messages\":[],\"stream\":\"yes\"}".to_vec(), "stream"),
        (b"{\"model\":\"simulator/chat\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\xfe\"}]}".to_vec(), ""),
        (b"\xff\xff\xff".to_vec(), ""),
    ];
    for (body, param) in bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = key.post_raw("/v1/chat/completions", body).await?;
        let error = openai(&answer, 400).map_err(|e| e.context(shown.clone()))?;
        ensure!(param.is_empty() || error["param"] == param, "{shown}: {error}");
    }
    let long = "m".repeat(100_000);
    let answer = key.chat(&long, "hi").await?;
    ensure!(
        [400, 404].contains(&answer.status) && answer.text.len() < 5_000,
        "{} {}",
        answer.status,
        answer.text.len()
    );
    let answer = cluster.anybody().chat("simulator/chat", "hi").await?;
    openai(&answer, 401)?;
    Ok(())
}

async fn bad_bodies_elsewhere_are_problems(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for (body, code) in [
        ("{", "MALFORMED_REQUEST"),
        ("", "MALFORMED_REQUEST"),
        ("{\"name\":7}", "INVALID_ARGUMENT"),
        ("{}", "INVALID_ARGUMENT"),
    ] {
        let answer = person.client.post_raw("/workspaces", body).await?;
        let problem = problem(&answer, 400).map_err(|e| e.context(body))?;
        ensure!(problem["code"] == code, "{body}: {problem}");
    }
    let answer = person.client.post("/workspaces", &json!({"name": "x", "colour": "red"})).await?;
    let unknown = problem(&answer, 400)?;
    ensure!(unknown["errors"][0]["field"] == "colour", "{unknown}");
    let text = person.client.request(Method::POST, "/workspaces").header("content-type", "text/plain").body("name=x");
    problem(&Answer::of(text).await?, 415)?;
    for name in [String::new(), "x".repeat(10_000), "a\u{0}b".to_owned()] {
        let answer = person.client.post("/workspaces", &json!({"name": name})).await?;
        ensure!([400, 422].contains(&answer.status), "{} {}", answer.status, answer.text);
    }
    Ok(())
}

async fn sign_up_says_what_is_wrong(cluster: &Cluster) -> anyhow::Result<()> {
    let anybody = cluster.anybody();
    let sign_up = |email: &str, password: &str| json!({"email": email, "password": password, "name": "Ada"});
    for (body, status, field) in [
        (sign_up("not an address", PASSWORD), 422, "email"),
        (sign_up("", PASSWORD), 422, "email"),
        (sign_up("a@example.com", "short"), 422, "password"),
        (sign_up("a@example.com", "password123"), 422, "password"),
        (sign_up("a@example.com", &"x".repeat(100_000)), 422, "password"),
        (json!({"email": "a@example.com", "password": PASSWORD}), 400, "name"),
        (json!({"email": 7, "password": PASSWORD, "name": "x"}), 400, "email"),
    ] {
        let answer = anybody.post("/auth/signup", &body).await?;
        ensure!([400, 422].contains(&answer.status), "{} {}", answer.status, answer.text);
        let problem = problem(&answer, answer.status)?;
        ensure!(answer.status == status || status == 422, "{problem}");
        ensure!(problem["errors"][0]["field"] == field, "{body} {problem}");
    }
    Ok(())
}

async fn bodies_that_are_too_large_are_413(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    let huge = vec![b' '; 20 * 1024 * 1024];
    openai(&key.post_raw("/v1/chat/completions", huge.clone()).await?, 413)?;
    problem(&person.client.post_raw("/workspaces", huge).await?, 413)?;
    Ok(())
}

async fn deep_nesting_is_refused(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    problem(&person.client.post_raw("/workspaces", deep.clone()).await?, 400)?;
    let body = format!("{{\"model\":\"simulator/chat\",\"messages\":[{{\"role\":\"user\",\"content\":{deep}}}]}}");
    openai(&person.key().await?.post_raw("/v1/chat/completions", body).await?, 400)?;
    cluster.anybody().get("/health").await?.expect(200)?;
    Ok(())
}

async fn wrong_paths_and_methods(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    problem(&person.client.get("/nowhere").await?, 404)?;
    openai(&person.client.get("/v1/nowhere").await?, 404)?;
    let answer = person.client.delete("/auth/login").await?;
    problem(&answer, 405)?;
    ensure!(answer.header("allow").contains("POST"), "{:?}", answer.headers);
    openai(&person.client.get("/v1/chat/completions").await?, 405)?;
    for id in ["ws_1", "x", "prov_01h455vb4pex5vsknk084sn02q", "ws_00000000000000000000000000"] {
        problem(&person.client.get(&format!("/workspaces/{id}")).await?, 404)?;
        problem(&person.client.get(&person.path(&format!("/providers/{id}"))).await?, 404)?;
        problem(&person.client.get(&person.path(&format!("/logs/{id}"))).await?, 404)?;
    }
    Ok(())
}

async fn cursors_and_limits_are_checked(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for query in ["cursor=garbage", "cursor=%00%ff", "limit=0", "limit=201", "limit=ten", "limit=-1", "colour=red"] {
        let answer = person.client.get(&format!("/workspaces?{query}")).await?;
        let problem = problem(&answer, 400).map_err(|e| e.context(query))?;
        ensure!(problem["errors"][0]["field"].is_string(), "{problem}");
    }
    let bad = person.client.get(&person.path("/usage?from=yesterday")).await?;
    problem(&bad, 400)?;
    let turned = person.path("/usage?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z");
    problem(&person.client.get(&turned).await?, 422)?;
    Ok(())
}

async fn provider_input_is_checked(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for (fields, field) in [
        (json!({"provider": "no-such-kind"}), "provider"),
        (json!({}), "provider"),
        (json!({"provider": "openai", "base_url": "not a url"}), "base_url"),
        (json!({"provider": "openai", "base_url": "ftp://example.com"}), "base_url"),
        (json!({"provider": "openai", "base_url": "https://user:pw@example.com/v1"}), "base_url"),
        (json!({"provider": "openai", "priority": -1}), "priority"),
        (json!({"provider": "openai", "weight": 0}), "weight"),
        (json!({"provider": "openai", "name": "a/b"}), "name"),
        (json!({"provider": "openai", "models": [""]}), "models"),
        (json!({"provider": "openai", "options": [1]}), "options"),
    ] {
        let answer = person.client.post(&person.path("/providers"), &fields).await?;
        ensure!([400, 422].contains(&answer.status), "{fields}: {} {}", answer.status, answer.text);
        let problem = problem(&answer, answer.status)?;
        let named = problem["errors"][0]["field"].as_str().unwrap_or_default();
        ensure!(named.starts_with(field), "{fields}: {problem}");
    }
    Ok(())
}

async fn addresses_that_may_not_be_called_are_refused(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for address in [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.8/v1",
        "http://192.168.1.1/v1",
        "http://[fd00::1]/v1",
        "http://[::ffff:10.0.0.8]/v1",
        "http://0.0.0.0:1/v1",
        "http://100.64.0.1/v1",
        "http://[64:ff9b::a00:8]/v1",
    ] {
        let answer =
            person.client.post(&person.path("/providers"), &json!({"provider": "openai", "base_url": address})).await?;
        let problem = problem(&answer, 422).map_err(|e| e.context(address))?;
        ensure!(problem["code"] == "EGRESS_REFUSED", "{address}: {problem}");
    }
    // Our own ports are never a provider.
    let own = json!({"provider": "openai", "base_url": format!("{}/v1", cluster.url())});
    let answer = person.client.post(&person.path("/providers"), &own).await?;
    problem(&answer, 422)?;
    Ok(())
}
