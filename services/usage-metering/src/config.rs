//! What can an operator set?

mod given;
mod letters;
mod limits;
mod plans;
mod retention;
mod table;

pub use letters::LetterLimits;
pub use limits::{Allowed, Limits, Plan, Rates};
pub(crate) use plans::Plans;
pub use retention::Retention;
pub(crate) use table::of_table;
pub use table::tables;

use crate::{
    Error,
    price::{self, Catalogue, Prices},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path, time::Duration};

/// `usage` in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Embedded mode: whether an answer waits until the disk has the journal. `never`: it waits for the operating
    /// system only, which outlives a killed process but not a power cut. `batch`: for one fdatasync shared by all who
    /// wait.
    pub fsync: Fsync,
    /// Embedded mode: bytes that the journal may hold while the database is away. Beyond them nothing is admitted.
    pub journal_max_bytes: u64,
    /// How long Redis may take to answer, in milliseconds.
    pub redis_timeout_ms: u64,
    /// How long a caller waits for PostgreSQL to make its grant durable, in milliseconds.
    pub commit_timeout_ms: u64,
    /// Seconds without a heartbeat after which the open grants of a gateway process are swept.
    pub lease_seconds: u64,
    /// How long is what kept.
    pub retention: Retention,
    /// How much may go by e-mail.
    pub letters: LetterLimits,
    /// A file with prices instead of the built-in ones; its form is in `services/usage-metering/prices/README.md`.
    /// Empty: the built-in prices. A change is taken over while running.
    pub prices_file: String,
    /// Seconds between looks at the file of prices.
    pub prices_check_seconds: u64,
    /// Percent that are added to list prices where the platform's credentials are used, such as `12.5`.
    pub platform_markup_percent: String,
    /// Refused requests that may wait for their log entry. Beyond them the oldest is dropped and counted.
    pub refusals_max: usize,
    /// Output tokens that are reserved for a request which does not say how many it wants, by model as the provider
    /// knows it. For others the gateway's default counts.
    pub model_output_tokens: BTreeMap<String, i64>,
    /// What holds whoever asks.
    pub limits: Limits,
    /// What plans allow, by name. Those that are given change the shipped ones field by field; null takes one away.
    #[serde(deserialize_with = "given::merge")]
    pub plans: BTreeMap<String, Plan>,
    /// `billing.default_plan`: of workspaces whose plan is not known.
    #[serde(skip)]
    pub default_plan: String,
}

/// When the journal reaches the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fsync {
    /// When the operating system likes.
    #[default]
    Never,
    /// Before the answer, together with others.
    Batch,
}

/// Beside the time that a commit may take.
const MARGIN: Duration = Duration::from_secs(1);

impl Default for Config {
    fn default() -> Self {
        Self {
            fsync: Fsync::Never,
            journal_max_bytes: 256 * 1024 * 1024,
            redis_timeout_ms: 50,
            commit_timeout_ms: 3_000,
            lease_seconds: 15,
            retention: Retention::default(),
            letters: LetterLimits::default(),
            prices_file: String::new(),
            prices_check_seconds: 5,
            platform_markup_percent: "0".to_owned(),
            refusals_max: 10_000,
            model_output_tokens: BTreeMap::new(),
            limits: Limits::default(),
            plans: limits::shipped(),
            default_plan: "free".to_owned(),
        }
    }
}

impl Config {
    /// The names of the plans in force, each whole. Errors: [`Error::Settings`] says which of them makes no sense, or that
    /// `default_plan` is none.
    pub fn plan_names(&self, default_plan: &str) -> Result<Vec<String>, Error> {
        Plans::new(&self.plans, default_plan).map(|_| self.plans.keys().cloned().collect())
    }

    /// The prices that it names. Errors: [`Error::Prices`] says what is wrong.
    pub(crate) fn prices(&self) -> Result<Prices, Error> {
        let markup = price::percent(&self.platform_markup_percent).ok_or_else(|| {
            let problem = "must be a percentage from 0 to 1000 with at most two digits after the point";
            Error::Prices(format!("usage.platform_markup_percent {problem}"))
        })?;
        Ok(Prices::new(Catalogue::open(self.prices_path())?, markup))
    }

    pub(crate) fn prices_path(&self) -> Option<&Path> {
        (!self.prices_file.is_empty()).then(|| Path::new(&self.prices_file))
    }

    pub(crate) const fn redis_timeout(&self) -> Duration {
        Duration::from_millis(self.redis_timeout_ms)
    }

    /// What was reserved is in SQL within this time, or refused.
    pub(crate) fn grace(&self) -> Duration {
        self.commit_timeout() + MARGIN
    }

    pub(crate) const fn commit_timeout(&self) -> Duration {
        Duration::from_millis(self.commit_timeout_ms)
    }
}
