//! Workspaces: the tenants.

pub(crate) mod create;
mod currencies;
pub(crate) mod delete;
mod found;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod list_all;
pub(crate) mod plan;
pub(crate) mod provision;
pub(crate) mod purge;
pub(crate) mod row;
pub(crate) mod update;
pub(crate) mod validate;
