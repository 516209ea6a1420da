//! What a workspace's settings may be. Each check gives the value to store, or what the field must be instead.

use super::currencies;
use chrono_tz::Tz;
use proto::{limits::Budgets, workspace::UpdateWorkspaceRequest};

use crate::problems::Problems;

/// In characters.
pub(crate) const MAX_NAME: usize = 100;
const LOCALES: &[&str] = &["en", "pt-BR"];

/// A name for people to read, without the blanks around it.
pub(crate) fn name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err("must be 1 to 100 characters, without line breaks or other control characters")
}

/// An ISO 4217 code.
pub(crate) fn currency(text: &str) -> Result<String, &'static str> {
    if currencies::known(text) {
        return Ok(text.to_owned());
    }
    Err("must be an ISO 4217 currency code in capital letters, such as USD or BRL")
}

/// An IANA time zone.
pub(crate) fn time_zone(text: &str) -> Result<String, &'static str> {
    text.parse::<Tz>()
        .map(|zone| zone.name().to_owned())
        .map_err(|_| "must be an IANA time zone, such as UTC or America/Sao_Paulo")
}

/// A language that we speak.
pub(crate) fn locale(text: &str) -> Result<String, &'static str> {
    if LOCALES.contains(&text) {
        return Ok(text.to_owned());
    }
    Err("must be en or pt-BR")
}

/// Notes what is wrong with limits and budgets.
pub(crate) fn limits(request: &UpdateWorkspaceRequest, problems: &mut Problems) {
    let UpdateWorkspaceRequest { limits, budgets, per_user, per_model, .. } = request;
    if budgets.is_some() && limits.as_ref().is_some_and(|limits| !limits.budgets.is_empty()) {
        problems.malformed("budget", "is given twice: leave it out, or limits.budgets");
    }
    let whole = limits.iter().flat_map(|limits| limits.problems_of_workspace("limits"));
    let budgets = budgets.iter().flat_map(Budgets::problems);
    let per_user = per_user.iter().flat_map(|limits| limits.problems("per_user"));
    let per_model = per_model.iter().flat_map(|limits| limits.problems("per_model"));
    for (field, problem) in whole.chain(budgets).chain(per_user).chain(per_model) {
        problems.refused(field, problem);
    }
}

/// Currency and time zone of a workspace in this language, unless it says otherwise.
pub(crate) fn defaults(locale: &str) -> (&'static str, &'static str) {
    match locale {
        "pt-BR" => ("BRL", "America/Sao_Paulo"),
        _ => ("USD", "UTC"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_people_call_things() {
        assert_eq!(name("  Padaria São João 🥖 ").as_deref(), Ok("Padaria São João 🥖"));
        assert!(name(&"é".repeat(100)).is_ok());
        for bad in ["", "   ", "a\nb", "a\u{0}b", "a\u{7f}", &"x".repeat(101)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn currencies_zones_and_languages_are_real_ones() {
        assert!(currency("BRL").is_ok() && currency("JPY").is_ok());
        for bad in ["brl", "XXX", "EURO", "", "US", "DEM"] {
            assert!(currency(bad).is_err(), "{bad:?}");
        }
        assert!(time_zone("America/Sao_Paulo").is_ok() && time_zone("UTC").is_ok());
        for bad in ["", "Mars/Olympus", "GMT+25", "../etc/passwd"] {
            assert!(time_zone(bad).is_err(), "{bad:?}");
        }
        assert!(locale("pt-BR").is_ok());
        for bad in ["pt", "EN", "fr", ""] {
            assert!(locale(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn defaults_are_values_that_would_be_accepted() {
        for language in LOCALES {
            let (money, zone) = defaults(language);
            assert!(currency(money).is_ok() && time_zone(zone).is_ok(), "{language}");
        }
    }
}
