//! Do the rules find what was planted, and nothing else?

use super::{Scenario, scenario};
use crate::{
    conflict::detect,
    domain::{conflict::Kind, locale::Locale},
};
use std::collections::{BTreeMap, BTreeSet};

const SCENARIOS: u64 = 600;

fn found(made: &Scenario) -> BTreeSet<(Kind, String)> {
    detect(&made.brief, &made.opinions).into_iter().map(|conflict| (conflict.kind, conflict.topic)).collect()
}

#[test]
fn nearly_all_that_was_planted_is_found_and_hardly_anything_else() {
    let (mut planted, mut hit, mut seen) = (0, 0, 0);
    let mut kinds: BTreeMap<Kind, (usize, usize)> = BTreeMap::new();
    for seed in 0..SCENARIOS {
        let made = scenario(seed, if seed % 2 == 0 { Locale::En } else { Locale::PtBr });
        let found = found(&made);
        (planted, seen) = (planted + made.truth.len(), seen + found.len());
        hit += made.truth.intersection(&found).count();
        for (kind, topic) in &made.truth {
            let of_kind = kinds.entry(*kind).or_default();
            of_kind.0 += 1;
            of_kind.1 += usize::from(found.contains(&(*kind, topic.clone())));
        }
        for (kind, topic) in found.symmetric_difference(&made.truth).take(3) {
            println!("{seed}: {kind:?} {topic} is in one of them only");
        }
    }
    let (recall, precision) = (hit as f64 / planted as f64, hit as f64 / seen as f64);
    println!("{planted} planted, recall {recall:.4}, precision {precision:.4}, {kinds:?}");
    assert!(recall >= 0.98 && precision >= 0.98, "recall {recall} precision {precision}");
    assert!(kinds.len() == 11 && kinds.values().all(|(planted, hit)| *planted >= 100 && *hit * 100 >= *planted * 98));
}

#[test]
fn the_language_does_not_matter() {
    for seed in 0..100 {
        let (en, pt) = (scenario(seed, Locale::En), scenario(seed, Locale::PtBr));
        let parties = |made: &Scenario| -> Vec<_> {
            let conflicts = detect(&made.brief, &made.opinions).into_iter();
            conflicts.map(|c| (c.id, c.kind, c.topic, c.parties, c.severity, c.score.to_bits())).collect()
        };
        assert_eq!(parties(&en), parties(&pt), "{seed}");
    }
}

#[test]
fn what_is_quoted_was_said() {
    for seed in 0..50 {
        let made = scenario(seed, Locale::PtBr);
        for conflict in detect(&made.brief, &made.opinions) {
            assert_eq!(conflict.parties.len(), conflict.quotes.len());
            assert!(conflict.parties.is_sorted() && conflict.detector.starts_with("rule:"), "{conflict:?}");
            let statements: Vec<&String> = made
                .opinions
                .iter()
                .flat_map(|o| {
                    let claims = o.claims.iter().map(|c| &c.statement);
                    claims
                        .chain(o.recommendations.iter().map(|r| &r.statement))
                        .chain(o.assumptions.iter().map(|a| &a.statement))
                })
                .collect();
            assert!(conflict.quotes.iter().all(|quote| statements.contains(&quote)));
        }
    }
}
