//! Roles: the four that every workspace has (`member/roles.rs`), and those that it makes for itself.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
mod row;
pub(crate) mod update;
mod validate;

use crate::{
    error::Error,
    member::roles::{self, Role},
    problems::Problems,
};
use proto::{Permission, Scopes, workspace::WorkspaceRole};
use row::RoleRow;
use store::WorkspaceTx;

/// A role, and what it may do at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) permissions: Scopes,
}

impl Given {
    /// The role of this name. `own`: the permissions of the workspace's own role of this name, as they are stored; none where
    /// there is no such role. A name that nobody knows may do nothing.
    pub(crate) fn of(name: String, own: Option<&str>) -> Self {
        let permissions = match (Role::named(&name), own) {
            (Some(role), _) => role.permissions(),
            (None, Some(stored)) => row::permissions(stored),
            (None, None) => Scopes::NONE,
        };
        Self { name, permissions }
    }
}

/// The role of this name, if the transaction's workspace has it. Whoever gives it to somebody has locked the workspace: it is
/// not deleted meanwhile.
pub(crate) async fn named(tx: &mut WorkspaceTx, name: &str) -> Result<Option<Given>, Error> {
    if Role::named(name).is_some() {
        return Ok(Some(Given::of(name.to_owned(), None)));
    }
    if validate::name(name).is_err() {
        return Ok(None);
    }
    Ok(row::find(tx, name).await?.map(|row| row.given()))
}

/// The role of this name in a request. The workspace is locked. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`.
pub(crate) async fn asked(tx: &mut WorkspaceTx, name: &str) -> Result<Given, Error> {
    let found = named(tx, name).await?;
    let mut problems = Problems::default();
    let role = among(&mut problems, name, found);
    problems.finish()?;
    Ok(role)
}

/// The same beside other fields, for what [`named`] has found; one that may do nothing where a problem is noted.
pub(crate) fn among(problems: &mut Problems, name: &str, found: Option<Given>) -> Given {
    match &found {
        Some(_) => {}
        None if name.is_empty() => problems.malformed("role", "is required"),
        None => problems.refused("role", "must be owner, admin, member, viewer or a role of this workspace"),
    }
    found.unwrap_or_default()
}

/// What a workspace may put into a role: all that it gives, but to be its owner.
fn grantable() -> Scopes {
    roles::Role::Owner.permissions().iter().filter(|permission| *permission != Permission::WorkspaceOwn).collect()
}

fn built_in(role: Role) -> WorkspaceRole {
    WorkspaceRole {
        name: role.as_str().to_owned(),
        description: role.says().to_owned(),
        permissions: role.permissions().names(),
        built_in: true,
        created_at: None,
        updated_at: None,
    }
}

/// Goes on for a role of the workspace's own. Errors: [`Error::BuiltInRole`].
fn not_built_in(name: &str) -> Result<(), Error> {
    Role::named(name).map_or(Ok(()), |role| Err(Error::BuiltInRole(role.as_str())))
}

fn absent() -> Error {
    Error::NotFound("role")
}

/// A role of the transaction's workspace's own. Errors: `NOT_FOUND`.
async fn find(tx: &mut WorkspaceTx, name: &str) -> Result<RoleRow, Error> {
    row::find(tx, name).await?.ok_or_else(absent)
}
