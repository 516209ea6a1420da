//! `with-servers <command>`: starts a PostgreSQL and a Redis on free ports, runs the command with their addresses in
//! its environment, and stops them again, also on Ctrl-C.

use anyhow::Context as _;
use std::process::ExitCode;
use tests::server::{POSTGRES, Postgres, REDIS, Redis};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    let program = args.next().context("usage: with-servers <command> [arguments]")?;
    let postgres = Postgres::start().await?;
    let redis = Redis::start().await?;
    let mut command = tokio::process::Command::new(program)
        .args(args)
        .env(POSTGRES, postgres.url())
        .env(REDIS, redis.url())
        .kill_on_drop(true)
        .spawn()?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let status = tokio::select! {
        status = command.wait() => Some(status?),
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    };
    let code = status.and_then(|s| s.code()).and_then(|c| u8::try_from(c).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
