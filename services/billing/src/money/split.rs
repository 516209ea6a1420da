//! How is an amount split so that its parts sum to it?

use chrono::{DateTime, Utc};

/// Splits `total` in proportion to `weights`, by the largest remainder: each part is within one unit of its exact
/// value, and the parts sum to the whole. Of equal remainders the earlier part gets the unit. Without any weight
/// everything is in the first part.
pub(crate) fn split(total: i64, weights: &[u64]) -> Vec<i64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        return weights.iter().enumerate().map(|(n, _)| if n == 0 { total } else { 0 }).collect();
    }
    let amount = u128::from(total.unsigned_abs());
    let exact = |weight: &u64| (amount * u128::from(*weight) / sum, amount * u128::from(*weight) % sum);
    let mut parts: Vec<(u128, u128)> = weights.iter().map(exact).collect();
    let mut left = amount - parts.iter().map(|(whole, _)| whole).sum::<u128>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|n| std::cmp::Reverse(parts[*n].1));
    for n in order {
        if left == 0 {
            break;
        }
        parts[n].0 += 1;
        left -= 1;
    }
    let signed = |(whole, _): (u128, u128)| i64::try_from(whole).unwrap_or(i64::MAX) * total.signum();
    parts.into_iter().map(signed).collect()
}

/// What of `amount`, which is for the time from `start` to `end`, is for the time after `now`.
pub(crate) fn part(amount: i64, start: DateTime<Utc>, end: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let millis =
        |from: DateTime<Utc>, to: DateTime<Utc>| u64::try_from((to - from).num_milliseconds()).unwrap_or_default();
    let now = now.clamp(start, end.max(start));
    split(amount, &[millis(start, now), millis(now, end)])[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_shared_evenly_goes_to_the_largest_remainders() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(split(10, &[0, 0]), [10, 0]);
        assert_eq!(split(7, &[0, 1]), [0, 7]);
        assert_eq!(split(i64::MAX, &[u64::MAX, u64::MAX]).iter().sum::<i64>(), i64::MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn parts_sum_to_the_whole_and_are_within_one_unit_of_their_share(
            total in -1_000_000_000_000i64..1_000_000_000_000,
            weights in proptest::collection::vec(0u64..1_000_000_000, 1..8),
        ) {
            let parts = split(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            for (part, weight) in parts.iter().zip(&weights).filter(|_| sum > 0) {
                let apart = i128::from(*part) * sum - i128::from(total) * i128::from(*weight);
                prop_assert!(apart.abs() < sum, "{part} of {total}");
            }
        }

        #[test]
        fn what_was_used_and_what_was_not_are_the_price(amount in 0i64..10_000_000, length in 1i64..40_000_000, at: u32) {
            let start = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
            let end = start + chrono::TimeDelta::seconds(length);
            let now = start + chrono::TimeDelta::seconds(i64::from(at) % length);
            let unused = part(amount, start, end, now);
            prop_assert!((0..=amount).contains(&unused));
            prop_assert_eq!(part(amount, start, end, start), amount);
            prop_assert_eq!(part(amount, start, end, end), 0);
        }
    }
}
