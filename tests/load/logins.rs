//! How many people log in within a second, beside what the same cores can hash at best?

use crate::{LOADER_CORE, cpu, subject::Subject};
use anyhow::{Context as _, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use futures::future::try_join_all;
use serde_json::json;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};
use tests::{client::Client, wire};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// What `identity.password` has by default, and nothing that the server could leave out.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const PASSWORD: &str = "violet-anvil-harbor-42";
/// People who log in, in turn.
const ACCOUNTS: usize = 64;
/// At once for each core: so many that no core waits, and as many as may wait.
const AT_ONCE: usize = 3;
/// Both are measured so often in turn.
const ROUNDS: usize = 3;

/// Rates of both, in turn.
pub struct Logins {
    cores: usize,
    rounds: Vec<[f64; 2]>,
}

impl Logins {
    /// Measures the bare hash and whole logins over HTTP, each on all cores, for a while.
    pub async fn measure(time: Duration) -> anyhow::Result<Self> {
        let cores = thread::available_parallelism()?.get().max(count()?);
        let all = format!("0-{}", cores - 1);
        // The loader writes prepared bytes and reads a status: it shares the cores with the server.
        cpu::pin(&all)?;
        let trusted = [("PERPETUO__EDGE__TRUSTED_PROXIES", "[127.0.0.0/8]")];
        let subject = Subject::perpetuo_with(&all, &trusted).await?;
        let requests = accounts(subject.port).await?;
        let mut rounds = vec![];
        for round in 0..ROUNDS {
            eprintln!("measuring logins, {} of {ROUNDS} …", round + 1);
            let bare = bare(cores, time)?;
            rounds.push([bare, whole(subject.port, &requests, AT_ONCE * cores, time).await?]);
        }
        cpu::pin(LOADER_CORE)?;
        Ok(Self { cores, rounds })
    }

    /// A few lines.
    #[expect(clippy::print_stdout, reason = "this is what the command is for")]
    pub fn print(&self) {
        println!(
            "\nlogins beside bare argon2id ({MEMORY_KIB} KiB, {PASSES} passes, {LANES} lane), both on {} cores",
            self.cores
        );
        for [bare, whole] in &self.rounds {
            println!("{:<40} {:>18} {bare:>12.1}", "  bare hashes", "1/s");
            println!("{:<40} {:>18} {whole:>12.1}", "  logins", "1/s");
        }
        let mut ratios: Vec<f64> = self.rounds.iter().map(|[bare, whole]| whole / bare).collect();
        ratios.sort_by(f64::total_cmp);
        println!("{:<40} {:>18} {:>12.2}", "  logins of bare hashes, median (aim 0.80)", "", ratios[ratios.len() / 2]);
    }
}

/// Cores of the machine, whichever of them this process is on.
fn count() -> anyhow::Result<usize> {
    let text = std::fs::read_to_string("/proc/cpuinfo")?;
    Ok(text.lines().filter(|line| line.starts_with("processor")).count().max(1))
}

/// Hashes of a second, on every core.
fn bare(cores: usize, time: Duration) -> anyhow::Result<f64> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| anyhow::anyhow!("{e}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (began, done) = (Instant::now(), AtomicU64::new(0));
    thread::scope(|scope| {
        for core in 0..cores {
            let (argon2, done) = (&argon2, &done);
            scope.spawn(move || {
                let salt = [u8::try_from(core % 256).unwrap_or_default(); 16];
                let mut hash = [0; 32];
                while began.elapsed() < time {
                    let hashed = argon2.hash_password_into(PASSWORD.as_bytes(), &salt, &mut hash);
                    done.fetch_add(u64::from(hashed.is_ok()), Ordering::Relaxed);
                }
            });
        }
    });
    Ok(done.into_inner() as f64 / began.elapsed().as_secs_f64())
}

/// Signs people up; what each of them sends to log in.
async fn accounts(port: u16) -> anyhow::Result<Vec<String>> {
    let anybody = Client::new(format!("http://127.0.0.1:{port}"));
    let mut requests = vec![];
    for n in 0..ACCOUNTS {
        let email = format!("login-{n}@example.com");
        let sign_up = json!({"email": email, "password": PASSWORD, "name": "Ada Lovelace"});
        anybody.post("/auth/signup", &sign_up).await?.expect(201)?;
        requests.push(json!({"email": email, "password": PASSWORD}).to_string());
    }
    Ok(requests)
}

/// Logins of a second, each from another address.
async fn whole(port: u16, requests: &[String], at_once: usize, time: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let workers = (0..at_once).map(async |worker| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (mut buffer, mut done) = (Vec::with_capacity(8 * 1024), 0_usize);
        while began.elapsed() < time {
            let n = worker + done * at_once;
            let body = &requests[n % requests.len()];
            let head = format!(
                "POST /auth/login HTTP/1.1\r\nhost: bench\r\nx-forwarded-for: 10.{}.{}.{}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                n / 65_536 % 256,
                n / 256 % 256,
                n % 256,
                body.len()
            );
            stream.write_all((head + body).as_bytes()).await?;
            let answer = wire::read(&mut stream, &mut buffer, b"access_token").await?.context("closed")?;
            // Whoever is turned away costs no hash: a fast error is no figure.
            ensure!(answer.status == 200 && answer.marked, "{answer:?}: {}", String::from_utf8_lossy(&buffer));
            done += 1;
        }
        anyhow::Ok(done)
    });
    let done: usize = try_join_all(workers).await?.iter().sum();
    Ok(done as f64 / began.elapsed().as_secs_f64())
}
