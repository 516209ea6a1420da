//! Which value is reckoned with where agents give several?

use super::{count::is_new, tally};
use crate::{
    choice::number::{natural, share},
    conflict::{
        gap::{Tolerance, exact, sound},
        measure::{Bucket, Measured, by_metric},
        table::Table,
    },
    domain::{
        brief::{Brief, Source},
        conflict::{Conflict, Kind},
        meeting::{Decision, Method, Move, Outcome, Round, Turn},
        opinion::{EvidenceKind, Interval, Opinion},
        registry,
        role::Role,
    },
};

/// What one agent says after the talk.
struct Stated {
    value: Interval,
    confidence: f64,
    evidence: f64,
    conceded: bool,
}

/// One decision of each metric and time that is contested, sorted by topic. Of what the brief knows, what the brief says.
pub(super) fn agreed(brief: &Brief, opinions: &[Opinion], conflicts: &[Conflict], rounds: &[Round]) -> Vec<Decision> {
    let table = Table::new(brief, opinions);
    let groups = by_metric(&table);
    let mut contested: Vec<&Conflict> = conflicts.iter().filter(|c| c.kind == Kind::MetricMismatch).collect();
    contested.sort_by(|a, b| natural(&a.id).cmp(&natural(&b.id)));
    let found = contested.into_iter().filter_map(|conflict| {
        let of = |(said, _): &Measured| conflict.parties.contains(&said.id);
        let ((key, bucket), group) = groups.iter().find(|(_, group)| group.iter().any(of))?;
        consensus(brief, key, *bucket, group, conflict, rounds)
    });
    let mut decisions: Vec<Decision> = found.collect();
    decisions.sort_by(|a, b| a.topic.cmp(&b.topic));
    decisions.dedup_by(|a, b| a.topic == b.topic);
    decisions
}

fn consensus(
    brief: &Brief,
    key: &str,
    bucket: Bucket,
    group: &[Measured],
    conflict: &Conflict,
    rounds: &[Round],
) -> Option<Decision> {
    let all = stated(brief, group, conflict, rounds);
    let kept: Vec<&Stated> = all.iter().filter(|one| !one.conceded).collect();
    // Where everybody has conceded, there is nothing left but what they conceded.
    let kept = if kept.is_empty() { all.iter().collect() } else { kept };
    let value = fact(brief, key, bucket).or_else(|| weighted(&kept))?;
    let tolerance = Tolerance::of(registry::metric(key)?);
    let sum = |agree: bool| -> f64 {
        let near = |one: &&&Stated| tolerance.apart(one.value, exact(value.point)).is_none() == agree;
        kept.iter().filter(near).map(|one| one.confidence).sum()
    };
    let (votes_for, votes_against) = (sum(true), sum(false));
    let sure: f64 = kept.iter().map(|one| one.confidence).sum();
    Some(Decision {
        topic: format!("{key}{}", bucket.suffix()),
        outcome: Outcome::Agreed,
        method: Method::Consensus,
        value: Some(value),
        votes_for,
        votes_against,
        margin: tally::margin(votes_for, votes_against),
        conditions: vec![],
        confidence: share(sure / kept.len() as f64),
        conformity_flag: turns(conflict, rounds)
            .any(|t| t.action == Move::Concede && !is_new(t.new_evidence.as_deref())),
    })
}

/// What the brief says: nobody votes on facts. What was only assumed is none.
fn fact(brief: &Brief, key: &str, bucket: Bucket) -> Option<Interval> {
    let fact = brief.fact(key).filter(|fact| bucket == Bucket::Now && fact.source != Source::Assumed)?;
    let metric = registry::metric(key)?;
    sound(metric.normalise(exact(fact.value), &fact.unit, fact.period.as_deref(), &brief.currency)?)
}

/// What everybody says about it, after the talk. Of who revises, the first claim stands for all.
fn stated(brief: &Brief, group: &[Measured], conflict: &Conflict, rounds: &[Round]) -> Vec<Stated> {
    let mut stated = vec![];
    let mut revised: Vec<Role> = vec![];
    for (said, measure) in group {
        let last = turns(conflict, rounds).filter(|turn| turn.role == said.role).last();
        let new = turns(conflict, rounds)
            .filter(|turn| turn.role == said.role && turn.action == Move::Revise)
            .filter_map(|turn| measure.revised(turn.revised?, &brief.currency))
            .last();
        if new.is_some() && revised.contains(&said.role) {
            continue;
        }
        revised.extend(new.map(|_| said.role));
        let Some(value) = new.or(measure.base) else { continue };
        let evidence = said.item.evidence.iter().map(|evidence| strength(evidence.kind)).max_by(f64::total_cmp);
        let gone = |turn: &Turn| turn.action == Move::Concede && is_new(turn.new_evidence.as_deref());
        stated.push(Stated {
            value,
            confidence: share(said.confidence),
            evidence: evidence.unwrap_or(0.2),
            conceded: last.is_some_and(gone),
        });
    }
    stated
}

fn turns<'a>(conflict: &'a Conflict, rounds: &'a [Round]) -> impl Iterator<Item = &'a Turn> {
    rounds.iter().flat_map(|round| &round.turns).filter(|turn| turn.conflict == conflict.id)
}

const fn strength(kind: EvidenceKind) -> f64 {
    match kind {
        EvidenceKind::Input => 1.0,
        EvidenceKind::Tool => 0.9,
        EvidenceKind::Assumption => 0.6,
        EvidenceKind::General => 0.4,
    }
}

/// By confidence and evidence; where nobody is sure of anything, all count alike.
fn weighted(kept: &[&Stated]) -> Option<Interval> {
    let weights: Vec<f64> = kept.iter().map(|one| one.confidence * one.evidence).collect();
    let sum: f64 = weights.iter().sum();
    let even = 1.0 / kept.len() as f64;
    let mean = |part: fn(&Interval) -> f64| -> f64 {
        let weight = |own: f64| if sum > 0.0 { own / sum } else { even };
        kept.iter().zip(&weights).map(|(one, own)| part(&one.value) * weight(*own)).sum()
    };
    sound(Interval { low: mean(|v| v.low), point: mean(|v| v.point), high: mean(|v| v.high) })
}
