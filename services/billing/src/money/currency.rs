//! What is a currency, and what is its smallest unit?

/// Currencies that have nothing smaller, as Stripe counts them. ISK is not among them: ISO 4217 has no smaller unit of
/// it, and Stripe and its likes take it with two digits all the same.
const WHOLE: [&str; 16] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies of which a thousandth is the smallest unit, as ISO 4217 has it.
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Digits after the point.
pub(crate) fn digits(currency: &str) -> usize {
    let is_in = |codes: &[&str]| codes.iter().any(|code| code.eq_ignore_ascii_case(currency));
    if is_in(&WHOLE) {
        0
    } else if is_in(&THOUSANDTHS) {
        3
    } else {
        2
    }
}

/// Three capital letters, as ISO 4217 has them.
pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}
