//! What did a judge see in the pairs, and how far is it believed?

use super::{
    pairs::{Pair, topic},
    rank::rank,
    severity::{score, severity},
};
use crate::domain::{
    conflict::{Conflict, Kind, Severity, Status},
    opinion::{Claim, Opinion, Reversibility},
    registry,
};
use serde::{Deserialize, Serialize};

/// Impact of a topic that is no metric.
const UNKNOWN: f64 = 0.7;
/// What a doubt counts of a conflict. Even one of the gravest stays below what is talked about.
const DOUBT: f64 = 0.25;

/// What a judge says about one pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// A pair.
    pub pair: String,
    /// What the two are to each other.
    pub verdict: Judgement,
    /// Words of the first statement that was shown.
    pub quote_a: String,
    /// Words of the second.
    pub quote_b: String,
}

/// What two statements are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Not both can be true.
    Contradiction,
    /// Both can be true.
    Compatible,
    /// They are about different things.
    DifferentScope,
    /// It cannot be told.
    Insufficient,
}

/// The conflicts among the pairs. Each pair was shown twice, the second time (`backward`) with its statements swapped. A
/// contradiction is believed if both orders see it and quote the statements word for word; what only one sees, or quotes
/// wrongly, is a doubt (`judge:unsure`) of low severity.
pub fn judged(opinions: &[Opinion], pairs: &[Pair], forward: &[Verdict], backward: &[Verdict]) -> Vec<Conflict> {
    let found = pairs.iter().filter_map(|pair| {
        let told = |by: &[Verdict], swapped| by.iter().find(|v| v.pair == pair.id).and_then(|v| seen(v, pair, swapped));
        match (told(forward, false), told(backward, true)) {
            (None, None) => None,
            (Some(true), Some(true)) => Some(conflict(opinions, pair, true)),
            _ => Some(conflict(opinions, pair, false)),
        }
    });
    rank(found.collect())
}

/// Whether a contradiction was seen, and if so whether it was quoted word for word.
fn seen(verdict: &Verdict, pair: &Pair, swapped: bool) -> Option<bool> {
    let (first, second) = if swapped { (&pair.b, &pair.a) } else { (&pair.a, &pair.b) };
    let spoken = |quote: &str, statement: &str| !quote.trim().is_empty() && statement.contains(quote.trim());
    let verbatim = spoken(&verdict.quote_a, &first.statement) && spoken(&verdict.quote_b, &second.statement);
    (verdict.verdict == Judgement::Contradiction).then_some(verbatim)
}

fn conflict(opinions: &[Opinion], pair: &Pair, sure: bool) -> Conflict {
    let claim = |id: &str| opinions.iter().flat_map(|opinion| &opinion.claims).find(|claim| claim.id == id);
    let (a, b) = (claim(&pair.a.id), claim(&pair.b.id));
    let topic = a.or(b).map(topic).unwrap_or_default();
    let confidence = |claim: Option<&Claim>| claim.map_or(0.0, |claim| claim.confidence);
    let impact = registry::metric(&topic).map_or(UNKNOWN, |metric| metric.weight);
    let full = score(1.0, confidence(a).min(confidence(b)), impact, Reversibility::TwoWay);
    let score = if sure { full } else { (full * DOUBT * 1e4).round() / 1e4 };
    let mut parties = [&pair.a, &pair.b];
    parties.sort_by(|a, b| a.id.cmp(&b.id));
    Conflict {
        id: String::new(),
        kind: Kind::Contradiction,
        topic,
        parties: parties.iter().map(|party| party.id.clone()).collect(),
        severity: if sure { severity(Kind::Contradiction, score) } else { Severity::Low },
        score,
        detector: if sure { "judge" } else { "judge:unsure" }.to_owned(),
        quotes: parties.iter().map(|party| party.statement.clone()).collect(),
        status: Status::Open,
    }
}
