//! How long is what kept?

use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Fewer days would forget events that their source may still send again.
const LEAST_LEDGER: u32 = 35;

/// `usage.retention` in the configuration. Days; 0 keeps for ever.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// The ledger, its sums by quarter of an hour, and metered events. At least 35: so long is an event of the same id
    /// counted once.
    pub ledger_days: u32,
    /// Request logs.
    pub logs_days: u32,
    /// Sums by minute.
    pub minutes_days: u32,
    /// Exports, from when they are written; 0 removes them at once.
    pub exports_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { ledger_days: 0, logs_days: 90, minutes_days: 8, exports_days: 7 }
    }
}

impl Retention {
    /// Errors: [`Error::Settings`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        if (1..LEAST_LEDGER).contains(&self.ledger_days) {
            let why = "usage.retention.ledger_days must be 0 (for ever) or at least 35, so that an event that is sent again is known";
            return Err(Error::Settings(why.to_owned()));
        }
        Ok(())
    }

    /// Before this time nothing of so many days is kept. None: everything is.
    pub(crate) fn horizon(days: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (days > 0).then(|| now - TimeDelta::days(days.into()))
    }

    /// Older events are not taken: they might have been forgotten.
    pub(crate) fn oldest_event(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        Self::horizon(self.ledger_days, now).unwrap_or(DateTime::UNIX_EPOCH)
    }
}
