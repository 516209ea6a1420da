//! Settings of this service.

use crate::Error;
use proto::entitlement::Table;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// `billing` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The plan of workspaces without a subscription.
    pub default_plan: String,
    /// A file with the plans of this installation instead of the shipped ones; its form is that of
    /// `services/billing/plans/shipped.json`. Read at the start.
    pub plans_file: Option<PathBuf>,
    /// For how many days a plan goes on when a payment is late, 0 to 90.
    pub grace_days: u32,
    /// What `usage.plans` allows. A plan that says nothing of its own has it.
    #[serde(skip)]
    pub usage: BTreeMap<String, Table>,
}

impl Config {
    /// Errors: [`Error::Settings`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.grace_days {
            0..=90 => Ok(()),
            _ => Err(Error::Settings("billing.grace_days must be 0 to 90".to_owned())),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self { default_plan: "free".to_owned(), plans_file: None, grace_days: 14, usage: BTreeMap::new() }
    }
}
