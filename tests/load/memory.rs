//! Is memory flat under a load that goes on?

use crate::{loader::Load, subject::Subject};

/// How often it is looked at.
const LOOKS: usize = 6;

/// Resident memory over a load.
pub struct Growth(Vec<Look>);

struct Look {
    requests: usize,
    bytes: u64,
}

impl Growth {
    /// Runs the load again and again, and looks after each time.
    pub async fn measure(subject: &Subject, load: Load) -> anyhow::Result<Self> {
        eprintln!("measuring memory of {} …", subject.name);
        let (mut looks, mut requests) = (vec![], 0);
        for _ in 0..LOOKS {
            requests += load.run(subject).await?.requests;
            looks.push(Look { requests, bytes: subject.memory()? });
        }
        Ok(Self(looks))
    }

    /// One line: how many requests, and how much was resident after them.
    #[expect(clippy::print_stdout, reason = "this is what the command is for")]
    pub fn print(&self) {
        let looks = self.0.iter().map(|l| format!("{:.1} after {}", l.bytes as f64 / 1e6, l.requests));
        println!("memory under load, MB after further requests: {}", looks.collect::<Vec<_>>().join(", "));
    }
}
