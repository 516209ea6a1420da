use super::{around, saying, some_claim};
use crate::{
    conflict::{detect, planted::scenario},
    domain::{
        brief::{Constraint, ConstraintKind, Fact, Source},
        conflict::{Kind, Severity, Status},
        locale::Locale,
        opinion::{
            ClaimKind, Direction, EvidenceKind, Interval, Priority, Range, Recommendation, Reversibility, Stance,
        },
        role::Role,
    },
};

#[test]
fn a_mismatch_says_who_said_what() {
    let (brief, claim) = some_claim();
    let opinions = [
        saying(Role::Market, &claim, "churn", around(8.0, 0.0)),
        saying(Role::Analyst, &claim, "churn", around(3.0, 0.1)),
        saying(Role::Financial, &claim, "churn", around(3.5, 0.1)),
    ];
    let found = detect(&brief, &opinions);
    assert_eq!(found.len(), 1, "one conflict of a metric, however many disagree: {found:?}");
    let one = &found[0];
    assert_eq!((&*one.id, one.kind, &*one.topic), ("k1", Kind::MetricMismatch, "churn"));
    assert_eq!(one.parties, ["analyst.c1", "financial.c1", "market.c1"]);
    assert_eq!((&*one.detector, one.status, one.quotes.len()), ("rule:metric_mismatch", Status::Open, 3));
    // 5 of 8 apart, 0.8 sure, weight 1, and it can be taken back.
    assert_eq!((one.score, one.severity), (0.35, Severity::Medium));
}

