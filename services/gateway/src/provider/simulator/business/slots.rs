//! How is a template filled in?

mod company;

use super::{
    case::{Case, Locale},
    figures::Figures,
    focus::Focus,
    number, text,
};
use company::company;

/// All that templates may name.
pub struct Slots<'a> {
    case: &'a Case,
    figures: &'a Figures,
    focus: &'a Focus,
    extra: Vec<(&'static str, String)>,
}

impl<'a> Slots<'a> {
    /// Those of a case.
    pub const fn new(case: &'a Case, figures: &'a Figures, focus: &'a Focus) -> Self {
        Self { case, figures, focus, extra: vec![] }
    }

    /// The same with one more.
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.extra.push((name, value));
        self
    }

    /// A statement: the text with its slots filled in, from a capital letter to its end. None: one is not known.
    pub fn fill(&self, pair: &[String; 2]) -> Option<String> {
        let filled = self.part(self.case.locale.pick(pair))?;
        Some(text::clip(&text::capital(filled.trim_start()), text::STATEMENT))
    }

    /// See [`Self::fill`]; neither is the first letter changed nor the end cut.
    pub fn part(&self, template: &str) -> Option<String> {
        let mut out = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            out.push_str(before);
            let value = self.slot(name)?;
            match self.case.locale {
                Locale::Pt => contract(&mut out, &value),
                Locale::En => out.push_str(&value),
            }
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }

    fn slot(&self, name: &str) -> Option<String> {
        let lower = text::small(name);
        let value = self.named(&lower)?;
        Some(if lower == name { value } else { text::capital(&value) })
    }

    fn named(&self, name: &str) -> Option<String> {
        let case = self.case;
        if let Some((_, value)) = self.extra.iter().find(|(key, _)| *key == name) {
            return Some(value.clone());
        }
        match name {
            "focus" => return Some(self.focus.plain.clone()),
            "topic" => return Some(self.focus.full.clone()),
            "horizon" => return Some(number::show(f64::from(case.horizon), "days", &case.currency, case.locale)),
            _ => (),
        }
        if let Some(value) = company(&case.business, name, case.locale) {
            return Some(value);
        }
        let figure = self.figures.get(name)?;
        // The words around it say which way it goes.
        let value = if matches!(name, "growth_gap" | "break_even_gap") { figure.value.abs() } else { figure.value };
        Some(number::show(value, &figure.unit, &case.currency, case.locale))
    }
}

/// Adds a value to a text; a preposition and the article after it become one word.
fn contract(out: &mut String, value: &str) {
    const PREPOSITIONS: [(&str, [&str; 4]); 4] = [
        ("de ", ["do ", "da ", "dos ", "das "]),
        ("em ", ["no ", "na ", "nos ", "nas "]),
        ("por ", ["pelo ", "pela ", "pelos ", "pelas "]),
        ("a ", ["ao ", "à ", "aos ", "às "]),
    ];
    const ARTICLES: [&str; 4] = ["o ", "a ", "os ", "as "];
    let ends = |word: &str| {
        let before = out.len().checked_sub(word.len()).and_then(|at| out.get(..at));
        let same = out.to_lowercase().ends_with(word);
        same && before.is_some_and(|text| !text.chars().next_back().is_some_and(char::is_alphanumeric))
    };
    let found = PREPOSITIONS.iter().find(|(word, _)| ends(word));
    let article = ARTICLES.iter().position(|article| value.starts_with(article));
    let (Some((word, forms)), Some(at)) = (found, article) else { return out.push_str(value) };
    let upper = out.chars().rev().nth(word.len() - 1).is_some_and(char::is_uppercase);
    out.truncate(out.len() - word.len());
    let form = forms.get(at).copied().unwrap_or_default();
    out.push_str(&if upper { text::capital(form) } else { form.to_owned() });
    out.push_str(&value[ARTICLES.get(at).map_or(0, |article| article.len())..]);
}
