//! Where do minutes, hours and days begin in a time zone?

use super::piece::{Grid, Source};
use crate::Error;
use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use proto::usage::UsageInterval;

/// Points that a series may have.
pub(super) const MAX_POINTS: usize = 2_000;

/// One step of a series, and what of it is in the period. Half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// When it begins.
    pub at: DateTime<Utc>,
    /// When the next one begins.
    pub next: DateTime<Utc>,
}

/// Equal steps in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub grid: Grid,
    /// Where the last step ends.
    pub end: DateTime<Utc>,
}

/// The steps that `[from, to)` touches. Errors: `INVALID_ARGUMENT` if there are more than [`MAX_POINTS`].
pub(super) fn steps(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    interval: UsageInterval,
    zone: Tz,
) -> Result<Vec<Step>, Error> {
    let mut steps = vec![];
    let mut at = begin(from, interval, zone);
    // A moment within a step touches nothing of it.
    while from < to && at < to {
        if steps.len() == MAX_POINTS {
            return Err(Error::invalid("interval", TOO_MANY));
        }
        let next = next(at, interval, zone);
        steps.push(Step { at, next });
        at = next;
    }
    Ok(steps)
}

const TOO_MANY: &str = "gives more than 2,000 points: ask for a longer interval or a shorter period";

/// Steps of equal length together, unless each has to be read by itself to be read from coarse rows.
pub(super) fn runs(steps: &[Step]) -> Vec<Run> {
    let mut runs: Vec<Run> = vec![];
    for step in steps {
        let grid = Grid { origin: step.at, width: step.next - step.at };
        match runs.last_mut() {
            Some(run) if run.grid.width == grid.width && together(run.grid) => run.end = step.next,
            _ => runs.push(Run { grid, end: step.next }),
        }
    }
    runs
}

/// Days that begin at half past an hour have whole hours in their middle, but none that begins with them.
fn together(grid: Grid) -> bool {
    grid.width <= TimeDelta::hours(1) || Source::of(grid) <= Source::Hours
}

/// When the step begins that `at` is in.
fn begin(at: DateTime<Utc>, interval: UsageInterval, zone: Tz) -> DateTime<Utc> {
    match length(interval) {
        Some(length) => {
            let begin = at - into(at, length, zone);
            // Where clocks were set by half an hour, an hour began with that.
            if in_step(begin, at, length, zone) { begin } else { change(begin, at, zone) }
        }
        None => day(at.with_timezone(&zone).date_naive().and_time(NaiveTime::MIN), zone),
    }
}

fn next(at: DateTime<Utc>, interval: UsageInterval, zone: Tz) -> DateTime<Utc> {
    let Some(length) = length(interval) else {
        let date = at.with_timezone(&zone).date_naive();
        let next = date.checked_add_days(Days::new(1)).unwrap_or(date).and_time(NaiveTime::MIN);
        // A date that a place has left out (by moving over the date line) has no first moment of its own.
        return day(next, zone).max(at + TimeDelta::hours(1));
    };
    let next = at + length - into(at, length, zone);
    let last = next - TimeDelta::microseconds(1);
    if in_step(at, last, length, zone) { next } else { change(at, last, zone) }
}

/// Do steps of this length begin at the same distances before and after? They do where clocks were set by whole
/// steps, also within one (Newfoundland did so at one minute past midnight until 2011).
fn in_step(before: DateTime<Utc>, after: DateTime<Utc>, length: TimeDelta, zone: Tz) -> bool {
    micros(offset(after, zone) - offset(before, zone)) % micros(length) == 0
}

/// Of a fixed length, but for days.
const fn length(interval: UsageInterval) -> Option<TimeDelta> {
    match interval {
        UsageInterval::Minute => Some(TimeDelta::minutes(1)),
        UsageInterval::Hour => Some(TimeDelta::hours(1)),
        UsageInterval::Day | UsageInterval::Unspecified => None,
    }
}

/// The first moment of a day that begins at `midnight` of the place.
fn day(midnight: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&midnight).earliest() {
        Some(at) => at.to_utc(),
        // Clocks are set forward over midnight: the day begins when they are.
        None => (midnight - offset((midnight - TimeDelta::days(1)).and_utc(), zone)).and_utc(),
    }
}

/// How much of a step of this length has passed.
fn into(at: DateTime<Utc>, length: TimeDelta, zone: Tz) -> TimeDelta {
    let local = at.timestamp_micros() + micros(offset(at, zone));
    TimeDelta::microseconds(local.rem_euclid(micros(length)))
}

/// How far the clocks of the place are ahead of UTC.
fn offset(at: DateTime<Utc>, zone: Tz) -> TimeDelta {
    TimeDelta::seconds(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
}

/// The second between two times at which the clocks were set.
fn change(before: DateTime<Utc>, after: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let old = offset(before, zone);
    let (mut low, mut high) = (before.timestamp(), after.timestamp());
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        let at = DateTime::from_timestamp(middle, 0).unwrap_or(after);
        if offset(at, zone) == old { low = middle } else { high = middle }
    }
    DateTime::from_timestamp(high, 0).unwrap_or(after)
}

