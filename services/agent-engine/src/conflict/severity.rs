//! How grave is a conflict?

use crate::{
    choice::number::share,
    domain::{
        conflict::{Kind, Severity},
        opinion::{Priority, Reversibility},
    },
};

/// `divergence × confidence × impact × (1.0 one way | 0.7 two way)`, from 0 to 1, with four decimals. The confidence is that of
/// the least sure. What is no number counts as 0.
pub fn score(divergence: f64, min_confidence: f64, impact: f64, reversibility: Reversibility) -> f64 {
    let weight = match reversibility {
        Reversibility::OneWay => 1.0,
        Reversibility::TwoWay => 0.7,
    };
    let exact = share(divergence) * share(min_confidence) * share(impact) * weight;
    (exact * 1e4).round() / 1e4
}

/// The band of a score; some kinds are never less than grave.
pub fn severity(kind: Kind, score: f64) -> Severity {
    let floor = match kind {
        Kind::ConstraintViolation => Severity::High,
        Kind::ReversibilityVeto => Severity::Critical,
        _ => Severity::Info,
    };
    band(score).max(floor)
}

/// What a conflict about a recommendation of this priority weighs.
pub(super) const fn weight(priority: Priority) -> f64 {
    match priority {
        Priority::Must => 1.0,
        Priority::Should => 0.8,
        Priority::Could => 0.5,
        Priority::Wont => 0.3,
    }
}

fn band(score: f64) -> Severity {
    match score {
        score if score >= 0.70 => Severity::Critical,
        score if score >= 0.45 => Severity::High,
        score if score >= 0.25 => Severity::Medium,
        score if score >= 0.10 => Severity::Low,
        _ => Severity::Info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scores_are_what_they_were() {
        use Reversibility::{OneWay, TwoWay};
        let golden = [
            (1.0, 1.0, 1.0, OneWay, 1.0, Severity::Critical),
            (1.0, 1.0, 1.0, TwoWay, 0.7, Severity::Critical),
            (1.0, 0.9, 1.0, TwoWay, 0.63, Severity::High),
            (0.5, 0.9, 1.0, OneWay, 0.45, Severity::High),
            (0.5, 0.8, 1.0, TwoWay, 0.28, Severity::Medium),
            (0.25, 0.8, 0.8, TwoWay, 0.112, Severity::Low),
            (0.2, 0.5, 0.9, TwoWay, 0.063, Severity::Info),
            (7.0, 2.0, 1.0, OneWay, 1.0, Severity::Critical),
            (f64::NAN, 0.9, 1.0, OneWay, 0.0, Severity::Info),
            (-1.0, 0.9, f64::INFINITY, OneWay, 0.0, Severity::Info),
        ];
        for (divergence, confidence, impact, reversibility, expected, band) in golden {
            let score = score(divergence, confidence, impact, reversibility);
            assert_eq!((score, severity(Kind::MetricMismatch, score)), (expected, band), "{divergence} {confidence}");
        }
    }

    #[test]
    fn some_kinds_are_never_less_than_grave() {
        assert_eq!(severity(Kind::ConstraintViolation, 0.0), Severity::High);
        assert_eq!(severity(Kind::ConstraintViolation, 0.9), Severity::Critical);
        assert_eq!(severity(Kind::ReversibilityVeto, 0.1), Severity::Critical);
        assert_eq!(severity(Kind::EvidenceGap, f64::NAN), Severity::Info);
    }

    proptest! {
        #[test]
        fn more_of_anything_is_never_less_grave(a in 0.0f64..1.0, b in 0.0f64..1.0, c in 0.0f64..1.0, more in 0.0f64..1.0) {
            let at = |a, b, c| score(a, b, c, Reversibility::TwoWay);
            let least = at(a, b, c);
            prop_assert!(at(a + more, b, c) >= least && at(a, b + more, c) >= least && at(a, b, c + more) >= least);
            prop_assert!(score(a, b, c, Reversibility::OneWay) >= least && (0.0..=1.0).contains(&least));
        }
    }
}
