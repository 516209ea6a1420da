//! What must not be taken for Markdown?

use super::super::text;

/// Marks that mean something wherever they stand.
const MARKS: [char; 13] = ['\\', '`', '*', '_', '[', ']', '<', '>', '|', '~', '#', '&', '^'];

/// A paragraph; its line ends are kept.
pub(super) fn escaped(written: &str) -> String {
    let clean = text::clean(written);
    let paragraphs = clean.split("\n\n").map(|paragraph| {
        let lines = paragraph.lines().map(line).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\\\n")
    });
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// One line, as headings, bold texts and items of lists need it.
pub(super) fn one_line(written: &str) -> String {
    line(&text::one_line(written))
}

/// The text of a heading, which has no marks before it.
pub(super) fn heading(written: &str) -> String {
    one_line(written)
}

/// What stands in a cell of a table.
pub(super) fn cell(written: &str) -> String {
    let clean = text::clean(written);
    // No list begins in a cell.
    clean.lines().map(marked).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("<br>")
}

fn marked(written: &str) -> String {
    written.chars().flat_map(|c| MARKS.contains(&c).then_some('\\').into_iter().chain([c])).collect()
}

fn line(written: &str) -> String {
    let digits = written.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = written.split_at(digits);
    let begins_a_list = match (digits, rest.as_bytes().first()) {
        (0, Some(b'-' | b'+' | b'=')) => true,
        (1.., Some(b'.' | b')')) => is_end_of_word(&rest[1..]),
        _ => false,
    };
    let mark = if begins_a_list { "\\" } else { "" };
    format!("{number}{mark}{}", marked(rest))
}

fn is_end_of_word(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_text_and_nothing_else() {
        assert_eq!(escaped("a | b *c* <script>"), "a \\| b \\*c\\* \\<script\\>");
        assert_eq!(escaped("- no list"), "\\- no list");
        assert_eq!(escaped("12. no list"), "12\\. no list");
        assert_eq!(escaped("1.5 is a number"), "1.5 is a number");
        assert_eq!(escaped("R$ 1.234,56 (4,5%)."), "R$ 1.234,56 (4,5%).");
        assert_eq!(escaped("# one\n===\n\n\n---"), "\\# one\\\n\\===\n\n\\---");
        assert_eq!(cell("a\nb|c"), "a<br>b\\|c");
        assert_eq!(escaped(" \n "), "");
    }
}
