//! What has a rule found, before it is numbered?

use super::{severity::severity, table::Said};
use crate::domain::conflict::{Conflict, Kind, Status};
use std::collections::BTreeMap;

/// A conflict without its number.
pub(crate) struct Finding {
    kind: Kind,
    topic: String,
    /// What each said, by id.
    parties: BTreeMap<String, String>,
    score: f64,
}

impl Finding {
    /// Nobody is party to it yet.
    pub(crate) fn new(kind: Kind, topic: &str, score: f64) -> Self {
        Self { kind, topic: topic.to_owned(), parties: BTreeMap::new(), score }
    }

    /// With one more party.
    pub(crate) fn with<T>(mut self, said: &Said<T>) -> Self {
        self.parties.insert(said.id.clone(), said.statement.to_owned());
        self
    }

    /// One finding of all who clash with somebody of another role, as grave as the gravest clash. `clash` gives the score of
    /// two, or none; it must not matter which of them comes first.
    pub(crate) fn of_all<T>(
        kind: Kind,
        topic: &str,
        members: &[&Said<T>],
        clash: impl Fn(&Said<T>, &Said<T>) -> Option<f64>,
    ) -> Option<Self> {
        let mut found = Self::new(kind, topic, 0.0);
        for (n, a) in members.iter().enumerate() {
            for b in members.iter().skip(n + 1).filter(|b| b.role != a.role) {
                if let Some(score) = clash(a, b) {
                    found.score = found.score.max(score);
                    found = found.with(a).with(b);
                }
            }
        }
        (!found.parties.is_empty()).then_some(found)
    }

    /// The conflict, still without a number.
    pub(crate) fn conflict(self) -> Conflict {
        let (parties, quotes) = self.parties.into_iter().unzip();
        Conflict {
            id: String::new(),
            kind: self.kind,
            topic: self.topic,
            parties,
            severity: severity(self.kind, self.score),
            score: self.score,
            detector: format!("rule:{}", name(self.kind)),
            quotes,
            status: Status::Open,
        }
    }
}

/// The name of a kind, as it is serialised.
pub(crate) const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::MetricMismatch => "metric_mismatch",
        Kind::DirectionOpposition => "direction_opposition",
        Kind::ResourceContention => "resource_contention",
        Kind::TimelineClash => "timeline_clash",
        Kind::ConstraintViolation => "constraint_violation",
        Kind::AssumptionConflict => "assumption_conflict",
        Kind::PriorityConflict => "priority_conflict",
        Kind::ReversibilityVeto => "reversibility_veto",
        Kind::EvidenceGap => "evidence_gap",
        Kind::ArithmeticError => "arithmetic_error",
        Kind::Contradiction => "contradiction",
        Kind::Incomparable => "incomparable",
    }
}
