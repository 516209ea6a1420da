//! Credits: paid for beforehand or given, they pay invoices before anything else does.

pub(crate) mod buy;
pub(crate) mod expire;
pub(crate) mod give;
mod grant;
pub(crate) mod list;
mod reopen;
mod spend;
pub(crate) mod tell;

pub(crate) use grant::{Category, New, grant};
pub(crate) use reopen::reopen;
pub(crate) use spend::spend;
