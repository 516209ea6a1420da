//! Which numbers is it safe to reckon with?

use crate::domain::opinion::Range;

/// The value within 0 and 1; what is no number is nothing.
pub(crate) fn share(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
}

/// The middle one of those that are finite; of an even number the mean of the two in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    values.get(values.len() / 2 - 1).map(|lower| lower / 2.0 + upper / 2.0)
}

/// Both ends, finite, not negative and in order. None: somebody gave no number.
pub(crate) fn ends(range: Range) -> Option<Range> {
    let (low, high) = (range.low.max(0.0), range.high.max(0.0));
    let known = range.low.is_finite() && range.high.is_finite();
    known.then(|| Range { low: low.min(high), high: low.max(high) })
}

/// The middle of what something costs: 0 where nobody gave a number.
pub(crate) fn middle(cost: Option<Range>) -> f64 {
    cost.and_then(ends).map_or(0.0, |range| range.low / 2.0 + range.high / 2.0)
}

/// Orders `o2` before `o10`.
pub(crate) fn natural(id: &str) -> (usize, &str) {
    (id.len(), id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_left_out() {
        assert_eq!(median([f64::NAN, 3.0, 1.0, f64::INFINITY, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0]), Some(2.5));
        assert_eq!(median([f64::NAN]), None);
        assert_eq!(share(f64::NAN) + share(-1.0) + share(f64::INFINITY), 1.0);
        assert_eq!(middle(Some(Range { low: 30.0, high: 10.0 })), 20.0);
        assert_eq!(middle(Some(Range { low: f64::NAN, high: 10.0 })), 0.0);
    }
}
