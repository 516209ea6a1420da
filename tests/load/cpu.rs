//! Which core a process runs on, and how much of it it has used.

use anyhow::{Context as _, ensure};
use std::{process::Command, time::Duration};

/// Moves this process (and its threads to come) to one core.
pub fn pin(core: &str) -> anyhow::Result<()> {
    let pid = std::process::id().to_string();
    let done = Command::new("taskset").args(["-a", "-c", "-p", core, &pid]).output().context("taskset (util-linux)")?;
    ensure!(done.status.success(), "taskset failed: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// Moves this thread alone.
pub fn pin_thread(core: &str) -> anyhow::Result<()> {
    let thread = std::fs::read_link("/proc/thread-self")?;
    let thread = thread.file_name().and_then(|name| name.to_str()).context("no thread")?;
    let done = Command::new("taskset").args(["-c", "-p", core, thread]).output().context("taskset (util-linux)")?;
    ensure!(done.status.success(), "taskset failed: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// CPU time of a process so far, user and system.
pub fn used(pid: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, rest) = stat.rsplit_once(") ").context("no comm")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // utime and stime are the 14th and 15th field of proc(5), in ticks of 10 ms.
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// Resident memory of a process in bytes.
pub fn memory(pid: u32) -> anyhow::Result<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm"))?;
    let pages: u64 = statm.split(' ').nth(1).context("no figure")?.parse()?;
    Ok(pages * 4096)
}
