//! Workspaces: the tenants.

pub(crate) mod create;
mod currencies;
mod found;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod list_all;
pub(crate) mod plan;
pub(crate) mod provision;
pub(crate) mod row;
pub(crate) mod update;
pub(crate) mod validate;
