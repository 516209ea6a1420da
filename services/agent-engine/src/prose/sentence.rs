//! Where does a sentence end?

/// Before these a point ends nothing.
const SHORT: [&str; 20] = [
    "sr", "sra", "dr", "dra", "mr", "mrs", "ms", "inc", "ltd", "ltda", "vs", "etc", "approx", "aprox", "ex", "nº",
    "art", "fig", "p", "e.g",
];

/// The sentences of a paragraph, with the space after them: put together they are the paragraph.
pub(super) fn sentences(paragraph: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, c) in paragraph.char_indices() {
        if !matches!(c, '.' | '!' | '?' | '…' | '\n') || at < start {
            continue;
        }
        let rest = &paragraph[at + c.len_utf8()..];
        let closed = rest.trim_start_matches(['"', '”', '\'', '’', ')', ']', '*', '.', '!', '?', '…']);
        let after = closed.trim_start();
        let has_gap = c == '\n' || after.len() < closed.len();
        if has_gap && (c != '.' || ends(&paragraph[start..at], after)) {
            let end = paragraph.len() - after.len();
            sentences.push(&paragraph[start..end]);
            start = end;
        }
    }
    if start < paragraph.len() {
        sentences.push(&paragraph[start..]);
    }
    sentences
}

/// Whether a point ends what stands before it.
fn ends(before: &str, after: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let is_number_of_list = before.trim().chars().all(|c| c.is_ascii_digit());
    let is_short = SHORT.contains(&word.to_lowercase().as_str()) || word.ends_with(".p");
    !is_number_of_list && !is_short && !after.starts_with(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_readers_say_so() {
        let text = "A receita caiu 1.200. \"Por quê?\" Sobe 2 p.p. em março. Fim…";
        assert_eq!(sentences(text), ["A receita caiu 1.200. ", "\"Por quê?\" ", "Sobe 2 p.p. em março. ", "Fim…"]);
        assert_eq!(sentences("1. Do this. 2. Do that."), ["1. Do this. ", "2. Do that."]);
        assert_eq!(sentences("Costs vs. gains, e.g. cash. Next"), ["Costs vs. gains, e.g. cash. ", "Next"]);
        assert_eq!(sentences("One\nTwo."), ["One\n", "Two."]);
        assert!(sentences("").is_empty());
        for text in ["...", "a...b", ". .", "é.\n\n É!"] {
            assert_eq!(sentences(text).concat(), text);
        }
    }
}
