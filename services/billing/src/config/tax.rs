//! Taxes that invoices have.

use crate::{
    invoice::document,
    money::{Rate, is_currency},
};
use serde::{Deserialize, Serialize};

/// One of `billing.taxes` in the configuration. It is on the sum of the lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Such as `ISS`.
    name: String,
    /// In percent with at most four decimals, as a text: "2.9".
    rate: Rate,
    /// It is in the prices already: nothing is added, and the invoice says how much it is.
    #[serde(default)]
    inclusive: bool,
    /// Of invoices in these currencies only. Empty: of all.
    #[serde(default)]
    currencies: Vec<String>,
}

impl Tax {
    pub(crate) fn applies(&self, currency: &str) -> bool {
        self.currencies.is_empty() || self.currencies.iter().any(|known| known == currency)
    }

    pub(crate) fn on(&self, subtotal: i64) -> document::Tax {
        let amount = if self.inclusive { self.rate.within(subtotal) } else { self.rate.on_top_of(subtotal) };
        let (name, rate) = (self.name.clone(), self.rate.to_string());
        document::Tax { name, rate, is_inclusive: self.inclusive, amount }
    }

    pub(super) fn problem(&self) -> Option<&'static str> {
        let is_name = (1..=40).contains(&self.name.chars().count()) && !self.name.chars().any(char::is_control);
        if !is_name {
            return Some("billing.taxes: each must have a name of 1 to 40 characters");
        }
        let is_known = self.currencies.iter().all(|currency| is_currency(currency));
        (!is_known).then_some("billing.taxes: currencies are ISO 4217 codes in capital letters, such as BRL")
    }
}
