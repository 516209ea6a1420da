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
    let words = without_asides(&words);
    let mut kept = String::new();
    let mut has_gap = false;
    for part in words.split_inclusive([',', ';', ':', '.']) {
        if part.chars().any(char::is_numeric) {
            has_gap = true;
            continue;
        }
        // What went on from what is left out begins anew.
        let begun = part.trim_start();
        let begun = ["e ", "and "].iter().find_map(|word| begun.strip_prefix(word)).unwrap_or(begun);
        if has_gap {
            kept.push(' ');
            kept.push_str(begun);
        } else {
            kept.push_str(part);
        }
        has_gap = false;
    }
    let kept = text::clip(kept.trim().trim_end_matches(['.', ',', ';', ':', '(', ' ']), most);
    let mut out = kept;
    for (at, cell) in longest.iter().enumerate().take(200) {
        out = out.replace(&token(at), &format!("{{{{{}}}}}", cell.id));
    }
    (out.chars().filter(|c| c.is_alphabetic()).count() > 3).then_some(out)
}

/// Without what stands in parentheses and has a number of its own.
fn without_asides(words: &str) -> String {
    let mut out = String::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('(') {
        let Some((aside, behind)) = after.split_once(')') else { break };
        if aside.chars().any(char::is_numeric) {
            out.push_str(before.trim_end());
        } else {
            out.push_str(before);
            out.push('(');
            out.push_str(aside);
            out.push(')');
        }
        rest = behind;
    }
    out.push_str(rest);
    out
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

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_is_left_without_numbers_is_a_sentence() {
        for (words, expected) in [
            ("It brings customers back (cost: up to R$ 5,400)", "It brings customers back"),
            (
                "Mantenho preços: R$ 60 mil duram 4 meses, e a padaria não tem outra chance.",
                "Mantenho preços: a padaria não tem outra chance",
            ),
            ("The step (which can be undone) is small.", "The step (which can be undone) is small"),
            ("First 3 months, then growth", "then growth"),
        ] {
            assert_eq!(clean(words, &[], 200).as_deref(), Some(expected), "{words}");
        }
    }
}
