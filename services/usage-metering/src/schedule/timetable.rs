//! When does a schedule run, and which time does each run export?
//!
//! A run exports whole days of its time zone, or whole hours if the schedule runs more than once a day: from where the
//! last export ended to the beginning of the day (or hour) of the run.

use crate::Error;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};

/// The shortest time between two runs.
const SHORTEST: TimeDelta = TimeDelta::hours(1);
/// Runs that are looked at to find it. Those of one day repeat, and no day has more of them than minutes.
const SAMPLE: usize = 1_500;
const LONGEST_TEXT: usize = 256;

/// A cron expression in a time zone. A time that the clocks skip runs when they go on; one that they repeat runs once,
/// unless the expression asks for every hour.
pub(super) struct Timetable {
    cron: Cron,
    zone: Tz,
    unit: Unit,
}

/// What periods are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Hour,
}

impl Timetable {
    /// Reads both. Errors: `REFUSED_VALUE` with the field, also for what never runs or runs more often than each hour.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, Error> {
        let refused = |field, problem| Error::Refused { field, problem };
        let zone: Tz = zone
            .parse()
            .map_err(|_| refused("time_zone", "must be the IANA name of a time zone, such as America/Sao_Paulo"))?;
        let malformed = || {
            refused(
                "cron",
                "must have five fields: minute, hour, day of month, month, day of week, such as 0 6 * * MON",
            )
        };
        if cron.len() > LONGEST_TEXT || cron.split_whitespace().count() != 5 {
            return Err(malformed());
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(cron).map_err(|_| malformed())?;
        let shortest = shortest_pause(&cron).ok_or_else(|| refused("cron", "names a time that never comes"))?;
        if shortest < SHORTEST {
            return Err(refused("cron", "must leave at least an hour between two runs"));
        }
        let unit = if shortest < TimeDelta::days(1) { Unit::Hour } else { Unit::Day };
        Ok(Self { cron, zone, unit })
    }

    /// The first run after a time; none within the time that calendars reach.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&after.with_timezone(&self.zone), false).ok()?;
        Some(next.to_utc())
    }

    /// The last run not after a time.
    pub fn last(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let last = self.cron.find_previous_occurrence(&until.with_timezone(&self.zone), true).ok()?;
        Some(last.to_utc())
    }

    /// Until when a run exports.
    pub fn end_of(&self, run: DateTime<Utc>) -> DateTime<Utc> {
        let local = run.with_timezone(&self.zone);
        match self.unit {
            Unit::Hour => {
                let into = i64::from(local.minute()) * 60 + i64::from(local.second());
                run - TimeDelta::seconds(into)
            }
            Unit::Day => self.midnight(local),
        }
    }

    /// The first moment of a day. Where the clocks skip midnight it is when they go on.
    fn midnight(&self, local: DateTime<Tz>) -> DateTime<Utc> {
        let midnight = local.date_naive().and_time(NaiveTime::MIN);
        let quarters = (0..8).map(|quarters| midnight + TimeDelta::minutes(15 * quarters));
        let first = quarters.filter_map(|time| self.zone.from_local_datetime(&time).earliest()).next();
        first.map_or(local.to_utc(), |first| first.to_utc())
    }
}

/// None if it never runs. Looked for in UTC, where no clock is set.
fn shortest_pause(cron: &Cron) -> Option<TimeDelta> {
    let start = DateTime::UNIX_EPOCH.checked_add_days(Days::new(18_262))?;
    let mut last = cron.find_next_occurrence(&start, true).ok()?;
    let mut shortest = TimeDelta::MAX;
    for _ in 0..SAMPLE {
        let Ok(next) = cron.find_next_occurrence(&last, false) else { break };
        shortest = shortest.min(next - last);
        if shortest < SHORTEST {
            break;
        }
        last = next;
    }
    Some(shortest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn runs(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let timetable = Timetable::parse(cron, zone).unwrap();
        let mut last = at(after);
        let mut next = || {
            last = timetable.next(last).unwrap();
            last.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        };
        (0..count).map(|_| next()).collect()
    }

    fn refused(cron: &str, zone: &str) -> &'static str {
        match Timetable::parse(cron, zone) {
            Err(Error::Refused { field, .. }) => field,
            _ => "",
        }
    }

    #[test]
    fn a_time_that_the_clocks_skip_runs_once_that_day() {
        // Lisbon, 29 March 2026: 01:00 becomes 02:00.
        let runs = runs("30 1 * * *", "Europe/Lisbon", "2026-03-28T00:00:00Z", 3);
        assert_eq!(runs, ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    }

    #[test]
    fn a_time_that_the_clocks_repeat_runs_once_that_day() {
        // Lisbon, 25 October 2026: 02:00 becomes 01:00.
        let runs = runs("30 1 * * *", "Europe/Lisbon", "2026-10-24T00:00:00Z", 3);
        assert_eq!(runs, ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    }

    #[test]
    fn zones_without_daylight_saving_keep_their_distance() {
        assert_eq!(runs("0 6 * * *", "America/Sao_Paulo", "2026-03-29T00:00:00Z", 1), ["2026-03-29T09:00:00Z"]);
        assert_eq!(runs("0 6 1 * *", "Asia/Tokyo", "2026-11-21T00:00:00Z", 1), ["2026-11-30T21:00:00Z"]);
    }

    #[test]
    fn a_daily_run_exports_whole_days_and_an_hourly_one_whole_hours() {
        let daily = Timetable::parse("0 6 * * *", "America/Sao_Paulo").unwrap();
        assert_eq!(daily.end_of(at("2026-11-21T09:00:00Z")), at("2026-11-21T03:00:00Z"));
        let hourly = Timetable::parse("20 * * * *", "Asia/Kolkata").unwrap();
        assert_eq!(hourly.end_of(at("2026-11-21T09:50:00Z")), at("2026-11-21T09:30:00Z"));
        // São Paulo, 4 November 2018: midnight became 01:00.
        assert_eq!(daily.end_of(at("2018-11-04T12:00:00Z")), at("2018-11-04T03:00:00Z"));
        // Lisbon, the day of 25 hours.
        let lisbon = Timetable::parse("0 6 * * *", "Europe/Lisbon").unwrap();
        let day = lisbon.end_of(at("2026-10-26T06:00:00Z")) - lisbon.end_of(at("2026-10-25T06:00:00Z"));
        assert_eq!(day, TimeDelta::hours(25));
    }

    #[test]
    fn what_is_no_timetable_is_refused_by_its_field() {
        for cron in
            ["", "* * * * *", "*/30 * * * *", "0,59 * * * *", "0 0 30 2 *", "0 0 6 * * *", "@daily", "60 * * * *", "x"]
        {
            assert_eq!(refused(cron, "UTC"), "cron", "{cron}");
        }
        for zone in ["", "Mars/Olympus", "+03:00", "utc+3"] {
            assert_eq!(refused("0 6 * * *", zone), "time_zone", "{zone}");
        }
        assert_eq!(refused("0 * * * *", "UTC"), "");
        assert_eq!(refused("0 6 29 2 *", "UTC"), "", "rare is not never");
    }
}