#[test]
fn a_currency_that_is_not_that_of_the_brief_is_compared_with_itself_only() {
    let (brief, claim) = some_claim();
    let kinds = |units: [&str; 2], values: [f64; 2]| {
        let mut opinions =
            [Role::Analyst, Role::Market].map(|role| saying(role, &claim, "cash", around(values[0], 0.0)));
        for ((opinion, unit), value) in opinions.iter_mut().zip(units).zip(values) {
            opinion.claims[0].unit = Some(unit.to_owned());
            opinion.claims[0].value = Some(around(value, 0.0));
        }
        detect(&brief, &opinions).into_iter().map(|conflict| conflict.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(["USD", "USD"], [100.0, 100.0]), []);
    assert_eq!(kinds(["USD", "USD"], [100.0, 300.0]), [Kind::MetricMismatch]);
    assert_eq!(kinds(["USD", "BRL"], [100.0, 100.0]), [Kind::Incomparable]);
    assert_eq!(kinds(["USD", "EUR"], [100.0, 100.0]), [Kind::Incomparable]);
}

#[test]
fn the_same_day_in_other_words_is_the_same_day() {
    let (brief, claim) = some_claim();
    let found = |periods: [Option<&str>; 2], kind| {
        let mut opinions = [Role::Analyst, Role::Market].map(|role| saying(role, &claim, "cash", around(100.0, 0.0)));
        opinions[1].claims[0].value = Some(around(300.0, 0.0));
        for (opinion, period) in opinions.iter_mut().zip(periods) {
            (opinion.claims[0].kind, opinion.claims[0].period) = (kind, period.map(str::to_owned));
        }
        detect(&brief, &opinions).len()
    };
    assert_eq!(found([Some("year"), Some("d360")], ClaimKind::Forecast), 1);
    assert_eq!(found([Some("d92"), Some("quarter")], ClaimKind::Forecast), 1);
    assert_eq!(found([Some("d30"), Some("d90")], ClaimKind::Forecast), 0);
    assert_eq!(found([None, Some("now")], ClaimKind::Metric), 1);
    assert_eq!(found([None, Some("next spring")], ClaimKind::Metric), 0, "nobody knows when that is");
}

#[test]
fn numbers_that_are_none_are_errors_and_nothing_else() {
    let (brief, claim) = some_claim();
    let bad = Interval { low: f64::NEG_INFINITY, point: f64::NAN, high: 1.0 };
    let opinions = [saying(Role::Analyst, &claim, "cash", bad), saying(Role::Market, &claim, "cash", around(5.0, 0.0))];
    let found = detect(&brief, &opinions);
    assert_eq!(
        found.iter().map(|c| (c.kind, c.parties.join(" "))).collect::<Vec<_>>(),
        [(Kind::ArithmeticError, "analyst.c1".into())]
    );
    assert!(detect(&brief, &[]).is_empty());
}

/// What two agents propose for the same lever, the first of them for good.
fn about_headcount(roles: [Role; 2], own: Direction, by: (Direction, Priority, Stance)) -> Vec<Kind> {
    let made = scenario(1, Locale::En);
    let any = made.opinions.iter().find_map(|opinion| opinion.recommendations.first()).expect("somebody proposes");
    let step = |role: Role, direction, priority, reversibility| Recommendation {
        id: format!("{role}.r1"),
        lever: "headcount".to_owned(),
        cost: None,
        depends_on: vec![],
        effects: vec![],
        direction,
        priority,
        reversibility,
        ..any.clone()
    };
    let (brief, claim) = some_claim();
    let mut opinions = roles.map(|role| saying(role, &claim, "cash", around(5.0, 0.0)));
    opinions[0].recommendations = vec![step(roles[0], own, Priority::Should, Reversibility::OneWay)];
    opinions[1].recommendations = vec![step(roles[1], by.0, by.1, Reversibility::TwoWay)];
    opinions[1].stance = by.2;
    let brief = crate::domain::brief::Brief { constraints: vec![], ..brief };
    detect(&brief, &opinions).into_iter().map(|conflict| conflict.kind).collect()
}

#[test]
fn only_one_who_must_be_there_can_veto() {
    use Direction::{Decrease, Increase, Keep, Stop};
    let against = (Increase, Priority::Could, Stance::Support);
    let both = [Kind::ReversibilityVeto, Kind::DirectionOpposition];
    assert_eq!(about_headcount([Role::Market, Role::Financial], Decrease, against), both);
    assert_eq!(about_headcount([Role::Analyst, Role::Financial], Decrease, against), both);
    assert_eq!(about_headcount([Role::Market, Role::Operations], Decrease, against), [Kind::DirectionOpposition]);
    assert_eq!(about_headcount([Role::Financial, Role::Market], Decrease, against), [Kind::DirectionOpposition]);
    let brakes = |own, direction, stance| {
        about_headcount([Role::Market, Role::Analyst], own, (direction, Priority::Could, stance))
    };
    assert_eq!(brakes(Decrease, Keep, Stance::Oppose), [Kind::ReversibilityVeto]);
    assert_eq!(brakes(Decrease, Keep, Stance::Conditional), []);
    assert_eq!(brakes(Decrease, Stop, Stance::Oppose), [], "it wants the same");
    assert_eq!(brakes(Keep, Increase, Stance::Oppose), [], "who goes on does not brake");
    let never = |direction| {
        about_headcount([Role::Market, Role::Analyst], Decrease, (direction, Priority::Wont, Stance::Support))
    };
    assert_eq!((never(Decrease), never(Increase)), (vec![Kind::ReversibilityVeto], vec![]));
}

#[test]
fn what_cannot_both_be_done_is_paid_for_once() {
    let (mut brief, claim) = some_claim();
    let limit =
        |value| Constraint { kind: ConstraintKind::BudgetCap, key: None, value: Some(value), text: String::new() };
    let made = scenario(1, Locale::En);
    let any = made.opinions.iter().find_map(|opinion| opinion.recommendations.first()).expect("somebody proposes");
    let mut opinions = [Role::Market, Role::Operations].map(|role| saying(role, &claim, "cash", around(5.0, 0.0)));
    let step = |id: &str, lever: &str, direction, cost: f64| Recommendation {
        id: id.to_owned(),
        lever: lever.to_owned(),
        cost: Some(Range { low: cost, high: cost }),
        depends_on: vec![],
        effects: vec![],
        direction,
        priority: Priority::Could,
        ..any.clone()
    };
    opinions[0].recommendations = vec![
        step("market.r1", "pricing", Direction::Decrease, 40.0),
        step("market.r2", "pilot", Direction::Start, 30.0),
    ];
    opinions[1].recommendations = vec![step("operations.r1", "pricing", Direction::Increase, 50.0)];
    let mut found = |cap| {
        brief.constraints = vec![limit(cap)];
        let found = detect(&brief, &opinions).into_iter().find(|conflict| conflict.kind == Kind::ResourceContention);
        found.map(|conflict| conflict.parties.join(" "))
    };
    assert_eq!(found(80.0), None);
    assert_eq!(found(79.0), Some("market.r2 operations.r1".into()));
}

#[test]
fn a_fact_of_today_says_nothing_about_another_day() {
    let (mut brief, claim) = some_claim();
    let fact = Fact {
        key: "cash".into(),
        value: 100.0,
        unit: "money".into(),
        period: None,
        source: Source::Given,
        quote: None,
    };
    brief.facts = vec![fact];
    let found = |kind, period: Option<&str>, evidence| {
        let mut opinion = saying(Role::Market, &claim, "cash", around(300.0, 0.0));
        let claim = &mut opinion.claims[0];
        (claim.kind, claim.period, claim.evidence[0].kind) = (kind, period.map(str::to_owned), evidence);
        detect(&brief, &[opinion]).len()
    };
    assert_eq!(found(ClaimKind::Metric, None, EvidenceKind::Input), 1);
    assert_eq!(found(ClaimKind::Metric, None, EvidenceKind::Tool), 0, "it does not call on the brief");
    assert_eq!(found(ClaimKind::Metric, Some("d90"), EvidenceKind::Input), 0);
    assert_eq!(found(ClaimKind::Forecast, Some("now"), EvidenceKind::Input), 0);
}
