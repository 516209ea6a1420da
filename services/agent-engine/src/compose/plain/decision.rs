//! What was decided on one choice, and why, in sentences.

use super::{Plain, votes::votes};
use crate::{
    compose::{
        condition::condition,
        topic::{decision, list, lowered, phrase, raised, subject},
    },
    domain::{
        ballot::Choice,
        locale::Locale,
        meeting::{Dissent, Outcome},
        opinion::Reversibility,
        registry,
    },
    words,
};

/// All there is to say on one choice.
pub(super) fn reasons(plain: &Plain<'_>, choice: &Choice) -> Vec<String> {
    let locale = plain.locale();
    let mut sentences = vec![result(plain, choice)];
    if let Some(words) = plain.quotes.quote(&choice.statement) {
        sentences.push(match locale {
            Locale::En => format!("The proposal of {} reads: {words}.", plain.roles(choice.proposers.iter().copied())),
            Locale::PtBr => format!("Proposta de {}: {words}.", plain.roles(choice.proposers.iter().copied())),
        });
    }
    let votes = votes(plain, choice);
    for (is_for, en, pt) in [(true, "For it", "A favor"), (false, "Against it", "Contra")] {
        if let Some((role, words)) = votes.reason(is_for, plain) {
            sentences.push(format!("{}, {}: {words}.", locale.pick(en, pt), plain.role(role)));
        }
    }
    sentences.extend(method(plain, choice));
    sentences.extend(money(plain, choice));
    sentences.extend(conditions(plain, choice));
    sentences
}

/// Such as `Iniciar o programa de retenção: medida adotada com 3 votos a favor e 1 contra.`
pub(super) fn result(plain: &Plain<'_>, choice: &Choice) -> String {
    let locale = plain.locale();
    let outcome = decision(plain.parts.meeting, choice).map_or(Outcome::Deferred, |decision| decision.outcome);
    let count = votes(plain, choice).count(locale);
    let comma = if count.starts_with(locale.pick("with", "com ")) { "," } else { "" };
    format!("{}: {}{comma} {count}.", raised(&phrase(choice, locale)), words::outcome(outcome, locale))
}

fn method(plain: &Plain<'_>, choice: &Choice) -> Option<String> {
    let decision = decision(plain.parts.meeting, choice)?;
    let text = words::method(decision.method, plain.locale());
    (!text.is_empty()).then(|| text.to_owned())
}

fn money(plain: &Plain<'_>, choice: &Choice) -> Option<String> {
    let locale = plain.locale();
    let cost = plain.text(&format!("{}_cost", choice.id));
    let effect = plain.text(&format!("{}_effect", choice.id)).zip(choice.effects.first());
    let label = |metric: &str| lowered(&registry::label(metric, locale));
    Some(match (cost, effect, locale) {
        (Some(cost), Some((text, effect)), Locale::En) => {
            format!("It costs {cost}, with an expected change of {text} in {}.", label(&effect.metric))
        }
        (Some(cost), Some((text, effect)), Locale::PtBr) => {
            format!("Custa {cost}, com variação esperada de {text} em {}.", label(&effect.metric))
        }
        (Some(cost), None, Locale::En) => format!("It costs {cost}."),
        (Some(cost), None, Locale::PtBr) => format!("Custa {cost}."),
        (None, Some((text, effect)), Locale::En) => {
            format!("The expected change is {text} in {}.", label(&effect.metric))
        }
        (None, Some((text, effect)), Locale::PtBr) => {
            format!("A variação esperada é de {text} em {}.", label(&effect.metric))
        }
        (None, None, _) => return None,
    })
}

fn conditions(plain: &Plain<'_>, choice: &Choice) -> Option<String> {
    let locale = plain.locale();
    let decision = decision(plain.parts.meeting, choice)?;
    let holds = matches!(decision.outcome, Outcome::Adopted | Outcome::Agreed);
    let worded = decision.conditions.iter().map(|code| condition(code, holds, plain.parts.meeting, plain.style));
    let worded: Vec<String> = worded.filter_map(|words| plain.quotes.words(&words)).collect();
    if worded.is_empty() {
        return None;
    }
    let head = match decision.outcome {
        Outcome::Adopted | Outcome::Agreed => locale.pick("It holds under this condition", "Vale com esta condição"),
        Outcome::Rejected => locale.pick("What stood against it", "O que pesou contra"),
        Outcome::Deferred => locale.pick("Why it has to wait", "Por que fica para depois"),
    };
    Some(format!("{head}: {}.", list(&worded, locale)))
}

/// Who is against what was decided, why, and what would change that.
pub(super) fn dissent(plain: &Plain<'_>, dissent: &Dissent) -> String {
    let locale = plain.locale();
    let mut text = against(plain, dissent);
    if let Some(reason) = plain.quotes.quote(&dissent.reason) {
        text = format!("{text}: {reason}");
    }
    text.push('.');
    if let Some(change) = plain.quotes.quote(&dissent.would_change_if) {
        text.push_str(locale.pick(" What would change its mind: ", " O que mudaria sua posição: "));
        text.push_str(&change);
        text.push('.');
    }
    text
}

/// Such as `Comercial discorda da decisão de não aumentar os preços`.
fn against(plain: &Plain<'_>, dissent: &Dissent) -> String {
    let (meeting, locale) = (plain.parts.meeting, plain.locale());
    let (role, subject) = (plain.role(dissent.role), subject(&dissent.topic, meeting, locale));
    let choice = meeting.choices.iter().find(|choice| choice.id == dissent.topic);
    let outcome = choice.map(|choice| decision(meeting, choice).map_or(Outcome::Deferred, |decision| decision.outcome));
    let (en, pt) = match outcome {
        None => ("with what was decided on", "do que se decidiu sobre"),
        Some(Outcome::Adopted | Outcome::Agreed) => ("with the decision to", "da decisão de"),
        Some(Outcome::Rejected) => ("with the decision not to", "da decisão de não"),
        Some(Outcome::Deferred) => ("with the decision for now not to", "da decisão de por ora não"),
    };
    match locale {
        Locale::En => format!("{role} disagrees {en} {subject}"),
        Locale::PtBr => format!("{role} discorda {pt} {subject}"),
    }
}

/// What cannot be taken back is said so.
pub(super) fn finality(plain: &Plain<'_>, choices: &[&Choice]) -> Option<String> {
    let locale = plain.locale();
    let is_final = |choice: &&&Choice| choice.reversibility == Reversibility::OneWay;
    let names: Vec<String> = choices.iter().filter(is_final).map(|choice| phrase(choice, locale)).collect();
    (!names.is_empty()).then(|| {
        let names = list(&names, locale);
        match locale {
            Locale::En => format!("There is no way back from this once it is done: {names}."),
            Locale::PtBr => format!("Depois de feito, não tem volta: {names}."),
        }
    })
}
