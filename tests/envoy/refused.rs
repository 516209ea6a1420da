//! What the proxy does not let through.

use crate::{
    cases,
    front::{EFI_HOST, Front, World, trusting},
    web::Web,
};
use anyhow::{Context as _, ensure};
use http::{Request, Version};
use serde_json::json;
use std::{
    net::{TcpStream, UdpSocket},
    time::Duration,
};
use tests::{Answer, Cluster, client::Client, cluster::Shape};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

cases! {
    shared: a_forged_call_from_outside_does_nothing, access_tokens_are_verified_and_keys_pass,
        a_token_that_has_expired_does_not_keep_anybody_from_logging_in, efi_is_let_in_by_its_certificate_only,
        an_enormous_body_is_refused_before_it_is_sent, the_admin_listener_is_for_this_machine_only;
    own: too_many_requests_get_a_429_in_the_shape_of_the_face, each_address_has_a_limit_of_its_own,
        what_is_too_much_at_once_is_refused_at_once;
}

async fn a_forged_call_from_outside_does_nothing(world: &World) -> anyhow::Result<()> {
    let person = world.cluster.person().await?;
    let victim = world.cluster.person().await?;
    let through = Client::new(world.front.url());
    let forged = |client: &Client| {
        let request = client.request(reqwest::Method::GET, "/api/v1/me");
        let claim = format!("usr_{}", "0".repeat(26));
        request.header("x-call-bin", claim).header("x-peer-token", "edge").header("x-envoy-internal", "true")
    };
    Answer::of(forged(&through)).await?.expect(401)?;
    let own = through.with(person.account["access_token"].as_str().context("a token")?);
    let me = Answer::of(forged(&own)).await?.expect(200)?;
    ensure!(me.json()?["email"] == person.email && !me.text.contains(&victim.email), "{}", me.text);
    Ok(())
}

async fn access_tokens_are_verified_and_keys_pass(world: &World) -> anyhow::Result<()> {
    let person = world.cluster.person().await?;
    let token = person.account["access_token"].as_str().context("a token")?;
    let through = Client::new(world.front.url());
    through.with(token).get("/api/v1/me").await?.expect(200)?;
    // The signature of another token: three good parts that do not belong together.
    let stranger = world.cluster.person().await?;
    let other = stranger.account["access_token"].as_str().context("a token")?;
    let (said, _) = token.rsplit_once('.').context("three parts")?;
    let (_, signature) = other.rsplit_once('.').context("three parts")?;
    let forged = through.with(format!("{said}.{signature}"));
    let denied = world.front.stat("http.plain.jwt_authn.denied").await?;
    let problem = forged.get("/api/v1/me").await?.expect(401)?;
    ensure!(problem.header("content-type") == "application/problem+json", "{problem:?}");
    ensure!(problem.json()?["code"] == "TOKEN_INVALID" && problem.json()?["instance"] == "/api/v1/me", "{problem:?}");
    let openai = forged.get("/v1/models").await?.expect(401)?.json()?;
    ensure!(openai["error"]["code"] == "invalid_token", "{openai}");
    let after = world.front.stat("http.plain.jwt_authn.denied").await?;
    ensure!(after == denied + 2, "the proxy has not refused them itself: {denied}, {after}");
    let (_, key) = person.key_with(&json!({})).await?;
    let key = key["key"].as_str().context("a key")?.to_owned();
    through.with(key).chat("simulator/chat", "hi").await?.expect(200)?;
    // What is no key of ours is the edge's to refuse.
    let unknown = through.with("pk_nobody").get("/v1/models").await?.expect(401)?.json()?;
    ensure!(unknown["error"]["code"] == "invalid_api_key", "{unknown}");
    Ok(())
}

async fn a_token_that_has_expired_does_not_keep_anybody_from_logging_in(world: &World) -> anyhow::Result<()> {
    let person = world.cluster.person().await?;
    let stale = Client::new(world.front.url()).with("eyJhbGciOiJFZERTQSJ9.eyJleHAiOjF9.AAAA");
    stale.get("/api/v1/me").await?.expect(401)?;
    let login = json!({"email": person.email, "password": tests::client::PASSWORD});
    stale.post("/api/v1/auth/login", &login).await?.expect(200)?;
    stale.get("/api/v1/plans").await?.expect(200)?;
    stale.get("/.well-known/jwks.json").await?.expect(200)?;
    Ok(())
}

async fn efi_is_let_in_by_its_certificate_only(world: &World) -> anyhow::Result<()> {
    let front = &world.front;
    let web = |host, identity| Web::with(front.https, host, Version::HTTP_11, &front.authority, identity);
    let told = || Request::post("/webhooks/efi/pix?hmac=x").header("content-type", "application/json");
    let certified = web(EFI_HOST, Some(front.efi.identity(&["efi"])?))?;
    // The edge took the certificate; that billing does not use Efí here is another matter.
    let (_, answer) = certified.ask(told(), "{}").await?;
    ensure!(answer.status == 404 && answer.json()?["detail"] == "nothing is expected here", "{answer:?}");
    // Nothing else is behind that certificate.
    let (_, answer) = certified.get("/api/v1/me").await?;
    ensure!(answer.status == 404 && answer.json()?["code"] == "NOT_FOUND", "{answer:?}");
    // Without one, or with one of another authority, there is no conversation.
    for identity in [None, Some(front.authority.identity(&["somebody"])?)] {
        let refused = web(EFI_HOST, identity)?.ask(told(), "{}").await;
        ensure!(refused.is_err(), "{refused:?}");
    }
    // At the name that everybody calls it is not there, whatever is claimed.
    let forged = told().header("x-forwarded-client-cert", format!("Hash={}", "0a".repeat(32)));
    let (_, answer) = web("localhost", None)?.ask(forged, "{}").await?;
    ensure!(answer.status == 404 && answer.json()?["detail"] == "there is nothing at this address", "{answer:?}");
    // And who gets past the proxy has shown nothing.
    let direct = world.cluster.anybody();
    direct.post("/webhooks/efi/pix?hmac=x", &json!({})).await?.expect(403)?;
    Ok(())
}

