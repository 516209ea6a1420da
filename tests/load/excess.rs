//! What is left of the good answers when three times as much is asked as can be answered?

use crate::{CONNECTIONS, loader::Shape, subject::Subject};
use std::time::Duration;
use tests::flood::{Answers, Flood};

/// How many times its capacity is asked of it.
const TIMES: f64 = 3.0;

/// Connections that ask for it: each waits for its answer, so a few could not.
const MANY: usize = 2_000;

/// As much as goes, and three times that.
pub struct Excess {
    peak: Answers,
    flood: Answers,
}

impl Excess {
    /// Measures both.
    pub async fn measure(subject: &Subject, time: Duration) -> anyhow::Result<Self> {
        eprintln!("measuring {TIMES} times too much for {} …", subject.name);
        let request = subject.request(Shape::Whole);
        let warm_up = Duration::from_secs(2);
        let port = subject.port;
        let all =
            Flood { port, request: &request, connections: CONNECTIONS, rate: None, time: time + warm_up, warm_up };
        let peak = all.send().await?;
        let flood = Flood { connections: MANY, rate: Some(peak.goodput() * TIMES), ..all }.send().await?;
        Ok(Self { peak, flood })
    }

    /// A few lines.
    #[expect(clippy::print_stdout, reason = "this is what the command is for")]
    pub fn print(&self) {
        let Self { peak, flood } = self;
        println!(
            "\nthree times too much, over {MANY} connections (loader and provider share a core: they may send less)"
        );
        println!("{:<40} {:>18} {:>12.0}", "  peak, 32 connections", "1/s", peak.goodput());
        println!("{:<40} {:>18} {:>12.0}", "  asked for", "1/s", peak.goodput() * TIMES);
        println!("{:<40} {:>18} {:>12.0}", "  answered in any way", "1/s", flood.rate());
        println!("{:<40} {:>18} {:>12.0}", "  answered well", "1/s", flood.goodput());
        println!("{:<40} {:>18} {:>12.2}", "  of the peak (aim 0.90)", "", flood.goodput() / peak.goodput());
        println!("{:<40} {:>18} {:>12.1}", "  p99 of these", "ms", flood.p99().as_secs_f64() * 1e3);
    }
}
