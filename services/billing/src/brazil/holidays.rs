//! On which days do no banks work in all of Brazil?

use chrono::{Datelike as _, NaiveDate, TimeDelta};

/// Month and day of the holidays that are on the same day each year, and the first year of each. Since 1 January is the
/// first day of a year, 0 stands for always (Lei 662/1949, 6.802/1980, 10.607/2002 and 14.759/2023).
const FIXED: &[(u32, u32, i32)] =
    &[(1, 1, 0), (4, 21, 0), (5, 1, 0), (9, 7, 0), (10, 12, 0), (11, 2, 0), (11, 15, 0), (11, 20, 2024), (12, 25, 0)];

/// In days after Easter: Monday and Tuesday of Carnival, Good Friday, Corpus Christi. By law only Good Friday is one for
/// everybody, but banks clear nothing on the others (CMN Resolution 4.880/2020). On Ash Wednesday and on 31 December they do.
const MOVABLE: &[i64] = &[-48, -47, -2, 60];

/// Whether banks do not work on this day although it may be a weekday.
pub(super) fn is_holiday(day: NaiveDate) -> bool {
    let fixed = |(month, of_month, since): &(u32, u32, i32)| {
        (day.month(), day.day()) == (*month, *of_month) && day.year() >= *since
    };
    let movable = |after: &i64| easter(day.year()) + TimeDelta::days(*after) == day;
    FIXED.iter().any(fixed) || MOVABLE.iter().any(movable)
}

/// Easter Sunday of the Gregorian calendar (the algorithm known as Meeus/Jones/Butcher).
fn easter(year: i32) -> NaiveDate {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15).rem_euclid(30);
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days_after_21_march = epact + weekday - 7 * late + 1;
    let march = NaiveDate::from_ymd_opt(year, 3, 21).unwrap_or_default();
    march + TimeDelta::days(i64::from(days_after_21_march))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_is_when_it_was_and_will_be() {
        for day in [
            "1961-04-02",
            "1981-04-19",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2020-04-12",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2038-04-25",
            "2049-04-18",
            "2100-03-28",
        ] {
            assert_eq!(easter(date(day).year()), date(day));
            assert_eq!(easter(date(day).year()).weekday(), chrono::Weekday::Sun);
        }
    }

    #[test]
    fn a_year_has_its_thirteen_bank_holidays() {
        let first = date("2027-01-01");
        let holidays: Vec<String> =
            first.iter_days().take(365).filter(|day| is_holiday(*day)).map(|day| day.to_string()).collect();
        assert_eq!(
            holidays,
            [
                "2027-01-01",
                "2027-02-08",
                "2027-02-09",
                "2027-03-26",
                "2027-04-21",
                "2027-05-01",
                "2027-05-27",
                "2027-09-07",
                "2027-10-12",
                "2027-11-02",
                "2027-11-15",
                "2027-11-20",
                "2027-12-25"
            ]
        );
        assert!(!is_holiday(date("2023-11-20")) && is_holiday(date("2024-11-20")));
        assert!(!is_holiday(date("2027-02-10")) && !is_holiday(date("2027-12-31")));
    }
}
