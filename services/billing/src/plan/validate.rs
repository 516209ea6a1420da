//! What may a plan be? Every fault is named at once, by its place.

use super::{
    Document,
    document::{Cost, Terms},
};
use crate::{
    Error,
    money::{Interval, MAX_AMOUNT, Rate, is_currency},
};
use proto::{Reason, entitlement};
use std::collections::BTreeSet;

const MAX_PLANS: usize = 100;
const MAX_ENTITLEMENTS: usize = 200;
/// How many of a plan can be subscribed to at most.
pub(crate) const MAX_QUANTITY: i64 = 100_000;

/// Errors: [`Error::Refused`].
pub(super) fn check(plans: &[Document]) -> Result<(), Error> {
    let mut problems = Vec::new();
    if plans.len() > MAX_PLANS {
        problems.push(("plans".to_owned(), format!("must be at most {MAX_PLANS}")));
    }
    let mut names = BTreeSet::new();
    for (n, plan) in plans.iter().enumerate() {
        if !names.insert(&plan.name) {
            problems.push((format!("plans[{n}].name"), "is there twice".to_owned()));
        }
        for (field, problem) in of_plan(plan) {
            problems.push((format!("plans[{n}].{field}"), problem));
        }
    }
    let Some((field, problem)) = problems.first() else { return Ok(()) };
    let failure = Reason::RefusedValue.with(format!("{field} {problem}"));
    Err(Error::Refused(problems.into_iter().fold(failure, |failure, (field, problem)| failure.field(field, problem))))
}

fn of_plan(plan: &Document) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let mut refuse = |field: &str, problem: &str| problems.push((field.to_owned(), problem.to_owned()));
    if !is_name(&plan.name, 32) {
        refuse("name", "must be 1 to 32 lower-case letters, digits, - and _");
    }
    if !plan.titles.contains_key("en") || plan.titles.len() > 20 || !plan.titles.values().all(|text| is_title(text)) {
        refuse("titles", "must have one in en, and each must be 1 to 100 characters");
    }
    if !(0..=730).contains(&plan.trial_days) {
        refuse("trial_days", "must be 0 to 730");
    }
    let mut seen = BTreeSet::new();
    for (n, price) in plan.prices.iter().enumerate() {
        let again = !seen.insert((&price.currency, &price.interval));
        for problem in
            of_price(price).into_iter().chain(again.then_some("is there twice for this currency and interval"))
        {
            refuse(&format!("prices[{n}]"), problem);
        }
    }
    for problem in plan.usage.iter().filter_map(of_usage) {
        refuse("usage", problem);
    }
    if plan.max_quantity.is_some_and(|most| !(1..=MAX_QUANTITY).contains(&most)) {
        refuse("max_quantity", "must be 1 to 100000");
    }
    for key in &plan.scaled_entitlements {
        if let Some(problem) = of_scaled(plan, key) {
            refuse(&format!("scaled_entitlements.{key}"), problem);
        }
    }
    if plan.usage.is_none() && plan.entitlements.get("usage_prepaid") == Some(&serde_json::Value::Bool(true)) {
        refuse("usage", "must be there where usage is prepaid: it says what is taken off the credits");
    }
    let is_prepaid = plan.entitlements.get("usage_prepaid") == Some(&serde_json::Value::Bool(true));
    if is_prepaid && plan.usage.as_ref().is_some_and(|terms| terms.included.values().any(|amount| *amount > 0)) {
        refuse("usage.included", "must be empty where usage is prepaid: give the amount as credits");
    }
    if plan.entitlements.len() > MAX_ENTITLEMENTS {
        refuse("entitlements", "must be at most 200");
    }
    for (key, value) in &plan.entitlements {
        if let Some(problem) = of_entitlement(key, value) {
            refuse(&format!("entitlements.{key}"), problem);
        }
    }
    problems
}

/// Whoever counts at admission knows plans, and not how many of one a workspace has.
fn of_scaled(plan: &Document, key: &str) -> Option<&'static str> {
    let Some(value) = plan.entitlements.get(key) else { return Some("is no entitlement of the plan") };
    if plan.max_quantity.is_none_or(|most| most < 2) {
        return Some("multiplies with nothing: the plan has no max_quantity above 1");
    }
    if entitlement::meaning(key).is_some() {
        return Some("is counted at admission, where it is the same for every quantity");
    }
    (!value.is_number() && value != entitlement::UNLIMITED).then_some("must be a number or \"unlimited\"")
}

