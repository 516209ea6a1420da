//! The texts of letters, in every language that we write.

use crate::Error;
use mail::Templates;

/// Writes the table of templates: `letters/<locale>/<name>.txt`.
macro_rules! texts {
    ($($name:literal),+ $(,)?) => {
        &[$(
            ($name, "en", include_str!(concat!("../../letters/en/", $name, ".txt"))),
            ($name, "pt-BR", include_str!(concat!("../../letters/pt-BR/", $name, ".txt"))),
        )+]
    };
}

const TEXTS: &[(&str, &str, &str)] = texts![
    "sign_up",
    "account_exists",
    "verify_email",
    "magic_link",
    "reset_password",
    "change_email",
    "password_changed",
    "email_changed",
    "mfa_enabled",
    "mfa_disabled",
    "recovery_code_used",
    "identity_linked",
    "identity_unlinked",
    "passkey_added",
    "passkey_removed",
    "impersonated",
    "invitation",
    "domain_lost",
    "sso_required",
];

/// All of them, read. Errors: [`Error::Internal`] for one that cannot be.
pub(crate) fn templates() -> Result<Templates, Error> {
    Templates::new(TEXTS).map_err(Error::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::Kind;
    use minijinja::context;

    #[test]
    fn every_letter_is_written_in_both_languages_and_says_where_its_link_leads() {
        let templates = templates().expect("the texts");
        let values = context! { name => "Ana", email => "ana@example.com", minutes => 15, hours => 24, days => 7, reason => "ticket 1", until => "1 UTC", write => true, domain => "acme.example" };
        for (name, locale, text) in TEXTS {
            let letter = templates.write(name, locale, &values).expect("a letter");
            assert_eq!(letter.locale, *locale);
            assert!(letter.subject.len() > 5, "{name} in {locale}");
            let linked = Kind::parse(name).is_some_and(|kind| kind.page().is_some());
            assert_eq!(text.lines().any(|l| l.starts_with('[') && l.ends_with(']')), linked, "{name} in {locale}");
        }
    }

    #[test]
    fn the_two_languages_differ() {
        for pair in TEXTS.chunks(2) {
            assert_ne!(pair[0].2, pair[1].2, "{}", pair[0].0);
        }
    }
}
