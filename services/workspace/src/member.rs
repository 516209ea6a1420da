//! Who belongs to a workspace, and what they may do there.

pub(crate) mod add;
pub(crate) mod change_role;
pub(crate) mod depart;
pub(crate) mod directory;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod memberships;
pub(crate) mod owned;
pub(crate) mod owners;
pub(crate) mod provision;
pub(crate) mod rank;
pub(crate) mod remove;
pub(crate) mod resolve;
pub(crate) mod roles;
pub(crate) mod seats;
pub(crate) mod transfer;

pub(crate) use owners::{lock, lock_open};

use crate::error::Error;
use proto::id::UserId;

/// The id of a person in a request. What is none is a member who does not exist.
fn parse(id: &str) -> Result<UserId, Error> {
    id.parse().map_err(|_| absent())
}

fn absent() -> Error {
    Error::NotFound("member")
}
