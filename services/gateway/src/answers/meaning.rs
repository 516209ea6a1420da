//! Could two texts mean the same? A second opinion that knows no embedding: what two texts about the same thing must have in
//! common, word by word.
//!
//! Embeddings of "the price of 5" and "the price of 6", of a text and its negation, of two cities are close to each other. So
//! each word that only one of the texts has must be one that says nothing (`words.rs`), or have its like in the other. Names,
//! numbers, dates, negations and everything that nobody thought of are in no list, and must therefore be in both, in the same
//! order. That refuses many texts that do mean the same, which costs a call; the other way round would cost trust.

mod token;
mod words;

use token::{Token, stem, tokens};

/// From so many words on, their order matters whatever they are.
const ORDERED: usize = 3;

/// Whether nothing speaks against it. Equal texts always may.
pub(crate) fn may_be_the_same(one: &str, other: &str) -> bool {
    let (one, other) = (tokens(one), tokens(other));
    let (mine, theirs) = (said(&one), said(&other));
    if mine.len() != theirs.len() || directions(&one, &other) {
        return false;
    }
    let mut free: Vec<&Token> = theirs.clone();
    let mut order = Vec::with_capacity(mine.len());
    for word in &mine {
        let Some(at) = free.iter().position(|their| word.is_like(their)) else { return false };
        let their = free.remove(at);
        order.push((theirs.iter().position(|word| std::ptr::eq(*word, their)), word.is_hard || their.is_hard));
    }
    let ordered: Vec<_> = order.iter().filter(|(_, is_hard)| *is_hard || mine.len() >= ORDERED).collect();
    ordered.is_sorted_by_key(|(at, _)| *at)
}

/// The words that say something.
fn said(tokens: &[Token]) -> Vec<&Token> {
    tokens.iter().filter(|token| !words::says_nothing(&token.word)).collect()
}

/// Whether something leads to where it comes from in the other text: "from dollars to euros" and back.
fn directions(one: &[Token], other: &[Token]) -> bool {
    let (one, other) = (led(one), led(other));
    one.iter().any(|(way, to)| {
        let mut there = other.iter().filter(|(their, _)| their == way).map(|(_, to)| to).peekable();
        // What it leads to is somewhere else there, and what it leads to there is somewhere else here.
        there.peek().is_some() && there.all(|their| their != to && one.iter().any(|(_, own)| own == their))
    })
}

/// Each word of direction, and what comes behind it.
fn led(tokens: &[Token]) -> Vec<(&str, &str)> {
    let says = |token: &&Token| !words::says_nothing(&token.word);
    let leads = |(at, token): (usize, &'_ Token)| {
        let is_direction = words::DIRECTIONS.contains(&token.word.as_str());
        is_direction.then_some(at)
    };
    let places = tokens.iter().enumerate().filter_map(leads);
    places
        .filter_map(|at| Some((tokens[at].word.as_str(), tokens[at + 1..].iter().find(says)?.word.as_str())))
        .collect()
}

/// The stems of the words of a text, and whether each says nothing: for embeddings of the simulator.
pub(crate) fn stems(text: &str) -> Vec<(String, bool)> {
    tokens(text).into_iter().map(|token| (stem(&token.word).to_owned(), words::says_nothing(&token.word))).collect()
}

#[cfg(test)]
mod tests;
