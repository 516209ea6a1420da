//! How is a day written?

use super::Language;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// The zone of this IANA name. UTC if it is none: an invoice is shown all the same.
pub(super) fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// `Jan 31, 2027` or `31/01/2027`.
pub(super) fn day(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let form = match language {
        Language::En => "%b %-d, %Y",
        Language::PtBr => "%d/%m/%Y",
    };
    at.with_timezone(&zone).format(form).to_string()
}

/// The same, in the zone of this name.
pub(crate) fn day_in(at: DateTime<Utc>, time_zone: &str, language: Language) -> String {
    day(at, zone(time_zone), language)
}

/// Both ends of a period, or the one that is known; empty where there is none.
pub(super) fn period(
    (start, end): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    zone: Tz,
    language: Language,
) -> String {
    let days = [start, end].into_iter().flatten().map(|at| day(at, zone, language));
    days.collect::<Vec<_>>().join(" – ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_the_zone() {
        let at: DateTime<Utc> = "2027-02-01T02:30:00Z".parse().expect("a time");
        let sao_paulo = zone("America/Sao_Paulo");
        assert_eq!(day(at, sao_paulo, Language::PtBr), "31/01/2027");
        assert_eq!(day(at, sao_paulo, Language::En), "Jan 31, 2027");
        assert_eq!(day(at, zone("nowhere"), Language::En), "Feb 1, 2027");
    }

    #[test]
    fn a_period_is_from_day_to_day() {
        let [start, end] = ["2027-01-31T12:00:00Z", "2027-02-28T12:00:00Z"].map(|at| at.parse().ok());
        assert_eq!(period((start, end), Tz::UTC, Language::PtBr), "31/01/2027 – 28/02/2027");
        assert_eq!(period((start, end), Tz::UTC, Language::En), "Jan 31, 2027 – Feb 28, 2027");
        assert_eq!(period((None, end), Tz::UTC, Language::En), "Feb 28, 2027");
        assert_eq!(period((None, None), Tz::UTC, Language::En), "");
    }
}
