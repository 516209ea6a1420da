//! `make bench`: what Perpetuo costs with everything on (authentication, limits, durable ledger, logs), beside a bare
//! nginx reverse proxy in the same run. The system under test has one core to itself, loader and fake provider share
//! the other. Figures only: machines are noisy, so nothing here fails on time.

mod cpu;
mod excess;
mod loader;
mod logins;
mod memory;
mod metering;
mod nginx;
mod open;
mod provider;
mod remote;
mod report;
mod subject;

use anyhow::Context as _;
use loader::{Load, Shape};
use report::{Direct, Measured, Report};
use std::time::Duration;
use subject::Subject;

/// The core of the system under test; loader and provider use the other one.
const SUBJECT_CORE: &str = "1";
const LOADER_CORE: &str = "0";
const CONNECTIONS: usize = 32;
const LOW_RATE: u32 = 500;
const HIGH_RATE: u32 = 1_000;

/// What can be asked for alone.
const PARTS: [&str; 6] = ["requests", "held", "excess", "admission", "grpc", "logins"];
const USAGE: &str = "usage: load [seconds per figure] [requests|held|excess|admission|grpc|logins …]";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.peek().is_some_and(|first| first == "provider") {
        return provider::run();
    }
    let seconds = arguments.next().map_or(Ok(8), |s| s.parse()).context(USAGE)?;
    let mut parts: Vec<String> = arguments.collect();
    anyhow::ensure!(parts.iter().all(|part| PARTS.contains(&part.as_str())), USAGE);
    if parts.is_empty() {
        parts = PARTS.map(str::to_owned).to_vec();
    }
    cpu::pin(LOADER_CORE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(&parts, Duration::from_secs(seconds)))
}

/// Each part is printed as soon as it is measured.
async fn measure(parts: &[String], time: Duration) -> anyhow::Result<()> {
    let is_asked = |part: &str| parts.iter().any(|p| p == part);
    let provider = provider::Provider::start(LOADER_CORE).await?;
    if is_asked("requests") || is_asked("held") || is_asked("excess") {
        let nginx = nginx::start(SUBJECT_CORE, provider.port).await?;
        let perpetuo = Subject::perpetuo(SUBJECT_CORE, provider.port).await?;
        if is_asked("requests") {
            requests(&Subject::direct(provider.port), &nginx, &perpetuo, time).await?;
        }
        if is_asked("held") {
            open::Held::measure(&nginx).await?.print();
            open::Held::measure(&perpetuo).await?.print();
        }
        if is_asked("excess") {
            excess::Excess::measure(&perpetuo, time).await?.print();
        }
    }
    if is_asked("admission") {
        metering::print(time).await?;
    }
    if is_asked("grpc") {
        remote::print(time).await?;
    }
    if is_asked("logins") {
        logins::Logins::measure(time).await?.print();
    }
    Ok(())
}

async fn requests(direct: &Subject, nginx: &Subject, perpetuo: &Subject, time: Duration) -> anyhow::Result<()> {
    let mut report = Report::new(direct_latency(direct, time).await?);
    for subject in [nginx, perpetuo] {
        eprintln!("measuring {} …", subject.name);
        report.add(subject.name, one(subject, time).await?);
    }
    report.print(perpetuo.ledger().await?);
    let lasting = Load { shape: Shape::Whole, connections: CONNECTIONS, rate: None, time };
    memory::Growth::measure(perpetuo, lasting).await?.print();
    Ok(())
}

async fn direct_latency(direct: &Subject, time: Duration) -> anyhow::Result<Direct> {
    Ok(Direct { slow: paced(LOW_RATE, time).run(direct).await?, brisk: paced(HIGH_RATE, time).run(direct).await? })
}

/// Whole answers at a fixed rate, so low that nobody waits for others.
const fn paced(rate: u32, time: Duration) -> Load {
    Load { shape: Shape::Whole, connections: 4, rate: Some(rate), time }
}

async fn one(subject: &Subject, time: Duration) -> anyhow::Result<Measured> {
    let before = subject.memory()?;
    let load = |shape| Load { shape, connections: CONNECTIONS, rate: None, time };
    load(Shape::Whole).warm_up(subject).await?;
    let (whole, whole_cpu) = subject.timed(load(Shape::Whole)).await?;
    let (slow, brisk) = (paced(LOW_RATE, time).run(subject).await?, paced(HIGH_RATE, time).run(subject).await?);
    load(Shape::Stream).warm_up(subject).await?;
    let (streams, streams_cpu) = subject.timed(load(Shape::Stream)).await?;
    let after = subject.memory()?;
    Ok(Measured { whole, whole_cpu, slow, brisk, streams, streams_cpu, before, after })
}
