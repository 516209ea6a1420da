//! What does a report say, in which order?
//!
//! One file for each section; a section without content is not there at all, and neither is its heading.

mod actions;
mod conflicts;
mod decision;
mod decisions;
mod facts;
mod figures;
mod findings;
mod head;
mod opinions;
mod prose;
mod risks;
mod scenarios;

use super::{
    block::{Block, Document},
    name,
    number::Numbers,
    text,
    words::Words,
};
use crate::{
    compose::topic,
    domain::{ballot::Choice, locale::Locale, opinion::Direction, registry, report::Report},
};

/// What every section is made from.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub report: &'a Report,
    pub locale: Locale,
    pub words: &'static Words,
    pub numbers: Numbers<'a>,
}

/// The whole report in this language.
pub(super) fn document(report: &Report, locale: Locale) -> Document {
    let context = Context::new(report, locale);
    let words = context.words;
    let sections: [(&'static str, Vec<Block>); 13] = [
        (words.decision, decision::blocks(context)),
        (words.key_figures, figures::blocks(context)),
        (words.decisions, decisions::blocks(context)),
        (words.dissent, decisions::dissent(context)),
        (words.action_plan, actions::blocks(context)),
        (words.scenarios, scenarios::blocks(context)),
        (words.risks, risks::blocks(context)),
        (words.conflicts, conflicts::blocks(context)),
        (words.opinions, opinions::blocks(context)),
        (words.minutes, prose::paragraphs(&report.minutes)),
        (words.memo, prose::paragraphs(&report.memo)),
        (words.facts, facts::blocks(context)),
        (words.findings, findings::blocks(context)),
    ];
    let filled = sections.into_iter().filter(|(_, blocks)| !blocks.is_empty());
    let blocks = filled.flat_map(|(heading, blocks)| std::iter::once(Block::Heading(heading)).chain(blocks));
    let blocks = head::callout(context).into_iter().chain(blocks).collect();
    Document { title: head::title(context), blocks }
}

impl<'a> Context<'a> {
    /// Of a report in a language.
    pub fn new(report: &'a Report, locale: Locale) -> Self {
        let numbers = Numbers { locale, currency: &report.brief.currency };
        Self { report, locale, words: Words::of(locale), numbers }
    }

    fn choice(self, id: &str) -> Option<&'a Choice> {
        self.report.meeting.choices.iter().find(|choice| choice.id == id)
    }

    /// `Prices: increase`.
    fn moved(self, lever: &str, direction: Direction) -> String {
        let lever = text::one_line(&registry::lever_label(lever, self.locale));
        format!("{lever}: {}", name::direction(direction, self.locale))
    }

    /// What a metric is called.
    fn label(self, key: &str) -> String {
        text::one_line(&registry::label(key, self.locale))
    }

    /// What a choice says, or else what a metric is called.
    fn topic(self, topic: &str) -> String {
        self.choice(topic)
            .map_or_else(|| topic::metric_label(topic, self.locale), |choice| text::clean(&choice.statement))
    }
}

/// A text, or the sign that there is none.
fn or_none(text: &str) -> String {
    let text = text::clean(text);
    if text.is_empty() { super::number::NONE.to_owned() } else { text }
}
