//! More requests than a server can answer, whether it keeps up or not.

use crate::wire;
use anyhow::{Context as _, ensure};
use std::time::{Duration, Instant};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// What is sent.
#[derive(Clone, Copy)]
pub struct Flood<'a> {
    /// Where to, on this machine.
    pub port: u16,
    /// Head and body.
    pub request: &'a [u8],
    /// Connections, each with one request under way.
    pub connections: usize,
    /// Requests per second over all connections; None: as fast as they are answered.
    pub rate: Option<f64>,
    /// For how long.
    pub time: Duration,
    /// How much of it is not counted, at the beginning.
    pub warm_up: Duration,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Answers {
    /// For how long was counted.
    pub time: Duration,
    /// How long each answer took that was a 200, sorted.
    pub good: Vec<Duration>,
    /// How many were turned away.
    pub turned_away: usize,
    /// All that were a 200, those at the beginning too.
    pub all_good: usize,
}

impl Answers {
    /// Good answers per second.
    pub fn goodput(&self) -> f64 {
        self.good.len() as f64 / self.time.as_secs_f64()
    }

    /// All answers per second.
    pub fn rate(&self) -> f64 {
        (self.good.len() + self.turned_away) as f64 / self.time.as_secs_f64()
    }

    /// How long the good ones took at most, but for one of a hundred.
    pub fn p99(&self) -> Duration {
        self.good.get(self.good.len() * 99 / 100).copied().unwrap_or_default()
    }
}

impl Flood<'_> {
    /// Sends it. Errors: an answer that is neither a 200 nor a proper 503 `overloaded` that says when to come back.
    pub async fn send(&self) -> anyhow::Result<Answers> {
        let start = Instant::now();
        let all = futures::future::try_join_all((0..self.connections).map(|n| self.connection(start, n))).await?;
        let time = self.time.saturating_sub(self.warm_up);
        let mut sum = Answers { time, ..Answers::default() };
        for one in all {
            sum.good.extend(one.good);
            sum.turned_away += one.turned_away;
            sum.all_good += one.all_good;
        }
        sum.good.sort_unstable();
        Ok(sum)
    }

    async fn connection(&self, start: Instant, n: usize) -> anyhow::Result<Answers> {
        let (mut answers, mut stream, mut buffer) = (Answers::default(), None, Vec::with_capacity(16 * 1024));
        let pause = self.rate.map(|rate| Duration::from_secs_f64(self.connections as f64 / rate));
        let mut due = start + pause.unwrap_or_default().mul_f64(n as f64 / self.connections as f64);
        while start.elapsed() < self.time {
            if let Some(pause) = pause {
                tokio::time::sleep_until(due.into()).await;
                due += pause;
            }
            let sent = Instant::now();
            let is_good = self.exchange(&mut stream, &mut buffer).await?;
            answers.all_good += usize::from(is_good);
            if start.elapsed() < self.warm_up {
                continue;
            }
            if is_good {
                answers.good.push(sent.elapsed());
            } else {
                answers.turned_away += 1;
            }
        }
        Ok(answers)
    }

    /// Whether the answer was a 200. A connection may be closed after a request whose body nobody wanted to read.
    async fn exchange(&self, kept: &mut Option<TcpStream>, buffer: &mut Vec<u8>) -> anyhow::Result<bool> {
        loop {
            let is_fresh = kept.is_none();
            let mut stream = match kept.take() {
                Some(stream) => stream,
                None => TcpStream::connect(("127.0.0.1", self.port)).await?,
            };
            let asked = stream.write_all(self.request).await.is_ok();
            let read = if asked { wire::read(&mut stream, buffer, b"overloaded").await.ok().flatten() } else { None };
            let Some(answer) = read else {
                ensure!(!is_fresh, "a new connection was closed without an answer");
                continue;
            };
            *kept = Some(stream);
            if answer.status == 200 {
                return Ok(true);
            }
            let text = String::from_utf8_lossy(buffer).to_ascii_lowercase();
            ensure!(answer.status == 503 && answer.marked && text.contains("\r\nretry-after: "), "{text}");
            return Ok(false);
        }
    }
}

/// A chat completion as bytes. Errors: a body that is none.
pub fn chat(key: &str, body: &serde_json::Value) -> anyhow::Result<Vec<u8>> {
    let body = serde_json::to_string(body).context("no JSON")?;
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: flood\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Ok((head + &body).into_bytes())
}