async fn an_enormous_body_is_refused_before_it_is_sent(world: &World) -> anyhow::Result<()> {
    // A little too large is the edge's to refuse, after it has taken it in.
    let web = Web::new(world.front.https, "localhost", Version::HTTP_2, &world.front.authority)?;
    let little = Request::post("/api/v1/auth/login").header("content-type", "application/json");
    let (_, answer) = web.ask(little, vec![b' '; 2 << 20]).await?;
    ensure!(answer.status == 413 && answer.header("x-request-id").starts_with("req_"), "{answer:?}");
    // Nothing of these is sent but what they announce.
    for (path, code) in
        [("/v1/chat/completions", "body_too_large"), ("/v1/messages", "request_too_large"), ("/me", "BODY_TOO_LARGE")]
    {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", world.front.plain)).await?;
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", (64 << 20) + 1);
        stream.write_all(head.as_bytes()).await?;
        let mut answer = [0; 4096];
        let length = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer)).await??;
        let answer = String::from_utf8_lossy(&answer[..length]);
        ensure!(answer.starts_with("HTTP/1.1 413") && answer.contains(code), "{path}: {answer}");
    }
    Ok(())
}

async fn the_admin_listener_is_for_this_machine_only(world: &World) -> anyhow::Result<()> {
    world.front.admin("/ready").await?;
    // The address by which others reach this machine, where there is one; nothing is sent to find out.
    let outward = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    if let Some(address) = outward.ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback()) {
        let at = (address, world.front.admin).into();
        ensure!(TcpStream::connect_timeout(&at, Duration::from_secs(2)).is_err(), "{at} answers");
    }
    let refused = world.cluster.operate(&["envoy-config", "--set", "admin=0.0.0.0:9901"]).await;
    ensure!(refused.as_ref().is_err_and(|error| error.to_string().contains("loopback")), "{refused:?}");
    Ok(())
}

async fn too_many_requests_get_a_429_in_the_shape_of_the_face() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::One, &trusting()).await?;
    let front = Front::start(&cluster, &["rate.total=3/m", "grpc.json=true"]).await?;
    let client = Client::new(front.url());
    for _ in 0..3 {
        client.get("/v1/models").await?.expect(401)?;
    }
    for (path, code, expected) in [
        ("/v1/models", "/error/code", "rate_limit_exceeded"),
        ("/v1/messages", "/error/type", "rate_limit_error"),
        ("/v1beta/models", "/error/status", "RESOURCE_EXHAUSTED"),
        ("/api/tags", "/code", "rate_limit_exceeded"),
        ("/v1/subscription/upgrade", "/code", "RATE_LIMITED"),
        ("/workspaces", "/code", "RATE_LIMITED"),
    ] {
        let answer = client.get(path).await?.expect(429)?;
        ensure!(answer.json()?.pointer(code).is_some_and(|code| code == expected), "{path}: {}", answer.text);
        ensure!(answer.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0), "{path}: {:?}", answer.headers);
        ensure!(!answer.header("x-request-id").is_empty(), "{path}: {:?}", answer.headers);
    }
    let openai = client.get("/v1/models").await?.json()?;
    ensure!(openai["error"]["type"] == "requests" && openai["error"]["message"].is_string(), "{openai}");
    // Probes say the truth at any load.
    for _ in 0..5 {
        client.get("/readyz").await?.expect(200)?;
    }
    Ok(())
}

async fn each_address_has_a_limit_of_its_own() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::One, &trusting()).await?;
    // As if a proxy in front of Envoy told who called it.
    let front = Front::start(&cluster, &["rate.address=2/m", "trusted_hops=1"]).await?;
    let client = Client::new(front.url());
    let from = async |address: &str| {
        let request = client.request(reqwest::Method::GET, "/v1/models").header("x-forwarded-for", address);
        Answer::of(request).await.map(|answer| answer.status)
    };
    for address in ["198.51.100.1", "198.51.100.2", "2001:db8::1"] {
        let seen = [from(address).await?, from(address).await?, from(address).await?];
        ensure!(seen == [401, 401, 429], "{address}: {seen:?}");
    }
    Ok(())
}

async fn what_is_too_much_at_once_is_refused_at_once() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::One, &trusting()).await?;
    let front = Front::start(&cluster, &["breaker.requests=1", "breaker.pending=1"]).await?;
    let (_, key) = cluster.person().await?.key_with(&json!({})).await?;
    let key = Client::new(front.url()).with(key["key"].as_str().context("a key")?);
    let mut slow = tests::client::chat("simulator/chat", "hi");
    slow["stream"] = json!(true);
    slow["simulator"] = json!({"tokens": 20, "chunk_delay_ms": 100});
    let mut stream = key.request(reqwest::Method::POST, "/v1/chat/completions").json(&slow).send().await?;
    ensure!(stream.chunk().await?.is_some(), "the stream has begun");
    let refused = key.chat("simulator/chat", "hi").await?.expect(503)?;
    ensure!(refused.json()?["error"]["code"] == "service_unavailable", "{}", refused.text);
    // What has begun is not disturbed, and then there is room again.
    let mut end = String::new();
    while let Some(chunk) = stream.chunk().await? {
        end += &String::from_utf8_lossy(&chunk);
    }
    ensure!(end.contains("[DONE]"), "{end}");
    tests::eventually(async || key.chat("simulator/chat", "hi").await?.expect(200).map(drop)).await
}
