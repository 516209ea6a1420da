//! What a directory is told when it is refused. The fact `scim_type` is its word for it (RFC 7644, table 9).

use crate::Error;
use proto::{Failure, Permission, Reason};

const FACT: &str = "scim_type";

pub(super) fn absent() -> Error {
    Error::NotFound("user of the directory in this workspace")
}

pub(super) fn overtaken() -> Error {
    Reason::PreconditionFailed.with("the user has changed since this version was read: read it again").into()
}

pub(super) fn caller() -> Error {
    let why = "a directory calls with the API key of a service account: make one with service_account: true and the \
               scopes members.read and members.write";
    Reason::PermissionDenied.with(why).fact("permission", Permission::MembersWrite.as_str()).into()
}

pub(super) fn taken(user_name: &str) -> Error {
    let why = format!("the directory has a user called {user_name} already: change that one");
    Reason::Conflict.with(why).fact(FACT, "uniqueness").field("userName", "is taken in this directory").into()
}

/// Somebody else's account has the address.
pub(super) fn address_taken(user_name: &str) -> Error {
    let why = format!("another account has the address {user_name}: its owner changes theirs first");
    Reason::Conflict.with(why).fact(FACT, "uniqueness").field("userName", "is the address of another account").into()
}

pub(super) fn disabled() -> Error {
    let why = "whoever runs this installation has disabled the account with this address: ask them";
    Reason::Conflict.with(why).into()
}

pub(super) fn domain(user_name: &str) -> Error {
    let domain = user_name.rsplit_once('@').map_or(user_name, |(_, domain)| domain);
    let why = format!(
        "userName must be an address in a domain that the workspace has verified, and {domain} is none: an owner \
         verifies it with POST /api/v1/workspaces/{{workspace_id}}/domains"
    );
    invalid(why, "userName", "must be in a verified domain")
}

/// The account is the person's own, and so is its address.
pub(super) fn theirs() -> Error {
    let why =
        "the directory has not made this account, or its owner has another address by now: they change it themselves";
    let failure = Reason::RefusedValue.with(why).fact(FACT, "mutability");
    failure.field("userName", "is the address of an account that is not the directory's").into()
}

/// A value that is not taken.
pub(super) fn invalid(why: impl Into<String>, field: &str, problem: &str) -> Error {
    Reason::RefusedValue.with(why).fact(FACT, "invalidValue").field(field, problem).into()
}

/// Whether a failure of the workspace service says that the membership cannot be what was said, and not only not now.
pub(super) fn is_final(failure: &Failure) -> bool {
    matches!(
        failure.reason,
        Reason::LastOwner
            | Reason::PermissionDenied
            | Reason::QuotaExceeded
            | Reason::RefusedValue
            | Reason::InvalidArgument
            | Reason::NotFound
    )
}
