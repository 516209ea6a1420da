use super::{around, saying, some_claim};
use crate::{
    conflict::{Judgement, Pair, Verdict, judged, merge, pairs},
    domain::{
        conflict::{Kind, Severity},
        opinion::{ClaimKind, Opinion},
        role::Role,
    },
};

fn causes(statements: &[(Role, &str, &str, f64)]) -> Vec<Opinion> {
    let (_, claim) = some_claim();
    let one = |(role, topic, statement, confidence): &(Role, &str, &str, f64)| {
        let mut opinion = saying(*role, &claim, "cash", around(1.0, 0.0));
        let claim = &mut opinion.claims[0];
        (claim.kind, claim.topic, claim.statement) = (ClaimKind::Causal, (*topic).to_owned(), (*statement).to_owned());
        (claim.confidence, claim.metric, claim.value) = (*confidence, None, None);
        opinion
    };
    statements.iter().map(one).collect()
}

fn opinions() -> Vec<Opinion> {
    causes(&[
        (Role::Market, "churn", "Customers leave because of the price.", 0.9),
        (Role::Analyst, "Churn", "Customers leave because of slow support, not of the price.", 0.8),
        (Role::Financial, "churn", "Customers leave because of the price.", 0.5),
        (Role::Operations, "capacity", "There is no room for more orders.", 0.9),
    ])
}

fn verdict(pair: &str, verdict: Judgement, quote_a: &str, quote_b: &str) -> Verdict {
    Verdict { pair: pair.into(), verdict, quote_a: quote_a.into(), quote_b: quote_b.into() }
}

#[test]
fn pairs_are_of_one_topic_and_two_agents_who_say_different_things() {
    let mut opinions = opinions();
    let found = pairs(&opinions, &[]);
    let ids: Vec<_> = found.iter().map(|pair| (&*pair.id, &*pair.a.id, &*pair.b.id)).collect();
    assert_eq!(ids, [("p1", "analyst.c1", "market.c1"), ("p2", "analyst.c1", "financial.c1")]);
    opinions.reverse();
    assert_eq!(pairs(&opinions, &[]), found);
    let known = judged(&opinions, &found, &[verdict("p1", Judgement::Contradiction, "", "")], &[]);
    assert_eq!(pairs(&opinions, &known).len(), 1, "what is in a conflict is not asked about again");
    let many: Vec<(Role, &str, String, f64)> =
        (0..40).map(|n| (Role::ALL[n % 6], "churn", format!("Reason {n}."), f64::NAN)).collect();
    let many: Vec<_> =
        many.iter().map(|(role, topic, statement, sure)| (*role, *topic, statement.as_str(), *sure)).collect();
    assert_eq!(pairs(&causes(&many), &[]).len(), 30);
}

#[test]
fn a_judge_is_believed_if_it_says_the_same_twice_and_quotes() {
    let opinions = opinions();
    let pairs: Vec<Pair> = pairs(&opinions, &[]);
    let yes = |a: &str, b: &str| verdict("p1", Judgement::Contradiction, a, b);
    let found = |forward: &[Verdict], backward: &[Verdict]| {
        let all = judged(&opinions, &pairs, forward, backward);
        all.into_iter().map(|c| (c.kind, c.detector, c.severity, c.parties.join(" "))).collect::<Vec<_>>()
    };
    let (slow, price) = ("slow support, not of the price", "because of the price");
    let sure = found(&[yes(slow, price)], &[yes(price, slow)]);
    assert_eq!(sure, [(Kind::Contradiction, "judge".into(), Severity::High, "analyst.c1 market.c1".into())]);
    let unsure = [(Kind::Contradiction, "judge:unsure".into(), Severity::Low, "analyst.c1 market.c1".into())];
    assert_eq!(found(&[yes(slow, price)], &[yes(slow, price)]), unsure, "the second order is the other way round");
    assert_eq!(found(&[yes("slow help", price)], &[yes(price, slow)]), unsure);
    assert_eq!(found(&[yes(slow, price)], &[verdict("p1", Judgement::Compatible, "", "")]), unsure);
    assert_eq!(found(&[], &[yes(price, slow)]), unsure);
    let no = |judgement| verdict("p1", judgement, slow, price);
    assert_eq!(found(&[no(Judgement::DifferentScope)], &[no(Judgement::Insufficient)]), []);
    assert_eq!(found(&[verdict("p9", Judgement::Contradiction, "a", "b")], &[]), [], "nobody asked about it");
}

#[test]
fn what_a_judge_found_is_ranked_among_the_rest() {
    let opinions = opinions();
    let pairs = pairs(&opinions, &[]);
    let doubts = judged(&opinions, &pairs, &[verdict("p1", Judgement::Contradiction, "", "")], &[]);
    let (brief, claim) = some_claim();
    let grave = [("cash", Role::Analyst, 1.0), ("cash", Role::Market, 9.0)]
        .map(|(key, role, v)| saying(role, &claim, key, around(v, 0.0)));
    let all = merge(crate::conflict::detect(&brief, &grave), doubts);
    assert_eq!(
        all.iter().map(|c| (&*c.id, c.kind)).collect::<Vec<_>>(),
        [("k1", Kind::MetricMismatch), ("k2", Kind::Contradiction)]
    );
}
