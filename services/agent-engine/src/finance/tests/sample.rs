use crate::domain::{
    ballot::Choice,
    brief::{Brief, Fact, Source},
    locale::Locale,
    meeting::{Decision, Method, Outcome},
    opinion::{Direction, Effect, Interval, Priority, Range, Reversibility},
    registry,
};
use proptest::prelude::*;

/// A company of which these numbers are known, in units of the registry.
pub(super) fn brief(facts: &[(&str, f64)], horizon_days: u32) -> Brief {
    let fact = |(key, value): &(&str, f64)| {
        let metric = registry::metric(key).expect("known");
        let (unit, period) = (metric.unit.clone(), metric.period.clone());
        Fact { key: (*key).to_owned(), value: *value, unit, period, source: Source::Given, quote: None }
    };
    Brief {
        problem_description: String::new(),
        business_type: String::new(),
        facts: facts.iter().map(fact).collect(),
        constraints: vec![],
        horizon_days,
        currency: "BRL".into(),
        locale: Locale::En,
        unknown: vec![],
    }
}

pub(super) fn company() -> impl Strategy<Value = Brief> {
    let numbers =
        (1e4f64..1e6, 10.0f64..80.0, 1e3f64..5e5, 1e4f64..2e6, 1.0f64..20.0, 10.0f64..5e3, 0.0f64..200.0, 1u32..1_300);
    numbers.prop_map(|(revenue, margin, fixed, cash, churn, customers, fresh, days)| {
        let facts = [
            ("revenue", revenue),
            ("gross_margin", margin),
            ("fixed_costs", fixed),
            ("cash", cash),
            ("churn", churn),
            ("customers", customers),
            ("new_customers", fresh),
        ];
        brief(&facts, days)
    })
}

pub(super) fn choice(n: usize, cost: f64, start_day: u32, end_day: u32) -> Choice {
    Choice {
        id: format!("o{n}"),
        lever: "retention_program".into(),
        direction: Direction::Start,
        recommendations: vec![],
        proposers: vec![],
        cost: (cost > 0.0).then_some(Range { low: cost * 0.5, high: cost * 1.5 }),
        start_day,
        end_day,
        owner: String::new(),
        depends_on: vec![],
        effects: vec![],
        reversibility: Reversibility::TwoWay,
        priority: Priority::Should,
        statement: String::new(),
    }
}

pub(super) fn effect(metric: &str, low: f64, high: f64, horizon_days: u32) -> Effect {
    Effect { metric: metric.to_owned(), low, high, horizon_days }
}

/// At once, and exactly so much.
pub(super) fn with(mut choice: Choice, metric: &str, by: f64) -> Choice {
    choice.effects.push(effect(metric, by, by, 0));
    choice
}

pub(super) fn adopted(choices: &[Choice]) -> Vec<Decision> {
    choices.iter().map(|choice| decision(&choice.id, Outcome::Adopted, None)).collect()
}

pub(super) fn decision(topic: &str, outcome: Outcome, value: Option<f64>) -> Decision {
    Decision {
        topic: topic.to_owned(),
        outcome,
        method: Method::Approval,
        value: value.map(|value| Interval { low: value, point: value, high: value }),
        votes_for: 1.0,
        votes_against: 0.0,
        margin: 1.0,
        conditions: vec![],
        confidence: 1.0,
        conformity_flag: false,
    }
}
