//! How can one pay here?

use super::{Method, Provider};
use crate::{Billing, Error};
use chrono::TimeDelta;
use std::sync::Arc;

impl Method {
    pub(crate) const ALL: [Self; 5] = [Self::Pix, Self::Card, Self::Boleto, Self::PixAutomatic, Self::Transfer];

    /// The name in requests, answers and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Pix => "pix",
            Self::Boleto => "boleto",
            Self::PixAutomatic => "pix_automatic",
            Self::Transfer => "transfer",
        }
    }

    /// How long after its end money for it may still arrive.
    pub(crate) const fn clears_within(self) -> TimeDelta {
        match self {
            // Banks settle a boleto on the third working day at the latest, with a weekend between.
            Self::Boleto => TimeDelta::days(5),
            Self::Card | Self::Pix | Self::PixAutomatic | Self::Transfer => TimeDelta::zero(),
        }
    }

    /// The one with this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// Everything that there is for a currency; a transfer, which a person must look after, comes last.
pub(crate) fn methods(service: &Billing, currency: &str) -> Vec<Method> {
    Method::ALL
        .into_iter()
        .filter(|method| *method == Method::Transfer || with(service, *method, currency).is_some())
        .filter(|method| *method != Method::Transfer || service.config.takes_transfers())
        .collect()
}

/// Through whom one pays so.
pub(crate) fn with<'a>(service: &'a Billing, method: Method, currency: &str) -> Option<&'a Arc<dyn Provider>> {
    service.providers.iter().find(|provider| provider.methods(currency).contains(&method))
}

/// Errors: [`Error::NoPayments`] where there is no way to pay in this currency.
pub(crate) fn required(service: &Billing, currency: &str) -> Result<(), Error> {
    if methods(service, currency).is_empty() { Err(Error::NoPayments) } else { Ok(()) }
}
