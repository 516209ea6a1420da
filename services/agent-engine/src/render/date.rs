//! How is a day written?

use crate::domain::locale::Locale;
use chrono::{DateTime, Days, NaiveDate, Utc};

/// When the analysis was begun; none of what is no time.
pub(super) fn begun(created_at: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(created_at).ok().map(|at| at.with_timezone(&Utc))
}

/// `Mar 1, 2027` or `01/03/2027` of `2027-03-01`, with or without a time after it; anything else as it stands.
pub(super) fn shown(text: &str, locale: Locale) -> String {
    let day = begun(text).map(|at| at.date_naive()).or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    day.map_or_else(|| text.trim().to_owned(), |day| long(day, locale))
}

/// `Mar 1, 2027` or `01/03/2027`.
pub(super) fn long(day: NaiveDate, locale: Locale) -> String {
    day.format(locale.pick("%b %-d, %Y", "%d/%m/%Y")).to_string()
}

/// `Mar 1` or `01/03`; with a year where plans are long.
pub(super) fn short(day: NaiveDate, with_year: bool, locale: Locale) -> String {
    let form = if with_year { locale.pick("%b %Y", "%m/%Y") } else { locale.pick("%b %-d", "%d/%m") };
    day.format(form).to_string()
}

/// The day so many days later; none beyond the calendar.
pub(super) fn later(from: NaiveDate, days: u32) -> Option<NaiveDate> {
    from.checked_add_days(Days::new(u64::from(days))).filter(|day| *day < NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_the_language_does() {
        for text in ["2027-03-01", "2027-03-01T23:59:59Z"] {
            assert_eq!(shown(text, Locale::En), "Mar 1, 2027");
            assert_eq!(shown(text, Locale::PtBr), "01/03/2027");
        }
        assert_eq!(shown(" soon ", Locale::En), "soon");
        let day = begun("2027-03-01T00:00:00Z").expect("a time").date_naive();
        assert_eq!(
            (short(day, false, Locale::PtBr), short(day, true, Locale::En)),
            ("01/03".into(), "Mar 2027".into())
        );
        assert_eq!(later(day, 31), NaiveDate::from_ymd_opt(2027, 4, 1));
        assert_eq!(later(day, u32::MAX), None);
    }
}
