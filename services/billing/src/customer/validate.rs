//! What may be written down of a customer? Every fault is named at once.

use super::Details;
use crate::{Error, brazil::TaxId, payment::Address};
use proto::{
    Reason,
    billing::{BillingDetails, PostalAddress},
};

const MAX_TEXT: usize = 200;
/// Longer than any tax id that a country gives out.
const MAX_TAX_ID: usize = 40;

/// Errors: [`Error::Refused`].
pub(super) fn check(given: BillingDetails) -> Result<Details, Error> {
    let mut problems: Vec<(&'static str, String)> = vec![];
    let PostalAddress { line1, line2, district, city, state, postal_code, country } = given.address.unwrap_or_default();
    let mut text = |field: &'static str, value: String| {
        let value = value.trim().to_owned();
        if value.chars().count() > MAX_TEXT || value.chars().any(char::is_control) {
            problems.push((field, format!("must be at most {MAX_TEXT} characters on one line")));
        }
        value
    };
    let mut details = Details {
        name: text("name", given.name),
        email: text("email", given.email),
        tax_id: text("tax_id", given.tax_id),
        address: Address {
            line1: text("address.line1", line1),
            line2: text("address.line2", line2),
            district: text("address.district", district),
            city: text("address.city", city),
            state: text("address.state", state),
            postal_code: text("address.postal_code", postal_code),
            country: text("address.country", country).to_ascii_uppercase(),
        },
    };
    problems.extend(email(&details.email).map(|problem| ("email", problem)));
    problems.extend(address(&mut details.address));
    match tax_id(&details.tax_id, &details.address.country) {
        Ok(plain) => details.tax_id = plain,
        Err(problem) => problems.push(("tax_id", problem)),
    }
    let Some((field, problem)) = problems.first() else { return Ok(details) };
    let failure = Reason::RefusedValue.with(format!("{field} {problem}"));
    Err(Error::Refused(problems.into_iter().fold(failure, |failure, (field, problem)| failure.field(field, problem))))
}

fn email(text: &str) -> Option<String> {
    let parts = text.rsplit_once('@');
    let is_one = parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !text.contains(' '));
    (!text.is_empty() && !is_one).then(|| "must be an e-mail address".to_owned())
}

/// Brazilian addresses are what a boleto needs: they are held to its form.
fn address(address: &mut Address) -> Vec<(&'static str, String)> {
    let mut problems = vec![];
    let code = &address.country;
    if !code.is_empty() && (code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase())) {
        problems.push(("address.country", "must be two letters (ISO 3166-1), such as BR".to_owned()));
    }
    if address.country == "BR" {
        address.state = address.state.to_ascii_uppercase();
        let digits: String = address.postal_code.chars().filter(char::is_ascii_digit).collect();
        if !address.postal_code.is_empty() && digits.len() != 8 {
            problems.push(("address.postal_code", "must be a CEP of eight digits".to_owned()));
        }
        address.postal_code = digits;
        if !address.state.is_empty() && address.state.len() != 2 {
            problems.push(("address.state", "must be the two letters of a state, such as SP".to_owned()));
        }
    }
    problems
}

/// The tax id as it is kept. Errors: a sentence.
fn tax_id(text: &str, country: &str) -> Result<String, String> {
    match country {
        _ if text.is_empty() => Ok(String::new()),
        "" | "BR" => match TaxId::parse(text) {
            Ok(id) => Ok(id.as_str().to_owned()),
            Err(invalid) if country == "BR" => Err(format!("must be a CPF or a CNPJ: {invalid}")),
            Err(invalid) => Err(format!("must be a CPF or a CNPJ, or its country must be named: {invalid}")),
        },
        _ if text.chars().count() <= MAX_TAX_ID => Ok(text.to_owned()),
        _ => Err(format!("must be at most {MAX_TAX_ID} characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(given: BillingDetails) -> Vec<String> {
        match check(given) {
            Ok(_) => vec![],
            Err(Error::Refused(failure)) => failure.fields.into_iter().map(|(field, _)| field).collect(),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let address = PostalAddress {
            state: "São Paulo".to_owned(),
            postal_code: "1310-10".to_owned(),
            country: "br".to_owned(),
            ..PostalAddress::default()
        };
        let given = BillingDetails {
            name: "a\u{7}".to_owned(),
            email: "ana".to_owned(),
            tax_id: "111.444.777-36".to_owned(),
            address: Some(address),
        };
        assert_eq!(fields(given), ["name", "email", "address.postal_code", "address.state", "tax_id"]);
    }

    #[test]
    fn brazilian_tax_ids_are_kept_without_punctuation_and_others_as_they_are() {
        let of = |tax_id: &str, country: &str| BillingDetails {
            tax_id: tax_id.to_owned(),
            address: Some(PostalAddress { country: country.to_owned(), ..PostalAddress::default() }),
            ..BillingDetails::default()
        };
        assert_eq!(check(of("12.abc.345/01de-35", "br")).expect("a CNPJ").tax_id, "12ABC34501DE35");
        assert_eq!(check(of("DE 123 456 789", "DE")).expect("any").tax_id, "DE 123 456 789");
        assert_eq!(fields(of("DE 123 456 789", "")), ["tax_id"]);
        assert!(fields(BillingDetails::default()).is_empty());
    }
}
