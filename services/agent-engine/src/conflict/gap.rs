//! Are two numbers so far apart that not both can be right?

use crate::domain::{opinion::Interval, registry::Metric};

/// Beyond which two values disagree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tolerance {
    /// In units of the values.
    pub abs: f64,
    /// As a part of the larger one.
    pub rel: f64,
}

impl Tolerance {
    /// That of a metric, for values in its base unit.
    pub(crate) const fn of(metric: &Metric) -> Self {
        Self { abs: metric.tolerance_abs, rel: metric.tolerance_rel }
    }

    /// How far apart the likely values are, as a part of the larger one, where the intervals do not touch within the
    /// tolerance. None: they agree, or one is no number.
    pub(crate) fn apart(&self, a: Interval, b: Interval) -> Option<f64> {
        let (a, b) = (sound(a)?, sound(b)?);
        let gap = (a.low - b.high).max(b.low - a.high);
        let larger = a.point.abs().max(b.point.abs());
        // Converted units are off by a last digit.
        let allowed = self.abs.max(self.rel * larger) * (1.0 + 1e-9);
        (gap > 0.0 && gap > allowed).then(|| ((a.point - b.point).abs() / larger).min(1.0))
    }
}

/// The interval with its ends in order. None: a part of it is no number.
pub(crate) fn sound(value: Interval) -> Option<Interval> {
    let Interval { low, point, high } = value;
    let finite = low.is_finite() && point.is_finite() && high.is_finite();
    finite.then(|| Interval { low: low.min(point).min(high), point, high: high.max(point).max(low) })
}

/// A number that is known exactly.
pub(crate) const fn exact(value: f64) -> Interval {
    Interval { low: value, point: value, high: value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn around(point: f64, by: f64) -> Interval {
        Interval { low: point - by, point, high: point + by }
    }

    #[test]
    fn a_gap_counts_only_beyond_the_tolerance() {
        let tolerance = Tolerance { abs: 1.0, rel: 0.1 };
        assert_eq!(tolerance.apart(exact(3.0), exact(4.0)), None, "one apart is allowed");
        assert_eq!(tolerance.apart(exact(3.0), exact(6.0)), Some(0.5));
        assert_eq!(tolerance.apart(around(3.0, 1.0), around(6.0, 1.5)), None, "a gap of a half");
        assert_eq!(tolerance.apart(exact(100.0), exact(109.0)), None);
        assert_eq!(tolerance.apart(exact(-5.0), exact(5.0)), Some(1.0));
        assert_eq!(tolerance.apart(exact(f64::NAN), exact(5.0)), None);
        assert_eq!(Tolerance { abs: 0.0, rel: 0.0 }.apart(exact(0.0), exact(0.0)), None);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_who_is_first(a in -1e6f64..1e6, b in -1e6f64..1e6, w in 0.0f64..1e3, abs in 0.0f64..1e3) {
            let tolerance = Tolerance { abs, rel: 0.1 };
            prop_assert_eq!(tolerance.apart(around(a, w), exact(b)), tolerance.apart(exact(b), around(a, w)));
            prop_assert_eq!(tolerance.apart(around(a, w), around(a, w)), None);
        }

        #[test]
        fn more_tolerance_never_finds_more(a in 1.0f64..1e6, b in 1.0f64..1e6, abs in 0.0f64..1e3, rel in 0.0f64..0.5, more in 0.0f64..1e3) {
            let (strict, wide) = (Tolerance { abs, rel }, Tolerance { abs: abs + more, rel: rel + more / 1e3 });
            prop_assert!(strict.apart(exact(a), exact(b)).is_some() || wide.apart(exact(a), exact(b)).is_none());
        }

        #[test]
        fn a_wider_gap_never_finds_less(a in 1.0f64..1e6, gap in 0.0f64..1e6, more in 0.0f64..1e6, w in 0.0f64..10.0) {
            let tolerance = Tolerance { abs: 1.0, rel: 0.15 };
            let near = tolerance.apart(around(a, w), around(a + gap, w));
            let far = tolerance.apart(around(a, w), around(a + gap + more, w));
            prop_assert!(near.is_none() || far >= near, "{near:?} {far:?}");
        }
    }
}
