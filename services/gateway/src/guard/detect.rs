//! Personal data that can be told by its form and its check digits. By hand, because check digits and what may stand
//! beside a number are beyond expressions; each look is linear in the length of the text.

mod brazil;
mod card;
mod email;
mod phone;

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detector {
    Cpf,
    Cnpj,
    Email,
    Card,
    Phone,
}

impl Detector {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cpf => "cpf",
            Self::Cnpj => "cnpj",
            Self::Email => "email",
            Self::Card => "card",
            Self::Phone => "phone",
        }
    }

    /// What stands in its place, in brackets.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Cpf => "CPF",
            Self::Cnpj => "CNPJ",
            Self::Email => "EMAIL",
            Self::Card => "CARD",
            Self::Phone => "PHONE",
        }
    }

    /// The first one that begins at `from` or after it.
    pub(super) fn find(self, text: &str, from: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let end_at = match self {
            Self::Email => return email::find(bytes, from),
            Self::Cpf => brazil::cpf,
            Self::Cnpj => brazil::cnpj,
            Self::Card => card::card,
            Self::Phone => phone::phone,
        };
        (from..bytes.len()).find_map(|at| {
            // Not within a longer number or word.
            let is_start = matches!(bytes[at], b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'+' | b'(');
            let is_free = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
            (is_start && is_free).then(|| end_at(bytes, at)).flatten().map(|end| at..end)
        })
    }

    /// The longest one, in bytes, with what must not stand beside it.
    const fn reach(self) -> usize {
        match self {
            Self::Email => email::MOST + 2,
            Self::Cpf | Self::Cnpj | Self::Card | Self::Phone => 48,
        }
    }

    /// Whether it may have this byte, or end before it in a way that depends on what follows.
    const fn may_have(self, byte: u8) -> bool {
        match self {
            Self::Email => email::may_have(byte),
            Self::Cpf | Self::Card => byte.is_ascii_digit() || matches!(byte, b' ' | b'.' | b'-'),
            Self::Cnpj => byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'/'),
            Self::Phone => byte.is_ascii_digit() || matches!(byte, b' ' | b'.' | b'-' | b'(' | b')' | b'+'),
        }
    }
}

/// Where the end of `text` begins that may be the beginning of a match.
pub(super) fn run_of(text: &str, detector: Detector) -> usize {
    let run = text.bytes().rev().take_while(|byte| detector.may_have(*byte)).take(detector.reach()).count();
    let start = text.floor_char_boundary(text.len() - run);
    // None begins with what only stands between its parts.
    let between = |byte: &u8| matches!(byte, b' ' | b'.' | b'-' | b'/' | b')' | b'\'');
    start + text.as_bytes()[start..].iter().take_while(|byte| between(byte)).count()
}

/// Matches `shape` at `at`, and gives what it has beside separators, and where it ends. In a shape `d` is a digit, `w` a
/// digit or letter, and anything else a separator that may be missing.
fn shaped<const N: usize>(bytes: &[u8], mut at: usize, shape: &str) -> Option<([u8; N], usize)> {
    let (mut taken, mut count) = ([0; N], 0);
    for wanted in shape.bytes() {
        let found = bytes.get(at).copied().unwrap_or(0);
        let fits = match wanted {
            b'd' => found.is_ascii_digit(),
            b'w' => found.is_ascii_alphanumeric(),
            separator => {
                at += usize::from(found == separator);
                continue;
            }
        };
        if !fits {
            return None;
        }
        *taken.get_mut(count)? = found;
        (count, at) = (count + 1, at + 1);
    }
    (count == N && !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric)).then_some((taken, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Detector::*;

    fn all(detector: Detector, text: &str) -> Vec<&str> {
        let (mut found, mut from) = (vec![], 0);
        while let Some(at) = detector.find(text, from) {
            from = at.end;
            found.push(&text[at]);
        }
        found
    }

    #[test]
    fn numbers_of_people_are_told_by_their_check_digits() {
        let text = "CPF 529.982.247-25, 52998224725; not 529.982.247-24, 111.111.111-11, 1529982247251 or x52998224725";
        assert_eq!(all(Cpf, text), ["529.982.247-25", "52998224725"]);
        assert_eq!(all(Cpf, "529 982 247 25"), ["529 982 247 25"]);
    }

    #[test]
    fn numbers_of_companies_may_have_letters() {
        // The second one is the example of the tax office for numbers from July 2026 on.
        let text =
            "CNPJ 11.222.333/0001-81, 12.ABC.345/01DE-35, 12abc34501de35, 11222333000181; not 11.222.333/0001-82";
        let found = ["11.222.333/0001-81", "12.ABC.345/01DE-35", "12abc34501de35", "11222333000181"];
        assert_eq!(all(Cnpj, text), found);
        assert_eq!(all(Cnpj, "12.ABC.345/01DE-36 00.000.000/0000-00"), Vec::<&str>::new());
    }

    #[test]
    fn cards_are_told_by_their_first_digits_and_the_last_one() {
        let text = "4111 1111 1111 1111, 5555-5555-5555-4444 378282246310005 6011000990139424; not 4111 1111 1111 1112";
        let found = ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011000990139424"];
        assert_eq!(all(Card, text), found);
        assert_eq!(all(Card, "4111 1111 1111 1111 123"), ["4111 1111 1111 1111"]);
        assert_eq!(all(Card, "0000 0000 0000 0000, 1234567890123456"), Vec::<&str>::new());
    }

    #[test]
    fn addresses_are_found_where_they_end() {
        let text = "Write to ana.souza+x@mail.example.com.br. Or <BOB@EXAMPLE.ORG>, not @home, a@b or 5@5.";
        assert_eq!(all(Email, text), ["ana.souza+x@mail.example.com.br", "BOB@EXAMPLE.ORG"]);
        assert_eq!(all(Email, "joão@exemplo.com.br"), ["joão@exemplo.com.br"]);
    }

    #[test]
    fn telephone_numbers_are_brazilian_or_international() {
        let found = [
            "(11) 98765-4321",
            "11 98765-4321",
            "11987654321",
            "+55 11 98765-4321",
            "+5511987654321",
            "(21) 3333-4444",
            "+1 415 555 2671",
            "+14155552671",
            "+44 20 7946 0958",
        ];
        for number in found {
            assert_eq!(all(Phone, &format!("ligue {number}, ok")), [number]);
        }
        for other in ["1133334444", "20 98765-4321", "2024-01-01", "R$ 1.234,56", "+12", "12345678901234", "10.0.0.1"] {
            assert_eq!(all(Phone, other), Vec::<&str>::new(), "{other}");
        }
    }

    #[test]
    fn what_a_text_ends_with_waits_only_as_long_as_it_may_be_something() {
        assert_eq!(run_of("my mail is ana@ex", Email), 11);
        assert_eq!(run_of("my mail is ", Email), 11);
        assert_eq!((run_of("call 529.982", Cpf), run_of("so, ", Cpf)), (5, 4));
        assert_eq!(run_of("olá", Cpf), 4);
    }
}
