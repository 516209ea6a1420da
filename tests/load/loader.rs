//! Sends requests over kept-alive connections, as fast as they are answered or at a fixed rate.

use crate::{provider::CHUNKS, subject::Subject};
use anyhow::{Context as _, ensure};
use std::time::{Duration, Instant};
use tests::wire;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole answer.
    Whole,
    /// A stream of [`CHUNKS`] chunks.
    Stream,
    /// A stream that begins and does not end.
    Held,
}

/// One load.
#[derive(Clone, Copy)]
pub struct Load {
    /// What is asked for.
    pub shape: Shape,
    /// Connections, each with one request under way.
    pub connections: usize,
    /// Requests per second over all connections; None: as fast as they are answered.
    pub rate: Option<u32>,
    /// How long.
    pub time: Duration,
}

/// What came of it.
pub struct Figures {
    /// Finished requests.
    pub requests: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// Chunks received.
    pub chunks: usize,
    /// Each request's time, sorted.
    latencies: Vec<Duration>,
}

impl Figures {
    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency below which this share of requests stays, in microseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let index = ((self.latencies.len() as f64 * share) as usize).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(index).map_or(f64::NAN, |l| l.as_secs_f64() * 1e6)
    }
}

impl Load {
    /// A second of the same, not measured.
    pub async fn warm_up(&self, subject: &Subject) -> anyhow::Result<()> {
        Self { time: Duration::from_secs(2), ..*self }.run(subject).await.map(drop)
    }

    /// Runs it. Errors: any answer that is not what was asked for, since a fast error is no figure.
    pub async fn run(&self, subject: &Subject) -> anyhow::Result<Figures> {
        let request = subject.request(self.shape);
        let start = Instant::now();
        let workers = (0..self.connections).map(|n| self.worker(subject.port, &request, start, n));
        let mut latencies: Vec<_> = futures::future::try_join_all(workers).await?.concat();
        latencies.sort();
        let chunks = if self.shape == Shape::Stream { latencies.len() * CHUNKS } else { 0 };
        Ok(Figures { requests: latencies.len(), elapsed: start.elapsed(), chunks, latencies })
    }

    async fn worker(&self, port: u16, request: &[u8], start: Instant, n: usize) -> anyhow::Result<Vec<Duration>> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (mut buffer, mut latencies) = (Vec::with_capacity(64 * 1024), vec![]);
        let pause = self.rate.map(|rate| Duration::from_secs_f64(self.connections as f64 / f64::from(rate)));
        let mut due = start + pause.unwrap_or_default().mul_f64(n as f64 / self.connections as f64);
        while start.elapsed() < self.time {
            if let Some(pause) = pause {
                tokio::time::sleep_until(due.into()).await;
                due += pause;
            }
            let sent = Instant::now();
            stream.write_all(request).await?;
            let answer = wire::read(&mut stream, &mut buffer, b"[DONE]").await?.context("closed")?;
            let whole = self.shape == Shape::Whole || (answer.marked && answer.events >= CHUNKS);
            ensure!(answer.status == 200 && whole, "{answer:?}: {}", String::from_utf8_lossy(&buffer));
            latencies.push(sent.elapsed());
        }
        Ok(latencies)
    }
}
