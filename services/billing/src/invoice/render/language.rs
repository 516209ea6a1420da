//! In which language is an invoice shown?

use std::collections::BTreeMap;

/// A language that invoices are shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    En,
    PtBr,
}

impl Language {
    /// The default first.
    pub const ALL: [Self; 2] = [Self::En, Self::PtBr];

    /// As BCP 47 names it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::PtBr => "pt-BR",
        }
    }

    /// Of a tag, or of a list of them as in `Accept-Language`: the known one with the largest weight, the first of
    /// equals. English if none is known.
    pub fn parse(accepted: &str) -> Self {
        let mut best: Option<(u16, Self)> = None;
        for (weight, language) in accepted.split(',').take(32).filter_map(range) {
            if weight > best.map_or(0, |(weight, _)| weight) {
                best = Some((weight, language));
            }
        }
        best.map_or(Self::En, |(_, language)| language)
    }

    /// The text in this language, or else in English, or else in any. None where nothing is written.
    pub fn choose(self, texts: &BTreeMap<String, String>) -> Option<&str> {
        let written = || texts.iter().filter(|(_, text)| !text.trim().is_empty());
        let exact = written().find(|(tag, _)| tag.eq_ignore_ascii_case(self.tag()));
        let near = || written().find(|(tag, _)| Self::known(tag) == Some(self));
        let english = || written().find(|(tag, _)| Self::known(tag) == Some(Self::En));
        let found = exact.or_else(near).or_else(english).or_else(|| written().next());
        found.map(|(_, text)| text.trim())
    }

    /// Somebody who asks for any Portuguese reads Brazil's more easily than English.
    fn known(tag: &str) -> Option<Self> {
        let language = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|known| language(known.tag()) == language(tag.trim()))
    }
}

/// `pt-BR;q=0.8` as weight in thousandths and language; None if it is unknown. A weight of 0 means "not this one".
fn range(text: &str) -> Option<(u16, Language)> {
    let (tag, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = match parameters.trim().strip_prefix("q=") {
        Some(weight) => thousandths(weight.trim())?,
        None => 1000,
    };
    Some((weight, Language::known(tag)?))
}

/// `0.8` as 800: RFC 9110 allows three digits after the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 {
        return None;
    }
    format!("{whole}{fraction:0<3}").parse().ok().filter(|weight| *weight <= 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_or_a_list_of_them_is_one_of_ours_and_everything_else_is_english() {
        let portuguese =
            ["pt-BR", "pt", "PT-br", "pt-PT", "pt_BR", "pt-BR,pt;q=0.9,en;q=0.8", "en;q=0.5, pt;q=0.7", "fr, pt;q=0.1"];
        for text in portuguese {
            assert_eq!(Language::parse(text), Language::PtBr, "{text}");
        }
        let english =
            ["en", "en-GB", "", "*", "fr-FR", "ptx", "en, pt", "pt;q=0, fr", "pt;q=x", "pt;q=0.2,en;q=0.25", "pt;q=7"];
        for text in english {
            assert_eq!(Language::parse(text), Language::En, "{text}");
        }
    }

    #[test]
    fn a_text_is_in_the_language_or_in_english_or_in_whatever_there_is() {
        let texts =
            |all: &[(&str, &str)]| all.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned())).collect();
        let both = texts(&[("en", "Gold"), ("pt-BR", "Ouro")]);
        assert_eq!((Language::En.choose(&both), Language::PtBr.choose(&both)), (Some("Gold"), Some("Ouro")));
        let near = texts(&[("en", "Gold"), ("pt", "Ouro")]);
        assert_eq!(Language::PtBr.choose(&near), Some("Ouro"));
        let blank = texts(&[("en", "Gold"), ("pt-BR", " ")]);
        assert_eq!(Language::PtBr.choose(&blank), Some("Gold"));
        assert_eq!(Language::PtBr.choose(&texts(&[("de", "Gold")])), Some("Gold"));
        assert_eq!(Language::En.choose(&texts(&[])), None);
    }
}
