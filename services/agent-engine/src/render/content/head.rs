//! What stands above everything?

use super::{
    super::{
        block::{Block, Title},
        date, name, text,
    },
    Context,
};
use crate::domain::{
    locale::Locale,
    report::{Missing, Quality},
    role::Role,
};

/// A title is read at a glance.
const LONGEST_TITLE: usize = 170;
/// What the business is called is a label, not a story.
const LONGEST_FACT: usize = 80;

/// What was asked, of which business, how thoroughly and when.
pub(super) fn title(context: Context<'_>) -> Title {
    let Context { report, locale, words, numbers } = context;
    let sentence = text::first_sentence(&report.brief.problem_description, LONGEST_TITLE);
    let text = if sentence.is_empty() { words.untitled.to_owned() } else { sentence };
    let facts = [
        (words.business, text::shortened(&report.brief.business_type, LONGEST_FACT)),
        (words.date, date::shown(&report.created_at, locale)),
        (words.depth, name::depth(report.depth, locale).to_owned()),
        (words.horizon, numbers.of(f64::from(report.brief.horizon_days), "days")),
        (words.quality, name::quality(report.quality, locale).to_owned()),
        (words.reference, text::shortened(&report.execution_id, LONGEST_FACT)),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    Title {
        kind: words.kind.to_owned(),
        text,
        facts: facts.map(|(label, value)| [label.to_owned(), text::shortened(&value, LONGEST_FACT)]).collect(),
    }
}

/// What is missing, where something is.
pub(super) fn callout(context: Context<'_>) -> Option<Block> {
    let Context { report, locale, words, .. } = context;
    if report.quality == Quality::Full && report.missing.is_empty() {
        return None;
    }
    let lines = report.missing.iter().map(|missing| line(missing, locale)).collect();
    Some(Block::Callout { title: words.partial_title, text: words.partial_text, lines })
}

fn line(missing: &Missing, locale: Locale) -> String {
    let reason = match missing.reason.as_str() {
        "budget" => locale.pick("the budget was used up", "o orçamento se esgotou"),
        "failed" => locale.pick("it failed", "houve falha"),
        "deadline" => locale.pick("there was no time left", "o tempo se esgotou"),
        "cut_off" => locale.pick("the answer was cut off", "a resposta foi cortada"),
        "invalid_output" => locale.pick("the answer was not usable", "a resposta não era utilizável"),
        other => return format!("{}: {}", step(&missing.step, locale), text::humanised(other).to_lowercase()),
    };
    format!("{}: {reason}", step(&missing.step, locale))
}

/// The key of a step, such as `opinion:financial`, in words.
fn step(key: &str, locale: Locale) -> String {
    let parts = key.split([':', '.', '/']).filter(|part| !part.is_empty());
    text::one_line(&parts.map(|part| part_of_step(part, locale)).collect::<Vec<_>>().join(" – "))
}

fn part_of_step(part: &str, locale: Locale) -> String {
    if let Some(role) = Role::ALL.into_iter().find(|role| role.as_str() == part) {
        return role.label(locale).to_owned();
    }
    let known = match part {
        "frame" | "framing" => locale.pick("Reading of the problem", "Leitura do problema"),
        "opinion" | "opinions" => locale.pick("Opinion", "Opinião"),
        "judge" => locale.pick("Search for contradictions", "Busca de contradições"),
        "conflict" | "conflicts" => locale.pick("Conflicts", "Conflitos"),
        "ballot" | "ballots" | "vote" => locale.pick("Vote", "Voto"),
        "turn" | "round" | "meeting" => locale.pick("Round of the meeting", "Rodada da reunião"),
        "review" => locale.pick("Review", "Revisão"),
        "wording" => locale.pick("Wording of the texts", "Redação dos textos"),
        "summary" => locale.pick("Summary", "Resumo"),
        "memo" => locale.pick("Decision memo", "Memorando da decisão"),
        "minutes" => locale.pick("Minutes", "Ata"),
        "plan" | "actions" => locale.pick("Action plan", "Plano de ação"),
        "scenarios" | "finance" => locale.pick("Financial scenarios", "Cenários financeiros"),
        "risks" => locale.pick("Risk register", "Registro de riscos"),
        other => return text::humanised(other),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_reasons_are_worded() {
        let missing = |step: &str, reason: &str| Missing { step: step.to_owned(), reason: reason.to_owned() };
        let financial = missing("opinion:financial", "deadline");
        assert_eq!(line(&financial, Locale::En), "Opinion – Financial: there was no time left");
        assert_eq!(line(&financial, Locale::PtBr), "Opinião – Financeiro: o tempo se esgotou");
        assert_eq!(line(&missing("tea_break:2", "rain_fell"), Locale::En), "Tea break – 2: rain fell");
    }
}
