//! What does the process use? Read from `/proc/self`, so only on Linux; elsewhere these metrics are absent. And how does its
//! runtime do?

use std::{fmt::Write as _, fs};

/// Kernel ticks in a second. Linux reports 100 to every program, whatever it uses inside.
const TICKS: f64 = 100.0;

/// The metrics of the process in Prometheus' text format.
pub fn text() -> String {
    let mut out = String::new();
    let info = format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    line(&mut out, "perpetuo_build_info", "gauge", "Always 1; the label says which release runs.", &info, Some(1.0));
    line(&mut out, "process_resident_memory_bytes", "gauge", "Memory in use.", "", resident());
    line(&mut out, "process_cpu_seconds_total", "counter", "Processor time used.", "", cpu());
    line(&mut out, "process_open_fds", "gauge", "Open files and sockets.", "", open_files());
    line(&mut out, "process_threads", "gauge", "Threads.", "", status("Threads:"));
    runtime(&mut out);
    out
}

/// Absent where there is no runtime to ask.
fn runtime(out: &mut String) {
    let Ok(handle) = tokio::runtime::Handle::try_current() else { return };
    let runtime = handle.metrics();
    let (workers, tasks, queue) = (runtime.num_workers(), runtime.num_alive_tasks(), runtime.global_queue_depth());
    line(out, "tokio_workers", "gauge", "Threads that run tasks.", "", Some(workers as f64));
    line(out, "tokio_alive_tasks", "gauge", "Tasks that have begun and not ended.", "", Some(tasks as f64));
    line(out, "tokio_global_queue_depth", "gauge", "Tasks that no thread has taken up yet.", "", Some(queue as f64));
}

fn line(out: &mut String, name: &str, kind: &str, help: &str, labels: &str, value: Option<f64>) {
    let Some(value) = value else { return };
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{labels} {value}").expect("writing to a string");
}

fn status(field: &str) -> Option<f64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    text.lines().find_map(|l| l.strip_prefix(field))?.split_whitespace().next()?.parse().ok()
}

fn resident() -> Option<f64> {
    status("VmRSS:").map(|kib| kib * 1024.0)
}

fn cpu() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets and may hold spaces: count from its end.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

fn open_files() -> Option<f64> {
    // Listing the directory opens it: that one is not the process's own.
    fs::read_dir("/proc/self/fd").ok().map(|files| files.count().saturating_sub(1) as f64)
}
