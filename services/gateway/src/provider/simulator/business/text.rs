//! How are texts compared and cut?

/// The most characters of a statement.
pub const STATEMENT: usize = 240;

/// One character in lower case and without its accent: as many characters come out as went in.
pub fn plain(c: char) -> char {
    let c = c.to_lowercase().next().unwrap_or(c);
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        '\u{a0}' | '\n' | '\t' | '\r' => ' ',
        '‑' | '–' | '—' => '-',
        other => other,
    }
}

/// A text in lower case and without accents.
pub fn fold(text: &str) -> String {
    text.chars().map(plain).collect()
}

/// Whether a folded text has these words; the last of them may be the beginning of a word.
pub fn has(folded: &str, cue: &str) -> bool {
    folded.match_indices(cue).any(|(at, _)| !folded[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

/// Whether a folded text has these words, as whole words.
pub fn has_word(folded: &str, word: &str) -> bool {
    folded.match_indices(word).any(|(at, found)| {
        let before = folded[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = folded[at + found.len()..].chars().next().is_some_and(char::is_alphanumeric);
        !before && !after
    })
}

/// At most so many characters, cut between words.
pub fn clip(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let short: String = text.chars().take(most.saturating_sub(1)).collect();
    let cut = short.rfind(' ').filter(|at| *at > short.len() / 2).unwrap_or(short.len());
    format!("{}…", short[..cut].trim_end_matches([',', ';', ':', ' ', '-']))
}

/// The first letter in upper case.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The first letter in lower case, unless the word is an acronym or a name with capitals inside.
pub fn small(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default();
    if word.chars().skip(1).any(char::is_uppercase) || word == "I" {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// The words of a text, folded.
pub fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}
