//! Who belongs to a workspace, and what they may do there.

pub(crate) mod add;
pub(crate) mod list;
pub(crate) mod memberships;
pub(crate) mod resolve;
pub(crate) mod roles;
