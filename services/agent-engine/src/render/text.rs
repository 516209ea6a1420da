//! Which texts can be shown, and how are they shortened?

/// Without what is not seen or turns the direction of what is; line ends are kept, other white space is a space.
pub(super) fn clean(text: &str) -> String {
    let lines = text.lines().map(|line| line.chars().filter_map(shown).collect::<String>());
    lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// [`clean`], in one line.
pub(super) fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown(c: char) -> Option<char> {
    match c {
        '\t' => Some(' '),
        // Controls, marks of direction, and what XML does not know.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// The first sentence, at most so many characters long.
pub(super) fn first_sentence(text: &str, longest: usize) -> String {
    let clean = clean(text);
    let line = clean.lines().next().unwrap_or_default();
    let ends = line.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?')).map(|(at, c)| at + c.len_utf8());
    let end = ends.into_iter().find(|end| line[*end..].starts_with(' ')).unwrap_or(line.len());
    shortened(&line[..end], longest)
}

/// At most so many characters, broken between words, with dots where something is missing.
pub(super) fn shortened(text: &str, longest: usize) -> String {
    let text = one_line(text);
    if text.chars().count() <= longest {
        return text;
    }
    let cut: String = text.chars().take(longest.saturating_sub(1)).collect();
    // A single word of that length is broken anywhere.
    let kept = cut.rsplit_once(' ').map_or(cut.as_str(), |(before, _)| before);
    format!("{}…", kept.trim_end_matches([',', ';', ':', '.', ' ']))
}

/// `snake_case` and `kebab-case` as words, the first letter large.
pub(super) fn humanised(key: &str) -> String {
    let words = one_line(&key.replace(['_', '-', '.', ':'], " "));
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_not_kept() {
        assert_eq!(clean(" a\u{0}b\u{202e}c\td \r\n\r\n e\u{1b}[31m\n"), "abc d\n\ne[31m");
        assert_eq!(one_line("a\n\n b"), "a b");
    }

    #[test]
    fn a_sentence_ends_where_a_new_one_begins() {
        assert_eq!(
            first_sentence("Faturamos R$ 1.234.567 por mês. Devemos crescer?", 200),
            "Faturamos R$ 1.234.567 por mês."
        );
        assert_eq!(first_sentence("No end", 200), "No end");
        assert_eq!(first_sentence("One\nTwo", 200), "One");
        assert_eq!(first_sentence("", 200), "");
        assert_eq!(first_sentence("é. É", 200), "é.");
    }

    #[test]
    fn long_texts_end_with_dots() {
        assert_eq!(shortened("one two three", 9), "one two…");
        assert_eq!(shortened("ççççççç", 4), "ççç…");
        assert_eq!(shortened("abc", 3), "abc");
    }

    #[test]
    fn keys_become_words() {
        assert_eq!(humanised("élan_vital:x-1"), "Élan vital x 1");
        assert_eq!(humanised(""), "");
    }
}