fn micros(delta: TimeDelta) -> i64 {
    delta.num_microseconds().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use UsageInterval::{Day, Hour, Minute};
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hours(from: &str, to: &str, zone: Tz) -> Vec<i64> {
        let steps = steps(at(from), at(to), Day, zone).unwrap();
        steps.iter().map(|step| (step.next - step.at).num_hours()).collect()
    }

    #[test]
    fn days_begin_at_midnight_of_the_place() {
        let days = steps(at("2026-11-20T12:00:00Z"), at("2026-11-22T12:00:00Z"), Day, Tz::America__Sao_Paulo).unwrap();
        let begins: Vec<_> = days.iter().map(|step| step.at.to_rfc3339()).collect();
        assert_eq!(begins, ["2026-11-20T03:00:00+00:00", "2026-11-21T03:00:00+00:00", "2026-11-22T03:00:00+00:00"]);
    }

    #[test]
    fn days_on_which_clocks_are_set_are_longer_or_shorter() {
        // Lisbon, 29 March and 25 October 2026.
        assert_eq!(hours("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", Tz::Europe__Lisbon), [24, 23, 24]);
        assert_eq!(hours("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", Tz::Europe__Lisbon), [24, 25, 24]);
        // São Paulo set its clocks at midnight: 4 November 2018 began at 01:00, and 17 February 2019 an hour later.
        assert_eq!(hours("2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z", Tz::America__Sao_Paulo), [24, 23, 24]);
        assert_eq!(hours("2019-02-16T12:00:00Z", "2019-02-17T12:00:00Z", Tz::America__Sao_Paulo), [25, 24]);
        assert_eq!(hours("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", Tz::Asia__Tokyo), [24, 24, 24]);
        // Samoa had no 30 December 2011.
        assert_eq!(hours("2011-12-29T12:00:00Z", "2011-12-31T08:00:00Z", Tz::Pacific__Apia), [24, 24]);
    }

    #[test]
    fn where_clocks_are_set_by_half_an_hour_an_hour_has_half_of_one() {
        let steps =
            steps(at("2026-04-04T14:10:00Z"), at("2026-04-04T16:00:00Z"), Hour, Tz::Australia__Lord_Howe).unwrap();
        let lengths: Vec<_> = steps.iter().map(|step| (step.next - step.at).num_minutes()).collect();
        assert_eq!(lengths, [60, 30, 60], "{steps:?}");
    }

    #[test]
    fn where_clocks_are_set_by_an_hour_within_an_hour_hours_stay_whole() {
        for day in ["2007-03-11", "2007-11-04"] {
            let (from, to) = (at(&format!("{day}T02:30:00Z")), at(&format!("{day}T06:00:00Z")));
            for zone in [Tz::America__Goose_Bay, Tz::America__St_Johns] {
                let steps = steps(from, to, Hour, zone).unwrap();
                assert!(steps.iter().all(|step| step.next - step.at == TimeDelta::hours(1)), "{steps:?}");
            }
        }
    }

    #[test]
    fn more_points_than_an_answer_has_are_refused() {
        let from = at("2026-11-01T00:00:00Z");
        let most = from + TimeDelta::minutes(2_000);
        assert_eq!(steps(from, most, Minute, Tz::UTC).unwrap().len(), MAX_POINTS);
        let refused = steps(from, most + TimeDelta::microseconds(1), Minute, Tz::UTC).unwrap_err().to_string();
        assert!(refused.contains("2,000 points"), "{refused}");
        assert!(steps(at("0001-01-01T00:00:00Z"), at("9999-12-31T00:00:00Z"), Day, Tz::UTC).is_err());
    }

    #[test]
    fn days_that_begin_at_half_past_are_read_one_by_one_and_others_together() {
        let runs_of = |zone| {
            let steps = steps(at("2026-10-20T00:00:00Z"), at("2026-10-30T00:00:00Z"), Day, zone).unwrap();
            (steps.len(), runs(&steps).len())
        };
        assert_eq!(runs_of(Tz::Asia__Tokyo), (11, 1));
        assert_eq!(runs_of(Tz::Europe__Lisbon), (10, 3));
        assert_eq!(runs_of(Tz::Asia__Kolkata), (11, 11));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn steps_follow_each_other_and_cover_the_period(
            from in 1_000_000_000..2_000_000_000_i64, length in 0..300_000_i64,
            zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            interval in prop::sample::select(vec![Minute, Hour, Day]),
        ) {
            let from = DateTime::from_timestamp(from, 0).unwrap();
            let to = from + TimeDelta::seconds(if interval == Minute { length / 60 } else { length });
            let steps = steps(from, to, interval, zone).unwrap();
            prop_assert_eq!(steps.is_empty(), from == to);
            prop_assert!(steps.windows(2).all(|pair| pair[0].next == pair[1].at));
            prop_assert!(steps.iter().all(|step| step.at < step.next && step.at < to));
            if let (Some(first), Some(last)) = (steps.first(), steps.last()) {
                prop_assert!(first.at <= from && from < first.next && last.next >= to);
            }
            for step in &steps {
                let local = step.at.with_timezone(&zone).naive_local().and_utc().timestamp();
                let fits = match interval { Minute => local % 60 == 0, _ => local % 900 == 0 };
                prop_assert!(fits, "{step:?}");
            }
            let all: Vec<_> = runs(&steps).iter().map(|run| (run.end - run.grid.origin).num_seconds()).collect();
            prop_assert_eq!(all.iter().sum::<i64>(), steps.iter().map(|step| (step.next - step.at).num_seconds()).sum::<i64>());
        }
    }
}
