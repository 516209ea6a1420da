//! Webhooks: what happens in a workspace is sent, signed, to addresses of its own (Standard Webhooks 1.0.0).
//!
//! [`tell`] writes deliveries in the transaction of what they tell; [`work`] sends them.

mod attempt;
pub(crate) mod catalogue;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod deliveries;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod prune;
pub(crate) mod retry;
pub(crate) mod rotate;
mod row;
mod schedule;
mod secret;
mod settle;
pub(crate) mod show;
pub(crate) mod tell;
pub(crate) mod test;
pub(crate) mod update;
mod validate;
pub(crate) mod work;
