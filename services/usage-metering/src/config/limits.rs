//! Which limits hold without anybody setting them?

use crate::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `usage.limits`: what holds whoever asks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Of everybody together.
    pub platform: Rates,
    /// Of each client address.
    pub address: Rates,
}

/// Limits by the minute. Null: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Requests per minute.
    pub rpm: Option<i64>,
    /// Tokens per minute.
    pub tpm: Option<i64>,
    /// Requests at once.
    pub concurrency: Option<i64>,
    /// They warn and refuse nothing.
    pub soft: bool,
}

/// One of `usage.plans`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// The plan from which it has what it does not say itself.
    pub inherits: Option<String>,
    /// For `/api/v1/executions`.
    pub executions: Rates,
    /// For `/v1`, of what is called with credentials of the platform.
    pub v1: Rates,
    /// By resource, such as `executions`; `tokens` and `requests` are those with credentials of the platform.
    pub quotas: BTreeMap<String, Allowed>,
    /// What is called with credentials of the platform is paid for beforehand, by credits. Of published plans: `usage_prepaid`.
    #[serde(skip)]
    pub is_prepaid: bool,
}

/// How much of a resource a plan allows. Null: any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allowed {
    /// In a day of the workspace's time zone.
    pub day: Option<i64>,
    /// In a month of it.
    pub month: Option<i64>,
    /// Altogether.
    pub total: Option<i64>,
}

/// The plans that are shipped.
pub(super) fn shipped() -> BTreeMap<String, Plan> {
    let rates = |concurrency| Rates { rpm: Some(60), concurrency: Some(concurrency), ..Rates::default() };
    let quota = |resource: &str, allowed| BTreeMap::from([(resource.to_owned(), allowed)]);
    let free = Plan {
        executions: rates(1),
        quotas: quota("executions", Allowed { month: Some(10), ..Allowed::default() }),
        ..Plan::default()
    };
    let pro = Plan {
        executions: rates(5),
        quotas: quota("tokens", Allowed { day: Some(100_000), ..Allowed::default() }),
        ..Plan::default()
    };
    let basic = Plan { inherits: Some("free".to_owned()), ..Plan::default() };
    [("free", free), ("basic", basic), ("pro", pro), ("enterprise", Plan::default())]
        .map(|(name, plan)| (name.to_owned(), plan))
        .into()
}

impl Rates {
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            rpm: self.rpm.or(other.rpm),
            tpm: self.tpm.or(other.tpm),
            concurrency: self.concurrency.or(other.concurrency),
            soft: self.soft,
        }
    }

    pub(super) fn check(&self, place: &str) -> Result<(), Error> {
        match [self.rpm, self.tpm, self.concurrency].into_iter().flatten().find(|limit| *limit < 1) {
            Some(_) => Err(Error::Settings(format!("{place} must have limits of at least 1, or null for none"))),
            None => Ok(()),
        }
    }
}

impl Limits {
    /// Errors: [`Error::Settings`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.platform.check("usage.limits.platform")?;
        self.address.check("usage.limits.address")
    }
}
