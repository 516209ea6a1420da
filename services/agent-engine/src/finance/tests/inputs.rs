use super::{
    sample::{brief, decision},
    scenarios,
};
use crate::domain::{
    brief::{Brief, Source},
    depth::Depth,
    finance::Input,
    meeting::{Decision, Outcome},
    opinion::{Assumption, Claim, ClaimKind, Interval, Opinion, Stance},
    role::Role,
};

fn assuming(role: Role, key: &str, value: f64) -> Opinion {
    let assumption = Assumption { key: key.into(), value, unit: "percent".into(), statement: String::new() };
    Opinion {
        role,
        stance: Stance::Support,
        headline: String::new(),
        claims: vec![],
        recommendations: vec![],
        assumptions: vec![assumption],
        risks: vec![],
        unknowns: vec![],
        confidence: 0.5,
    }
}

fn inputs(brief: &Brief, opinions: &[Opinion], decisions: &[Decision]) -> Vec<(String, f64, String)> {
    let made = scenarios(brief, opinions, &[], decisions, Depth::Quick).expect("numbers are known");
    made.inputs.into_iter().map(|Input { key, value, source }| (key, value, source)).collect()
}

fn of(all: &[(String, f64, String)], key: &str) -> (f64, String) {
    all.iter().find(|(own, _, _)| own == key).map(|(_, value, source)| (*value, source.clone())).expect("an input")
}

#[test]
fn facts_come_before_what_was_agreed_and_that_before_what_was_assumed() {
    let mut brief = brief(&[("revenue", 1_000.0), ("fixed_costs", 100.0), ("churn", 4.0)], 90);
    let opinions = [(Role::Market, 8.0), (Role::Analyst, 6.0), (Role::Financial, 20.0)]
        .map(|(role, v)| assuming(role, "churn", v));
    let agreed = [decision("churn", Outcome::Agreed, Some(5.0)), decision("churn@d90", Outcome::Agreed, Some(1.0))];
    assert_eq!(of(&inputs(&brief, &opinions, &agreed), "churn"), (4.0, "fact".into()));
    brief.facts[2].source = Source::Assumed;
    assert_eq!(of(&inputs(&brief, &opinions, &agreed), "churn"), (5.0, "agreed".into()));
    assert_eq!(of(&inputs(&brief, &opinions, &[]), "churn"), (4.0, "assumed".into()));
    brief.facts.pop();
    assert_eq!(of(&inputs(&brief, &opinions, &[]), "churn"), (8.0, "assumed".into()), "the median");
    let all = inputs(&brief, &[], &[]);
    assert_eq!(of(&all, "discount_rate"), (15.0, "default".into()));
    assert_eq!(of(&all, "gross_margin"), (50.0, "default".into()));
    assert_eq!(of(&all, "revenue_growth"), (0.0, "default".into()));
}

#[test]
fn what_will_be_is_not_what_is() {
    let brief = brief(&[("revenue", 1_000.0)], 90);
    let mut opinion = assuming(Role::Market, "x_other", 1.0);
    let claim = Claim {
        id: "market.c1".into(),
        kind: ClaimKind::Forecast,
        topic: "churn".into(),
        metric: Some("churn".into()),
        value: Some(Interval { low: 2.0, point: 3.0, high: 4.0 }),
        unit: None,
        period: Some("d90".into()),
        trend: None,
        statement: String::new(),
        evidence: vec![],
        confidence: 0.9,
    };
    opinion.claims = vec![claim];
    let has_churn = |opinion: &Opinion| {
        let all = inputs(&brief, std::slice::from_ref(opinion), &[]);
        all.iter().any(|(key, value, _)| key == "churn" && *value == 3.0)
    };
    assert!(!has_churn(&opinion));
    opinion.claims[0].period = Some("now".into());
    assert!(has_churn(&opinion));
}

#[test]
fn costs_are_derived_from_what_there_is() {
    let costs = |facts: &[(&str, f64)]| {
        let all = inputs(&brief(facts, 90), &[], &[]);
        (of(&all, "gross_margin"), of(&all, "fixed_costs").0)
    };
    let (fact, default) = (|value| (value, "fact".to_owned()), |value| (value, "default".to_owned()));
    assert_eq!(costs(&[("revenue", 1e3), ("gross_margin", 60.0), ("burn", 100.0)]), (fact(60.0), 700.0));
    assert_eq!(costs(&[("revenue", 1e3), ("gross_margin", 60.0), ("net_income", 100.0)]), (fact(60.0), 500.0));
    assert_eq!(costs(&[("revenue", 1e3), ("gross_margin", 60.0), ("operating_costs", 900.0)]), (fact(60.0), 500.0));
    assert_eq!(costs(&[("revenue", 1e3), ("gross_margin", 60.0), ("operating_costs", 300.0)]), (fact(60.0), 300.0));
    assert_eq!(costs(&[("revenue", 1e3), ("gross_margin", 60.0), ("net_income", 800.0)]), (fact(80.0), 0.0));
    assert_eq!(costs(&[("revenue", 1e3), ("fixed_costs", 500.0), ("net_income", 100.0)]), (fact(60.0), 500.0));
    assert_eq!(costs(&[("revenue", 1e3), ("net_income", 100.0)]), (default(50.0), 400.0));
    assert_eq!(costs(&[("revenue", 1e3), ("net_income", 800.0)]), (default(80.0), 0.0));
    assert_eq!(costs(&[("revenue", 1e3), ("fixed_costs", 300.0)]), (default(50.0), 300.0));
    assert_eq!(costs(&[("revenue", 1e3), ("gross_margin", 60.0)]), (fact(60.0), 600.0));
    assert_eq!(costs(&[("burn", 300.0)]), (default(50.0), 300.0));
    assert_eq!(costs(&[("operating_costs", 300.0)]), (default(50.0), 300.0));
}

#[test]
fn of_three_numbers_that_cannot_all_be_right_the_least_sure_is_left_out() {
    let mut known = brief(&[("revenue", 1e3), ("gross_margin", 60.0), ("fixed_costs", 500.0), ("burn", 300.0)], 90);
    let costs = |brief: &Brief| {
        let all = inputs(brief, &[], &[]);
        (of(&all, "gross_margin").0, of(&all, "fixed_costs").0)
    };
    assert_eq!(costs(&known), (60.0, 500.0));
    known.facts[2].source = Source::Assumed;
    assert_eq!(costs(&known), (60.0, 900.0));
    known.facts[2].source = Source::Given;
    known.facts[1].source = Source::Assumed;
    assert_eq!(costs(&known), (20.0, 500.0));
}

#[test]
fn customers_times_what_each_brings_is_revenue() {
    let all = inputs(&brief(&[("customers", 20.0), ("arpu", 50.0)], 90), &[], &[]);
    assert_eq!(of(&all, "revenue"), (1_000.0, "fact".into()));
    let all = inputs(&brief(&[("revenue", 1_000.0), ("arpu", 50.0)], 90), &[], &[]);
    assert_eq!(of(&all, "customers"), (20.0, "fact".into()));
    let keys: Vec<_> = all.iter().map(|(key, _, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        ["revenue", "revenue_growth", "gross_margin", "fixed_costs", "customers", "arpu", "discount_rate"]
    );
}
