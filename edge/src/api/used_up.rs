//! What does a client get to read that has used up what its plan allows?

use proto::Failure;
use serde_json::{Map, Value};

/// The members of the contract, beside those of every limit: `error`, `plan`, `<resource>_used`, `<resource>_limit` and
/// `upgrade_url`. What a route has said already stays.
pub(super) fn complete(facts: &mut Map<String, Value>, failure: &Failure, plans_url: &str) {
    let is_of_plan = failure.reason.http() == 402 && failure.get("layer") == Some("plan");
    let Some(resource) = failure.get("resource").filter(|_| is_of_plan) else { return };
    for number in ["used", "limit"] {
        if let Some(value) = facts.get(number).cloned() {
            facts.entry(format!("{resource}_{number}")).or_insert(value);
        }
    }
    facts.entry("error").or_insert_with(|| failure.message.as_str().into());
    facts.entry("upgrade_url").or_insert_with(|| plans_url.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::Reason;

    fn completed(failure: &Failure) -> Map<String, Value> {
        let mut facts = crate::facts::of(failure);
        complete(&mut facts, failure, "https://a.example/plans");
        facts
    }

    #[test]
    fn a_limit_of_the_plan_has_the_members_of_the_contract() {
        let limit = Reason::QuotaExceeded.with("used up").fact("layer", "plan").fact("plan", "free");
        let limit = limit.fact("resource", "tickets").fact("limit", 15).fact("used", 15);
        let facts = completed(&limit);
        for (name, value) in [
            ("error", Value::from("used up")),
            ("plan", "free".into()),
            ("tickets_used", 15.into()),
            ("tickets_limit", 15.into()),
            ("upgrade_url", "https://a.example/plans".into()),
        ] {
            assert_eq!(facts.get(name), Some(&value), "{name}");
        }
        let said = completed(&limit.clone().fact("error", "Limite atingido"));
        assert_eq!(said["error"], "Limite atingido");
    }

    #[test]
    fn no_other_failure_has_them() {
        let own =
            Reason::QuotaExceeded.with("x").fact("layer", "workspace").fact("resource", "tickets").fact("used", 1);
        let rate = Reason::RateLimited.with("x").fact("layer", "plan").fact("resource", "requests").fact("used", 1);
        for failure in [own, rate] {
            assert!(!completed(&failure).contains_key("upgrade_url"), "{failure:?}");
        }
    }
}
