//! The loader: asks without pause, and writes down what became of each request.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tests::client::{Client, chat};
use tokio::task::JoinHandle;

/// Clients whose key has no limits.
const FREE: usize = 8;
/// Clients of the key that has a hard cap.
const CAPPED: usize = 2;
/// The last word of the model of a call that the provider charges little for: never more than was reserved.
pub const SMALL: &str = "small";
/// At least what the provider charges for the output of any call.
const MOST_OUTPUT: i64 = 50;

/// With which key a client asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Free,
    Capped,
}

/// What the client means to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Whole,
    Stream,
    /// A stream whose client hangs up after the first words.
    Leaves,
}

/// What became of one request.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its model, which nobody else asks for: `<phase>-<lane>-<number>-<what the provider does>`.
    pub tag: String,
    pub manner: Manner,
    /// From the answer's `x-request-id`.
    pub request_id: String,
    /// 0: no answer began.
    pub status: u16,
    /// The answer arrived to its end.
    pub finished: bool,
    /// How long it took.
    pub took: Duration,
}

/// Every request and its answer.
#[derive(Default)]
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
    phase: Mutex<String>,
    stop: AtomicBool,
}

/// Lanes that ask one request after the other.
pub struct Loader {
    pub journal: Arc<Journal>,
    lanes: Vec<JoinHandle<()>>,
}

impl Loader {
    /// Clients with the key `free`, and some with `capped`; what they ask follows from the seed.
    pub fn start(free: &Client, capped: &Client, seed: u64) -> Self {
        let journal = Arc::new(Journal::default());
        let keys = [vec![(free, Key::Free); FREE], vec![(capped, Key::Capped); CAPPED]].concat();
        #[expect(clippy::disallowed_methods, reason = "joined in `stop`")]
        let start = |(n, (client, key)): (usize, (&Client, Key))| {
            let chance = StdRng::seed_from_u64(seed ^ n as u64);
            tokio::spawn(lane(client.clone(), key, n, chance, journal.clone()))
        };
        Self { lanes: keys.into_iter().enumerate().map(start).collect(), journal }
    }

    /// Lets what runs come to its end.
    pub async fn stop(self) -> anyhow::Result<Arc<Journal>> {
        self.journal.stop.store(true, Relaxed);
        for lane in self.lanes {
            lane.await?;
        }
        Ok(self.journal)
    }
}

impl Journal {
    /// From now on requests belong to this part of the story.
    pub fn phase(&self, name: &str) {
        name.clone_into(&mut self.phase.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests that were answered to their end with 200.
    pub fn finished(&self) -> usize {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|e| e.finished).count()
    }
}

async fn lane(client: Client, key: Key, lane: usize, mut chance: StdRng, journal: Arc<Journal>) {
    for n in 0u64.. {
        if journal.stop.load(Relaxed) {
            return;
        }
        let manner = match chance.random_range(0..10) {
            0..4 => Manner::Whole,
            4..9 => Manner::Stream,
            _ => Manner::Leaves,
        };
        let part = match chance.random_range(0..20) {
            _ if key == Key::Capped => SMALL,
            0 => "fails",
            1 => "breaks",
            _ => "answers",
        };
        let phase = journal.phase.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let tag = format!("{phase}-{lane}-{n}-{part}");
        let entry = ask(&client, tag, manner).await;
        let is_refused = matches!(entry.status, 0 | 402 | 429 | 503);
        journal.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        if is_refused {
            // What is away or spent is not hammered.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

async fn ask(key: &Client, tag: String, manner: Manner) -> Entry {
    let mut body = chat(&tag, "How are you?");
    if tag.ends_with(SMALL) {
        body["max_tokens"] = json!(MOST_OUTPUT);
    }
    body["stream"] = json!(manner != Manner::Whole);
    let began = Instant::now();
    let mut entry = Entry { tag, manner, request_id: String::new(), status: 0, finished: false, took: Duration::ZERO };
    let sent = key.request(reqwest::Method::POST, "/v1/chat/completions").json(&body).send().await;
    if let Ok(mut answer) = sent {
        entry.status = answer.status().as_u16();
        let id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok());
        entry.request_id = id.unwrap_or_default().to_owned();
        let mut text = Vec::new();
        let whole = loop {
            match answer.chunk().await {
                Ok(Some(_)) if manner == Manner::Leaves => break false,
                Ok(Some(chunk)) => text.extend_from_slice(&chunk),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        let text = String::from_utf8_lossy(&text);
        entry.finished = whole && entry.status == 200 && (manner == Manner::Whole || text.contains("[DONE]"));
    }
    entry.took = began.elapsed();
    entry
}
