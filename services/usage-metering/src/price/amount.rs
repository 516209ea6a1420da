//! How is an exact amount rounded?

/// What was used times price, exactly: 10⁻¹² units of a currency, times 36 million. A price for a million tokens and one for
/// an hour of milliseconds are both whole in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount(pub i128);

/// What one of something is in an [`Amount`], at a price of 1 in 10⁻¹².
pub(super) const ONE: i128 = 36_000_000;
/// Of an [`Amount`] in one nano-unit.
const PER_NANO: i128 = ONE * 1_000;
/// Hundredths of a percent in one.
const WHOLE: i128 = 10_000;

impl Amount {
    /// Nano-units with a markup in hundredths of a percent, rounded half to even, once.
    pub fn nanos(self, markup: u32) -> i64 {
        // Validated prices and bounded tokens stay far below; beyond it an amount is as much as there can be.
        let exact = self.0.saturating_mul(WHOLE + i128::from(markup));
        i64::try_from(divide(exact, PER_NANO * WHOLE)).unwrap_or(i64::MAX)
    }
}

/// Rounded half to even. The divisor is positive.
pub(super) fn divide(value: i128, by: i128) -> i128 {
    let (whole, rest) = (value.div_euclid(by), value.rem_euclid(by));
    // Doubled by subtracting, so that it cannot overflow.
    match rest.cmp(&(by - rest)) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Equal => whole + whole.rem_euclid(2),
        std::cmp::Ordering::Greater => whole + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (value, expected) in [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (-25, -2), (14, 1), (16, 2), (-16, -2)]
        {
            assert_eq!(divide(value, 10), expected, "{value}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn a_rounded_amount_is_nowhere_more_than_half_away(value in -(1i128 << 90)..(1i128 << 90), by in 1i128..1 << 40) {
            let rounded = divide(value, by);
            let away = (rounded * by - value).abs() * 2;
            prop_assert!(away < by || away == by && rounded % 2 == 0);
        }

        #[test]
        fn the_markup_is_part_of_the_one_rounding(tokens in 0i128..10_000_000_000, unit in 0i128..1 << 53, markup in 0u32..100_000) {
            let exact = tokens * unit * (10_000 + i128::from(markup));
            let nanos = i128::from(Amount(tokens * unit * (ONE / 1_000_000)).nanos(markup));
            let away = (nanos * 10_000_000_000_000 - exact).abs() * 2;
            prop_assert!(nanos == i128::from(i64::MAX) || away <= 10_000_000_000_000);
        }
    }
}
