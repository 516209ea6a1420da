//! Sentences of ballots, turns, reviews and prose, which are data.

use super::tables::Pair;
use std::{collections::BTreeMap, sync::LazyLock};

static PHRASES: LazyLock<BTreeMap<String, Pair>> =
    LazyLock::new(|| serde_json::from_str(include_str!("data/phrases.json")).unwrap_or_default());

static NONE: Pair = [String::new(), String::new()];

/// The sentence of this name.
pub fn phrase(name: &str) -> &'static Pair {
    PHRASES.get(name).unwrap_or(&NONE)
}

/// Whether there is one.
pub fn exists(name: &str) -> bool {
    PHRASES.contains_key(name)
}
