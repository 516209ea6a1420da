//! Which sentences make a summary, a memo or minutes?

use super::{
    cells::{Cell, cells, sentence},
    clean::clean,
};
use crate::provider::simulator::business::{
    case::{Case, Locale},
    family::families,
    figures::Figures,
    focus::{Focus, focus},
    names,
    phrases::phrase,
    slots::Slots,
    text,
};
use serde_json::Value;

/// All that sentences are made from.
struct Page<'a> {
    case: &'a Case,
    data: &'a Value,
    figures: Figures,
    focus: Focus,
    cells: Vec<Cell>,
}

impl<'a> Page<'a> {
    fn of(case: &'a Case, data: &'a Value) -> Self {
        let figures = Figures::of(case);
        let focus = match families(case, &figures).first() {
            Some(family) => focus(case, family),
            None => Focus { plain: String::new(), full: String::new() },
        };
        let cells = cells(data);
        Self { case, data, figures, focus, cells }
    }

    /// A sentence of the tables with some more slots; without a single digit of its own.
    fn say(&self, name: &str, extra: &[(&'static str, String)]) -> Option<String> {
        let empty = Figures::default();
        let mut slots = Slots::new(self.case, &empty, &self.focus);
        for (key, value) in extra {
            slots = slots.with(key, value.clone());
        }
        let filled = slots.part(self.case.locale.pick(phrase(name)))?;
        let plain = !outside(&filled) && !filled.is_empty();
        plain.then(|| text::capital(&filled))
    }

    fn clean(&self, value: &Value, most: usize) -> Option<String> {
        clean(value.as_str().unwrap_or_default(), &self.cells, most)
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.data[name].as_array().into_iter().flatten().take(40)
    }

    /// Labels of the decisions with this outcome.
    fn decided(&self, outcome: &str, most: usize) -> Vec<String> {
        let own = self.list("decisions").filter(|d| d["outcome"] == *outcome);
        own.filter_map(|d| self.clean(&named(&d["label"]), 90)).map(|label| format!("“{label}”")).take(most).collect()
    }

    fn join(&self, parts: &[String]) -> Option<String> {
        let and = self.case.locale.choose(" and ", " e ");
        match parts {
            [] => None,
            [one] => Some(one.clone()),
            [most @ .., last] => Some(format!("{}{and}{last}", most.join(", "))),
        }
    }

    fn opening(&self) -> String {
        let mut all: Vec<String> = vec![];
        all.extend(self.say("word_matter", &[]));
        let facts = sentence(&self.cells, false, 4, self.case.locale);
        all.extend(facts.and_then(|list| self.say("word_start", &[("list", list)])));
        if all.is_empty() {
            self.case.locale.choose("The matter was looked at.", "O assunto foi analisado.").to_owned()
        } else {
            all.join(" ")
        }
    }

    fn decisions(&self) -> Option<String> {
        let mut all: Vec<String> = vec![];
        for (outcome, name) in
            [("adopted", "word_adopted"), ("deferred", "word_deferred"), ("rejected", "word_rejected")]
        {
            let list = self.join(&self.decided(outcome, 4));
            all.extend(list.and_then(|list| self.say(name, &[("list", list)])));
        }
        if all.is_empty() { self.say("word_undecided", &[]) } else { Some(all.join(" ")) }
    }

    fn reasons(&self) -> Option<String> {
        let mut all: Vec<String> = vec![];
        for (at, decision) in self.list("decisions").filter(|d| d["outcome"] == "adopted").take(3).enumerate() {
            let label = self.clean(&named(&decision["label"]), 90).map(|label| text::small(&label));
            let reason = self.clean(&decision["reason"], 160).map(|reason| text::small(&reason));
            let (Some(label), Some(reason)) = (label, reason) else { continue };
            // The third one begins its sentence.
            let label = if at == 2 { text::capital(&label) } else { label };
            let name = ["word_reason_a", "word_reason_b", "word_reason_c"].get(at).copied().unwrap_or("word_reason_a");
            all.extend(self.say(name, &[("label", label), ("reason", reason)]));
        }
        (!all.is_empty()).then(|| all.join(" "))
    }

    fn result(&self) -> Option<String> {
        let list = sentence(&self.cells, true, 4, self.case.locale)?;
        self.say("word_result", &[("list", list)])
    }

    fn doubts(&self) -> Option<String> {
        let mut all: Vec<String> = vec![];
        if let Some(dissent) = self.list("dissent").next() {
            let role = role(&dissent["role"], self.case.locale);
            let topic = topic(&named(&dissent["topic"]), self.case.locale);
            let reason = self.clean(&dissent["reason"], 150).map(|reason| text::capital(&reason));
            let topic = clean(&topic, &self.cells, 90).unwrap_or_else(|| self.focus.plain.clone());
            all.extend(
                reason.and_then(|reason| {
                    self.say("word_dissent", &[("role", role), ("about", topic), ("reason", reason)])
                }),
            );
        }
        let risks: Vec<String> = self.list("risks").filter_map(|r| self.clean(&r["risk"], 130)).take(2).collect();
        let risks = risks.iter().map(|risk| text::small(risk)).collect::<Vec<_>>().join("; ");
        let list = (!risks.is_empty()).then_some(risks);
        all.extend(list.and_then(|list| self.say("word_risks", &[("list", list)])));
        (!all.is_empty()).then(|| all.join(" "))
    }

    fn spoken(&self) -> Option<String> {
        let mut all: Vec<String> = vec![];
        let mut heard: Vec<String> = vec![];
        for turn in self.list("turns") {
            // Whole sentences only, and what is quoted within quotes has other marks.
            let words = self.clean(&Value::from(whole(turn["text"].as_str().unwrap_or_default(), 200)), 200);
            let Some(words) = words.map(|words| text::capital(&words).replace('“', "‘").replace('”', "’"))
            else {
                continue;
            };
            // In a second round many say again what they said.
            if heard.contains(&words) || heard.len() == 6 {
                continue;
            }
            let name =
                ["word_turn_a", "word_turn_b", "word_turn_c"].get(heard.len() % 3).copied().unwrap_or("word_turn_a");
            all.extend(self.say(name, &[("role", role(&turn["role"], self.case.locale)), ("words", words.clone())]));
            heard.push(words);
        }
        (!all.is_empty()).then(|| all.join(" "))
    }

    fn closing(&self) -> Option<String> {
        let known = super::super::condition::holds("runway<6", &self.figures);
        self.say(if known { "word_close_cash" } else { "word_close" }, &[])
    }
}

/// What an executive reads first.
pub fn summary(case: &Case, data: &Value) -> Vec<String> {
    let page = Page::of(case, data);
    let result = [page.result(), page.closing()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    paragraphs(page.opening(), [page.decisions(), page.doubts(), Some(result)])
}

/// Why it was decided so.
pub fn memo(case: &Case, data: &Value) -> Vec<String> {
    let page = Page::of(case, data);
    let more = [page.result(), page.closing()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    paragraphs(page.opening(), [page.decisions(), page.reasons(), page.doubts(), Some(more)])
}

/// What was said.
pub fn minutes(case: &Case, data: &Value) -> Vec<String> {
    let page = Page::of(case, data);
    let opening = page.say("word_minutes", &[]).unwrap_or_else(|| page.opening());
    paragraphs(opening, [page.spoken(), page.decisions(), page.doubts()])
}

fn paragraphs<const N: usize>(first: String, rest: [Option<String>; N]) -> Vec<String> {
    let rest = rest.into_iter().flatten().filter(|text| !text.trim().is_empty());
    std::iter::once(first).chain(rest).filter(|text| !outside(text)).take(5).collect()
}

/// What a measure is, without how it is done: up to where its first clause ends.
fn named(label: &Value) -> Value {
    const SHORTEST: usize = 20;
    let label = label.as_str().unwrap_or_default();
    let ends = [": ", "; ", " - ", ", "].iter().flat_map(|mark| label.match_indices(mark).map(|(at, _)| at));
    let end = ends.filter(|at| label[..*at].chars().count() >= SHORTEST).min();
    Value::from(end.map_or(label, |end| &label[..end]))
}

/// As many whole sentences as fit; of one that is longer, its beginning.
fn whole(words: &str, most: usize) -> String {
    let mut out = String::new();
    for sentence in words.split_inclusive(". ") {
        if !out.is_empty() && out.chars().count() + sentence.chars().count() > most {
            break;
        }
        out.push_str(sentence);
    }
    out.trim_end().to_owned()
}

/// Whether a digit stands outside of marks.
fn outside(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        if before.chars().any(char::is_numeric) {
            return true;
        }
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    rest.chars().any(char::is_numeric)
}

/// Who it is, by a key or by its label in either language.
fn role(value: &Value, locale: Locale) -> String {
    const ROLES: &[(&[&str], &str, &str)] = &[
        (&["commercial", "comercial"], "the commercial side", "a área comercial"),
        (&["financ"], "finance", "a área financeira"),
        (&["market", "mercado"], "the market side", "a área de mercado"),
        (&["operations", "operac"], "operations", "a área de operações"),
        (&["risk", "risco"], "risk and legal", "a área de riscos e jurídico"),
        (&["reviewer", "revis"], "the reviewer", "a revisão"),
        (&["chair", "presid"], "the chair", "a presidência da mesa"),
    ];
    let named = text::fold(value.as_str().unwrap_or_default());
    let known = ROLES.iter().find(|(begins, ..)| begins.iter().any(|begin| named.starts_with(begin)));
    let (en, pt) = known.map_or(("the analysis", "a análise"), |(_, en, pt)| (*en, *pt));
    locale.choose(en, pt).to_owned()
}

fn topic(value: &Value, locale: Locale) -> String {
    let key = value.as_str().unwrap_or_default();
    text::small(&names::lever_label(key, locale))
}
