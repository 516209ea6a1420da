//! `make bench`: what Perpetuo costs with everything on (authentication, limits, durable ledger, logs), beside a bare
//! nginx reverse proxy in the same run. The system under test has one core to itself, loader and fake provider share
//! the other. Figures only: machines are noisy, so nothing here fails on time.

mod cpu;
mod excess;
mod loader;
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

fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some("provider") {
        return provider::run();
    }
    let seconds = std::env::args().nth(1).map_or(Ok(8), |s| s.parse()).context("usage: load [seconds per figure]")?;
    cpu::pin(LOADER_CORE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(Duration::from_secs(seconds)))
}

async fn measure(time: Duration) -> anyhow::Result<()> {
    let provider = provider::Provider::start(LOADER_CORE).await?;
    let direct = Subject::direct(provider.port);
    let nginx = nginx::start(SUBJECT_CORE, provider.port).await?;
    let perpetuo = Subject::perpetuo(SUBJECT_CORE, provider.port).await?;
    let mut report = Report::new(direct_latency(&direct, time).await?);
    for subject in [&nginx, &perpetuo] {
        eprintln!("measuring {} …", subject.name);
        report.add(subject.name, one(subject, time).await?);
    }
    let lasting = Load { shape: Shape::Whole, connections: CONNECTIONS, rate: None, time };
    let memory = memory::Growth::measure(&perpetuo, lasting).await?;
    let held = [open::Held::measure(&nginx).await?, open::Held::measure(&perpetuo).await?];
    let excess = excess::Excess::measure(&perpetuo, time).await?;
    let ledger = perpetuo.ledger().await?;
    report.print(ledger);
    memory.print();
    held.iter().for_each(open::Held::print);
    excess.print();
    metering::print(time).await?;
    remote::print(time).await?;
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
