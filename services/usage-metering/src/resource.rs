//! What was used of any resource?

mod enforce;
mod event;
mod record;
mod reserve;
#[cfg(test)]
mod tests;
mod totals;

pub(crate) use enforce::stand;
pub(crate) use totals::get_resource_usage;
