//! Who said what, and how everybody voted, in the words of code.

use super::{Plain, decision, memo};
use crate::{
    compose::topic::{list, phrase, subject},
    domain::{
        conflict::Conflict,
        meeting::{Outcome, Turn},
    },
    words,
};

/// Who was there and proposed what, what was on the table, each turn, and the result of each vote.
pub(super) fn minutes(plain: &Plain<'_>) -> Vec<String> {
    let mut paragraphs = plain.paragraphs(present(plain).into_iter().chain(proposals(plain)));
    paragraphs.extend(plain.paragraphs(tabled(plain)));
    for (n, round) in plain.parts.meeting.rounds.iter().enumerate() {
        let head = format!("{} {}.", plain.locale().pick("Round", "Rodada"), n + 1);
        let turns: Vec<String> = round.turns.iter().map(|turn| said(plain, turn)).collect();
        if !turns.is_empty() {
            paragraphs.extend(plain.paragraphs(std::iter::once(head).chain(turns)));
        }
    }
    paragraphs.extend(plain.paragraphs(results(plain)));
    paragraphs.extend(plain.paragraphs(plain.parts.meeting.dissent.iter().map(|one| decision::dissent(plain, one))));
    paragraphs
}

fn present(plain: &Plain<'_>) -> Vec<String> {
    let locale = plain.locale();
    let roster = plain.parts.depth.roster();
    let is_there =
        |role: &&crate::domain::role::Role| plain.parts.opinions.iter().any(|opinion| opinion.role == **role);
    let (there, absent): (Vec<_>, Vec<_>) = roster.iter().partition(is_there);
    let mut sentences =
        vec![format!("{}: {}.", locale.pick("Present", "Presentes"), plain.roles(there.into_iter().copied()))];
    if !absent.is_empty() {
        let names = plain.roles(absent.into_iter().copied());
        sentences.push(format!("{}: {names}.", locale.pick("Absent", "Ausentes")));
    }
    sentences
}

fn proposals(plain: &Plain<'_>) -> Vec<String> {
    let locale = plain.locale();
    let proposal = |opinion: &crate::domain::opinion::Opinion| {
        let choices = plain.parts.meeting.choices.iter().filter(|choice| choice.proposers.contains(&opinion.role));
        let phrases: Vec<String> = choices.map(|choice| phrase(choice, locale)).collect();
        let (role, what) = (plain.role(opinion.role), list(&phrases, locale));
        (!phrases.is_empty()).then(|| format!("{role} {} {what}.", locale.pick("proposed to", "propôs")))
    };
    plain.parts.opinions.iter().filter_map(proposal).collect()
}

fn tabled(plain: &Plain<'_>) -> Vec<String> {
    let meeting = plain.parts.meeting;
    let conflicts: Vec<&Conflict> = meeting
        .topics
        .iter()
        .filter_map(|id| plain.parts.conflicts.iter().find(|conflict| conflict.id == *id))
        .collect();
    let locale = plain.locale();
    if conflicts.is_empty() {
        let none = locale.pick("There was no conflict to talk about.", "Não houve conflito a debater.");
        return vec![none.to_owned()];
    }
    let head = locale.pick("What was on the table:", "Conflitos levados à mesa:").to_owned();
    let items: Vec<String> = conflicts.iter().map(|conflict| named(plain, conflict)).collect();
    let mut sentences = vec![format!("{head} {}.", items.join("; "))];
    let quotes = conflicts.iter().filter_map(|conflict| {
        let quotes: Vec<String> = conflict.quotes.iter().filter_map(|text| plain.quotes.quote(text)).take(2).collect();
        let head = locale.pick("What was said on", "O que se disse sobre");
        (quotes.len() > 1).then(|| format!("{head} {}: {}.", about(plain, conflict), list(&quotes, locale)))
    });
    sentences.extend(quotes);
    sentences
}

fn named(plain: &Plain<'_>, conflict: &Conflict) -> String {
    let kind = words::conflict(conflict.kind, plain.locale());
    if words::has_subject(conflict.kind) { format!("{kind} {}", about(plain, conflict)) } else { kind.to_owned() }
}

fn about(plain: &Plain<'_>, conflict: &Conflict) -> String {
    if !words::has_subject(conflict.kind) {
        return plain.locale().pick("spending", "os gastos").to_owned();
    }
    subject(&conflict.topic, plain.parts.meeting, plain.locale())
}

fn said(plain: &Plain<'_>, turn: &Turn) -> String {
    let locale = plain.locale();
    let conflict = plain.parts.conflicts.iter().find(|conflict| conflict.id == turn.conflict);
    let about = conflict.map(|conflict| format!(" {} {}", locale.pick("on", "sobre"), about(plain, conflict)));
    let head = format!("{} {}{}", plain.role(turn.role), words::action(turn.action, locale), about.unwrap_or_default());
    match plain.quotes.quote(&turn.text) {
        Some(words) => format!("{head}: {words}."),
        None => format!("{head}."),
    }
}

fn results(plain: &Plain<'_>) -> Vec<String> {
    let (meeting, locale) = (plain.parts.meeting, plain.locale());
    let mut sentences: Vec<String> = Vec::new();
    for choice in &meeting.choices {
        sentences.push(decision::result(plain, choice));
        if memo::is_flagged(plain, choice) {
            let text = locale.pick(
                "Somebody gave in without a new reason, and the sealed vote was counted.",
                "Houve quem cedesse sem motivo novo, e valeu o voto lacrado.",
            );
            sentences.push(text.to_owned());
        }
    }
    let agreed = meeting.decisions.iter().filter(|decision| decision.outcome == Outcome::Agreed);
    sentences.extend(agreed.filter_map(|decision| memo::value(plain, decision)));
    sentences
}
