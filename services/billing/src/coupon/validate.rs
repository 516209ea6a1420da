//! What may a coupon be? Every fault is named at once.

use super::document::Document;
use crate::{
    Error,
    money::{MAX_AMOUNT, Rate, is_currency},
    plan::{is_name, is_title},
};
use proto::Reason;

const MAX_REDEMPTIONS: i64 = 1_000_000_000;

/// Errors: [`Error::Refused`].
pub(super) fn check(coupon: &Document) -> Result<(), Error> {
    let problems = [
        (!is_name(&coupon.id, 40)).then_some(("id", "must be 1 to 40 lower-case letters, digits, - and _")),
        (!coupon.titles.contains_key("en") || coupon.titles.len() > 20 || !coupon.titles.values().all(|t| is_title(t)))
            .then_some(("titles", "must have one in en, and each must be 1 to 100 characters")),
        off(coupon),
        duration(coupon),
        coupon
            .max_redemptions
            .filter(|most| !(1..=MAX_REDEMPTIONS).contains(most))
            .map(|_| ("max_redemptions", "must be 1 to 1000000000, or be left out")),
        (coupon.plans.len() > 100 || !coupon.plans.iter().all(|name| is_name(name, 32)))
            .then_some(("plans", "must be names of plans, at most 100")),
    ];
    let problems: Vec<_> = problems.into_iter().flatten().collect();
    let Some((field, problem)) = problems.first() else { return Ok(()) };
    let failure = Reason::RefusedValue.with(format!("{field} {problem}"));
    Err(Error::Refused(problems.into_iter().fold(failure, |failure, (field, problem)| failure.field(field, problem))))
}

fn off(coupon: &Document) -> Option<(&'static str, &'static str)> {
    match (&coupon.percent_off, coupon.amount_off, &coupon.currency) {
        (Some(text), None, None) => Rate::parse(text)
            .is_none_or(Rate::is_nothing)
            .then_some(("percent_off", "must be above 0 and at most 100, with at most four decimals, such as 12.5")),
        (None, Some(amount), Some(currency)) if is_currency(currency) => (!(1..=MAX_AMOUNT).contains(&amount))
            .then_some(("amount_off", "must be 1 to 1000000000000, in the smallest unit of the currency")),
        (None, Some(_), _) => Some(("currency", "must be an ISO 4217 code in capital letters, such as BRL")),
        (None, None, _) => {
            Some(("percent_off", "is missing: a coupon has percent_off, or amount_off with its currency"))
        }
        (Some(_), Some(_), _) => Some(("amount_off", "must be left out where there is a percent_off")),
        (Some(_), None, Some(_)) => Some(("currency", "belongs to an amount_off")),
    }
}

fn duration(coupon: &Document) -> Option<(&'static str, &'static str)> {
    match (coupon.duration.as_str(), coupon.duration_in_months) {
        ("once" | "forever", None) => None,
        ("repeating", Some(months)) if (1..=120).contains(&months) => None,
        ("once" | "forever", Some(_)) => Some(("duration_in_months", "belongs to the duration repeating")),
        ("repeating", _) => Some(("duration_in_months", "must be 1 to 120")),
        _ => Some(("duration", "must be once, repeating or forever")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn refused(change: Value) -> Vec<String> {
        let mut coupon = json!({"id": "launch", "titles": {"en": "Launch"}, "percent_off": "20", "duration": "once"});
        for (key, value) in change.as_object().expect("an object") {
            coupon[key] = value.clone();
        }
        match check(&serde_json::from_value(coupon).expect("a coupon")) {
            Ok(()) => vec![],
            Err(Error::Refused(failure)) => failure.fields.into_iter().map(|(field, _)| field).collect(),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn one_kind_of_discount_for_a_time_that_makes_sense() {
        let amount = json!({"percent_off": null, "amount_off": 500, "currency": "BRL"});
        for good in
            [json!({}), amount, json!({"duration": "repeating", "duration_in_months": 3, "percent_off": "0.0001"})]
        {
            assert_eq!(refused(good.clone()), Vec::<String>::new(), "{good}");
        }
        for (field, bad) in [
            ("id", json!({"id": "Launch"})),
            ("titles", json!({"titles": {"pt-BR": "x"}})),
            ("percent_off", json!({"percent_off": "0"})),
            ("percent_off", json!({"percent_off": "100.1"})),
            ("percent_off", json!({"percent_off": null})),
            ("amount_off", json!({"amount_off": 1})),
            ("amount_off", json!({"percent_off": null, "amount_off": -1, "currency": "BRL"})),
            ("currency", json!({"percent_off": null, "amount_off": 1})),
            ("currency", json!({"currency": "BRL"})),
            ("duration", json!({"duration": "always"})),
            ("duration_in_months", json!({"duration": "repeating"})),
            ("duration_in_months", json!({"duration": "repeating", "duration_in_months": 121})),
            ("duration_in_months", json!({"duration_in_months": 1})),
            ("max_redemptions", json!({"max_redemptions": -1})),
            ("plans", json!({"plans": ["Pro"]})),
        ] {
            assert_eq!(refused(bad.clone()), [field], "{bad}");
        }
        assert_eq!(refused(json!({"id": "", "duration": "", "percent_off": "x"})), ["id", "percent_off", "duration"]);
    }
}
