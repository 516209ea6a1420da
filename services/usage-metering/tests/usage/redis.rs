//! A Redis of a test's own, and a wire to it that can be slow.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::{Instant, sleep, sleep_until},
};

/// Without persistence. Killed when dropped.
pub struct Redis {
    port: u16,
    child: Child,
    dir: tempfile::TempDir,
}

impl Redis {
    /// None where tests have no servers.
    pub async fn start() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "the test environment says whether there are servers")]
        std::env::var("PERPETUO_TEST_REDIS_URL").ok()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = tempfile::tempdir().unwrap();
        let redis = Self { port, child: spawn(port, &dir), dir };
        redis.answers().await;
        Some(redis)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// SIGKILL; and another one in its place, which is empty.
    pub async fn kill_and_restart(&mut self) {
        self.child.kill().await.unwrap();
        self.child = spawn(self.port, &self.dir);
        self.answers().await;
    }

    pub async fn flush(&self) {
        let mut connection = self.connect().await.unwrap();
        ::redis::cmd("FLUSHALL").exec_async(&mut connection).await.unwrap();
    }

    /// Stops it in the middle of whatever it does, for so long.
    pub async fn freeze(&self, time: Duration) {
        let pid = self.child.id().unwrap().to_string();
        let signal = |name: &str| std::process::Command::new("kill").args([name, &pid]).status().unwrap();
        signal("-STOP");
        sleep(time).await;
        signal("-CONT");
    }

    async fn connect(&self) -> ::redis::RedisResult<::redis::aio::MultiplexedConnection> {
        ::redis::Client::open(self.url())?.get_multiplexed_async_connection().await
    }

    async fn answers(&self) {
        crate::world::eventually(Duration::from_secs(20), async || {
            let mut connection = self.connect().await.ok()?;
            ::redis::cmd("PING").exec_async(&mut connection).await.ok()
        })
        .await;
    }
}

fn spawn(port: u16, dir: &tempfile::TempDir) -> Child {
    let port = port.to_string();
    let args = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"];
    let mut command = Command::new("redis-server");
    command.args(args).arg(dir.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.kill_on_drop(true).spawn().expect("a redis-server: run `make tools`")
}

/// A wire on which everything may come late, in both directions, but does come.
pub struct Wire {
    pub url: String,
    delay_ms: Arc<AtomicU64>,
    cut: Arc<AtomicBool>,
}

impl Wire {
    pub async fn to(redis: &Redis) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let (delay_ms, cut, port) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)), redis.port);
        let wire = Self { url, delay_ms: delay_ms.clone(), cut: cut.clone() };
        #[expect(clippy::disallowed_methods, reason = "the test's runtime ends it")]
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
                // Otherwise small packets wait for each other's acknowledgements.
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(carry(from_client, to_server, delay_ms.clone(), cut.clone()));
                tokio::spawn(carry(from_server, to_client, delay_ms.clone(), cut.clone()));
            }
        });
        wire
    }

    /// From now on.
    pub fn delay(&self, by: Duration) {
        self.delay_ms.store(u64::try_from(by.as_millis()).unwrap(), SeqCst);
    }

    /// From now on nothing passes.
    pub fn cut(&self) {
        self.cut.store(true, SeqCst);
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    delay_ms: Arc<AtomicU64>,
    cut: Arc<AtomicBool>,
) {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let at = Instant::now() + Duration::from_millis(delay_ms.load(SeqCst));
            if sender.send((at, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((at, bytes)) = receiver.recv().await {
            sleep_until(at).await;
            if cut.load(SeqCst) {
                std::future::pending::<()>().await;
            }
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    // Both directions end when the client has gone: what was sent before still arrives.
    tokio::join!(read, write);
}
