//! What `make bench` prints.

use crate::loader::Figures;
use serde_json::Value;
use std::time::Duration;

/// Everything measured of one subject.
pub struct Measured {
    /// Whole answers as fast as they come.
    pub whole: Figures,
    /// CPU time of one of them.
    pub whole_cpu: Duration,
    /// Whole answers at the low rate.
    pub slow: Figures,
    /// And at the high one.
    pub brisk: Figures,
    /// Streams as fast as they come.
    pub streams: Figures,
    /// CPU time of one of them.
    pub streams_cpu: Duration,
    /// Resident memory in bytes before.
    pub before: u64,
    /// And after.
    pub after: u64,
}

/// A line of the table: what it is, its unit, and how to read it off.
type Line = (&'static str, &'static str, fn(&Measured, &Direct) -> f64);

const LINES: &[Line] = &[
    ("requests, 32 connections", "1/s", |m, _| m.whole.rate()),
    ("  p50", "us", |m, _| m.whole.percentile(0.50)),
    ("  p99", "us", |m, _| m.whole.percentile(0.99)),
    ("  core time", "ms/1000 requests", |m, _| m.whole_cpu.as_secs_f64() * 1e6),
    ("  requests per core second", "1/s", |m, _| 1.0 / m.whole_cpu.as_secs_f64()),
    ("added p50 at 500/s", "us", |m, d| m.slow.percentile(0.50) - d.slow.percentile(0.50)),
    ("added p99 at 500/s", "us", |m, d| m.slow.percentile(0.99) - d.slow.percentile(0.99)),
    ("added p50 at 1,000/s", "us", |m, d| m.brisk.percentile(0.50) - d.brisk.percentile(0.50)),
    ("added p99 at 1,000/s", "us", |m, d| m.brisk.percentile(0.99) - d.brisk.percentile(0.99)),
    ("streams of 50 chunks, 32 connections", "1/s", |m, _| m.streams.rate()),
    ("  chunks", "1/s", |m, _| m.streams.chunks as f64 / m.streams.elapsed.as_secs_f64()),
    ("  core time", "ms/1000 streams", |m, _| m.streams_cpu.as_secs_f64() * 1e6),
    ("  streams per core second", "1/s", |m, _| 1.0 / m.streams_cpu.as_secs_f64()),
    ("memory before", "MB", |m, _| m.before as f64 / 1e6),
    ("memory after", "MB", |m, _| m.after as f64 / 1e6),
];

/// The provider alone, over which latency is added.
pub struct Direct {
    /// At the low rate.
    pub slow: Figures,
    /// At the high one.
    pub brisk: Figures,
}

/// The whole run.
pub struct Report {
    direct: Direct,
    subjects: Vec<(&'static str, Measured)>,
}

impl Report {
    /// A report in which added latency is over this baseline.
    pub fn new(direct: Direct) -> Self {
        Self { direct, subjects: vec![] }
    }

    /// Adds a subject; the first one is the yardstick.
    pub fn add(&mut self, name: &'static str, measured: Measured) {
        self.subjects.push((name, measured));
    }

    /// Prints the table, each figure of later subjects also as a ratio to the first.
    #[expect(clippy::print_stdout, reason = "this is what the command is for")]
    pub fn print(&self, ledger: Value) {
        println!("{:<40} {:>18} {:>12} {:>12} {:>8}", "", "unit", "nginx", "perpetuo", "ratio");
        for (name, unit, read) in LINES {
            let values: Vec<f64> = self.subjects.iter().map(|(_, m)| read(m, &self.direct)).collect();
            let ratio = values.last().zip(values.first()).map_or(f64::NAN, |(last, first)| last / first);
            print!("{name:<40} {unit:>18}");
            for value in &values {
                print!(" {value:>12.1}");
            }
            println!(" {ratio:>8.2}");
        }
        println!(
            "\nrequests in the ledger: {} ({} input tokens)",
            ledger["total_requests"], ledger["total_input_tokens"]
        );
        if let Ok(cpu) = std::fs::read_to_string("/proc/cpuinfo") {
            let model = cpu.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or_default();
            println!("machine{model}, {} cores", cpu.matches("processor\t").count());
        }
    }
}
