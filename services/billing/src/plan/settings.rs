//! The plans of the configuration: the shipped ones or those of a file, with what `usage.plans` allows.

use super::{Document, validate};
use crate::{Config, Error};
use proto::entitlement::{self, Table};

const SHIPPED: &str = include_str!("../../plans/shipped.json");

/// Errors: [`Error::Settings`], in one sentence that says what to change.
pub(crate) fn read(config: &Config) -> Result<Vec<Document>, Error> {
    let (text, place) = match &config.plans_file {
        None => (SHIPPED.to_owned(), "the shipped plans".to_owned()),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Error::Settings(format!("billing.plans_file: {} cannot be read: {error}", path.display()))
            })?;
            (text, format!("billing.plans_file: {}", path.display()))
        }
    };
    let bad = |what: &dyn std::fmt::Display| Error::Settings(format!("{place}: {what}"));
    let mut plans: Vec<Document> = serde_json::from_str(&text).map_err(|error| bad(&error))?;
    for plan in &mut plans {
        for (key, allowed) in config.usage.get(&plan.name).into_iter().flatten() {
            plan.entitlements.entry(key.clone()).or_insert_with(|| entitlement::write(allowed));
        }
    }
    // A plan that only `usage.plans` knows may have customers: it goes on, without being offered.
    let only_there: Vec<Document> = config
        .usage
        .iter()
        .filter(|(name, _)| !plans.iter().any(|plan| plan.name == **name))
        .map(|(name, allowed)| only_allowed(name, allowed))
        .collect();
    plans.extend(only_there);
    validate::check(&plans).map_err(|error| bad(&error))?;
    if !plans.iter().any(|plan| plan.name == config.default_plan) {
        return Err(bad(&format!("there is no plan {:?}, which is billing.default_plan", config.default_plan)));
    }
    Ok(plans)
}

fn only_allowed(name: &str, allowed: &Table) -> Document {
    Document {
        name: name.to_owned(),
        titles: [("en".to_owned(), name.to_owned())].into(),
        entitlements: allowed.iter().map(|(key, value)| (key.clone(), entitlement::write(value))).collect(),
        hidden: true,
        ..Document::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::entitlement::limit;
    use std::collections::BTreeMap;

    #[test]
    fn the_shipped_plans_have_the_prices_and_limits_that_were_asked_for() {
        let allowed = BTreeMap::from([("executions_per_month".to_owned(), limit(10))]);
        let usage = BTreeMap::from([("free".to_owned(), allowed.clone()), ("pro".to_owned(), allowed)]);
        let plans = read(&Config { usage, ..Config::default() }).expect("plans");
        let plan = |name: &str| plans.iter().find(|plan| plan.name == name).expect("a plan");
        let price = |name: &str, currency: &str| {
            plan(name).prices.iter().find(|price| price.currency == currency).map(|price| price.unit_amount)
        };
        assert_eq!((price("basic", "BRL"), price("basic", "USD")), (Some(29_700), None));
        assert_eq!((price("pro", "BRL"), price("pro", "USD")), (Some(89_700), Some(9_900)));
        assert_eq!((price("free", "BRL"), plan("enterprise").prices.len()), (Some(0), 0));
        let table = |key: &str| plans.iter().map(|plan| plan.entitlements[key].to_string()).collect::<Vec<_>>();
        assert_eq!(table("tickets_per_month"), ["15", "30", "60", "\"unlimited\""]);
        assert_eq!(table("storage_gb"), ["5", "25", "100", "\"unlimited\""]);
        assert_eq!(table("team_members"), ["1", "3", "10", "\"unlimited\""]);
        assert_eq!(table("sla"), ["\"none\"", "\"24h\"", "\"4h\"", "\"1h\""]);
        assert_eq!(plan("free").entitlements["executions_per_month"], 10);
        assert_eq!(plan("pro").entitlements["executions_per_month"], "unlimited", "what it says itself counts");
    }

    #[test]
    fn a_plan_that_only_usage_knows_goes_on_without_being_offered() {
        let usage = BTreeMap::from([("gold".to_owned(), BTreeMap::from([("v1_rpm".to_owned(), limit(600))]))]);
        let plans = read(&Config { usage, default_plan: "gold".to_owned(), ..Config::default() }).expect("plans");
        let gold = plans.iter().find(|plan| plan.name == "gold").expect("it is there");
        assert_eq!((gold.hidden, &gold.entitlements["v1_rpm"]), (true, &600.into()));
        assert_eq!(plans.len(), 5);
    }

    #[test]
    fn a_file_that_cannot_be_worked_with_is_one_clear_sentence() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("plans.json");
        let sentence = |text: &str| {
            std::fs::write(&file, text).expect("a file");
            let config = Config { plans_file: Some(file.clone()), ..Config::default() };
            read(&config).map(|plans| plans.len()).map_err(|error| error.to_string())
        };
        assert!(sentence("[").is_err_and(|s| s.contains("plans.json")));
        assert!(sentence(r#"[{"name": "gold", "titles": {"en": "Gold"}}]"#).is_err_and(|s| s.contains("default_plan")));
        assert!(sentence(r#"[{"name": "free", "title": "x"}]"#).is_err_and(|s| s.contains("title")));
        assert_eq!(sentence(r#"[{"name": "free", "titles": {"en": "Free"}}]"#), Ok(1));
    }
}
