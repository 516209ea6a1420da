//! When does a period of somebody's calendar begin and end?

use chrono::{DateTime, Datelike as _, Days, LocalResult, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Over which time a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Period {
    #[serde(rename = "d")]
    Day,
    #[serde(rename = "m")]
    Month,
    #[serde(rename = "a")]
    Total,
}

/// One day, one month, or all time, half open. Seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Span {
    #[serde(rename = "s")]
    pub start: i64,
    /// None: it never ends.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
}

/// Offsets of time zones are multiples of this since all of them follow a standard time.
const STEP: TimeDelta = TimeDelta::minutes(15);

/// The period of the calendar in `zone` that `at` is in.
pub(crate) fn span(period: Period, zone: Tz, at: DateTime<Utc>) -> Span {
    let date = at.with_timezone(&zone).date_naive();
    let (first, next) = match period {
        Period::Total => return Span { start: 0, end: None },
        Period::Day => (date, date.checked_add_days(Days::new(1))),
        Period::Month => {
            let first = date.with_day(1).unwrap_or(date);
            (first, first.checked_add_months(Months::new(1)))
        }
    };
    Span { start: midnight(first, zone), end: next.map(|next| midnight(next, zone)) }
}

/// The first instant of a date. Where clocks skip midnight the day begins later; where they repeat it, the first time.
fn midnight(date: NaiveDate, zone: Tz) -> i64 {
    let mut local = date.and_time(NaiveTime::MIN);
    // Clocks skip a day at most: Samoa did.
    for _ in 0..=96 {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.timestamp(),
            LocalResult::None => local += STEP,
        }
    }
    date.and_time(NaiveTime::MIN).and_utc().timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(zone: &str, at: &str) -> (String, String) {
        ends(Period::Day, zone, at)
    }

    fn ends(period: Period, zone: &str, at: &str) -> (String, String) {
        let span = span(period, zone.parse().unwrap(), at.parse().unwrap());
        let text = |at: i64| DateTime::from_timestamp(at, 0).unwrap().format("%Y-%m-%dT%H:%MZ").to_string();
        (text(span.start), text(span.end.unwrap()))
    }

    fn is(start: &str, end: &str) -> (String, String) {
        (start.to_owned(), end.to_owned())
    }

    #[test]
    fn days_begin_at_midnight_where_the_workspace_is() {
        assert_eq!(day("Asia/Tokyo", "2026-11-21T14:59:59Z"), is("2026-11-20T15:00Z", "2026-11-21T15:00Z"));
        assert_eq!(day("Asia/Tokyo", "2026-11-21T15:00:00Z"), is("2026-11-21T15:00Z", "2026-11-22T15:00Z"));
        assert_eq!(day("America/Sao_Paulo", "2026-11-21T02:59:59Z"), is("2026-11-20T03:00Z", "2026-11-21T03:00Z"));
        assert_eq!(day("UTC", "2026-11-21T00:00:00Z"), is("2026-11-21T00:00Z", "2026-11-22T00:00Z"));
    }

    #[test]
    fn days_in_which_clocks_change_are_shorter_or_longer() {
        // Lisbon, 29 March and 25 October 2026: 23 and 25 hours.
        assert_eq!(day("Europe/Lisbon", "2026-03-29T12:00:00Z"), is("2026-03-29T00:00Z", "2026-03-29T23:00Z"));
        assert_eq!(day("Europe/Lisbon", "2026-10-25T12:00:00Z"), is("2026-10-24T23:00Z", "2026-10-26T00:00Z"));
        // Lord Howe Island moves by half an hour: 4 October and 5 April 2026.
        assert_eq!(day("Australia/Lord_Howe", "2026-10-04T00:00:00Z"), is("2026-10-03T13:30Z", "2026-10-04T13:00Z"));
        assert_eq!(day("Australia/Lord_Howe", "2026-04-05T00:00:00Z"), is("2026-04-04T13:00Z", "2026-04-05T13:30Z"));
    }

    #[test]
    fn a_day_without_midnight_begins_when_clocks_have_moved() {
        // São Paulo, 4 November 2018: midnight was skipped, the day began at one.
        assert_eq!(day("America/Sao_Paulo", "2018-11-04T12:00:00Z"), is("2018-11-04T03:00Z", "2018-11-05T02:00Z"));
        assert_eq!(day("America/Sao_Paulo", "2018-11-04T02:59:59Z"), is("2018-11-03T03:00Z", "2018-11-04T03:00Z"));
    }

    #[test]
    fn an_hour_that_is_repeated_at_midnight_belongs_to_one_day() {
        // São Paulo, 18 February 2018 at midnight went back to 23:00 of the 17th, which had 25 hours.
        assert_eq!(day("America/Sao_Paulo", "2018-02-18T02:30:00Z"), is("2018-02-17T02:00Z", "2018-02-18T03:00Z"));
        // Havana, 1 November 2026 at one went back to midnight: the day begins at the first.
        assert_eq!(day("America/Havana", "2026-11-01T05:30:00Z"), is("2026-11-01T04:00Z", "2026-11-02T05:00Z"));
    }

    #[test]
    fn months_end_where_their_last_day_does() {
        let month = |zone, at| ends(Period::Month, zone, at);
        assert_eq!(month("UTC", "2028-02-29T23:59:59Z"), is("2028-02-01T00:00Z", "2028-03-01T00:00Z"));
        assert_eq!(month("Asia/Tokyo", "2026-01-31T15:00:00Z"), is("2026-01-31T15:00Z", "2026-02-28T15:00Z"));
        assert_eq!(month("America/Sao_Paulo", "2027-01-01T02:59:59Z"), is("2026-12-01T03:00Z", "2027-01-01T03:00Z"));
        assert_eq!(month("Europe/Lisbon", "2026-03-29T12:00:00Z"), is("2026-03-01T00:00Z", "2026-03-31T23:00Z"));
    }

    #[test]
    fn a_total_has_neither_beginning_nor_end() {
        let at = "2026-11-21T08:00:00Z".parse().unwrap();
        assert_eq!(span(Period::Total, Tz::UTC, at), Span { start: 0, end: None });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn periods_follow_each_other_without_gap_in_every_zone(
            zone in prop::sample::select(chrono_tz::TZ_VARIANTS.as_slice()),
            at in 946_684_800i64..4_102_444_800,
            period in prop::sample::select([Period::Day, Period::Month].as_slice()),
        ) {
            let of = |at: i64| span(period, zone, DateTime::from_timestamp(at, 0).unwrap());
            let here = of(at);
            let end = here.end.unwrap();
            prop_assert!(here.start <= at && at < end, "{zone} {at} {here:?}");
            prop_assert_eq!(of(here.start), here);
            prop_assert_eq!(of(end - 1), here);
            prop_assert_eq!(of(end).start, end);
            prop_assert_eq!((here.start % 900, end % 900), (0, 0), "roll-ups are of quarters of an hour");
        }
    }
}
