//! Brazil's numbers of people and companies, by modulo 11 (Receita Federal; companies with letters: IN RFB 2.229/2024).

use super::shaped;

/// Where a CPF ends that begins here.
pub(super) fn cpf(bytes: &[u8], at: usize) -> Option<usize> {
    let (digits, end) = ["ddd.ddd.ddd-dd", "ddd ddd ddd dd", "ddd ddd ddd-dd"]
        .into_iter()
        .find_map(|shape| shaped::<11>(bytes, at, shape))?;
    let check = |count: usize| {
        let sum: u32 = (2..).zip(digits[..count].iter().rev()).map(|(weight, digit)| weight * value(*digit)).sum();
        remainder(sum)
    };
    let is_one = digits.iter().any(|digit| *digit != digits[0])
        && check(9) == value(digits[9])
        && check(10) == value(digits[10]);
    is_one.then_some(end)
}

/// Where a CNPJ ends that begins here.
pub(super) fn cnpj(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut signs, end) = shaped::<14>(bytes, at, "ww.www.www/wwww-dd")?;
    signs.make_ascii_uppercase();
    let check = |count: usize| {
        let weights = (2..=9).cycle();
        let sum: u32 = weights.zip(signs[..count].iter().rev()).map(|(weight, sign)| weight * value(*sign)).sum();
        remainder(sum)
    };
    let is_one =
        signs.iter().any(|sign| *sign != signs[0]) && check(12) == value(signs[12]) && check(13) == value(signs[13]);
    is_one.then_some(end)
}

/// A digit is itself, a letter what ASCII has 48 less: A is 17.
fn value(sign: u8) -> u32 {
    u32::from(sign.saturating_sub(b'0'))
}

const fn remainder(sum: u32) -> u32 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}
