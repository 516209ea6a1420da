//! Plain paragraphs in the words of code, where no model wrote any.

mod decision;
mod finance;
mod memo;
mod minutes;
mod summary;
mod votes;

use super::{
    format::Style,
    quote::{Quotes, packed},
    report::Parts,
};
use crate::{
    domain::{
        locale::Locale,
        report::{Cell, RiskEntry},
        role::Role,
    },
    prose::MAX_CHARS,
};
use std::collections::BTreeMap;

/// What the paragraphs are written from.
pub(super) struct Plain<'a> {
    parts: &'a Parts<'a>,
    cells: &'a BTreeMap<String, Cell>,
    risks: &'a [RiskEntry],
    quotes: Quotes<'a>,
    style: Style<'a>,
}

impl<'a> Plain<'a> {
    /// `known` is what quotes may tell.
    pub fn new(
        parts: &'a Parts<'a>,
        cells: &'a BTreeMap<String, Cell>,
        known: &'a BTreeMap<String, Cell>,
        risks: &'a [RiskEntry],
    ) -> Self {
        let (locale, currency) = (parts.brief.locale, parts.brief.currency.as_str());
        Self { parts, cells, risks, quotes: Quotes { cells: known, locale }, style: Style { locale, currency } }
    }

    /// What was decided, what it does, and what speaks against it.
    pub fn summary(&self) -> Vec<String> {
        summary::summary(self)
    }

    /// Why it was decided so.
    pub fn memo(&self) -> Vec<String> {
        memo::memo(self)
    }

    /// Who said what, and how everybody voted.
    pub fn minutes(&self) -> Vec<String> {
        minutes::minutes(self)
    }

    fn locale(&self) -> Locale {
        self.style.locale
    }

    fn text(&self, id: &str) -> Option<&str> {
        self.cells.get(id).map(|cell| cell.text.as_str())
    }

    fn role(&self, role: Role) -> &'static str {
        role.label(self.locale())
    }

    fn roles(&self, roles: impl IntoIterator<Item = Role>) -> String {
        let names: Vec<String> = roles.into_iter().map(|role| self.role(role).to_owned()).collect();
        super::topic::list(&names, self.locale())
    }

    fn paragraphs(&self, sentences: impl IntoIterator<Item = String>) -> Vec<String> {
        packed(sentences, MAX_CHARS)
    }
}
