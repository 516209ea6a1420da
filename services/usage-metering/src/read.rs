//! What do people read?

mod by_provider;
mod entry;
mod log;
mod logs;
mod period;
mod total;

pub(crate) use by_provider::get_usage_by_provider;
pub(crate) use log::get_log;
pub(crate) use logs::list_logs;
pub(crate) use period::Period;
pub(crate) use total::get_usage;
