//! How does the text of others get into prose without its numbers?

use super::cells::Cell;
use crate::provider::simulator::business::text;

/// A text in which numbers are marks; the parts with other numbers are left out. None: nothing is left.
pub fn clean(words: &str, cells: &[Cell], most: usize) -> Option<String> {
    let mut words: String =
        words.chars().filter(|c| !"{}".contains(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut longest: Vec<&Cell> = cells.iter().filter(|cell| cell.text.chars().any(char::is_numeric)).collect();
    longest.sort_by_key(|cell| usize::MAX - cell.text.len());
    // Letters that no text has stand for marks until the rest was looked at.
    for (at, cell) in longest.iter().enumerate().take(200) {
        words = replace(&words, &cell.text, &token(at));
    }
    let parts: Vec<&str> = words.split_inclusive([',', ';', ':', '.', '(', ')']).collect();
    let kept: String = parts.into_iter().filter(|part| !part.chars().any(char::is_numeric)).collect();
    let kept = text::clip(kept.trim().trim_end_matches(['.', ',', ';', ':', '(', ' ']), most);
    let mut out = kept;
    for (at, cell) in longest.iter().enumerate().take(200) {
        out = out.replace(&token(at), &format!("{{{{{}}}}}", cell.id));
    }
    (out.chars().filter(|c| c.is_alphabetic()).count() > 3).then_some(out)
}

fn token(at: usize) -> String {
    u32::try_from(at).ok().and_then(|at| char::from_u32(0xE000 + at)).map(String::from).unwrap_or_default()
}

/// Only where no longer number begins or ends.
fn replace(words: &str, number: &str, mark: &str) -> String {
    let mut out = String::new();
    let mut rest = words;
    while let Some(at) = rest.find(number) {
        let (before, after) = (&rest[..at], &rest[at + number.len()..]);
        let joined = before.ends_with(|c: char| c.is_alphanumeric())
            || after.starts_with(|c: char| c.is_alphanumeric())
            || after.starts_with(['.', ',', '%']) && after.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        out.push_str(before);
        out.push_str(if joined { number } else { mark });
        rest = after;
    }
    out.push_str(rest);
    out
}
