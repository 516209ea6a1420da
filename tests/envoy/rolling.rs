//! A rolling restart of everything, behind a real Envoy: nobody who uses it notices.
//!
//! Nothing is sent twice, by the clients or by Envoy. `PERPETUO_ROLLING_SECONDS=60 make envoy-test` has streams of a minute under
//! way all the while, instead of 20 s; it takes a quarter of an hour.

use crate::{
    cases,
    front::{Front, trusting},
};
use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tests::{
    Answer, Cluster, Upstream,
    client::{Client, Person, chat},
    cluster::{Options, Shape},
    eventually,
    server::Redis,
    upstream::Script,
};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

cases! {
    own: every_process_is_restarted_under_load_and_nobody_notices;
}

/// For how long each stream lasts, in seconds, unless somebody says otherwise.
const SECONDS: usize = 20;
/// Words of a stream in a second.
const PACE: usize = 5;
/// Between two short calls of one kind.
const BETWEEN: Duration = Duration::from_millis(150);
/// Streams that are under way at any time.
const STREAMS: usize = 4;

#[expect(clippy::disallowed_methods, reason = "how long it goes on is said by whoever runs it")]
fn seconds() -> usize {
    std::env::var("PERPETUO_ROLLING_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS)
}

/// How much longer the test may take because of its streams: edges and gateways wait for those that they carry.
pub fn longer() -> Duration {
    Duration::from_secs(20 * seconds().saturating_sub(SECONDS) as u64)
}

async fn every_process_is_restarted_under_load_and_nobody_notices() -> anyhow::Result<()> {
    // A Redis of its own: reconciliation compares everything in it with this ledger.
    let redis = Redis::start().await?;
    let mut options = Options { more_of_each: 1, redis: Some(redis.url()), ..trusting() };
    options.env.push(("PERPETUO__SHUTDOWN__DRAIN_SECONDS".to_owned(), "3".to_owned()));
    options.env.push(("PERPETUO__SHUTDOWN__GRACE_SECONDS".to_owned(), (seconds() + 30).to_string()));
    let mut cluster = Cluster::start(Shape::Many, &options).await?;
    let edges = cluster.edges().join(",").replace("http://", "");
    let front = Front::start(&cluster, &[&format!("edge={edges}")]).await?;
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    let pause = Duration::from_secs(1) / u32::try_from(PACE)?;
    upstream.on("slow", Script::Text { text: "word ".repeat(PACE * seconds()), pause });
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    let load = Load::begin(&front.url(), &person, &key);
    eventually(async || {
        ensure!(upstream.under_way() >= STREAMS && load.done() > 10, "it has not begun");
        Ok(())
    })
    .await?;
    for place in 0..cluster.size() {
        let before = load.done();
        let name = cluster.roll(place, &options).await?;
        load.is_clean()
            .with_context(|| format!("while {name} ({place}) was restarted\n{}", warnings(&cluster.output())))?;
        ensure!(load.done() > before, "nobody was served while {name} was restarted");
    }
    let sent = load.end().await?;
    let retries = front.stat("cluster.edge.upstream_rq_retry").await?;
    ensure!(retries == 0, "Envoy has sent {retries} requests again");
    eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["total_requests"] == sent, "{sent} were sent, and the ledger has {usage}");
        Ok(())
    })
    .await?;
    // It fails if anything differs.
    cluster.operate(&["usage", "reconcile"]).await.map(drop)
}

/// What the processes warned of, the newest first.
fn warnings(log: &str) -> String {
    let is_warning = |line: &&str| line.contains("WARN") || line.contains("ERROR");
    log.lines().rev().filter(is_warning).take(40).collect::<Vec<_>>().join("\n")
}

/// People who use it all the while.
struct Load {
    state: Arc<State>,
    running: JoinSet<()>,
}

const EXECUTIONS: &str = "/api/v1/executions";

#[derive(Default)]
struct State {
    /// Where Envoy answers.
    front: String,
    done: AtomicUsize,
    /// Requests to models.
    metered: AtomicUsize,
    failures: Mutex<Vec<String>>,
    stop: CancellationToken,
}

