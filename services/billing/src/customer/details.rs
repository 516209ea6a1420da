//! What is known of who pays.

use crate::{
    Billing, Error,
    brazil::TaxId,
    invoice::document::Party,
    payment::{Address, Payer},
    peers::Workspace,
};
use proto::{
    billing::{BillingDetails, PostalAddress},
    id::WorkspaceId,
};
use serde::{Deserialize, Serialize};
use store::{Tx, WorkspaceTx, sql};

/// As it is kept. Nothing is required until something needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Details {
    pub name: String,
    pub email: String,
    /// Brazilian ones without punctuation.
    pub tax_id: String,
    pub address: Address,
}

/// What was written down; nothing where nobody has.
pub(crate) async fn read(tx: &mut Tx, workspace: WorkspaceId) -> Result<Details, Error> {
    let row: Option<(serde_json::Value,)> = tx.fetch_optional(sql!("customer/get"), &[workspace.into()]).await?;
    let Some((details,)) = row else { return Ok(Details::default()) };
    serde_json::from_value(details).map_err(|_| Error::Kept("the details of a customer"))
}

/// For clients.
pub(crate) async fn get(service: &Billing, workspace: WorkspaceId) -> Result<BillingDetails, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    Ok(read(&mut tx, workspace).await?.into())
}

impl Details {
    /// As an invoice says it.
    pub fn party(&self, found: &Workspace) -> Party {
        let Address { line1, line2, district, city, state, postal_code, country } = &self.address;
        let postal_code = &shown_postal_code(postal_code, country);
        let place: Vec<&str> =
            [city, state, postal_code].into_iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
        let place = place.join(" · ");
        let lines = [line1, line2, district, &place, country];
        Party {
            name: self.shown_name(found),
            email: Some(self.email.clone()).filter(|email| !email.is_empty()),
            tax_id: Some(shown_tax_id(&self.tax_id)).filter(|id| !id.is_empty()),
            address: lines.into_iter().filter(|line| !line.is_empty()).cloned().collect(),
        }
    }

    /// As a provider of payments wants it.
    pub fn payer(&self, found: &Workspace) -> Payer {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Payer {
            name: self.shown_name(found),
            email: given(&self.email),
            tax_id: given(&self.tax_id),
            address: Some(self.address.clone()).filter(|address| *address != Address::default()),
        }
    }

    fn shown_name(&self, found: &Workspace) -> String {
        if self.name.is_empty() { found.name.clone() } else { self.name.clone() }
    }
}

/// A CEP has a hyphen before its last three digits.
fn shown_postal_code(text: &str, country: &str) -> String {
    match text.split_at_checked(5) {
        Some((region, rest)) if country == "BR" && rest.len() == 3 => format!("{region}-{rest}"),
        _ => text.to_owned(),
    }
}

fn shown_tax_id(text: &str) -> String {
    match TaxId::parse(text) {
        Ok(id @ TaxId::Cpf(_)) => format!("CPF {id}"),
        Ok(id @ TaxId::Cnpj(_)) => format!("CNPJ {id}"),
        Err(_) => text.to_owned(),
    }
}

impl From<Details> for BillingDetails {
    fn from(details: Details) -> Self {
        let Address { line1, line2, district, city, state, postal_code, country } = details.address;
        let address = PostalAddress { line1, line2, district, city, state, postal_code, country };
        let address = Some(address).filter(|address| *address != PostalAddress::default());
        Self { name: details.name, email: details.email, tax_id: details.tax_id, address }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    #[test]
    fn an_invoice_shows_what_people_write() {
        let found = Workspace {
            name: "Ana's".to_owned(),
            plan: "free".to_owned(),
            currency: "BRL".to_owned(),
            zone: Tz::America__Sao_Paulo,
            locale: "pt-BR".to_owned(),
            is_deleted: false,
        };
        assert_eq!(Details::default().party(&found), Party { name: "Ana's".to_owned(), ..Party::default() });
        let address = Address {
            line1: "Av. Paulista 1000".to_owned(),
            city: "São Paulo".to_owned(),
            state: "SP".to_owned(),
            postal_code: "01310100".to_owned(),
            country: "BR".to_owned(),
            ..Address::default()
        };
        let tax_id = "12ABC34501DE35".to_owned();
        let party = Details { name: "Ana S.A.".to_owned(), tax_id, address, ..Details::default() }.party(&found);
        assert_eq!((party.name.as_str(), party.tax_id.as_deref()), ("Ana S.A.", Some("CNPJ 12.ABC.345/01DE-35")));
        assert_eq!(party.address, ["Av. Paulista 1000", "São Paulo · SP · 01310-100", "BR"]);
    }
}
