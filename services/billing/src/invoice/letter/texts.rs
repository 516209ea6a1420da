//! The texts of letters, in every language that we write.

use crate::Error;
use mail::Templates;

/// Writes the table of templates: `templates/letters/<locale>/<name>.txt`.
macro_rules! texts {
    ($($name:literal),+ $(,)?) => {
        &[$(
            ($name, "en", include_str!(concat!("../../../templates/letters/en/", $name, ".txt"))),
            ($name, "pt-BR", include_str!(concat!("../../../templates/letters/pt-BR/", $name, ".txt"))),
        )+]
    };
}

const TEXTS: &[(&str, &str, &str)] = texts!["invoice", "reminder", "receipt"];

/// All of them, read. Errors: [`Error::Settings`] for one that cannot be.
pub(super) fn read() -> Result<Templates, Error> {
    Templates::new(TEXTS).map_err(Error::Settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    #[test]
    fn every_letter_is_there_in_both_languages() {
        assert_eq!(TEXTS.len(), 6);
        for pair in TEXTS.chunks(2) {
            assert_ne!(pair[0].2, pair[1].2, "{}", pair[0].0);
        }
    }

    #[test]
    fn every_letter_says_what_is_known_and_nothing_of_what_is_not() {
        let texts = read().expect("the texts");
        for (name, locale, _) in TEXTS {
            for when in ["later", "today", "before"] {
                let write = |some: Option<&'static str>| {
                    let instructions: Vec<_> = some.into_iter().collect();
                    let values = context! {
                        name => "Ana", workspace => "Acme", issuer => "Perpetuo Ltda", number => "PP-000001", amount => "$1.00",
                        total => "$2.00", due => "Feb 1, 2027", paid => "Feb 2, 2027", when => when, received => some,
                        credits => some, contact => some, methods => some, instructions => instructions,
                        taken => some.is_some(),
                    };
                    texts.write(name, locale, &values).expect("a letter")
                };
                let (all, least) = (write(Some("XYZ")), write(None));
                assert_eq!((all.locale.as_str(), &all.subject), (*locale, &least.subject));
                assert!(all.subject.contains("PP-000001") && all.subject.contains("Perpetuo Ltda"), "{all:?}");
                let times = format!("{all:?}").matches("XYZ").count();
                assert_eq!(times, 3, "{name} in {locale}: {all:?}");
                assert!(!format!("{least:?}").to_lowercase().contains("none"), "{least:?}");
                let says = [&all, &least].map(|letter| format!("{letter:?}").contains("PIX Automático"));
                assert_eq!(says, [*name != "receipt", false], "{name} in {locale}");
            }
        }
    }
}
