//! Money without floats.
//!
//! The ledger keeps cost as whole nano-units of its currency (10⁻⁹), rounded half-even once per row. What people
//! read are micro-units (10⁻⁶), derived from sums and never summed themselves.

/// An amount in nano-units of some currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nanos(pub i64);

impl Nanos {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, or None where it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Whole micro-units, rounded half to even.
    pub fn to_micros(self) -> i64 {
        let (quotient, rest) = (self.0.div_euclid(1000), self.0.rem_euclid(1000));
        match rest.cmp(&500) {
            std::cmp::Ordering::Less => quotient,
            std::cmp::Ordering::Greater => quotient + 1,
            std::cmp::Ordering::Equal => quotient + (quotient & 1),
        }
    }
}

/// As a decimal number of whole units without needless zeros: `0.00015`, `-2`, `12.5`.
impl std::fmt::Display for Nanos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, all) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (all / 1_000_000_000, all % 1_000_000_000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{rest:09}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let micros = |n| Nanos(n).to_micros();
        assert_eq!([micros(500), micros(1500), micros(2500), micros(-500), micros(-1500)], [0, 2, 2, 0, -2]);
    }

    #[test]
    fn an_amount_is_written_exactly() {
        let text = |n| Nanos(n).to_string();
        assert_eq!([text(0), text(1), text(-150_000), text(12_500_000_000)], ["0", "0.000000001", "-0.00015", "12.5"]);
        assert_eq!(text(i64::MIN), "-9223372036.854775808");
    }

    proptest! {
        #[test]
        fn rounding_moves_by_half_a_micro_at_most(nanos in i64::MIN / 2..i64::MAX / 2) {
            let back = i128::from(Nanos(nanos).to_micros()) * 1000;
            prop_assert!((back - i128::from(nanos)).abs() <= 500);
        }
    }
}
