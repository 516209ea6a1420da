//! Which plan is whose, with what it inherits, and with what was published since the start.

use super::limits::{Allowed, Plan};
use crate::Error;
use arc_swap::ArcSwap;
use std::{collections::BTreeMap, sync::Arc};

/// The plans in force. A change is seen by the next who asks.
#[derive(Debug)]
pub(crate) struct Plans {
    by_name: ArcSwap<BTreeMap<String, Arc<Named>>>,
    default: String,
}

/// A plan and what it is called.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// What its counters are called by.
    pub name: String,
    /// What it allows, also by inheritance.
    pub plan: Plan,
}

impl Plans {
    /// Errors: [`Error::Settings`] where plans inherit from what is not there, or in a circle, or where a limit is
    /// none.
    pub fn new(plans: &BTreeMap<String, Plan>, default: &str) -> Result<Self, Error> {
        let mut by_name = BTreeMap::new();
        for (name, plan) in whole(plans)? {
            by_name.insert(name.clone(), Arc::new(Named { name, plan }));
        }
        if !by_name.contains_key(default) {
            return Err(Error::Settings(format!(
                "billing.default_plan is {default}, and usage.plans has no such plan"
            )));
        }
        Ok(Self { by_name: ArcSwap::from_pointee(by_name), default: default.to_owned() })
    }

    /// The plan of this name; the default one where it is empty or nobody knows it.
    pub fn get(&self, name: &str) -> Arc<Named> {
        let plans = self.by_name.load();
        let known = plans.get(name).or_else(|| plans.get(&self.default));
        known.cloned().unwrap_or_default()
    }

    /// What billing has published counts from now on, instead of what the configuration says.
    pub fn publish(&self, name: &str, plan: &Plan) {
        let named = Arc::new(Named { name: name.to_owned(), plan: plan.clone() });
        self.by_name.rcu(|plans| {
            let mut plans = BTreeMap::clone(plans);
            plans.insert(name.to_owned(), named.clone());
            plans
        });
    }
}

/// Each plan with what it inherits. Errors: [`Error::Settings`].
pub(super) fn whole(plans: &BTreeMap<String, Plan>) -> Result<BTreeMap<String, Plan>, Error> {
    plans.keys().map(|name| Ok((name.clone(), one(plans, name)?))).collect()
}

fn one(plans: &BTreeMap<String, Plan>, name: &str) -> Result<Plan, Error> {
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
    use super::{
        super::limits::{Rates, shipped},
        *,
    };

    #[test]
    fn the_shipped_plans_have_the_limits_that_were_asked_for() {
        let plans = Plans::new(&shipped(), "free").unwrap();
        let free = &plans.get("free").plan;
        assert_eq!((free.executions.rpm, free.executions.concurrency), (Some(60), Some(1)));
        assert_eq!(free.quotas["executions"].month, Some(10));
        assert_eq!(&plans.get("basic").plan, free, "basic inherits");
        let pro = &plans.get("pro").plan;
        assert_eq!((pro.executions.concurrency, pro.quotas["tokens"].day), (Some(5), Some(100_000)));
        assert_eq!(plans.get("enterprise").plan, Plan::default());
        assert_eq!(plans.get("unheard-of").name, "free");
        assert_eq!(plans.get("").name, "free");
    }

    #[test]
    fn what_is_published_counts_from_then_on_and_may_be_new() {
        let plans = Plans::new(&shipped(), "free").unwrap();
        let wide = Plan { v1: Rates { rpm: Some(7), ..Rates::default() }, ..Plan::default() };
        plans.publish("gold", &wide);
        plans.publish("pro", &wide);
        assert_eq!((plans.get("gold").plan.v1.rpm, plans.get("gold").name.as_str()), (Some(7), "gold"));
        assert_eq!(plans.get("pro").plan, wide);
        assert_eq!(plans.get("free").plan.executions.rpm, Some(60), "others stay");
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
