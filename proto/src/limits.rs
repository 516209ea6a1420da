//! What limits may be set, wherever they are set.

pub use crate::pb::limits::v1::{Budget, Budgets, Limits, PerModel, Period, ResourceLimit};

/// Far beyond any real limit, and far from where arithmetic on it overflows.
pub const MAX_LIMIT: i64 = 1_000_000_000_000;
/// A thousand million units of a currency, in micro-units; in nano-units it still fits an i64.
pub const MAX_AMOUNT_MICROS: i64 = 1_000_000_000_000_000;
/// Models of one workspace that have limits of their own.
pub const MAX_MODELS: usize = 50;
/// Of a resource at once; sums of it stay far from overflowing.
pub const MAX_QUANTITY: i64 = 1_000_000_000_000_000;
/// Limits of resources of one workspace.
pub const MAX_RESOURCES: usize = 50;
/// Of a resource's name, in bytes.
const MAX_RESOURCE_NAME: usize = 64;
/// What requests use of themselves, which has limits of its own.
const USED_BY_REQUESTS: [&str; 3] = ["tokens", "cost", "requests"];
/// Of a model's name, in bytes.
const MAX_MODEL_NAME: usize = 200;

/// Where something is wrong, as the HTTP API names the place, and what must be there instead.
pub type Problem = (String, &'static str);

impl Limits {
    /// Whether nothing is limited that requests use.
    pub fn is_unlimited(&self) -> bool {
        let numbers = [self.rpm, self.tpm, self.concurrency, self.tokens_per_day, self.tokens_per_month];
        numbers.iter().all(Option::is_none) && self.budgets.is_empty()
    }

    /// What is wrong with limits that stand in the field `under`. Nothing, if they can be kept.
    pub fn problems(&self, under: &str) -> Vec<Problem> {
        let mut problems = self.of_requests(under);
        if !self.resources.is_empty() {
            let say = "can be limited for a whole workspace only: what is recorded knows no key, user or model";
            problems.push((format!("{under}.resources"), say));
        }
        problems
    }

    /// The same for a workspace as a whole.
    pub fn problems_of_workspace(&self, under: &str) -> Vec<Problem> {
        let mut problems = self.of_requests(under);
        problems.extend(of_resources(&self.resources, under));
        problems
    }

    fn of_requests(&self, under: &str) -> Vec<Problem> {
        let numbers = [
            ("rpm", self.rpm),
            ("tpm", self.tpm),
            ("concurrency", self.concurrency),
            ("tokens_per_day", self.tokens_per_day),
            ("tokens_per_month", self.tokens_per_month),
        ];
        let wrong = numbers.into_iter().filter(|(_, n)| n.is_some_and(|n| !(1..=MAX_LIMIT).contains(&n)));
        let say = "must be from 1 to 1000000000000, or left out for no limit";
        let mut problems: Vec<_> = wrong.map(|(field, _)| (format!("{under}.{field}"), say)).collect();
        problems.extend(of_budgets(&self.budgets, |at| format!("{under}.budgets[{at}]")));
        problems
    }
}

impl Budgets {
    /// What is wrong with budgets that stand in the field `budget`, where people write one of them.
    pub fn problems(&self) -> Vec<Problem> {
        of_budgets(&self.budgets, |_| "budget".to_owned())
    }
}

impl PerModel {
    /// What is wrong with limits that stand in the field `under`, by model.
    pub fn problems(&self, under: &str) -> Vec<Problem> {
        if self.models.len() > MAX_MODELS {
            return vec![(under.to_owned(), "must name at most 50 models")];
        }
        let names = self.models.keys().filter(|name| !is_model_name(name));
        let named = names.map(|_| (under.to_owned(), "must name models by 1 to 200 bytes without control characters"));
        let limits = self.models.iter().flat_map(|(name, limits)| limits.problems(&format!("{under}.{name}")));
        named.chain(limits).collect()
    }
}

fn is_model_name(name: &str) -> bool {
    (1..=MAX_MODEL_NAME).contains(&name.len()) && !name.chars().any(char::is_control)
}

fn of_resources(resources: &[ResourceLimit], under: &str) -> Vec<Problem> {
    if resources.len() > MAX_RESOURCES {
        return vec![(format!("{under}.resources"), "must be at most 50")];
    }
    let mut problems = vec![];
    for (at, limit) in resources.iter().enumerate() {
        let place = format!("{under}.resources[{at}]");
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        let name = &limit.resource;
        if !(1..=MAX_RESOURCE_NAME).contains(&name.len()) || !name.bytes().all(known) {
            let say = "must be 1 to 64 lower-case letters, digits, `.`, `_` and `-`";
            problems.push((format!("{place}.resource"), say));
        } else if USED_BY_REQUESTS.contains(&name.as_str()) {
            problems.push((format!("{place}.resource"), "is used by requests: rpm, tokens and budgets limit it"));
        }
        if !(0..=MAX_QUANTITY).contains(&limit.quantity) {
            problems.push((format!("{place}.quantity"), "must be from 0 to 1000000000000000"));
        }
        if limit.period() == Period::Unspecified {
            problems.push((format!("{place}.period"), "must be day, month or total"));
        } else if resources[..at].iter().any(|other| other.resource == *name && other.period == limit.period) {
            problems.push((format!("{place}.period"), "must be another period: there is a limit for this one"));
        }
    }
    problems
}

fn of_budgets(budgets: &[Budget], place: impl Fn(usize) -> String) -> Vec<Problem> {
    let mut problems = vec![];
    for (at, budget) in budgets.iter().enumerate() {
        let place = place(at);
        if !(1..=MAX_AMOUNT_MICROS).contains(&budget.amount_micros) {
            problems.push((format!("{place}.amount_micros"), "must be from 1 to 1000000000000000 micro-units"));
        }
        if budget.period() == Period::Unspecified {
            problems.push((format!("{place}.period"), "must be day, month or total"));
        } else if budgets[..at].iter().any(|b| b.period == budget.period) {
            problems.push((format!("{place}.period"), "must be another period: there is a budget for this one"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget { amount_micros: 5_000_000, period: Period::Month as i32, soft: false };

    fn places(problems: Vec<Problem>) -> Vec<String> {
        problems.into_iter().map(|(place, _)| place).collect()
    }

    #[test]
    fn limits_that_can_be_kept_have_no_problems() {
        let daily = Budget { period: Period::Day.into(), ..BUDGET };
        let limits =
            Limits { rpm: Some(1), tokens_per_day: Some(MAX_LIMIT), budgets: vec![BUDGET, daily], ..Limits::default() };
        assert_eq!(limits.problems("limits"), []);
        assert!(!limits.is_unlimited() && Limits { soft: true, ..Limits::default() }.is_unlimited());
    }

    #[test]
    fn every_problem_is_named_by_its_place() {
        let nothing = Budget { amount_micros: 0, ..BUDGET };
        let never = Budget { period: 9, ..BUDGET };
        let budgets = vec![nothing, BUDGET, never];
        let limits = Limits { tpm: Some(0), tokens_per_month: Some(MAX_LIMIT + 1), budgets, ..Limits::default() };
        let expected = [
            "limits.tpm",
            "limits.tokens_per_month",
            "limits.budgets[0].amount_micros",
            "limits.budgets[1].period",
            "limits.budgets[2].period",
        ];
        assert_eq!(places(limits.problems("limits")), expected);
        let budgets = Budgets { budgets: vec![Budget { amount_micros: -1, ..BUDGET }] };
        assert_eq!(places(budgets.problems()), ["budget.amount_micros"]);
    }

    #[test]
    fn resources_are_limited_for_whole_workspaces_under_names_of_their_own() {
        let limit = |resource: &str, quantity, period: Period| ResourceLimit {
            resource: resource.to_owned(),
            quantity,
            period: period.into(),
            soft: false,
        };
        let of = |resources: &[ResourceLimit]| Limits { resources: resources.to_vec(), ..Limits::default() };
        let fine = of(&[limit("tickets", 0, Period::Day), limit("tickets", 9, Period::Month)]);
        assert_eq!(fine.problems_of_workspace("limits"), []);
        assert_eq!(places(fine.problems("per_user")), ["per_user.resources"]);
        assert!(fine.is_unlimited(), "requests use nothing of it");
        let wrong = of(&[
            limit("Tickets", 1, Period::Day),
            limit("tokens", -1, Period::Day),
            limit("seats", 1, Period::Unspecified),
            limit("seats", 1, Period::Day),
            limit("seats", 2, Period::Day),
        ]);
        let expected = ["[0].resource", "[1].resource", "[1].quantity", "[2].period", "[4].period"];
        assert_eq!(places(wrong.problems_of_workspace("limits")), expected.map(|at| format!("limits.resources{at}")));
    }

    #[test]
    fn models_have_names_and_there_are_not_too_many_of_them() {
        let wrong = Limits { rpm: Some(0), ..Limits::default() };
        let models =
            |names: &[&str]| PerModel { models: names.iter().map(|n| ((*n).to_owned(), wrong.clone())).collect() };
        assert_eq!(places(models(&["gpt"]).problems("per_model")), ["per_model.gpt.rpm"]);
        assert_eq!(places(models(&["a\nb"]).problems("per_model"))[0], "per_model");
        let many = (0..=MAX_MODELS).map(|n| (n.to_string(), Limits::default())).collect();
        assert_eq!(places(PerModel { models: many }.problems("per_model")), ["per_model"]);
    }
}
