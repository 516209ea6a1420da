//! A plan as the table of entitlements that billing publishes, and back. What nobody counts here is left to its readers.

use super::{
    limits::{Plan, Rates},
    plans,
};
use crate::{Error, limit};
use proto::{
    billing::{Entitlement, entitlement::Value},
    entitlement::{self, Meaning, Rate, Span, Table},
};
use std::collections::BTreeMap;

/// What plans of the configuration allow, with what they inherit. Errors: [`Error::Settings`].
pub fn tables(plans: &BTreeMap<String, Plan>) -> Result<BTreeMap<String, Table>, Error> {
    Ok(plans::whole(plans)?.iter().map(|(name, plan)| (name.clone(), table(plan))).collect())
}

fn table(plan: &Plan) -> Table {
    let mut table = Table::new();
    let mut add = |key: String, limit: Option<i64>| table.extend(limit.map(|limit| (key, entitlement::limit(limit))));
    for (surface, rates) in [("executions", &plan.executions), ("v1", &plan.v1)] {
        add(format!("{surface}_rpm"), rates.rpm);
        add(format!("{surface}_tpm"), rates.tpm);
        add(format!("{surface}_concurrency"), rates.concurrency);
    }
    for (resource, allowed) in &plan.quotas {
        add(format!("{resource}_per_day"), allowed.day);
        add(format!("{resource}_per_month"), allowed.month);
        add(format!("{resource}_total"), allowed.total);
    }
    for (surface, rates) in [("executions", &plan.executions), ("v1", &plan.v1)] {
        let soft = Entitlement { value: Some(Value::Flag(true)) };
        table.extend(rates.soft.then(|| (format!("{surface}_soft"), soft)));
    }
    table
}

/// The plan that a table stands for. What cannot be counted limits nothing, and is logged: billing refuses such a table.
pub(crate) fn of_table(name: &str, table: &Table) -> Plan {
    let mut plan = Plan::default();
    for (key, value) in table {
        let Some(meaning) = entitlement::meaning(key) else { continue };
        if entitlement::problem(key, value).is_some() {
            tracing::warn!(plan = name, key, "an entitlement cannot be counted");
            continue;
        }
        let limit = match value.value {
            Some(Value::Limit(limit)) => Some(limit),
            _ => None,
        };
        match meaning {
            Meaning::Rate(surface, rate) => *rate_of(surface_of(&mut plan, surface), rate) = limit,
            Meaning::Soft(surface) => surface_of(&mut plan, surface).soft = value.value == Some(Value::Flag(true)),
            Meaning::Quota(resource, span) if limit::is_resource(resource) => {
                let allowed = plan.quotas.entry(resource.to_owned()).or_default();
                match span {
                    Span::Day => allowed.day = limit,
                    Span::Month => allowed.month = limit,
                    Span::Total => allowed.total = limit,
                }
            }
            Meaning::Prepaid => plan.is_prepaid = value.value == Some(Value::Flag(true)),
            Meaning::Quota(..) => tracing::warn!(plan = name, key, "an entitlement is of no resource"),
        }
    }
    plan
}

fn surface_of<'a>(plan: &'a mut Plan, surface: &str) -> &'a mut Rates {
    if surface == "executions" { &mut plan.executions } else { &mut plan.v1 }
}

const fn rate_of(rates: &mut Rates, rate: Rate) -> &mut Option<i64> {
    match rate {
        Rate::Requests => &mut rates.rpm,
        Rate::Tokens => &mut rates.tpm,
        Rate::Concurrency => &mut rates.concurrency,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::limits::{Allowed, shipped},
        *,
    };
    use serde_json::json;

    #[test]
    fn a_plan_survives_being_published() {
        let mut plans = shipped();
        let odd = Rates { rpm: Some(1), tpm: Some(2), concurrency: None, soft: true };
        let quotas = BTreeMap::from([("tickets".to_owned(), Allowed { day: Some(0), month: None, total: Some(9) })]);
        plans.insert("odd".to_owned(), Plan { v1: odd, quotas, ..Plan::default() });
        let whole = plans::whole(&plans).unwrap();
        let tables = tables(&plans).unwrap();
        for (name, plan) in whole {
            assert_eq!(of_table(&name, &tables[&name]), plan, "{name}");
        }
        assert_eq!(tables["basic"], tables["free"], "what it inherits is there");
        assert_eq!(entitlement::write(&tables["pro"]["tokens_per_day"]), json!(100_000));
    }

    #[test]
    fn what_is_for_others_or_makes_no_sense_limits_nothing() {
        let table = json!({"storage_gb": 5, "white_label": true, "v1_rpm": 0, "tokens_per_day": "many", "Big_per_day": 1,
            "executions_per_month": "unlimited"});
        let plan = of_table("odd", &entitlement::read_all(&table));
        assert_eq!((plan.v1.clone(), plan.executions.clone()), (Rates::default(), Rates::default()));
        assert!(plan.quotas.values().all(|allowed| *allowed == Allowed::default()));
        let prepaid = |flag| of_table("odd", &entitlement::read_all(&json!({"usage_prepaid": flag}))).is_prepaid;
        assert!(!plan.is_prepaid && prepaid(json!(true)) && !prepaid(json!(false)) && !prepaid(json!("yes")));
    }
}