impl Load {
    fn begin(front: &str, person: &Person, key: &Client) -> Self {
        let state = Arc::new(State { front: front.to_owned(), ..State::default() });
        let mut running = JoinSet::new();
        for _ in 0..STREAMS {
            let (state, key) = (state.clone(), key.clone());
            running.spawn(async move { state.stream(&key).await });
        }
        let (chatting, key) = (state.clone(), key.clone());
        running.spawn(async move { chatting.chat(&key).await });
        for path in [
            "/auth/me".to_owned(),
            person.path("/members"),
            person.path("/usage"),
            "/api/v1/billing/status".to_owned(),
            EXECUTIONS.to_owned(),
        ] {
            let (state, client) = (state.clone(), person.client.clone());
            running.spawn(async move { state.read(&client, &path).await });
        }
        let (naming, client) = (state.clone(), person.client.clone());
        running.spawn(async move { naming.name_themselves(&client).await });
        let (settling, client, path) = (state.clone(), person.client.clone(), person.path("/routing"));
        running.spawn(async move { settling.set_routing(&client, &path).await });
        Self { state, running }
    }

    fn done(&self) -> usize {
        self.state.done.load(SeqCst)
    }

    fn is_clean(&self) -> anyhow::Result<()> {
        let failures = self.state.failures.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(
            failures.is_empty(),
            "{} of {} failed:\n{}",
            failures.len(),
            self.done(),
            failures.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n")
        );
        Ok(())
    }

    /// How many requests to models there were, once all are answered.
    async fn end(mut self) -> anyhow::Result<usize> {
        self.state.stop.cancel();
        while let Some(ended) = self.running.join_next().await {
            ended?;
        }
        self.is_clean()?;
        Ok(self.state.metered.load(SeqCst))
    }
}

impl State {
    fn through(&self, client: &Client) -> Client {
        client.afresh_at(&self.front)
    }

    fn note(&self, what: &str, outcome: anyhow::Result<()>) {
        self.done.fetch_add(1, SeqCst);
        if let Err(error) = outcome {
            self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{what}: {error:#}"));
        }
    }

    async fn again(&self) -> bool {
        self.stop.run_until_cancelled(sleep(BETWEEN)).await.is_some()
    }

    async fn chat(&self, key: &Client) {
        while self.again().await {
            self.metered.fetch_add(1, SeqCst);
            let answer = self.through(key).chat("simulator/chat", "hi").await;
            self.note("a chat", answer.and_then(|answer| answer.expect(200).map(drop)));
        }
    }

    async fn stream(&self, key: &Client) {
        let mut body = chat("slow", "hi");
        body["stream"] = json!(true);
        while self.again().await {
            self.metered.fetch_add(1, SeqCst);
            let request = self.through(key).request(Method::POST, "/v1/chat/completions").json(&body);
            let whole = async {
                let answer = Answer::of(request).await?.expect(200)?;
                let words = answer.content()?.split_whitespace().count();
                ensure!(
                    words == PACE * seconds() && answer.events().last() == Some(&"[DONE]"),
                    "cut after {words} words"
                );
                Ok(())
            };
            self.note("a stream", whole.await);
        }
    }

    async fn read(&self, client: &Client, path: &str) {
        while self.again().await {
            let answer = self.through(client).get(path).await;
            self.note(path, answer.and_then(|answer| answer.expect(200).map(drop)));
            if path == EXECUTIONS {
                // The plan lets sixty through in a minute.
                tokio::time::sleep(Duration::from_millis(1_100)).await;
            }
        }
    }

    async fn name_themselves(&self, client: &Client) {
        while self.again().await {
            let name = format!("Ada {}", self.done.load(SeqCst));
            let answer = self.through(client).put("/api/v1/me", &json!({"name": name, "locale": "en"})).await;
            self.note("a name", answer.and_then(|answer| answer.expect(200).map(drop)));
        }
    }

    async fn set_routing(&self, client: &Client, path: &str) {
        while self.again().await {
            let answer = self.through(client).put(path, &json!({})).await;
            self.note("routing", answer.and_then(|answer| answer.expect(200).map(drop)));
        }
    }
}
