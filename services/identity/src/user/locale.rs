//! Which of our languages does somebody read?

/// The languages of this release, the default first.
const SUPPORTED: [&str; 2] = ["en", "pt-BR"];

/// The supported language with this tag, whatever its case.
pub(crate) fn parse(tag: &str) -> Option<&'static str> {
    SUPPORTED.into_iter().find(|s| s.eq_ignore_ascii_case(tag.trim()))
}

/// The first supported language of an `Accept-Language` list, by its weights; `en` if there is none.
pub(crate) fn negotiate(accept_language: &str) -> &'static str {
    let mut ranges: Vec<(&str, f32)> = accept_language.split(',').take(32).filter_map(range).collect();
    // Stable: of equal weights the first one counts.
    ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranges.into_iter().find_map(|(tag, _)| by_language(tag)).unwrap_or(SUPPORTED[0])
}

/// `pt-BR;q=0.8` as tag and weight. A weight of 0 means "not this one".
fn range(text: &str) -> Option<(&str, f32)> {
    let (tag, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = match parameters.trim().strip_prefix("q=") {
        Some(weight) => weight.trim().parse().ok().filter(|w| (0.0..=1.0).contains(w))?,
        None => 1.0,
    };
    (weight > 0.0).then_some((tag.trim(), weight))
}

/// Somebody who asks for any Portuguese reads Brazil's more easily than English.
fn by_language(tag: &str) -> Option<&'static str> {
    let language = tag.split('-').next().unwrap_or(tag);
    SUPPORTED.into_iter().find(|s| s.split('-').next().is_some_and(|l| l.eq_ignore_ascii_case(language)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_supported_language_wins_by_weight() {
        let cases = [
            ("", "en"),
            ("pt-BR,pt;q=0.9,en;q=0.8", "pt-BR"),
            ("en;q=0.5, pt;q=0.7", "pt-BR"),
            ("fr-FR, de;q=0.9", "en"),
            ("fr, PT-pt;q=0.3", "pt-BR"),
            ("pt;q=0, en", "en"),
            ("pt;q=nonsense", "en"),
            ("*", "en"),
        ];
        for (accepted, locale) in cases {
            assert_eq!(negotiate(accepted), locale, "{accepted:?}");
        }
    }

    #[test]
    fn a_locale_is_taken_in_any_case_and_kept_in_ours() {
        assert_eq!((parse("PT-br"), parse("en"), parse("fr")), (Some("pt-BR"), Some("en"), None));
    }
}
