use crate::{
    conflict::detect,
    domain::{
        brief::{Brief, Fact, Source},
        conflict::Kind,
        meeting::{Decision, Method, Move, Outcome, Round, Turn},
        opinion::{ClaimKind, EvidenceKind, Opinion},
        role::Role,
    },
    vote::{
        count::Counted,
        decide, everything,
        sample::{brief, churn, turn},
    },
};

fn opinions() -> Vec<Opinion> {
    vec![
        churn(Role::Analyst, 3.0, 0.9, EvidenceKind::Input),
        churn(Role::Market, 9.0, 0.5, EvidenceKind::General),
        churn(Role::Operations, 8.0, 0.5, EvidenceKind::Assumption),
    ]
}

fn agreed(opinions: &[Opinion], turns: Vec<Turn>) -> Vec<Decision> {
    let brief = brief(vec![]);
    let conflicts = detect(&brief, opinions);
    decide(&brief, opinions, &conflicts, &[], &Counted::default(), &[Round { turns }], &everything()).0
}

fn point(turns: Vec<Turn>) -> f64 {
    agreed(&opinions(), turns)[0].value.expect("a number").point
}

#[test]
fn a_number_is_weighed_by_confidence_and_evidence() {
    let decision = &agreed(&opinions(), vec![])[0];
    assert_eq!((&*decision.topic, decision.outcome, decision.method), ("churn", Outcome::Agreed, Method::Consensus));
    let expected = (3.0 * 0.9 + 9.0 * 0.2 + 8.0 * 0.3) / (0.9 + 0.2 + 0.3);
    assert!((decision.value.expect("a number").point - expected).abs() < 1e-9);
    assert!(decision.votes_for + decision.votes_against > 1.89 && !decision.conformity_flag);
}

#[test]
fn who_revises_says_something_else_and_who_concedes_for_a_reason_says_nothing() {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let all = [
        turn(Role::Market, Move::Concede, Some("cash"), None),
        turn(Role::Operations, Move::Concede, Some("cash"), None),
    ];
    assert!(near(point(all.to_vec()), 3.0));
    let revised = vec![all[0].clone(), turn(Role::Operations, Move::Revise, None, Some(4.0))];
    assert!(near(point(revised), (2.7 + 4.0 * 0.3) / 1.2));
    let weak = vec![turn(Role::Market, Move::Concede, None, None)];
    assert!(near(point(weak.clone()), point(vec![])), "giving in is no reason");
    assert!(agreed(&opinions(), weak)[0].conformity_flag);
    let nobody =
        [Role::Analyst, Role::Market, Role::Operations].map(|role| turn(role, Move::Concede, Some("cash"), None));
    assert!(near(point(nobody.to_vec()), point(vec![])), "something has to be reckoned with");
    assert!(near(point(vec![turn(Role::Market, Move::Revise, Some("cash"), Some(f64::NAN))]), point(vec![])));
}

#[test]
fn nobody_votes_on_facts() {
    let mut brief = brief(vec![]);
    let fact = Fact {
        key: "churn".into(),
        value: 0.04,
        unit: "fraction".into(),
        period: None,
        source: Source::Stated,
        quote: None,
    };
    brief.facts.push(fact);
    let point = |brief: &Brief| {
        let conflicts = detect(brief, &opinions()).into_iter().filter(|c| c.kind == Kind::MetricMismatch);
        let decisions =
            decide(brief, &opinions(), &conflicts.collect::<Vec<_>>(), &[], &Counted::default(), &[], &everything()).0;
        decisions[0].value.expect("a number").point
    };
    assert_eq!(point(&brief), 4.0);
    brief.facts.iter_mut().for_each(|fact| fact.source = Source::Assumed);
    assert!((point(&brief) - 6.9 / 1.4).abs() < 1e-9, "what was only assumed is no fact");
}

#[test]
fn a_number_of_another_day_is_not_taken_for_one_of_today() {
    let mut opinions = opinions();
    for opinion in &mut opinions {
        let claim = &mut opinion.claims[0];
        (claim.kind, claim.period) = (ClaimKind::Forecast, Some("d90".into()));
    }
    assert_eq!(agreed(&opinions, vec![])[0].topic, "churn@d90");
}

#[test]
fn the_order_of_the_agents_does_not_matter() {
    let mut opinions = opinions();
    let before = agreed(&opinions, vec![]);
    opinions.reverse();
    assert_eq!(agreed(&opinions, vec![]), before);
    opinions.iter_mut().for_each(|opinion| opinion.claims[0].confidence = 0.0);
    let even = agreed(&opinions, vec![])[0].value.expect("a number").point;
    assert!((even - 20.0 / 3.0).abs() < 1e-9, "where nobody is sure all count alike");
}
