//! In which language is an execution written?

use http::{HeaderMap, header::ACCEPT_LANGUAGE};
use proto::engine::Depth;

/// A language that executions are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Portuguese,
}

/// What a field that names none of them must be.
pub(super) const KNOWN: &str = "must be pt-BR or en";

impl Language {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Portuguese => "pt-BR",
        }
    }

    /// Of a tag of ours, as fields hold it.
    pub(super) fn parse(tag: &str) -> Option<Self> {
        [Self::English, Self::Portuguese].into_iter().find(|language| tag.eq_ignore_ascii_case(language.as_str()))
    }

    /// The first of ours in `Accept-Language`, by weight.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let list = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut ranges: Vec<(&str, f32)> = list.split(',').take(32).filter_map(range).collect();
        // Stable: of equal weights the first one counts.
        ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranges.into_iter().find_map(|(tag, _)| Self::spoken(tag))
    }

    /// Somebody who asks for any Portuguese reads Brazil's more easily than English.
    fn spoken(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "pt" => Some(Self::Portuguese),
            _ => None,
        }
    }
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

/// `quick`, `standard` and `deep`, or the names of the contract in Portuguese, in any case and with or without accents; and
/// whether they are Portuguese.
pub(super) fn depth(text: &str) -> Option<(Depth, bool)> {
    let plain: String = text
        .trim()
        .to_lowercase()
        .chars()
        // Accents that are characters of their own.
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .map(|c| if "áàâã".contains(c) { 'a' } else { c })
        .collect();
    Some(match plain.as_str() {
        "quick" => (Depth::Quick, false),
        "standard" => (Depth::Standard, false),
        "deep" => (Depth::Deep, false),
        "rapida" => (Depth::Quick, true),
        "padrao" => (Depth::Standard, true),
        "profunda" => (Depth::Deep, true),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_are_read_in_both_languages_however_they_are_written() {
        for text in ["Rápida", "rapida", "RÁPIDA", "ra\u{301}pida", " rápida "] {
            assert_eq!(depth(text), Some((Depth::Quick, true)), "{text}");
        }
        assert_eq!(depth("Padrão"), Some((Depth::Standard, true)));
        assert_eq!(depth("PROFUNDA"), Some((Depth::Deep, true)));
        assert_eq!(depth("Deep"), Some((Depth::Deep, false)));
        assert_eq!([depth(""), depth("fast"), depth("padroes")], [None; 3]);
    }

    #[test]
    fn only_our_languages_count_by_their_weight() {
        let accepted =
            |list: &str| Language::accepted(&HeaderMap::from_iter([(ACCEPT_LANGUAGE, list.parse().unwrap())]));
        assert_eq!(accepted("en;q=0.5, pt;q=0.7"), Some(Language::Portuguese));
        assert_eq!(accepted("fr, EN-gb"), Some(Language::English));
        assert_eq!([accepted("*"), accepted("fr"), accepted("pt;q=0"), accepted("")], [None; 4]);
        assert_eq!(Language::accepted(&HeaderMap::new()), None);
    }
}
