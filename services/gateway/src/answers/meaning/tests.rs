use super::*;
use crate::provider::simulator;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Checked-in pairs: the same in other words, and what looks like the same and is not.
#[derive(Deserialize)]
struct Pairs {
    paraphrases: BTreeMap<String, Vec<(String, String)>>,
    near_misses: BTreeMap<String, Vec<(String, String, String)>>,
}

fn pairs() -> Pairs {
    serde_json::from_str(include_str!("pairs.json")).expect("pairs")
}

fn closeness(one: &str, other: &str) -> f64 {
    let (one, other) = (simulator::embedding(one), simulator::embedding(other));
    one.iter().zip(other).map(|(a, b)| f64::from(a * b)).sum()
}

#[test]
fn no_near_miss_may_be_the_same_whatever_its_embedding() {
    for (language, misses) in pairs().near_misses {
        for (kind, one, other) in misses {
            assert!(
                !may_be_the_same(&one, &other) && !may_be_the_same(&other, &one),
                "{language} {kind}: {one} | {other}"
            );
        }
    }
}

#[test]
fn rates_of_hits_and_false_hits_at_each_threshold() {
    let Pairs { paraphrases, near_misses } = pairs();
    for (language, same) in &paraphrases {
        let misses = &near_misses[language];
        for threshold in [0.80, 0.90, crate::answers::similar::THRESHOLD, 0.99] {
            let close = |one: &str, other: &str| closeness(one, other) >= threshold;
            let hits = same.iter().filter(|(a, b)| close(a, b) && may_be_the_same(a, b)).count();
            let alone = same.iter().filter(|(a, b)| close(a, b)).count();
            let wrong = misses.iter().filter(|(_, a, b)| close(a, b) && may_be_the_same(a, b)).count();
            let wrong_alone = misses.iter().filter(|(_, a, b)| close(a, b)).count();
            println!(
                "{language} at {threshold:.2}: {hits} of {} paraphrases ({alone} by the embedding alone), {wrong} of {} near \
                 misses ({wrong_alone} by the embedding alone)",
                same.len(),
                misses.len()
            );
            assert_eq!(wrong, 0);
            if threshold <= crate::answers::similar::THRESHOLD {
                assert!(hits * 2 >= same.len(), "{language}: {hits} of {}", same.len());
            }
        }
    }
}

#[test]
fn texts_that_say_the_same_may_be_the_same_in_both_directions() {
    for (one, other) in [
        ("How do I log in?", "Please tell me how to sign in"),
        ("", ""),
        ("Preço de 2 ingressos", "preço de dois ingressos"),
    ] {
        assert!(may_be_the_same(one, other) && may_be_the_same(other, one), "{one} | {other}");
    }
}
