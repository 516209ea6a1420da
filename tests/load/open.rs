//! What do streams cost that are open and say little? Models think for a while, and nobody hangs up meanwhile.

use crate::{loader::Shape, subject::Subject};
use anyhow::{Context as _, ensure};
use std::time::Duration;
use tests::wire;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How many streams are open.
pub const STREAMS: usize = 1_000;
/// Opened at the same time.
const AT_ONCE: usize = 50;
/// Until a stream has begun.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the provider takes for a request whose stream it begins and does not end.
pub const HOLD: &[u8] = b"\"user\":\"hold\"";

/// Resident memory of a subject.
pub struct Held {
    name: &'static str,
    /// In bytes, before there were any.
    before: u64,
    /// In bytes, with all of them.
    with: u64,
}

impl Held {
    /// Opens [`STREAMS`] streams, looks, and closes them.
    pub async fn measure(subject: &Subject) -> anyhow::Result<Self> {
        eprintln!("measuring {STREAMS} open streams of {} …", subject.name);
        let request = subject.request(Shape::Held);
        let before = subject.memory()?;
        let mut streams = Vec::with_capacity(STREAMS);
        while streams.len() < STREAMS {
            let some = (0..AT_ONCE).map(|_| begin(subject.port, &request));
            streams.extend(futures::future::try_join_all(some).await?);
        }
        // The heads and first events are on their way by now; what is made for a moment only is freed again.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let with = subject.memory()?;
        drop(streams);
        Ok(Self { name: subject.name, before, with })
    }

    /// One line.
    #[expect(clippy::print_stdout, reason = "this is what the command is for")]
    pub fn print(&self) {
        let Self { name, before, with } = self;
        let each = (with.saturating_sub(*before)) as f64 / STREAMS as f64 / 1e3;
        let (before, with) = (*before as f64 / 1e6, *with as f64 / 1e6);
        println!("memory of {name} with {STREAMS} open streams: {with:.1} MB ({before:.1} before, {each:.1} kB each)");
    }
}

/// A stream of which the first events have arrived.
async fn begin(port: u16, request: &[u8]) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request).await?;
    let mut buffer = Vec::with_capacity(2048);
    while wire::find(&buffer, b"data: ").is_none() {
        let read = timeout(PATIENCE, stream.read_buf(&mut buffer)).await.context("no event came")??;
        ensure!(read > 0, "closed: {}", String::from_utf8_lossy(&buffer));
    }
    Ok(stream)
}
