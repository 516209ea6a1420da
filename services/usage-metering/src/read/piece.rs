//! Which rows of which table make up a period?
//!
//! The coarser a roll-up, the fewer its rows: the middle of a period is read from the coarsest whose boundaries fit,
//! what is left on both sides from the next finer one, and parts of a minute from the ledger.

use chrono::{DateTime, TimeDelta, Utc};

/// Where sums are kept, the coarsest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Days,
    Hours,
    Quarters,
    Minutes,
    Ledger,
}

/// A part of a period, and where its sums are. Half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub source: Source,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// Equal steps of time, the first of which begins at `origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub origin: DateTime<Utc>,
    pub width: TimeDelta,
}

impl Source {
    const ALL: [Self; 5] = [Self::Days, Self::Hours, Self::Quarters, Self::Minutes, Self::Ledger];

    /// How much time a row of it stands for.
    pub const fn grain(self) -> TimeDelta {
        match self {
            Self::Days => TimeDelta::days(1),
            Self::Hours => TimeDelta::hours(1),
            Self::Quarters => TimeDelta::minutes(15),
            Self::Minutes => TimeDelta::minutes(1),
            Self::Ledger => TimeDelta::microseconds(1),
        }
    }

    /// The coarsest source whose rows each belong to one step of the grid.
    pub fn of(grid: Grid) -> Self {
        let fits = |source: &Self| {
            let grain = micros(source.grain());
            grid.origin.timestamp_micros() % grain == 0 && micros(grid.width) % grain == 0
        };
        Self::ALL.into_iter().find(fits).unwrap_or(Self::Ledger)
    }
}

/// The pieces of `[from, to)`, read from `coarsest` or finer, in no particular order. Minutes are there since
/// `minutes_since` only.
pub(super) fn pieces(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    coarsest: Source,
    minutes_since: DateTime<Utc>,
) -> Vec<Piece> {
    let mut pieces = vec![];
    let mut rest = vec![(from, to)];
    for source in Source::ALL.into_iter().filter(|source| *source >= coarsest) {
        let mut left = vec![];
        for (from, to) in rest {
            let begin = if source == Source::Minutes { from.max(minutes_since) } else { from };
            let (first, last) = (up(begin, source.grain()), down(to, source.grain()));
            if first < last {
                pieces.push(Piece { source, from: first, to: last });
                left.extend([(from, first), (last, to)].into_iter().filter(|(from, to)| from < to));
            } else if from < to {
                left.push((from, to));
            }
        }
        rest = left;
    }
    pieces
}

/// The last multiple of `grain` that is not after `at`.
pub(super) fn down(at: DateTime<Utc>, grain: TimeDelta) -> DateTime<Utc> {
    at - TimeDelta::microseconds(at.timestamp_micros().rem_euclid(micros(grain)))
}

/// The first multiple of `grain` that is not before `at`.
pub(super) fn up(at: DateTime<Utc>, grain: TimeDelta) -> DateTime<Utc> {
    at + TimeDelta::microseconds((-at.timestamp_micros()).rem_euclid(micros(grain)))
}

/// In microseconds, at least one.
pub(super) fn micros(delta: TimeDelta) -> i64 {
    delta.num_microseconds().unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(micros: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(micros).unwrap()
    }

    const DAY: i64 = 86_400_000_000;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn pieces_cover_a_period_once_and_each_fits_its_rows(
            from in 0..40 * DAY, length in prop_oneof![0..3 * DAY, 0..40_000_000_i64], since in 0..40 * DAY,
            coarsest in prop::sample::select(Source::ALL.to_vec()),
        ) {
            let (from, to, since) = (at(from), at(from + length), at(since));
            let mut found = pieces(from, to, coarsest, since);
            found.sort_by_key(|piece| piece.from);
            let mut reached = from;
            for piece in &found {
                prop_assert_eq!(piece.from, reached);
                prop_assert!(piece.from < piece.to && piece.source >= coarsest);
                let grain = piece.source.grain();
                prop_assert!(down(piece.from, grain) == piece.from && down(piece.to, grain) == piece.to);
                prop_assert!(piece.source != Source::Minutes || piece.from >= since);
                // Nothing is read row by row that a roll-up has.
                let from = piece.from.max(since);
                let minutes = piece.source == Source::Ledger && up(from, TimeDelta::minutes(1)) < down(piece.to, TimeDelta::minutes(1));
                prop_assert!(coarsest == Source::Ledger || !minutes);
                reached = piece.to;
            }
            prop_assert_eq!(reached, to);
            prop_assert!(coarsest == Source::Ledger || found.len() <= 9 || since > from);
        }
    }

    #[test]
    fn a_grid_is_read_from_the_coarsest_rows_that_fit_it() {
        let grid = |origin: &str, width| Grid { origin: origin.parse().unwrap(), width };
        let of = |origin, width| Source::of(grid(origin, width));
        assert_eq!(of("2026-11-01T00:00:00Z", TimeDelta::days(1)), Source::Days);
        assert_eq!(of("2026-11-01T03:00:00Z", TimeDelta::days(1)), Source::Hours);
        assert_eq!(of("2026-11-01T00:00:00Z", TimeDelta::hours(23)), Source::Hours);
        assert_eq!(of("2026-11-01T18:30:00Z", TimeDelta::days(1)), Source::Quarters);
        assert_eq!(of("2026-11-01T18:31:00Z", TimeDelta::minutes(1)), Source::Minutes);
        assert_eq!(of("2026-11-01T18:31:00.5Z", TimeDelta::minutes(1)), Source::Ledger);
    }
}
