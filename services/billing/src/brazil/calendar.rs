//! Until which day can something be paid that is due on a day?

use super::holidays::is_holiday;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday};
use chrono_tz::America::Sao_Paulo;

/// The first day from `day` on, itself included, on which banks work.
fn next_business_day(day: NaiveDate) -> NaiveDate {
    let is_weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    // The longest row of days without banks is shorter than a week.
    day.iter_days().find(|day| !is_weekend(*day) && !is_holiday(*day)).unwrap_or(day)
}

/// The last day on which something can be paid that is due on `due` and stays payable for `validity_days` calendar days
/// after that, by the rule of the Central Bank for charges with a due date (`cobv`: API Pix 2.9.0, `CobDataDeVencimento`),
/// which is that of boletos as well: both ends move on to a day on which banks work.
pub(crate) fn last_payable(due: NaiveDate, validity_days: u32) -> NaiveDate {
    let due = next_business_day(due);
    next_business_day(due.checked_add_days(Days::new(u64::from(validity_days))).unwrap_or(due))
}

/// Which day it is where Brazil's banks count their days.
pub(crate) fn day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Sao_Paulo).date_naive()
}

/// When the day begins there.
pub(crate) fn start_of(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    // Where summer time began at midnight that hour did not exist; the day began with the next one.
    let local =
        [midnight, midnight + TimeDelta::hours(1)].iter().find_map(|t| Sao_Paulo.from_local_datetime(t).earliest());
    local.map_or_else(|| midnight.and_utc(), |local| local.with_timezone(&Utc))
}

/// When the day is over there: the first moment of the next.
pub(crate) fn end_of(day: NaiveDate) -> DateTime<Utc> {
    start_of(day.succ_opt().unwrap_or(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The examples A to G of the Central Bank's text (API Pix, `CobDataDeVencimento`): due, validity, when it counts as
    /// due, the last day on which it can be paid.
    #[test]
    fn the_examples_of_the_central_bank_come_out() {
        for (due, validity, effective, last) in [
            ("2020-10-20", 4, "2020-10-20", "2020-10-26"),
            ("2020-12-25", 0, "2020-12-28", "2020-12-28"),
            ("2020-12-25", 1, "2020-12-28", "2020-12-29"),
            ("2020-12-25", 3, "2020-12-28", "2020-12-31"),
            ("2020-12-25", 4, "2020-12-28", "2021-01-04"),
            ("2021-08-27", 5, "2021-08-27", "2021-09-01"),
            ("2021-08-28", 5, "2021-08-30", "2021-09-06"),
        ] {
            assert_eq!(next_business_day(date(due)), date(effective), "{due}");
            assert_eq!(last_payable(date(due), validity), date(last), "{due} and {validity} days");
        }
    }

    #[test]
    fn carnival_and_a_weekend_are_waited_for() {
        assert_eq!(next_business_day(date("2027-02-06")), date("2027-02-10"));
        assert_eq!(next_business_day(date("2027-03-26")), date("2027-03-29"));
        assert_eq!(last_payable(date("2027-02-05"), 1), date("2027-02-10"));
        assert_eq!(last_payable(NaiveDate::MAX, 1), NaiveDate::MAX);
    }

    #[test]
    fn a_day_begins_and_ends_where_the_banks_are() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(day(at("2027-02-01T02:59:59Z")), date("2027-01-31"));
        assert_eq!(day(at("2027-02-01T03:00:00Z")), date("2027-02-01"));
        assert_eq!(start_of(date("2027-02-01")), at("2027-02-01T03:00:00Z"));
        assert_eq!(end_of(date("2027-02-01")), at("2027-02-02T03:00:00Z"));
        // The last time that clocks went forward there, at midnight.
        assert_eq!(start_of(date("2018-11-04")), at("2018-11-04T03:00:00Z"));
    }
}
