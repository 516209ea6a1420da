//! What is known of words, in English and Portuguese. What is in no list has to be the same in both texts.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// Words without which a text says the same. No negation, question word, tense, direction, quantity or comparison is there.
static NOTHING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("words/nothing.txt").split_whitespace().collect());
/// What people say around what they mean.
static PHRASES: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| lines(include_str!("words/phrases.txt")));
/// Words that are written as two, and then as one.
static JOINED: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| lines(include_str!("words/joined.txt")));
/// Stems that mean the same wherever they stand.
static SYNONYMS: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| lines(include_str!("words/synonyms.txt")));
/// Numbers in words.
static NUMBERS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| include_str!("words/numbers.txt").lines().filter_map(|line| line.split_once(' ')).collect());
/// Words behind which something comes from or goes to.
pub(super) const DIRECTIONS: [&str; 10] = ["from", "to", "into", "than", "before", "after", "de", "do", "da", "para"];

fn lines(text: &'static str) -> Vec<Vec<&'static str>> {
    text.lines().map(|line| line.split_whitespace().collect()).collect()
}

pub(crate) fn says_nothing(word: &str) -> bool {
    NOTHING.contains(word)
}

pub(super) fn number(word: &str) -> Option<&'static str> {
    NUMBERS.get(word).copied()
}

pub(super) fn are_synonyms(one: &str, other: &str) -> bool {
    SYNONYMS.iter().any(|group| group.contains(&one) && group.contains(&other))
}

/// How many words are a phrase that says nothing.
pub(super) fn phrase(words: &[String]) -> Option<usize> {
    PHRASES.iter().filter(|phrase| begins(words, phrase)).map(Vec::len).max()
}

/// The word that the next ones are together, and how many they are.
pub(super) fn joined(words: &[String]) -> Option<(&'static str, usize)> {
    JOINED.iter().find_map(|line| {
        let (word, parts) = line.split_last()?;
        begins(words, parts).then_some((*word, parts.len()))
    })
}

fn begins(words: &[String], with: &[&str]) -> bool {
    words.len() >= with.len() && with.iter().zip(words).all(|(one, other)| one == other)
}

/// The words that a contraction stands for.
pub(super) fn expanded(word: &str) -> Vec<&str> {
    match word {
        "can't" | "cannot" => return vec!["can", "not"],
        "won't" => return vec!["will", "not"],
        "shan't" => return vec!["shall", "not"],
        _ => {}
    }
    if let Some(verb) = word.strip_suffix("n't") {
        return vec![verb, "not"];
    }
    match word.split_once('\'') {
        Some((word, "s" | "re" | "m" | "ve" | "d")) => vec![word],
        Some((word, "ll")) => vec![word, "will"],
        _ => vec![word],
    }
}