fn of_usage(terms: &Terms) -> Option<&'static str> {
    if Rate::markup(&terms.markup_percent).is_none() {
        return Some("must have a markup_percent of 0 to 1000 with at most four decimals, such as 20");
    }
    let is_known = |(currency, amount): (&String, &i64)| is_currency(currency) && (0..=MAX_AMOUNT).contains(amount);
    (!terms.included.iter().all(is_known))
        .then_some("must have included amounts of 0 to 1000000000000 by ISO 4217 currency")
}

fn of_price(price: &Cost) -> Vec<&'static str> {
    let code = is_currency(&price.currency);
    let amount = (0..=MAX_AMOUNT).contains(&price.unit_amount);
    [
        (!code).then_some("must have an ISO 4217 currency code in capital letters"),
        Interval::parse(&price.interval).is_none().then_some("must be for a month or a year"),
        (!amount).then_some("must have a unit_amount of 0 to 1000000000000"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_entitlement(key: &str, value: &serde_json::Value) -> Option<&'static str> {
    if !is_name(key, 64) {
        return Some("must be called by 1 to 64 lower-case letters, digits, - and _");
    }
    match value {
        serde_json::Value::Number(number) if number.as_i64().is_some_and(|limit| limit < 0) => {
            Some("must be at least 0")
        }
        serde_json::Value::String(text) if text.is_empty() || text.len() > 64 => Some("must be 1 to 64 characters"),
        value => match entitlement::read(value) {
            None => Some("must be a number, \"unlimited\", true, false or a text"),
            Some(value) => entitlement::problem(key, &value),
        },
    }
}

/// What people may read.
pub(crate) fn is_title(text: &str) -> bool {
    (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// How things are called that programs name.
pub(crate) fn is_name(text: &str, longest: usize) -> bool {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    (1..=longest).contains(&text.len()) && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(plans: serde_json::Value) -> Vec<String> {
        let plans: Vec<Document> = serde_json::from_value(plans).expect("plans");
        match check(&plans) {
            Ok(()) => vec![],
            Err(Error::Refused(failure)) => failure.fields.into_iter().map(|(field, _)| field).collect(),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn all_faults_are_named_at_once_by_their_place() {
        let price =
            |currency: &str, amount: i64| json!({"currency": currency, "interval": "month", "unit_amount": amount});
        let plans = json!([
            {"name": "Gold", "titles": {"pt-BR": "Ouro"}, "trial_days": -1},
            {"name": "a", "titles": {"en": "A"}, "prices": [price("usd", 1), price("BRL", -1), price("BRL", 2)],
             "entitlements": {"Big": 1, "storage_gb": -1, "v1_rpm": 0, "x": null, "y": "unlimited", "z": true}},
            {"name": "a", "titles": {"en": "A"}},
        ]);
        assert_eq!(
            refused(plans),
            [
                "plans[0].name",
                "plans[0].titles",
                "plans[0].trial_days",
                "plans[1].prices[0]",
                "plans[1].prices[1]",
                "plans[1].prices[2]",
                "plans[1].entitlements.Big",
                "plans[1].entitlements.storage_gb",
                "plans[1].entitlements.v1_rpm",
                "plans[1].entitlements.x",
                "plans[2].name"
            ]
        );
        assert!(refused(json!([{"name": "a", "titles": {"en": "A"}}])).is_empty());
        let prepaid = json!([{"name": "a", "titles": {"en": "A"}, "entitlements": {"usage_prepaid": true}}]);
        assert_eq!(refused(prepaid), ["plans[0].usage"]);
        let seats = |most: i64, keys: serde_json::Value| {
            let table = json!({"team_members": 1, "v1_rpm": 10, "sla": "4h"});
            refused(json!([{"name": "a", "titles": {"en": "A"}, "max_quantity": most, "entitlements": table,
                "scaled_entitlements": keys}]))
        };
        assert!(seats(50, json!(["team_members"])).is_empty());
        assert_eq!(seats(0, json!([])), ["plans[0].max_quantity"]);
        assert_eq!(seats(1, json!(["team_members"])), ["plans[0].scaled_entitlements.team_members"]);
        let wrong = ["sla", "v1_rpm", "x"].map(|key| format!("plans[0].scaled_entitlements.{key}"));
        assert_eq!(seats(50, json!(["v1_rpm", "sla", "x"])), wrong);
    }
}
