//! Through whom does one pay here?

use super::Provider;
use crate::{Config, Error, efi::Efi, stripe::Stripe};
use egress::Guard;
use host::Clock;
use std::sync::Arc;

/// The providers that are set up. Where two have the same method the first of them is used. Errors: [`Error::Settings`].
pub fn providers(config: &Config, guard: &Guard, clock: &Clock) -> Result<Vec<Arc<dyn Provider>>, Error> {
    let mut found: Vec<Arc<dyn Provider>> = vec![];
    if config.efi.is_on() {
        found.push(Arc::new(Efi::new(&config.efi, guard, clock)?));
    }
    if config.stripe.is_on() {
        found.push(Arc::new(Stripe::new(&config.stripe, guard, clock)?));
    }
    Ok(found)
}
