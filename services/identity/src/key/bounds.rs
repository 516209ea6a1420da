//! What a key is bound to: the models that it may call, and the addresses from which it may be used.

use crate::{Error, input::Problems};
use host::Network;
use std::collections::BTreeSet;

const MOST: usize = 100;
const MAX_MODEL: usize = 200;

/// Names of models as they are kept; None for any model. A `*` is for the end of a name only: what one allows has to be
/// plain to whoever reads it.
pub(super) fn models(problems: &mut Problems, names: &[String]) -> Option<serde_json::Value> {
    if names.len() > MOST {
        problems.refused("allowed_models", format!("must have at most {MOST} names"));
    }
    for (place, name) in names.iter().enumerate() {
        let length = name.chars().count();
        let plain = !name.chars().any(|c| c.is_control() || c.is_whitespace());
        let star = name.find('*').is_none_or(|at| at + 1 == name.len());
        if !(1..=MAX_MODEL).contains(&length) || !plain || !star {
            let field = format!("allowed_models[{place}]");
            problems
                .refused(field, "must be the name of a model or an alias, <provider>/<model>, or its beginning and *");
        }
    }
    kept(names.iter().cloned())
}

/// Networks as they are kept; None for anywhere.
pub(super) fn networks(problems: &mut Problems, texts: &[String]) -> Option<serde_json::Value> {
    if texts.len() > MOST {
        problems.refused("allowed_ips", format!("must have at most {MOST} entries"));
    }
    let read = |(place, text): (usize, &String)| match text.trim().parse::<Network>() {
        Ok(network) => network.to_string(),
        Err(_) => {
            let field = format!("allowed_ips[{place}]");
            problems
                .refused(field, "must be an address or a network, such as 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32");
            String::new()
        }
    };
    let networks: Vec<_> = texts.iter().enumerate().map(read).collect();
    kept(networks.into_iter())
}

/// Each once, in the order that was given.
fn kept(names: impl Iterator<Item = String>) -> Option<serde_json::Value> {
    let mut seen = BTreeSet::new();
    let names: Vec<_> = names.filter(|name| seen.insert(name.clone())).collect();
    if names.is_empty() { None } else { Some(names.into()) }
}

/// The names in a stored list. Errors: it is none, and a key that is bound to nothing is not what was stored.
pub(super) fn names(stored: Option<&serde_json::Value>) -> Result<Vec<String>, Error> {
    let Some(stored) = stored else { return Ok(vec![]) };
    serde::Deserialize::deserialize(stored).map_err(Error::Limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(check: impl FnOnce(&mut Problems) -> Option<serde_json::Value>) -> bool {
        let mut problems = Problems::default();
        check(&mut problems);
        problems.none().is_err()
    }

    #[test]
    fn models_are_names_with_at_most_one_star_at_the_end() {
        for good in ["gpt-5", "openai/gpt-5", "openai/*", "*", "meta-llama/Llama-3.1-8B:free"] {
            assert!(!wrong(|problems| models(problems, &[good.to_owned()])), "{good}");
        }
        for bad in ["", "*gpt", "gpt-*-mini", "**", "gpt 5", "gpt\n", &"x".repeat(201)] {
            assert!(wrong(|problems| models(problems, &[bad.to_owned()])), "{bad:?}");
        }
        assert!(wrong(|problems| models(problems, &vec!["x".to_owned(); 101])));
    }

    #[test]
    fn addresses_are_kept_as_networks_each_once() {
        let mut problems = Problems::default();
        let texts = ["10.0.0.0/8", "203.0.113.7", "203.0.113.7/32", "2001:db8::/32"].map(str::to_owned);
        let kept = networks(&mut problems, &texts).expect("some");
        assert_eq!(kept, serde_json::json!(["10.0.0.0/8", "203.0.113.7/32", "2001:db8::/32"]));
        assert!(problems.none().is_ok());
        for bad in ["", "10.0.0.0/33", "everywhere", "10.0.0.0/8,11.0.0.0/8"] {
            assert!(wrong(|problems| networks(problems, &[bad.to_owned()])), "{bad:?}");
        }
    }
}
