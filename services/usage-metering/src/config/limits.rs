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

/// Plans with what they inherit.
#[derive(Clone, Debug)]
pub(crate) struct Plans {
    by_name: BTreeMap<String, Plan>,
    default: String,
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

impl Plans {
    /// Errors: [`Error::Settings`] where plans inherit from what is not there, or in a circle, or where a limit is
    /// none.
    pub fn new(plans: &BTreeMap<String, Plan>, default: &str) -> Result<Self, Error> {
        let mut by_name = BTreeMap::new();
        for name in plans.keys() {
            by_name.insert(name.clone(), whole(plans, name)?);
        }
        if !by_name.contains_key(default) {
            return Err(Error::Settings(format!(
                "billing.default_plan is {default}, and usage.plans has no such plan"
            )));
        }
        Ok(Self { by_name, default: default.to_owned() })
    }

    /// The plan of this name; the default one where it is empty or nobody knows it.
    pub fn get<'a>(&'a self, name: &'a str) -> (&'a str, &'a Plan) {
        static NONE: std::sync::LazyLock<Plan> = std::sync::LazyLock::new(Plan::default);
        let known = self.by_name.get_key_value(name).or_else(|| self.by_name.get_key_value(&self.default));
        known.map_or((name, &NONE), |(name, plan)| (name.as_str(), plan))
    }
}

impl Rates {
    fn or(&self, other: &Self) -> Self {
        Self {
            rpm: self.rpm.or(other.rpm),
            tpm: self.tpm.or(other.tpm),
            concurrency: self.concurrency.or(other.concurrency),
            soft: self.soft,
        }
    }

    fn check(&self, place: &str) -> Result<(), Error> {
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

fn whole(plans: &BTreeMap<String, Plan>, name: &str) -> Result<Plan, Error> {
    let missing = |name: &str| Error::Settings(format!("usage.plans: a plan inherits from {name}, and there is none"));
    let mut plan = plans.get(name).cloned().ok_or_else(|| missing(name))?;
    let mut seen = vec![name.to_owned()];
    while let Some(parent) = plan.inherits.take() {
        if seen.contains(&parent) {
            return Err(Error::Settings(format!("usage.plans.{name} inherits from itself")));
        }
        let of = plans.get(&parent).ok_or_else(|| missing(&parent))?;
        plan.executions = plan.executions.or(&of.executions);
        plan.v1 = plan.v1.or(&of.v1);
        for (resource, allowed) in &of.quotas {
            plan.quotas.entry(resource.clone()).or_insert(*allowed);
        }
        plan.inherits.clone_from(&of.inherits);
        seen.push(parent);
    }
    plan.executions.check(&format!("usage.plans.{name}.executions"))?;
    plan.v1.check(&format!("usage.plans.{name}.v1"))?;
    for (resource, Allowed { day, month, total }) in &plan.quotas {
        if !crate::limit::is_resource(resource) || [day, month, total].into_iter().flatten().any(|limit| *limit < 0) {
            let what = "must be a name in lowercase letters with limits of at least 0, or null for none";
            return Err(Error::Settings(format!("usage.plans.{name}.quotas.{resource} {what}")));
        }
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_plans_have_the_limits_that_were_asked_for() {
        let plans = Plans::new(&shipped(), "free").unwrap();
        let (_, free) = plans.get("free");
        assert_eq!((free.executions.rpm, free.executions.concurrency), (Some(60), Some(1)));
        assert_eq!(free.quotas["executions"].month, Some(10));
        assert_eq!(plans.get("basic").1, free, "basic inherits");
        let (_, pro) = plans.get("pro");
        assert_eq!((pro.executions.concurrency, pro.quotas["tokens"].day), (Some(5), Some(100_000)));
        assert_eq!(plans.get("enterprise").1, &Plan::default());
        assert_eq!(plans.get("unheard-of").0, "free");
        assert_eq!(plans.get("").0, "free");
    }

    #[test]
    fn plans_that_make_no_sense_are_refused() {
        let one = |plan| Plans::new(&BTreeMap::from([("a".to_owned(), plan)]), "a");
        let inherits = |name: &str| Plan { inherits: Some(name.to_owned()), ..Plan::default() };
        assert!(one(inherits("a")).is_err());
        assert!(one(inherits("b")).is_err());
        assert!(one(Plan { v1: Rates { rpm: Some(0), ..Rates::default() }, ..Plan::default() }).is_err());
        assert!(Plans::new(&shipped(), "gold").is_err());
    }
}
