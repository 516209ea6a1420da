//! What is fit to stand in one line?

/// One line of at most so many characters: no control characters, nothing that hides or turns text around, and one space
/// between words. What is cut ends with `…`.
pub(crate) fn line(text: &str, most: usize) -> String {
    let shown = text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_hidden(*c));
    let shown: String = shown.collect();
    let words: Vec<&str> = shown.split_whitespace().collect();
    cut(&words.join(" "), most)
}

/// At most so many characters, cut between words where there are any.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most.saturating_sub(1)).collect();
    let is_whole = text[head.len()..].starts_with(' ');
    let end = head.rfind(' ').filter(|end| !is_whole && *end * 2 > head.len()).unwrap_or(head.len());
    format!("{}…", head[..end].trim_end_matches([' ', ',', ';', ':', '-']))
}

/// Marks of direction, joiners and fillers: they have no shape of their own, and can make a text read as another one.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_of_what_can_be_seen() {
        assert_eq!(line(" two\n\tlines\u{7}\u{202e} and\u{200b} more ", 99), "two lines and more");
        assert_eq!(line("ação cara demais", 10), "ação cara…");
        assert_eq!(line(&"é".repeat(300), 240).chars().count(), 240);
        assert_eq!((line("a", 0).as_str(), line("", 5).as_str()), ("…", ""));
    }
}
