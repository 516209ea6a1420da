//! Who is a boleto made out to?

use crate::brazil::TaxId;
use crate::efi::cut;
use crate::payment::{Address, Payer, Trouble};
use serde_json::{Value, json};

/// The customer as the API of charges takes it. Errors: [`Trouble::Refused`] that names the field which is missing; a boleto
/// is registered with the Central Bank, which asks for all of them.
pub(super) fn customer(payer: &Payer) -> Result<Value, Trouble> {
    let name = cut(payer.name.trim(), 255);
    if name.is_empty() {
        return Err(missing("name", "the name of the payer"));
    }
    let Some(text) = payer.tax_id.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Err(missing("tax_id", "the CPF or CNPJ of the payer"));
    };
    let tax_id =
        TaxId::parse(text).map_err(|why| Trouble::Refused(format!("the tax_id of the payer cannot be used: {why}")))?;
    let Some(address) = &payer.address else {
        return Err(missing("address", "the address of the payer"));
    };
    let mut customer = json!({ "address": written(address)? });
    match &tax_id {
        TaxId::Cpf(cpf) => {
            customer["name"] = name.into();
            customer["cpf"] = cpf.as_str().into();
        }
        TaxId::Cnpj(cnpj) => customer["juridical_person"] = json!({ "corporate_name": name, "cnpj": cnpj }),
    }
    if let Some(email) = payer.email.as_deref().filter(|email| !email.is_empty()) {
        customer["email"] = email.into();
    }
    Ok(customer)
}

fn written(address: &Address) -> Result<Value, Trouble> {
    let postal_code: String = address.postal_code.chars().filter(char::is_ascii_digit).collect();
    let state = address.state.trim().to_ascii_uppercase();
    let needed = [
        ("address.line1", "street and number", address.line1.trim().is_empty()),
        ("address.district", "the bairro", address.district.trim().is_empty()),
        ("address.city", "the city", address.city.trim().is_empty()),
        ("address.state", "the two letters of the state", state.len() != 2),
        ("address.postal_code", "the eight digits of the CEP", postal_code.len() != 8),
    ];
    if let Some((field, what, _)) = needed.into_iter().find(|(.., is_missing)| *is_missing) {
        return Err(missing(field, what));
    }
    let (street, number) = street_and_number(&address.line1);
    let mut written = json!({
        "street": cut(&street, 200),
        "number": cut(&number, 55),
        "neighborhood": cut(address.district.trim(), 255),
        "zipcode": postal_code,
        "city": cut(address.city.trim(), 255),
        "state": state,
    });
    if !address.line2.trim().is_empty() {
        written["complement"] = cut(address.line2.trim(), 55).into();
    }
    Ok(written)
}

/// The two that this API wants apart: what follows the last comma, or a last word that begins with a digit. A house without a
/// number has `S/N` in Brazil.
fn street_and_number(line: &str) -> (String, String) {
    let line = line.trim();
    let by_comma = line.rsplit_once(',').map(|(street, number)| (street.trim(), number.trim()));
    let begins_with_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let by_comma = by_comma.filter(|(street, number)| !street.is_empty() && !number.is_empty());
    let by_word = line.rsplit_once(' ').filter(|(_, number)| begins_with_digit(number));
    let (street, number) = by_comma.or(by_word).unwrap_or((line, "S/N"));
    (street.trim_end().to_owned(), number.to_owned())
}

fn missing(field: &str, what: &str) -> Trouble {
    Trouble::Refused(format!("a boleto needs {what}: set {field} of the customer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payer() -> Payer {
        let address = Address {
            line1: "Avenida JK, 909".to_owned(),
            district: "Bauxita".to_owned(),
            city: "Ouro Preto".to_owned(),
            state: "mg".to_owned(),
            postal_code: "35400-000".to_owned(),
            country: "BR".to_owned(),
            ..Address::default()
        };
        let tax_id = Some("94271564656".to_owned());
        Payer { name: "Gorbadoc Oldbuck".to_owned(), email: None, tax_id, address: Some(address) }
    }

    #[test]
    fn people_and_companies_are_written_as_the_api_takes_them() {
        let address = json!({ "street": "Avenida JK", "number": "909", "neighborhood": "Bauxita", "zipcode": "35400000",
            "city": "Ouro Preto", "state": "MG" });
        let person = json!({ "name": "Gorbadoc Oldbuck", "cpf": "94271564656", "address": address });
        assert_eq!(customer(&payer()), Ok(person));
        let company = Payer { tax_id: Some("12ABC34501DE35".to_owned()), email: Some("a@b.com".to_owned()), ..payer() };
        let named = json!({ "corporate_name": "Gorbadoc Oldbuck", "cnpj": "12ABC34501DE35" });
        assert_eq!(
            customer(&company),
            Ok(json!({ "juridical_person": named, "email": "a@b.com", "address": address }))
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        type Take = fn(&mut Payer);
        let takes: [(&str, Take); 8] = [
            ("name", |p| p.name = " ".to_owned()),
            ("tax_id", |p| p.tax_id = None),
            ("address", |p| p.address = None),
            ("address.line1", |p| p.address.as_mut().unwrap().line1.clear()),
            ("address.district", |p| p.address.as_mut().unwrap().district.clear()),
            ("address.city", |p| p.address.as_mut().unwrap().city.clear()),
            ("address.state", |p| p.address.as_mut().unwrap().state = "Minas".to_owned()),
            ("address.postal_code", |p| p.address.as_mut().unwrap().postal_code = "354".to_owned()),
        ];
        for (field, take) in takes {
            let mut payer = payer();
            take(&mut payer);
            let Err(Trouble::Refused(text)) = customer(&payer) else { panic!("{field} is not missed") };
            assert!(text.ends_with(&format!("set {field} of the customer")), "{text}");
        }
        let wrong = Payer { tax_id: Some("94271564657".to_owned()), ..payer() };
        let Err(Trouble::Refused(text)) = customer(&wrong) else { panic!("a wrong CPF is taken") };
        assert!(text.contains("tax_id") && text.contains("check digits") && !text.contains("94271564657"), "{text}");
    }

    #[test]
    fn street_and_number_are_told_apart() {
        for (line, street, number) in [
            ("Rua XV de Novembro, 10", "Rua XV de Novembro", "10"),
            ("Rua das Flores 12B", "Rua das Flores", "12B"),
            ("Quadra 5, Lote 3, Casa 2", "Quadra 5, Lote 3", "Casa 2"),
            ("Fazenda Boa Vista", "Fazenda Boa Vista", "S/N"),
            ("Estrada, ", "Estrada,", "S/N"),
        ] {
            assert_eq!(street_and_number(line), (street.to_owned(), number.to_owned()), "{line}");
        }
    }
}
