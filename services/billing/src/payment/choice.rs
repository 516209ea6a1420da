//! Is this how one can pay here?

use super::{Method, method::required, methods, return_url};
use crate::{Billing, Error, error::refused};
use proto::billing::PaymentChoice;

/// Whether something can be paid, and so, if it is known already how. Errors: [`Error::Refused`], [`Error::NoPayments`].
pub(crate) fn possible(service: &Billing, currency: &str, choice: Option<&PaymentChoice>) -> Result<(), Error> {
    match choice {
        Some(choice) => chosen(service, currency, choice).map(drop),
        None => required(service, currency),
    }
}

/// The method that was chosen. Errors: [`Error::Refused`], [`Error::NoPayments`].
pub(crate) fn chosen(service: &Billing, currency: &str, choice: &PaymentChoice) -> Result<Method, Error> {
    let PaymentChoice { method, success_url, cancel_url } = choice;
    return_url::check(service, "success_url", success_url)?;
    return_url::check(service, "cancel_url", cancel_url)?;
    let methods = methods(service, currency);
    let first = methods.first().copied().ok_or(Error::NoPayments)?;
    let method = match method.as_str() {
        "" => first,
        name => Method::parse(name).filter(|method| methods.contains(method)).ok_or_else(|| {
            let names: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
            refused("method", format!("must be one of {}", names.join(", ")))
        })?,
    };
    if method == Method::Card && success_url.is_empty() {
        return Err(refused("success_url", "is needed to pay by card: a browser goes there afterwards"));
    }
    Ok(method)
}
