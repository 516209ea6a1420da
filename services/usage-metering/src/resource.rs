//! What was used of any resource?

mod event;
mod record;
#[cfg(test)]
mod tests;
mod totals;

pub(crate) use totals::get_resource_usage;
