//! What is owed, and for what.

pub(crate) mod cancel;
pub(crate) mod charged_to;
pub(crate) mod credit;
pub(crate) mod document;
pub(crate) mod draft;
pub(crate) mod due;
mod finalize;
pub(crate) mod get;
mod give_back;
pub(crate) mod item;
pub(crate) mod letter;
pub(crate) mod list;
pub(crate) mod paid;
pub(crate) mod pay;
pub(crate) mod purchases;
pub(crate) mod record;
pub(crate) mod refunded;
pub(crate) mod render;
mod rest;
mod row;
pub(crate) mod settle;
mod show;
pub(crate) mod state;
pub(crate) mod take;
pub(crate) mod tell;
mod usage;

pub(crate) use finalize::finalize;
