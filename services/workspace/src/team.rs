//! Teams inside a workspace: members who share limits and budgets. What they use together is counted by usage-metering.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod replace;
pub(crate) mod resolve;
mod row;
pub(crate) mod update;
mod validate;

/// How many a workspace has at most: routing takes the limits of all of them along.
pub(crate) const MOST: i64 = 200;
/// How many are in one at most.
pub(crate) const MOST_MEMBERS: usize = 5_000;
