//! Providers of the platform: what its operators pay for, offered to workspaces and charged by plan. They belong to no
//! workspace, so their credentials are sealed with the master key itself, and what is done to them is in a trail of the
//! platform's own.

mod access;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod offered;
pub(crate) mod open;
mod row;
pub(crate) mod seal;
pub(crate) mod trail;
pub(crate) mod update;
