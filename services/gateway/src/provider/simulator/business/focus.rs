//! What is the problem called?

mod phrase;
mod stop;

use super::{
    case::{Case, Locale},
    tables::Family,
    text,
};

/// A problem by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    /// What it is called, with its article.
    pub plain: String,
    /// The same, and in brackets what it is about in the words of the one who asks.
    pub full: String,
}

/// The name of the kind of problem, with words of the text; of other kinds these words only.
pub fn focus(case: &Case, family: &Family) -> Focus {
    let name = case.locale.pick(&family.name).to_owned();
    let mut known = text::words(&case.business);
    known.extend(text::words(&name));
    known.extend(family.cues.iter().flat_map(|cue| text::words(cue)));
    let words = phrase::best(&case.problem, &known);
    match words {
        Some(words) if family.cues.is_empty() => {
            let plain = article(&words, case.locale);
            Focus { full: plain.clone(), plain }
        }
        Some(words) => Focus { full: format!("{name} (“{words}”)"), plain: name },
        None => Focus { full: name.clone(), plain: name },
    }
}

/// With the article that its first word seems to have.
fn article(words: &str, locale: Locale) -> String {
    if locale == Locale::En {
        return format!("the {words}");
    }
    let first = text::words(words).into_iter().next().unwrap_or_default();
    let plural = first.ends_with('s') && first.len() > 4;
    let stem = first.trim_end_matches('s');
    let feminine = ["a", "cao", "sao", "dade", "gem", "coe"].iter().any(|end| stem.ends_with(end))
        && !["sistema", "programa", "problema", "tema"].contains(&stem);
    let article = match (feminine, plural) {
        (true, false) => "a",
        (false, false) => "o",
        (true, true) => "as",
        (false, true) => "os",
    };
    // A plural would not agree with the verb of a sentence.
    if plural { format!("a questão d{article} {words}") } else { format!("{article} {words}") }
}
