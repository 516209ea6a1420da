//! How is an exact amount rounded?

/// A quotient, half to even. The divisor is above 0; what no amount can be is as much as there can be.
pub(crate) fn half_even(number: i128, by: i128) -> i64 {
    let (whole, rest) = (number.div_euclid(by), number.rem_euclid(by));
    let up = match rest.cmp(&(by - rest)) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => whole & 1,
        std::cmp::Ordering::Greater => 1,
    };
    i64::try_from(whole + up).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour_on_both_sides_of_nothing() {
        let halves = [-5, -3, -1, 1, 3, 5].map(|number| half_even(number, 2));
        assert_eq!(halves, [-2, -2, 0, 0, 2, 2]);
        assert_eq!((half_even(29, 10), half_even(-29, 10)), (3, -3));
        assert_eq!((half_even(i128::MAX / 4, 1), half_even(i128::MIN / 4, 1)), (i64::MAX, i64::MIN));
    }
}
