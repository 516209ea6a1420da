//! What has become of every conflict?

use super::count::is_new;
use crate::domain::{
    ballot::Choice,
    conflict::{Conflict, Kind, Status},
    meeting::{Decision, Move, Outcome, Round, Turn},
    role::Role,
};
use std::collections::BTreeSet;

/// Conflicts with their last status. Resolved: code has decided it and nobody who voted is against it, or all but one side have
/// given in. Accepted dissent: it was decided with somebody against it. Debated: it was talked about, and stays. Open: neither.
pub fn settle(
    conflicts: Vec<Conflict>,
    choices: &[Choice],
    decisions: &[Decision],
    rounds: &[Round],
    tabled: &[String],
) -> Vec<Conflict> {
    let status = |conflict: &Conflict| {
        let spoken: Vec<&Turn> = match tabled.contains(&conflict.id) {
            true => rounds.iter().flat_map(|round| &round.turns).filter(|t| t.conflict == conflict.id).collect(),
            false => vec![],
        };
        by_decision(conflict, choices, decisions, &spoken).unwrap_or_else(|| by_talk(conflict, &spoken))
    };
    conflicts.into_iter().map(|conflict| Conflict { status: status(&conflict), ..conflict }).collect()
}

/// Who said a claim or a recommendation.
pub(super) fn author(id: &str) -> Option<Role> {
    let name = id.split('.').next()?;
    Role::ALL.into_iter().find(|role| role.as_str() == name)
}

/// None: nothing that was decided is about it.
fn by_decision(conflict: &Conflict, choices: &[Choice], decisions: &[Decision], spoken: &[&Turn]) -> Option<Status> {
    if conflict.kind == Kind::MetricMismatch {
        let own = |d: &Decision| d.outcome == Outcome::Agreed && d.topic.split('@').next() == Some(&conflict.topic);
        let stays = conflict.parties.iter().filter_map(|id| author(id)).any(|role| stays(role, spoken));
        let status = if stays && !spoken.is_empty() { Status::AcceptedDissent } else { Status::Resolved };
        return decisions.iter().any(own).then_some(status);
    }
    let about: Vec<(&Choice, &Decision)> = choices
        .iter()
        .filter(|choice| choice.recommendations.iter().any(|id| conflict.parties.contains(id)))
        .filter_map(|choice| Some((choice, decisions.iter().find(|decision| decision.topic == choice.id)?)))
        .collect();
    if about.is_empty() || !decides(conflict.kind) || still_clashes(conflict, &about) {
        return None;
    }
    let against = |decision: &Decision| match decision.outcome {
        Outcome::Adopted => decision.votes_against > 0.0,
        Outcome::Rejected => decision.votes_for > 0.0,
        Outcome::Deferred | Outcome::Agreed => false,
    };
    let dissent = about.iter().any(|(_, decision)| against(decision));
    Some(if dissent { Status::AcceptedDissent } else { Status::Resolved })
}

/// Whether a decision on what is proposed is one on the conflict as well.
const fn decides(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::DirectionOpposition
            | Kind::ResourceContention
            | Kind::TimelineClash
            | Kind::ConstraintViolation
            | Kind::PriorityConflict
            | Kind::ReversibilityVeto
    )
}

/// Days are not decided on: what begins too early still does where both are done.
fn still_clashes(conflict: &Conflict, about: &[(&Choice, &Decision)]) -> bool {
    let done = || about.iter().filter(|(_, decision)| decision.outcome == Outcome::Adopted).map(|(choice, _)| *choice);
    let early = |waiting: &Choice| {
        let needed = done().filter(|choice| choice.lever == conflict.topic);
        waiting.depends_on.contains(&conflict.topic) && needed.into_iter().any(|c| c.end_day > waiting.start_day)
    };
    conflict.kind == Kind::TimelineClash && done().any(early)
}

fn by_talk(conflict: &Conflict, spoken: &[&Turn]) -> Status {
    let parties: BTreeSet<Role> = conflict.parties.iter().filter_map(|id| author(id)).collect();
    if spoken.is_empty() {
        return Status::Open;
    }
    let standing = parties.iter().filter(|role| stays(**role, spoken)).count();
    // One alone has given in, or has found a reason; of several, one may stay.
    let allowed = usize::from(parties.len() > 1);
    let resolved =
        standing <= allowed || (conflict.kind == Kind::EvidenceGap && spoken.iter().any(|turn| founded(turn)));
    if resolved { Status::Resolved } else { Status::Debated }
}

/// Whether a party has not moved in what it said last. Who gives in without a new reason has not.
fn stays(role: Role, spoken: &[&Turn]) -> bool {
    let last = spoken.iter().rev().find(|turn| turn.role == role);
    last.is_none_or(|turn| match turn.action {
        Move::Maintain => true,
        Move::Revise => false,
        Move::Concede => !founded(turn),
    })
}

fn founded(turn: &Turn) -> bool {
    is_new(turn.new_evidence.as_deref())
}
