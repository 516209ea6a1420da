//! When is it tried again, and when is a receiver given up?

use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// Between one attempt and the next: nine attempts over more than a day and a half.
const PAUSES: [TimeDelta; 8] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
];
/// Nobody has us wait longer than this.
const LONGEST: TimeDelta = TimeDelta::hours(24);
/// For so long, and in so many attempts, nothing has arrived at a receiver that is disabled.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(5);
const GIVEN_UP_FAILURES: i64 = 10;
/// A receiver that fails is left in peace between two of its deliveries, and for at most so long, unless it asks for more.
const LONGEST_PEACE: i64 = 60;

/// When the next attempt is, after so many. `wish`: how long the receiver asks to be left in peace. None: there is none.
pub(super) fn next(attempts: i64, now: DateTime<Utc>, wish: Option<TimeDelta>) -> Option<DateTime<Utc>> {
    let pause = usize::try_from(attempts - 1).ok().and_then(|index| PAUSES.get(index))?;
    Some(now + jittered(*pause, rand::random_range(0.9..=1.1)).max(bounded(wish)))
}

/// Those who failed together do not come back together.
fn jittered(pause: TimeDelta, factor: f64) -> TimeDelta {
    let seconds = pause.to_std().unwrap_or_default().as_secs_f64() * factor;
    TimeDelta::from_std(Duration::from_secs_f64(seconds)).unwrap_or(pause)
}

fn bounded(wish: Option<TimeDelta>) -> TimeDelta {
    wish.unwrap_or_default().min(LONGEST)
}

/// How long a receiver is left in peace after so many failures in a row: nothing at all is sent to it. `wish`: how long it asks to be.
pub(super) fn peace(failures: i64, wish: Option<TimeDelta>) -> TimeDelta {
    let doubled = u32::try_from(failures - 1).ok().and_then(|n| 1i64.checked_shl(n.min(32)));
    TimeDelta::seconds(doubled.unwrap_or_default().min(LONGEST_PEACE)).max(bounded(wish))
}

/// Whether nothing has arrived for so long that nobody seems to be there.
pub(super) fn is_given_up(failures: i64, since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    failures >= GIVEN_UP_FAILURES && now - since >= GIVEN_UP_AFTER
}

/// What `Retry-After` says: seconds, or a date.
pub(super) fn wish(header: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let header = header.trim();
    let wish = match header.parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(i64::from(seconds)),
        Err(_) => DateTime::parse_from_rfc2822(header).ok()?.to_utc() - now,
    };
    (wish > TimeDelta::zero()).then_some(wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn there_are_at_least_eight_attempts_over_at_least_28_hours() {
        let attempts = PAUSES.len() + 1;
        assert!(attempts >= 8);
        let shortest: TimeDelta = PAUSES.iter().map(|pause| jittered(*pause, 0.9)).sum();
        assert!(shortest >= TimeDelta::hours(28), "{shortest}");
        for attempt in 1..i64::try_from(attempts).unwrap() {
            let pause = next(attempt, now(), None).expect("another attempt") - now();
            let usual = PAUSES[usize::try_from(attempt).unwrap() - 1];
            assert!(pause >= jittered(usual, 0.89) && pause <= jittered(usual, 1.11), "{attempt}: {pause}");
        }
        assert_eq!(next(9, now(), None), None);
        assert_eq!(next(9, now(), Some(TimeDelta::minutes(1))), None);
    }

    #[test]
    fn pauses_differ() {
        let pauses: std::collections::BTreeSet<_> = (0..20).map(|_| next(5, now(), None)).collect();
        assert!(pauses.len() > 1);
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_but_not_for_a_shorter_or_endless_one() {
        let pause = |wish| next(1, now(), Some(wish)).unwrap() - now();
        assert_eq!(pause(TimeDelta::minutes(7)), TimeDelta::minutes(7));
        assert!(pause(TimeDelta::seconds(1)) > TimeDelta::seconds(4));
        assert_eq!(pause(TimeDelta::days(400)), LONGEST);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(wish(" 120 ", now()), Some(TimeDelta::seconds(120)));
        assert_eq!(wish("Fri, 15 Jan 2027 08:01:00 GMT", now()), Some(TimeDelta::minutes(1)));
        for nothing in ["", "0", "-5", "soon", "Fri, 15 Jan 2027 07:59:00 GMT", "1e9"] {
            assert_eq!(wish(nothing, now()), None, "{nothing}");
        }
    }

    #[test]
    fn one_that_fails_is_left_in_peace_for_a_minute_at_most_unless_it_asks_for_more() {
        let seconds: Vec<_> = [1, 2, 3, 6, 7, 8, 70, 1000].map(|n| peace(n, None).num_seconds()).into();
        assert_eq!(seconds, [1, 2, 4, 32, 60, 60, 60, 60]);
        assert_eq!(peace(1, Some(TimeDelta::minutes(7))), TimeDelta::minutes(7));
        assert_eq!(peace(8, Some(TimeDelta::seconds(7))), TimeDelta::seconds(60));
        assert_eq!(peace(1, Some(TimeDelta::days(400))), LONGEST);
    }

    #[test]
    fn it_takes_days_and_many_attempts_to_be_given_up() {
        let days = |n| now() - TimeDelta::days(n);
        assert!(is_given_up(10, days(5), now()));
        assert!(!is_given_up(9, days(50), now()) && !is_given_up(1000, days(4), now()));
    }
}
