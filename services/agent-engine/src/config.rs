//! Settings of this service.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// `agent_engine` in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How many executions this process works on at once, 1 to 1,000. Others wait.
    pub executions_at_once: usize,
    /// How many model calls of one execution are under way at once, 1 to 16.
    pub calls_at_once: usize,
    /// For how long a model call may take, in seconds, 5 to 600.
    pub call_timeout_seconds: u64,
    /// For how long a call is waited for that a former process may have made, in seconds, 0 to 600: its answer costs nothing.
    pub orphan_patience_seconds: u64,
    /// For how many hours answers to questions are waited for, 1 to 720; then they are assumed.
    pub answers_hours: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            executions_at_once: 64,
            calls_at_once: 6,
            call_timeout_seconds: 120,
            orphan_patience_seconds: 15,
            answers_hours: 24,
        }
    }
}

impl Config {
    /// What is wrong with it, in one sentence.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let problems = [
            (!(1..=1_000).contains(&self.executions_at_once), "agent_engine.executions_at_once must be 1 to 1000"),
            (!(1..=16).contains(&self.calls_at_once), "agent_engine.calls_at_once must be 1 to 16"),
            (!(5..=600).contains(&self.call_timeout_seconds), "agent_engine.call_timeout_seconds must be 5 to 600"),
            (self.orphan_patience_seconds > 600, "agent_engine.orphan_patience_seconds must be 0 to 600"),
            (!(1..=720).contains(&self.answers_hours), "agent_engine.answers_hours must be 1 to 720"),
        ];
        problems.into_iter().find_map(|(is_wrong, problem)| is_wrong.then_some(problem))
    }

    pub(crate) const fn call_timeout(&self) -> Duration {
        Duration::from_secs(self.call_timeout_seconds)
    }

    pub(crate) const fn orphan_patience(&self) -> Duration {
        Duration::from_secs(self.orphan_patience_seconds)
    }
}
