//! What does a decimal number in a document say?

/// Digits after the point that count.
const SCALE: usize = 12;
/// Nobody charges more for a million tokens; what costs more is a mistake of the document.
const MOST: i128 = 10_000;

/// A number like `0.075` in 10⁻¹², at most 10,000. None for everything else: signs, exponents, a thirteenth digit.
pub(super) fn parse(text: &str) -> Option<i128> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 5 || part.len() > SCALE {
        return None;
    }
    let value: i128 = format!("{whole}{part:0<SCALE$}").parse().ok()?;
    (value <= MOST * 10i128.pow(12)).then_some(value)
}

/// A percentage like `12.5` in hundredths of a percent, at most 1,000 %. None for everything else.
pub(crate) fn percent(text: &str) -> Option<u32> {
    let value = parse(text)?;
    let hundredths = u32::try_from(value / 10i128.pow(10)).ok()?;
    (value % 10i128.pow(10) == 0 && hundredths <= 100_000).then_some(hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_exactly_or_not_at_all() {
        assert_eq!(parse("1.25"), Some(1_250_000_000_000));
        assert_eq!(parse("0.000000000001"), Some(1));
        assert_eq!(parse("10000"), Some(10_000_000_000_000_000));
        for wrong in
            ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", " 1", "10000.1", "100000", "0.0000000000001", "NaN"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!((percent("12.5"), percent("0.01"), percent("1000")), (Some(1250), Some(1), Some(100_000)));
        assert_eq!((percent("0.001"), percent("1000.01")), (None, None));
    }
}
