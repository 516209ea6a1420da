//! When does a period end?

use chrono::{DateTime, Datelike as _, Days, LocalResult, Months, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Interval {
    Month,
    Year,
}

/// Where periods are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub at: DateTime<Utc>,
    pub zone: Tz,
    pub interval: Interval,
}

impl Interval {
    pub const ALL: [Self; 2] = [Self::Month, Self::Year];

    /// As Stripe calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The interval with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interval| interval.as_str() == text)
    }

    /// In months.
    pub const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }
}

impl Anchor {
    /// When the first `n` periods are over. Counted from the anchor each time, not from the end before: what began on
    /// 31 January ends on 28 February and then on 31 March. None beyond the calendar.
    pub fn end_of(&self, n: u32) -> Option<DateTime<Utc>> {
        let local = self.at.with_timezone(&self.zone).naive_local();
        let months = Months::new(self.interval.months().checked_mul(n)?);
        let day = local.date().checked_add_months(months)?;
        // Nobody keeps a calendar beyond these, and databases have bounds of their own.
        (day.year() < 9999).then(|| in_zone(day.and_time(local.time()), self.zone))
    }
}

/// The moment of a local time. Of one that comes twice, the first; for one that is left out, the first moment after.
fn in_zone(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => {
            let quarters = (1..=8).map(|n| local + TimeDelta::minutes(15 * n));
            let after = quarters.filter_map(|later| zone.from_local_datetime(&later).earliest()).next();
            // A zone that left out a whole day, as islands at the date line have.
            let next = || zone.from_local_datetime(&(local + Days::new(1))).earliest();
            after.or_else(next).map_or_else(|| Utc.from_utc_datetime(&local), |at| at.to_utc())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ends(at: &str, zone: Tz, interval: Interval, n: std::ops::RangeInclusive<u32>) -> Vec<String> {
        let at: DateTime<Utc> = at.parse().expect("a time");
        let anchor = Anchor { at, zone, interval };
        n.map(|n| anchor.end_of(n).expect("within the calendar").format("%Y-%m-%dT%H:%M").to_string()).collect()
    }

    #[test]
    fn what_began_on_a_31st_ends_on_the_last_day_of_each_month() {
        let ends = ends("2027-01-31T12:00:00Z", Tz::UTC, Interval::Month, 1..=13);
        let days: Vec<_> = ends.iter().map(|end| &end[2..10]).collect();
        assert_eq!(
            days,
            [
                "27-02-28", "27-03-31", "27-04-30", "27-05-31", "27-06-30", "27-07-31", "27-08-31", "27-09-30",
                "27-10-31", "27-11-30", "27-12-31", "28-01-31", "28-02-29"
            ]
        );
    }

    #[test]
    fn a_leap_day_is_the_28th_in_other_years() {
        let ends = ends("2028-02-29T00:00:00Z", Tz::UTC, Interval::Year, 1..=4);
        assert_eq!(
            ends.iter().map(|end| &end[..10]).collect::<Vec<_>>(),
            ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
        );
    }

    #[test]
    fn the_hour_is_that_of_the_customers_clock_summer_and_winter() {
        let lisbon = ends("2027-01-15T09:00:00Z", Tz::Europe__Lisbon, Interval::Month, 1..=4);
        assert_eq!(lisbon, ["2027-02-15T09:00", "2027-03-15T09:00", "2027-04-15T08:00", "2027-05-15T08:00"]);
        // At 01:30 on 28 March 2027 the clocks of Lisbon are put forward from 01:00 to 02:00.
        assert_eq!(ends("2027-02-28T01:30:00Z", Tz::Europe__Lisbon, Interval::Month, 1..=1), ["2027-03-28T01:00"]);
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_a_gap(at in 1_600_000_000i64..2_500_000_000, n in 0u32..300, which in 0usize..4) {
            let zone = [Tz::UTC, Tz::America__Sao_Paulo, Tz::Europe__Lisbon, Tz::Asia__Tokyo][which];
            let at = DateTime::from_timestamp(at, 0).expect("a time");
            let anchor = Anchor { at, zone, interval: Interval::Month };
            let (start, end) = (anchor.end_of(n).expect("a time"), anchor.end_of(n + 1).expect("a time"));
            let days = (end - start).num_hours();
            prop_assert!((28 * 24 - 2..=31 * 24 + 2).contains(&days), "{start} to {end}");
            prop_assert_eq!(anchor.end_of(0), Some(at));
        }
    }
}
