//! Is this a tax id that Brazil can have given out?

use std::fmt;

/// A CPF, which a person has, or a CNPJ, which a company has, with check digits that fit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TaxId {
    /// Eleven digits.
    Cpf(String),
    /// Twelve letters or digits, and two digits. Letters are given out since July 2026 (Receita Federal, IN RFB 2.229/2024).
    Cnpj(String),
}

/// Why a text is no tax id, in words for whoever wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Invalid {
    /// Neither of the two lengths.
    #[error("a CPF has 11 digits and a CNPJ 14 letters or digits")]
    Length,
    /// A character that neither of them has there.
    #[error("a CPF has digits only; a CNPJ has letters or digits, and its last two are digits")]
    Character,
    /// The last two digits do not fit to the others, or it is one of those that only look as if they fitted.
    #[error("its check digits do not fit: look for a typing error")]
    CheckDigits,
}

impl TaxId {
    /// Reads one with or without punctuation, in upper or lower case. Errors: [`Invalid`].
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let is_left_out = |c: &char| matches!(c, '.' | '-' | '/') || c.is_whitespace();
        let plain: String = text.chars().filter(|c| !is_left_out(c)).map(|c| c.to_ascii_uppercase()).collect();
        if !plain.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
            return Err(Invalid::Character);
        }
        let (highest_weight, digits_from) = match plain.len() {
            11 => (11, 0),
            14 => (9, 12),
            _ => return Err(Invalid::Length),
        };
        if !plain.bytes().skip(digits_from).all(|b| b.is_ascii_digit()) {
            return Err(Invalid::Character);
        }
        // Those of one digit only fit by arithmetic, and nobody has them.
        let is_one_digit = plain.bytes().all(|b| plain.as_bytes().first() == Some(&b));
        if is_one_digit || !fits(plain.as_bytes(), highest_weight) {
            return Err(Invalid::CheckDigits);
        }
        Ok(if plain.len() == 11 { Self::Cpf(plain) } else { Self::Cnpj(plain) })
    }

    /// Without punctuation, as Efí and the Central Bank take it.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Cpf(plain) | Self::Cnpj(plain) => plain,
        }
    }
}

/// As people write it: `123.456.789-09`, `12.ABC.345/01DE-35`.
impl fmt::Display for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marks: &[(usize, char)] = match self {
            Self::Cpf(_) => &[(3, '.'), (6, '.'), (9, '-')],
            Self::Cnpj(_) => &[(2, '.'), (5, '.'), (8, '/'), (12, '-')],
        };
        let mut from = 0;
        for (at, mark) in marks {
            write!(f, "{}{mark}", &self.as_str()[from..*at])?;
            from = *at;
        }
        f.write_str(&self.as_str()[from..])
    }
}

/// Whether the last two digits are those that the others ask for.
fn fits(plain: &[u8], highest_weight: u32) -> bool {
    let (body, given) = plain.split_at(plain.len() - 2);
    let first = check_digit(body, highest_weight);
    let second = check_digit(&plain[..plain.len() - 1], highest_weight);
    given == [first, second]
}

/// Modulo 11 with the weights 2 to `highest_weight` from the right, over and over. A letter is worth its place in ASCII
/// after `0`, so that a digit is worth itself (Receita Federal, calculation of the check digits of the alphanumeric CNPJ).
fn check_digit(body: &[u8], highest_weight: u32) -> u8 {
    let weights = (2..=highest_weight).cycle();
    let sum: u32 = body.iter().rev().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    let digit = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    b'0' + u8::try_from(digit).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tax_ids_are_read_with_and_without_punctuation_and_written_as_people_do() {
        for (text, plain, written) in [
            ("12ABC34501DE35", "12ABC34501DE35", "12.ABC.345/01DE-35"),
            ("12.abc.345/01de-35", "12ABC34501DE35", "12.ABC.345/01DE-35"),
            ("11222333000181", "11222333000181", "11.222.333/0001-81"),
            (" 11.222.333/0001-81 ", "11222333000181", "11.222.333/0001-81"),
            ("00.000.000/0001-91", "00000000000191", "00.000.000/0001-91"),
            ("123.456.789-09", "12345678909", "123.456.789-09"),
            ("11144477735", "11144477735", "111.444.777-35"),
            ("52998224725", "52998224725", "529.982.247-25"),
            ("942 715 646 56", "94271564656", "942.715.646-56"),
        ] {
            let id = TaxId::parse(text).unwrap();
            assert_eq!((id.as_str(), id.to_string().as_str()), (plain, written), "{text}");
            assert_eq!(matches!(id, TaxId::Cpf(_)), plain.len() == 11, "{text}");
        }
    }

    #[test]
    fn what_cannot_have_been_given_out_is_refused() {
        use Invalid::{Character, CheckDigits, Length};
        for (text, why) in [
            ("", Length),
            ("...-", Length),
            ("1234567890", Length),
            ("123456789091", Length),
            ("112223330001811", Length),
            ("1234567890A", Character),
            ("12ABC34501DE3X", Character),
            ("12ABC34501DEX5", Character),
            ("12ÁBC34501DE35", Character),
            ("12_BC34501DE35", Character),
            ("12345678900", CheckDigits),
            ("12345678919", CheckDigits),
            ("21345678909", CheckDigits),
            ("12ABC34501DE53", CheckDigits),
            ("12ABC34501DF35", CheckDigits),
            ("11222333000180", CheckDigits),
            ("11222333000191", CheckDigits),
        ] {
            assert_eq!(TaxId::parse(text), Err(why), "{text}");
        }
        for digit in 0..=9 {
            for length in [11, 14] {
                assert_eq!(TaxId::parse(&digit.to_string().repeat(length)), Err(CheckDigits));
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again_and_one_wrong_digit_is_found(
            body in "[0-9A-Z]{12}", at in 0usize..12, other in 0u8..10,
        ) {
            let first = check_digit(body.as_bytes(), 9);
            let second = check_digit(&[body.as_bytes(), &[first]].concat(), 9);
            let text = format!("{body}{}{}", char::from(first), char::from(second));
            prop_assume!(text.bytes().any(|b| b != text.as_bytes()[0]));
            let id = TaxId::parse(&text).unwrap();
            prop_assert_eq!(TaxId::parse(&id.to_string()), Ok(id));
            let mut wrong = text.clone().into_bytes();
            wrong[at] = b'0' + other;
            // A check digit of 0 stands for two remainders, so that some errors pass; any other finds each of them. Letters
            // are eleven apart from some digits.
            if first != b'0' && text.as_bytes()[at].abs_diff(wrong[at]) % 11 != 0 {
                prop_assert_eq!(TaxId::parse(std::str::from_utf8(&wrong).unwrap()), Err(Invalid::CheckDigits));
            }
        }
    }
}
