use super::*;
use crate::domain::{
    brief::{Brief, Constraint, ConstraintKind, Fact, Source},
    locale::Locale,
    opinion::Stance,
};
use limits::broken;
use proptest::prelude::*;

fn recommendation(id: &str, lever: &str, direction: Direction, cost: Option<(f64, f64)>) -> Recommendation {
    Recommendation {
        id: id.into(),
        topic: lever.into(),
        lever: lever.into(),
        direction,
        cost: cost.map(|(low, high)| Range { low, high }),
        start_day: 0,
        end_day: 30,
        owner: "CFO".into(),
        depends_on: vec![],
        effects: vec![],
        reversibility: Reversibility::TwoWay,
        priority: Priority::Should,
        statement: format!("says {id}"),
    }
}

fn opinion(role: Role, recommendations: Vec<Recommendation>) -> Opinion {
    Opinion {
        role,
        stance: Stance::Support,
        headline: String::new(),
        claims: vec![],
        recommendations,
        assumptions: vec![],
        risks: vec![],
        unknowns: vec![],
        confidence: 0.7,
    }
}

#[test]
fn what_several_propose_is_one_choice_with_the_medians() {
    let mut first = recommendation("analyst.r1", "pricing", Direction::Increase, Some((10.0, 30.0)));
    first.depends_on = vec!["pilot".into(), "pricing".into()];
    first.effects = vec![Effect { metric: "arpu".into(), low: 5.0, high: 1.0, horizon_days: 60 }];
    let mut second = recommendation("market.r1", "pricing", Direction::Increase, Some((20.0, 20.0)));
    (second.start_day, second.end_day, second.owner) = (30, 61, "CMO".into());
    second.reversibility = Reversibility::OneWay;
    second.priority = Priority::Must;
    second.effects = vec![Effect { metric: "arpu".into(), low: 3.0, high: 9.0, horizon_days: 30 }];
    let mut never = recommendation("financial.r1", "pricing", Direction::Increase, None);
    never.priority = Priority::Wont;
    let other = recommendation("market.r2", "discounts", Direction::Stop, None);
    let pooled = pool(&[
        opinion(Role::Market, vec![second, other]),
        opinion(Role::Analyst, vec![first]),
        opinion(Role::Financial, vec![never]),
    ]);
    assert_eq!(
        pooled.iter().map(|c| (&*c.id, &*c.lever)).collect::<Vec<_>>(),
        [("o1", "discounts"), ("o2", "pricing")]
    );
    let pricing = &pooled[1];
    assert_eq!(pricing.recommendations, ["analyst.r1", "market.r1"]);
    assert_eq!(pricing.proposers, [Role::Analyst, Role::Market]);
    assert_eq!(pricing.cost, Some(Range { low: 15.0, high: 25.0 }));
    assert_eq!((pricing.start_day, pricing.end_day, &*pricing.owner), (15, 45, "CFO"));
    assert_eq!((pricing.reversibility, pricing.priority), (Reversibility::OneWay, Priority::Must));
    assert_eq!((pricing.depends_on.join(","), &*pricing.statement), ("pilot".into(), "says analyst.r1"));
    assert_eq!(pricing.effects, [Effect { metric: "arpu".into(), low: 2.0, high: 7.0, horizon_days: 45 }]);
    assert!(pool(&[]).is_empty());
}

#[test]
fn numbers_that_are_none_do_not_get_in() {
    let broken = recommendation("analyst.r1", "pricing", Direction::Keep, Some((f64::NAN, 3.0)));
    let negative = recommendation("analyst.r2", "pilot", Direction::Start, Some((-5.0, -1.0)));
    let pooled = pool(&[opinion(Role::Analyst, vec![broken, negative])]);
    assert_eq!(pooled[0].cost, Some(Range { low: 0.0, high: 0.0 }));
    assert_eq!(pooled[1].cost, None);
}

fn limited(kind: ConstraintKind, key: &str, value: f64) -> Brief {
    let fact = |(key, value, unit): (&str, f64, &str)| Fact {
        key: key.into(),
        value,
        unit: unit.into(),
        period: None,
        source: Source::Given,
        quote: None,
    };
    Brief {
        problem_description: String::new(),
        business_type: String::new(),
        facts: [("cash", 100.0, "thousand"), ("churn", 0.05, "fraction")].map(fact).into(),
        constraints: vec![Constraint { kind, key: Some(key.into()), value: Some(value), text: String::new() }],
        horizon_days: 90,
        currency: "BRL".into(),
        locale: Locale::En,
        unknown: vec![],
    }
}

#[test]
fn a_limit_of_a_metric_is_broken_by_what_makes_it_worse() {
    let with = |metric: &str, by: f64, cost: f64| {
        let mut made = recommendation("analyst.r1", "pilot", Direction::Start, Some((cost, cost)));
        made.effects = vec![Effect { metric: metric.into(), low: by, high: by, horizon_days: 30 }];
        made
    };
    let churn = |most: f64, by: f64| {
        broken(&limited(ConstraintKind::MetricMax, "churn", most), &(&with("churn", by, 0.0)).into())
    };
    assert_eq!(churn(6.0, 1.5), ["metric_max:churn:6"]);
    assert_eq!(churn(6.0, 1.0), [""; 0]);
    assert_eq!(churn(3.0, -1.0), [""; 0], "it is too high, but not for this");
    let cash = |least: f64, by: f64, cost: f64| {
        broken(&limited(ConstraintKind::MetricMin, "cash", least), &(&with("cash", by, cost)).into())
    };
    assert_eq!(cash(80_000.0, 0.0, 20_001.0), ["metric_min:cash:80000"], "what is spent is not there any more");
    assert_eq!(cash(80_000.0, 5_000.0, 20_001.0), [""; 0]);
    assert_eq!(cash(200_000.0, 5_000.0, 0.0), [""; 0]);
    assert_eq!(broken(&limited(ConstraintKind::MetricMin, "x_any", 9.0), &(&with("x_any", -1.0, 0.0)).into()), [""; 0]);
}

proptest! {
    #[test]
    fn the_order_of_the_agents_does_not_matter(costs in proptest::collection::vec((0usize..3, 0.0f64..1e6), 1..12), by in 0usize..6) {
        let levers = ["pricing", "pilot", "training"];
        let mut opinions: Vec<Opinion> = Role::ALL.into_iter().take(6).map(|role| opinion(role, vec![])).collect();
        for (n, (lever, cost)) in costs.iter().enumerate() {
            let role = opinions[n % 6].role;
            let made = recommendation(&format!("{role}.r{n}"), levers[*lever], Direction::Start, Some((*cost, cost * 2.0)));
            opinions[n % 6].recommendations.push(made);
        }
        let before = pool(&opinions);
        opinions.rotate_left(by);
        opinions.reverse();
        prop_assert_eq!(&pool(&opinions), &before);
        let within = |c: &Choice| c.cost.is_some_and(|r| r.low <= r.high && costs.iter().any(|(_, low)| r.low >= *low));
        prop_assert!(before.iter().all(within));
    }
}
