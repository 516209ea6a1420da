//! What does the gateway itself cost? `cargo bench -p perpetuo-gateway` prints microseconds of one thread per request,
//! with a scripted provider on loopback in the same thread; calling that provider without a gateway is the yardstick.

#[path = "../tests/gateway/ask.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod ask;
#[path = "../tests/gateway/fake.rs"]
mod fake;
#[path = "../tests/gateway/provider.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod provider;
#[path = "../tests/gateway/world.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod world;

use bytes::Bytes;
use futures::StreamExt as _;
use http::Request;
use provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, USAGE, WORLD, answer, end, piece, stream_head};
use std::time::{Duration, Instant};
use world::{World, settings};

const ROUNDS: u32 = 2_000;
const CHUNKS: usize = 50;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "this is what the bench is for")]
async fn main() {
    let whole = Provider::start(answer(200, "application/json", COMPLETION)).await;
    // As providers answer when the gateway asks for usage.
    let chunk = WORLD.replace("}\n\n", ",\"usage\":null}\n\n");
    let body = [vec![stream_head(), piece(ROLE)], vec![piece(chunk); CHUNKS]].concat();
    let tail = vec![piece(HELLO), piece(STOP), piece(USAGE), piece(DONE), end()];
    let streaming = Provider::start([body, tail].concat()).await;
    let providers = vec![settings("whole", 0, whole.base_url()), settings("streaming", 0, streaming.base_url())];
    let world = World::new(providers).await;
    let rows = [
        ("provider alone, whole answer", each(|| alone(&whole)).await),
        ("through the gateway, whole answer", each(|| through(&world, "whole/gpt", "")).await),
        ("provider alone, stream of 50 chunks", each(|| alone(&streaming)).await),
        (
            "through the gateway, stream of 50 chunks",
            each(|| through(&world, "streaming/gpt", ",\"stream\":true")).await,
        ),
        ("simulator, whole answer", each(|| through(&world, "simulator/chat", "")).await),
    ];
    for (what, time) in rows {
        println!("{:8.1} µs  {what}", time.as_secs_f64() * 1e6);
    }
}

/// The time of one round, once warm.
async fn each<F: Future<Output = ()>>(round: impl Fn() -> F) -> Duration {
    for _ in 0..ROUNDS / 10 {
        round().await;
    }
    let began = Instant::now();
    for _ in 0..ROUNDS {
        round().await;
    }
    began.elapsed() / ROUNDS
}

async fn through(world: &World, model: &str, more: &str) {
    let (_, mut stream) = world.open(&ask::body(model, more)).await.expect("an answer");
    while let Some(next) = stream.next().await {
        next.expect("data");
    }
}

async fn alone(provider: &Provider) {
    thread_local! {
        static CLIENT: egress::Client = egress::Client::new(
            egress::Guard::new(&egress::Config::default(), true, vec![]), egress::Purpose::Provider);
    }
    let request = Request::post(format!("{}/chat/completions", provider.base_url()))
        .body(Bytes::from(ask::body("gpt", "")))
        .expect("a request");
    let wait = Duration::from_secs(5);
    let deadlines = egress::Deadlines { connect: wait, first_byte: wait, total: Some(wait) };
    let client = CLIENT.with(Clone::clone);
    let mut body = client.send(request, &deadlines).await.expect("an answer").into_body();
    while let Some(next) = body.next_within(wait).await {
        next.expect("bytes");
    }
}
