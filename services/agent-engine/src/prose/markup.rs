//! What of a text is words, and what is dress?

use super::line::is_hidden;

/// One line of words: without headings, fences, tables, marks of lists, tags, links and control characters. A report has
/// headings of its own, and none of a model.
pub(super) fn words(text: &str) -> String {
    let lines = text.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(shown).filter(|line| !is_dress(line.trim()));
    let lines = lines.map(|line| inline(without_bullet(line.trim())));
    let words: String = lines.collect::<Vec<_>>().join(" ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect()
}

fn is_dress(line: &str) -> bool {
    let is_heading = line.starts_with('#') && line.trim_start_matches('#').starts_with(' ');
    let is_rule = line.len() >= 3 && line.chars().all(|c| matches!(c, '-' | '=' | '*' | '_' | ' '));
    let bold = line.strip_prefix("**").and_then(|rest| rest.trim_end_matches(':').strip_suffix("**"));
    let is_bold_heading = bold.is_some_and(|bold| !bold.contains("**") && !bold.ends_with(['.', '!', '?']));
    is_heading
        || is_rule
        || is_bold_heading
        || line.starts_with("```")
        || line.starts_with("~~~")
        || line.starts_with('|')
}

fn without_bullet(line: &str) -> &str {
    let line = line.trim_start_matches(['>', ' ']);
    for bullet in ["- ", "* ", "+ ", "• ", "– ", "— "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return rest;
        }
    }
    let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or_default();
    let numbered = line[digits..].strip_prefix(". ").or_else(|| line[digits..].strip_prefix(") "));
    numbered.filter(|_| (1..=2).contains(&digits)).unwrap_or(line)
}

fn inline(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let skipped = tag(rest).or_else(|| address(rest));
        if let Some(length) = skipped {
            rest = &rest[length..];
            continue;
        }
        if let Some((label, length)) = link(rest) {
            text.push_str(&inline(label));
            rest = &rest[length..];
            continue;
        }
        if !matches!(c, '*' | '`' | '~') {
            text.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    text.replace("__", "")
}

/// How long the tag is that a text begins with.
fn tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let is_tag = inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    let end = inner.find('>').filter(|_| is_tag)?;
    Some(end + 2)
}

fn address(text: &str) -> Option<usize> {
    (text.starts_with("http://") || text.starts_with("https://"))
        .then(|| text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// The label of `[label](address)`, and how long all of it is.
fn link(text: &str) -> Option<(&str, usize)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let end = rest.find(')').filter(|_| !label.contains(['[', ']']))?;
    Some((label, label.len() + end + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_and_dress_goes() {
        let text = "## Resumo executivo\n**Decisão:**\n- A **receita** caiu.\n2) O `caixa` <b>dura</b>.\n---\n| a | b |\n\
                    > Veja [o plano](https://x.example/a?b=1) em https://y.example agora.\u{202e}\u{0}";
        assert_eq!(words(text), "A receita caiu. O caixa dura. Veja o plano em agora.");
        assert_eq!(words("1. Um\n2. Dois {{f_net_income}}"), "Um Dois {{f_net_income}}");
        assert_eq!(words("a < b e c > d, #1, snake_case"), "a < b e c > d, #1, snake_case");
        assert_eq!(words("**Bold** start. **End.**"), "Bold start. End.");
        assert_eq!(words("1**2**0 __x__ _"), "120 x _");
    }

    #[test]
    fn no_text_panics() {
        proptest::proptest!(|(text in "\\PC{0,60}", odd in "[<>\\[\\]()*_`#|~ha-e1.\n /:é-]{0,60}")| {
            let _ = (words(&text), words(&odd));
        });
    }
}
