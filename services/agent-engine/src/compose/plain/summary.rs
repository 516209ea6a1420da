//! What an executive reads first, in the words of code.

use super::{Plain, decision, finance, votes::votes};
use crate::{
    compose::topic::{list, lowered, of_outcome, phrase, raised},
    domain::{locale::Locale, meeting::Outcome},
};

const NAMED: usize = 5;
const DISSENT: usize = 2;

/// What was decided, what it does, and what speaks against it.
pub(super) fn summary(plain: &Plain<'_>) -> Vec<String> {
    let parts = [decided(plain), finance::money(plain), doubts(plain)];
    parts.into_iter().flat_map(|sentences| plain.paragraphs(sentences)).collect()
}

fn decided(plain: &Plain<'_>) -> Vec<String> {
    let (meeting, locale) = (plain.parts.meeting, plain.locale());
    let adopted = of_outcome(meeting, Outcome::Adopted);
    let phrases: Vec<String> = adopted.iter().take(NAMED).map(|choice| phrase(choice, locale)).collect();
    let mut sentences = vec![match (phrases.is_empty(), locale) {
        (true, Locale::En) => "The board adopted none of the measures that were proposed.".to_owned(),
        (true, Locale::PtBr) => "A mesa não adotou nenhuma das medidas propostas.".to_owned(),
        (false, Locale::En) => format!("The board decided to {}.", list(&phrases, locale)),
        (false, Locale::PtBr) => format!("A mesa decidiu {}.", list(&phrases, locale)),
    }];
    let is_agreed = !adopted.is_empty() && adopted.iter().all(|choice| votes(plain, choice).no.is_empty());
    if is_agreed {
        sentences.push(locale.pick("Nobody voted against it.", "Ninguém votou contra.").to_owned());
    } else {
        let votes = adopted.iter().take(NAMED).map(|choice| {
            let count = votes(plain, choice).count(locale);
            let count = count.strip_prefix(locale.pick("with ", "com ")).unwrap_or(&count);
            format!("{}: {count}.", raised(&phrase(choice, locale)))
        });
        sentences.extend(votes);
    }
    sentences.extend(others(plain, Outcome::Deferred, "Put off", "Ficaram para depois"));
    sentences.extend(others(plain, Outcome::Rejected, "Not adopted", "Não foram adotadas estas propostas"));
    sentences
}

fn others(plain: &Plain<'_>, outcome: Outcome, en: &str, pt: &str) -> Option<String> {
    let locale = plain.locale();
    let others = of_outcome(plain.parts.meeting, outcome);
    let phrases: Vec<String> = others.iter().take(NAMED).map(|choice| phrase(choice, locale)).collect();
    (!phrases.is_empty()).then(|| format!("{}: {}.", locale.pick(en, pt), list(&phrases, locale)))
}

fn doubts(plain: &Plain<'_>) -> Vec<String> {
    let locale = plain.locale();
    let mut sentences = Vec::new();
    let risk = plain.risks.iter().find_map(|risk| Some((lowered(&plain.quotes.words(&risk.risk)?), &risk.mitigation)));
    if let Some((risk, mitigation)) = risk {
        sentences.push(format!("{}: {risk}.", locale.pick("The biggest risk", "O maior risco")));
        if let Some(mitigation) = plain.quotes.words(mitigation).map(|words| lowered(&words)) {
            sentences
                .push(format!("{}: {mitigation}.", locale.pick("What is done about it", "O que se faz a respeito")));
        }
    }
    let dissent = plain.parts.meeting.dissent.iter().take(DISSENT);
    sentences.extend(dissent.map(|dissent| decision::dissent(plain, dissent)));
    sentences.extend(decision::finality(plain, &of_outcome(plain.parts.meeting, Outcome::Adopted)));
    sentences
}
