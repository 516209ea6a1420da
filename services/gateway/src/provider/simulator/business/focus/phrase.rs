//! Which words of a text name a thing, and are not a whole sentence?

use super::stop;
use crate::provider::simulator::business::text;

const MOST_WORDS: usize = 5;
const MOST_CHARS: usize = 46;
/// Words that may join two nouns.
const JOINTS: &[&str] =
    &["de", "da", "do", "das", "dos", "of", "em", "no", "na", "nos", "nas", "for", "with", "com", "in"];
const ARTICLES: &[&str] = &["the", "o", "a", "os", "as", "our"];

struct Word<'a> {
    text: &'a str,
    plain: String,
    /// Something other than a space stands before it.
    breaks: bool,
}

/// The words that say most beyond what is known already.
pub fn best(problem: &str, known: &[String]) -> Option<String> {
    let words = split(problem);
    let mut best: Option<(usize, String)> = None;
    for start in 0..words.len().min(400) {
        if !names(&words[start]) || start > 0 && !words[start].breaks && names(&words[start - 1]) {
            continue;
        }
        let Some((phrase, nouns)) = phrase(&words[start..]) else { continue };
        let parts = text::words(&phrase);
        let fresh = parts.iter().filter(|word| word.len() > 3 && !is_known(word, known)).count();
        let score = fresh * 3 + nouns;
        if fresh > 0 && nouns >= 2 && best.as_ref().is_none_or(|(most, _)| score > *most) {
            // A capital letter inside of a sentence belongs to a name.
            best = Some((score, if words[start].breaks { text::small(&phrase) } else { phrase }));
        }
    }
    best.map(|(_, phrase)| phrase)
}

fn is_known(word: &str, known: &[String]) -> bool {
    let stem = word.trim_end_matches('s');
    known.iter().any(|other| other.trim_end_matches('s') == stem)
}

fn split(problem: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = vec![];
    let mut breaks = true;
    let mut start = None;
    for (at, c) in problem.char_indices().chain([(problem.len(), ' ')]) {
        let inside = c.is_alphanumeric() || (c == '-' || c == '&') && start.is_some();
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let text = problem[from..at].trim_end_matches('-');
                words.push(Word { text, plain: text::fold(text), breaks });
                breaks = c != ' ';
                start = None;
            }
            (false, None) if c != ' ' => breaks = true,
            _ => (),
        }
    }
    words
}

/// The longest name that begins here, and how many nouns it has.
fn phrase(words: &[Word<'_>]) -> Option<(String, usize)> {
    let mut parts: Vec<&str> = vec![];
    let mut nouns = 0;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if at > 0 && word.breaks || nouns >= MOST_WORDS {
            break;
        }
        let length: usize = parts.iter().map(|part| part.chars().count() + 1).sum();
        if names(word) {
            if length + word.text.chars().count() > MOST_CHARS {
                break;
            }
            parts.push(word.text);
            nouns += 1;
            at += 1;
            continue;
        }
        let skip = if words.get(at + 1).is_some_and(|next| ARTICLES.contains(&next.plain.as_str())) { 2 } else { 1 };
        let next = words.get(at + skip).filter(|next| !next.breaks && names(next));
        let fits = next.is_some_and(|next| length + next.text.chars().count() + 8 <= MOST_CHARS);
        if !JOINTS.contains(&word.plain.as_str()) || !fits || parts.is_empty() {
            break;
        }
        parts.extend(words[at..at + skip].iter().map(|word| word.text));
        at += skip;
    }
    (nouns > 0).then(|| (parts.join(" "), nouns))
}

/// Whether a word may be a part of a name.
fn names(word: &Word<'_>) -> bool {
    let plain = word.plain.as_str();
    let letters = plain.chars().count();
    letters > 2
        && letters < 24
        && !plain.chars().any(|c| c.is_ascii_digit())
        && !stop::WORDS.contains(&plain)
        && !stop::is_verb(plain)
        && !JOINTS.contains(&plain)
}
