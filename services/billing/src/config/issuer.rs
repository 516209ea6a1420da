//! Who issues invoices.

use crate::invoice::document::Party;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `billing.issuer` in the configuration: what invoices say of whoever runs this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Issuer {
    /// Of the company or the person.
    pub name: String,
    /// Where customers ask.
    pub email: Option<String>,
    /// As it is shown, such as `CNPJ 11.222.333/0001-81`.
    pub tax_id: Option<String>,
    /// Line by line, as on an envelope.
    pub address: Vec<String>,
    /// What invoice numbers begin with. Each prefix is counted by itself, from 1, and no number is left out.
    pub number_prefix: String,
    /// What else invoices say, by language; may be empty.
    pub footer: BTreeMap<String, String>,
}

impl Default for Issuer {
    fn default() -> Self {
        Self {
            name: String::new(),
            email: None,
            tax_id: None,
            address: vec![],
            number_prefix: "INV-".to_owned(),
            footer: BTreeMap::new(),
        }
    }
}

impl Issuer {
    pub(crate) fn party(&self) -> Party {
        let Self { name, email, tax_id, address, .. } = self.clone();
        Party { name, email, tax_id, address }
    }

    pub(super) fn problem(&self) -> Option<&'static str> {
        let is_known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/' | b'_' | b'.');
        if self.number_prefix.len() > 20 || !self.number_prefix.bytes().all(is_known) {
            return Some("billing.issuer.number_prefix must be at most 20 letters, digits, -, /, _ and .");
        }
        (self.address.len() > 6).then_some("billing.issuer.address must be at most six lines")
    }
}
