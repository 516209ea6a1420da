//! Providers of a workspace: where its models are, and the credential to call them with.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
mod kinds;
pub(crate) mod list;
pub(crate) mod row;
pub(crate) mod update;
mod validate;
