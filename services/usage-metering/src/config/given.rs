//! What do given plans change of the shipped ones?
//!
//! Plans are merged by name, and each field by itself: what is not given stays as it is shipped, null takes a limit, a quota or a
//! whole plan away, and a name that is not shipped is a new plan.

use super::limits::{Allowed, Plan, Rates, shipped};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// None: not given. Some(None): null.
type Given<T> = Option<Option<T>>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PlanChange {
    #[serde(deserialize_with = "given")]
    inherits: Given<String>,
    executions: RatesChange,
    v1: RatesChange,
    quotas: BTreeMap<String, Option<AllowedChange>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RatesChange {
    #[serde(deserialize_with = "given")]
    rpm: Given<i64>,
    #[serde(deserialize_with = "given")]
    tpm: Given<i64>,
    #[serde(deserialize_with = "given")]
    concurrency: Given<i64>,
    soft: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AllowedChange {
    #[serde(deserialize_with = "given")]
    day: Given<i64>,
    #[serde(deserialize_with = "given")]
    month: Given<i64>,
    #[serde(deserialize_with = "given")]
    total: Given<i64>,
}

/// The plans in force: those that are shipped, changed by those that are given.
pub(super) fn merge<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Plan>, D::Error> {
    let given = BTreeMap::<String, Option<PlanChange>>::deserialize(deserializer)?;
    let mut plans = shipped();
    for (name, change) in given {
        match change {
            Some(change) => change.apply(plans.entry(name).or_default()),
            None => drop(plans.remove(&name)),
        }
    }
    Ok(plans)
}

fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Given<T>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn set<T>(field: &mut Option<T>, given: Given<T>) {
    if let Some(value) = given {
        *field = value;
    }
}

impl PlanChange {
    fn apply(self, plan: &mut Plan) {
        set(&mut plan.inherits, self.inherits);
        self.executions.apply(&mut plan.executions);
        self.v1.apply(&mut plan.v1);
        for (resource, change) in self.quotas {
            match change {
                Some(change) => change.apply(plan.quotas.entry(resource).or_default()),
                None => drop(plan.quotas.remove(&resource)),
            }
        }
    }
}

impl RatesChange {
    fn apply(self, rates: &mut Rates) {
        set(&mut rates.rpm, self.rpm);
        set(&mut rates.tpm, self.tpm);
        set(&mut rates.concurrency, self.concurrency);
        rates.soft = self.soft.unwrap_or(rates.soft);
    }
}

impl AllowedChange {
    fn apply(self, allowed: &mut Allowed) {
        set(&mut allowed.day, self.day);
        set(&mut allowed.month, self.month);
        set(&mut allowed.total, self.total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    fn plans(given: serde_json::Value) -> Result<BTreeMap<String, Plan>, String> {
        let config = serde_json::from_value::<Config>(serde_json::json!({ "plans": given }));
        config.map(|config| config.plans).map_err(|error| error.to_string())
    }

    #[test]
    fn a_field_that_is_given_changes_alone() {
        let given = serde_json::json!({"free": {"quotas": {"executions": {"month": 20}}}, "pro": {"v1": {"rpm": 600}}});
        let changed = plans(given).unwrap();
        let mut expected = shipped();
        expected.get_mut("free").unwrap().quotas.get_mut("executions").unwrap().month = Some(20);
        expected.get_mut("pro").unwrap().v1.rpm = Some(600);
        assert_eq!(changed, expected);
        assert_eq!(plans(serde_json::json!({})).unwrap(), shipped());
        assert_eq!(plans(serde_json::json!({"free": {}})).unwrap(), shipped());
    }

    #[test]
    fn null_takes_away_a_limit_a_quota_a_parent_or_a_whole_plan() {
        let given = serde_json::json!({
            "enterprise": null, "free": {"executions": {"rpm": null}, "quotas": {"executions": null}}, "basic": {"inherits": null},
        });
        let changed = plans(given).unwrap();
        assert_eq!(changed.keys().collect::<Vec<_>>(), ["basic", "free", "pro"]);
        assert_eq!((changed["free"].executions.rpm, changed["free"].executions.concurrency), (None, Some(1)));
        assert!(changed["free"].quotas.is_empty() && changed["basic"].inherits.is_none());
        assert_eq!(plans(serde_json::json!({"gold": null})).unwrap(), shipped(), "what is not there may be taken away");
    }

    #[test]
    fn a_new_name_is_a_new_plan_and_may_inherit_from_a_shipped_one() {
        let changed =
            plans(serde_json::json!({"gold": {"inherits": "pro", "quotas": {"tickets": {"day": 3}}}})).unwrap();
        assert_eq!(changed.len(), shipped().len() + 1);
        let whole = crate::config::Plans::new(&changed, "free").unwrap();
        let gold = &whole.get("gold").plan;
        assert_eq!((gold.executions.concurrency, gold.quotas["tokens"].day), (Some(5), Some(100_000)));
        assert_eq!(gold.quotas["tickets"].day, Some(3));
    }

    #[test]
    fn a_typing_error_is_refused() {
        for (given, named) in [
            (serde_json::json!({"free": {"excutions": {}}}), "excutions"),
            (serde_json::json!({"free": {"v1": {"rmp": 1}}}), "rmp"),
            (serde_json::json!({"free": {"quotas": {"tokens": {"days": 1}}}}), "days"),
        ] {
            let refused = plans(given).unwrap_err();
            assert!(refused.contains(named), "{refused}");
        }
    }
}
