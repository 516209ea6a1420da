//! When is a letter that did not leave tried again?

use chrono::TimeDelta;

const PAUSES: [TimeDelta; 8] = [
    TimeDelta::seconds(10),
    TimeDelta::seconds(30),
    TimeDelta::minutes(2),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(3),
    TimeDelta::hours(6),
];

/// The pause after the n-th attempt, counted from 1: short at first, for a server that restarts, and never longer than
/// six hours. How long a letter is worth sending is for its writer to say.
pub fn pause(attempt: i64) -> TimeDelta {
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(PAUSES.len() - 1);
    PAUSES[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert!((1..20).all(|n| pause(n) <= pause(n + 1)));
        assert_eq!((pause(0), pause(1), pause(i64::MAX)), (PAUSES[0], PAUSES[0], PAUSES[7]));
    }
}
