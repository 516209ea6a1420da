//! Is this how one can pay here?

use super::{Method, method::required, methods};
use crate::{Billing, Error, error::refused};
use proto::billing::PaymentChoice;

const MAX_URL: usize = 2_000;

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
    is_url("success_url", success_url)?;
    is_url("cancel_url", cancel_url)?;
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

/// Where a browser is sent must be a page that browsers may be sent to.
fn is_url(field: &'static str, url: &str) -> Result<(), Error> {
    let is_local = ["http://localhost", "http://127.0.0.1"]
        .iter()
        .any(|local| url.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?'])));
    let is_one = url.is_empty() || is_local || url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    if !is_one || url.len() > MAX_URL || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(refused(field, "must be an https:// address of at most 2000 characters"));
    }
    Ok(())
}
