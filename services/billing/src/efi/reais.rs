//! How is an amount written in the API Pix?

use serde::{Deserialize, Serialize};

/// An amount in centavos, which the API Pix writes as a text of reais: `^\d{1,10}\.\d{2}$`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Reais(i64);

impl Reais {
    /// Errors: a sentence, for an amount that cannot be written there.
    pub(super) fn of(centavos: i64) -> Result<Self, String> {
        if (1..=999_999_999_999).contains(&centavos) {
            Ok(Self(centavos))
        } else {
            Err(format!("{centavos} centavos cannot be paid by PIX: it must be 0.01 to 9999999999.99 reais"))
        }
    }

    pub(super) const fn centavos(self) -> i64 {
        self.0
    }
}

impl From<Reais> for String {
    fn from(Reais(centavos): Reais) -> Self {
        format!("{}.{:02}", centavos / 100, centavos % 100)
    }
}

impl TryFrom<String> for Reais {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let parts = text.split_once('.').filter(|(whole, rest)| {
            digits(whole) && digits(rest) && (1..=10).contains(&whole.len()) && rest.len() == 2
        });
        let centavos = parts.and_then(|(whole, rest)| format!("{whole}{rest}").parse().ok());
        centavos.map(Self).ok_or("no amount in reais")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_amounts_as_the_central_bank_writes_them_are_read() {
        for (text, centavos) in
            [("0.01", 1), ("0.00", 0), ("10.00", 1000), ("0000000123.45", 12_345), ("9999999999.99", 999_999_999_999)]
        {
            assert_eq!(Reais::try_from(text.to_owned()), Ok(Reais(centavos)));
        }
        for text in
            ["", "1", "1.0", "1.000", ".00", "1,00", "-1.00", "+1.00", "1e2.00", " 1.00", "1.0٣", "12345678901.00"]
        {
            assert!(Reais::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert!(Reais::of(0).is_err() && Reais::of(-1).is_err() && Reais::of(1_000_000_000_000).is_err());
    }

    proptest! {
        #[test]
        fn an_amount_survives_its_text(centavos in 1i64..=999_999_999_999) {
            let text = String::from(Reais::of(centavos).unwrap());
            prop_assert_eq!(Reais::try_from(text).map(Reais::centavos), Ok(centavos));
        }
    }
}
