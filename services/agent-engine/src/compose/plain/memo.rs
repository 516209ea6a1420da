//! Why it was decided so, in the words of code.

use super::{Plain, decision, finance};
use crate::{
    compose::topic::{decision as decided, list, lowered, metric_label, of_outcome},
    domain::{
        brief::Source,
        locale::Locale,
        meeting::{Decision, Outcome},
        registry,
    },
    read::slug,
};

const FACTS: usize = 8;
const RISKS: usize = 3;
const UNKNOWNS: usize = 5;

/// What is known, each choice with its reasons, the money, the risks, the dissent, and what nobody knows.
pub(super) fn memo(plain: &Plain<'_>) -> Vec<String> {
    let meeting = plain.parts.meeting;
    let mut paragraphs = plain.paragraphs(facts(plain));
    for outcome in [Outcome::Adopted, Outcome::Deferred, Outcome::Rejected] {
        for choice in of_outcome(meeting, outcome) {
            paragraphs.extend(plain.paragraphs(decision::reasons(plain, choice)));
        }
    }
    let mut money = finance::money(plain);
    money.extend(finance::spread(plain));
    let dissent = meeting.dissent.iter().map(|dissent| decision::dissent(plain, dissent)).collect();
    for sentences in [agreed(plain), money, risks(plain), dissent, unknowns(plain)] {
        paragraphs.extend(plain.paragraphs(sentences));
    }
    paragraphs
}

fn facts(plain: &Plain<'_>) -> Vec<String> {
    let locale = plain.locale();
    let told = |is_assumed: bool| {
        let facts = plain.parts.brief.facts.iter().filter(|fact| (fact.source == Source::Assumed) == is_assumed);
        let texts = facts.filter_map(|fact| {
            let text = plain.text(&format!("f_{}", slug(&fact.key)))?;
            Some(format!("{}: {text}", registry::label(&fact.key, locale)))
        });
        texts.take(FACTS).collect::<Vec<_>>().join("; ")
    };
    let mut sentences = Vec::new();
    for (is_assumed, en, pt) in [
        (false, "What is known about the business", "O que se sabe do negócio"),
        (true, "What nobody said and had to be assumed", "O que ninguém informou e teve de ser suposto"),
    ] {
        let told = told(is_assumed);
        if !told.is_empty() {
            sentences.push(format!("{} – {told}.", locale.pick(en, pt)));
        }
    }
    sentences
}

/// Numbers that were contested, and what is reckoned with.
fn agreed(plain: &Plain<'_>) -> Vec<String> {
    plain.parts.meeting.decisions.iter().filter_map(|decision| value(plain, decision)).collect()
}

/// Such as `Churn: a mesa adotou 4,5% (de 4% a 6%).`
pub(super) fn value(plain: &Plain<'_>, decision: &Decision) -> Option<String> {
    let locale = plain.locale();
    let id = format!("m_{}", slug(&decision.topic));
    let (label, text) = (metric_label(&decision.topic, locale), plain.text(&id)?);
    let ends = plain.text(&format!("{id}_low")).zip(plain.text(&format!("{id}_high")));
    Some(match (ends, locale) {
        (Some((low, high)), Locale::En) => format!("{label}: the board reckons with {text} (from {low} to {high})."),
        (Some((low, high)), Locale::PtBr) => format!("{label}: a mesa adotou {text} (de {low} a {high})."),
        (None, Locale::En) => format!("{label}: the board reckons with {text}."),
        (None, Locale::PtBr) => format!("{label}: a mesa adotou {text}."),
    })
}

fn risks(plain: &Plain<'_>) -> Vec<String> {
    let locale = plain.locale();
    let told = plain.risks.iter().filter_map(|risk| {
        let text = lowered(&plain.quotes.words(&risk.risk)?);
        let by = plain.roles(risk.named_by.iter().copied());
        let mut text =
            format!("{}, {} {by}: {text}.", locale.pick("Risk", "Risco"), locale.pick("named by", "apontado por"));
        if let Some(mitigation) = plain.quotes.words(&risk.mitigation).map(|words| lowered(&words)) {
            text = format!("{text} {}: {mitigation}.", locale.pick("What is done about it", "O que se faz a respeito"));
        }
        Some(text)
    });
    told.take(RISKS).collect()
}

fn unknowns(plain: &Plain<'_>) -> Vec<String> {
    let locale = plain.locale();
    let all = plain.parts.opinions.iter().flat_map(|opinion| &opinion.unknowns);
    let mut told: Vec<String> = Vec::new();
    for words in all.filter_map(|text| plain.quotes.quote(text)) {
        if !told.contains(&words) && told.len() < UNKNOWNS {
            told.push(words);
        }
    }
    if told.is_empty() {
        return Vec::new();
    }
    let head = locale.pick("What the board would like to know", "O que a mesa ainda gostaria de saber");
    vec![format!("{head}: {}.", list(&told, locale))]
}

/// Whether somebody gave in without a new reason.
pub(super) fn is_flagged(plain: &Plain<'_>, choice: &crate::domain::ballot::Choice) -> bool {
    decided(plain.parts.meeting, choice).is_some_and(|decision| decision.conformity_flag)
}
