//! How much is a rate of an amount: a tax, or what is added to a cost?

use super::{half_even, split};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Millionths: what one percent is.
const PERCENT: i64 = 10_000;
const WHOLE: i128 = 1_000_000;

/// A rate in percent with at most four decimals, such as `2.9`; kept in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(i64);

impl Rate {
    /// 0 to 100 percent. None for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        Self::up_to(100, text)
    }

    /// 0 to 1000 percent, where nothing is nothing. None for anything else.
    pub fn markup(text: &str) -> Option<Self> {
        if text.is_empty() { Some(Self(0)) } else { Self::up_to(1_000, text) }
    }

    fn up_to(most: i64, text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 4 || decimals.len() > 4 || !is_number(whole) || !is_number(decimals) {
            return None;
        }
        let decimals: i64 = format!("{decimals:0<4}").parse().ok()?;
        let rate = whole.parse::<i64>().ok()? * PERCENT + decimals;
        (0..=most * PERCENT).contains(&rate).then_some(Self(rate))
    }

    /// The tax that is added to an amount, rounded half to even; nothing on what is given back.
    pub fn on_top_of(self, amount: i64) -> i64 {
        half_even(i128::from(amount.max(0)) * i128::from(self.0), WHOLE)
    }

    /// Whether it is none.
    pub const fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// The part of an amount that it is, by the largest remainder: it and the rest sum to the amount.
    pub fn part_of(self, amount: i64) -> i64 {
        let millionths = |part: i64| u64::try_from(part).unwrap_or_default();
        split(amount, &[millionths(self.0), millionths(100 * PERCENT - self.0)])[0]
    }

    /// A cost in 10⁻⁹ with what is added to it, in 10⁻⁹.
    pub fn marked_up(self, nanos: i128) -> i128 {
        nanos + nanos * i128::from(self.0) / WHOLE
    }

    /// The cost of which so much is the whole with what is added to it, in 10⁻⁹; never more.
    pub fn without_markup(self, nanos: i128) -> i128 {
        nanos.max(0) * WHOLE / (WHOLE + i128::from(self.0))
    }

    /// The tax that an amount has in it already.
    pub fn within(self, amount: i64) -> i64 {
        half_even(i128::from(amount.max(0)) * i128::from(self.0), WHOLE + i128::from(self.0))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:04}", self.0 % PERCENT);
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{}", self.0 / PERCENT),
            decimals => write!(f, "{}.{decimals}", self.0 / PERCENT),
        }
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a rate is a text with 0 to 100 percent, such as \"2.9\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_are_percent_with_four_decimals_at_most() {
        for (text, shown) in [("2.9", "2.9"), ("0", "0"), ("100", "100"), ("5.0000", "5"), ("0.0001", "0.0001")] {
            assert_eq!(Rate::parse(text).expect("a rate").to_string(), shown);
        }
        for text in ["", "-1", "100.0001", "1.23456", "1,5", ".5", "1e2", "1000"] {
            assert_eq!(Rate::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn halves_go_to_the_even_neighbour_and_what_is_given_back_has_no_tax() {
        let rate = |text: &str| Rate::parse(text).expect("a rate");
        assert_eq!([rate("5").on_top_of(10), rate("5").on_top_of(30), rate("5").on_top_of(-100)], [0, 2, 0]);
        assert_eq!(
            [rate("2.9").on_top_of(29_700), rate("10").within(11_000), rate("25").within(100)],
            [861, 1_000, 20]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn what_is_paid_for_is_enough_for_what_it_costs_with_its_markup(nanos in 0i64..i64::MAX, millionths in 0i64..=10_000_000) {
            let (rate, nanos) = (Rate(millionths), i128::from(nanos));
            let cost = rate.without_markup(nanos);
            prop_assert!(rate.marked_up(cost) <= nanos && rate.marked_up(cost + 2) >= nanos, "{cost} of {nanos}");
        }

        #[test]
        fn what_is_within_the_sum_is_what_was_on_top(amount in 0i64..1_000_000_000_000, millionths in 0i64..1_000_000) {
            let rate = Rate(millionths);
            let tax = rate.on_top_of(amount);
            prop_assert!((rate.within(amount + tax) - tax).abs() <= 1);
            prop_assert!(rate.within(amount) <= amount);
        }
    }
}
