//! What may a field of a role be?

use super::grantable;
use crate::member::roles::Role;
use proto::{Permission, Scopes};

const LONGEST_NAME: usize = 40;
const LONGEST_DESCRIPTION: usize = 500;

/// The name of a role that a workspace makes. Errors: what is wrong with it.
pub(super) fn name(text: &str) -> Result<String, String> {
    let is_of_names = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(is_of_names) {
        return Err(format!("must be 1 to {LONGEST_NAME} lower-case letters, digits, - and _"));
    }
    if Role::named(text).is_some() {
        return Err("is the name of a role that every workspace has: choose another".to_owned());
    }
    Ok(text.to_owned())
}

/// A text for people. Errors: what is wrong with it.
pub(super) fn description(text: &str) -> Result<String, String> {
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Err(format!("must have at most {LONGEST_DESCRIPTION} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    Ok(text.trim().to_owned())
}

/// What a role may do. Errors: what is wrong with it, with all that there is.
pub(super) fn permissions(names: &[String]) -> Result<Scopes, String> {
    if names.is_empty() {
        return Err(format!("must name at least one of {}", grantable().names().join(", ")));
    }
    let read = |name: &&String| Permission::parse(name).is_some_and(|permission| grantable().contains(permission));
    let refused: Vec<&str> = names.iter().filter(|name| !read(name)).take(5).map(String::as_str).collect();
    if !refused.is_empty() {
        let known = grantable().names().join(", ");
        return Err(format!("has some that no such role may hold ({}): there are {known}", refused.join(", ")));
    }
    Ok(Scopes::parse(names.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_plain_and_nobody_elses() {
        for good in ["auditor", "a", "team-2_read", "0", &"x".repeat(40)] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in ["", "Auditor", "a b", "é", "a/b", "a\n", "owner", "admin", "member", "viewer", &"x".repeat(41)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_role_holds_what_workspaces_give_but_never_ownership() {
        for permission in Permission::ALL {
            let held = permissions(&[permission.as_str().to_owned()]);
            let may = permission.is_of_workspaces() && *permission != Permission::WorkspaceOwn;
            assert_eq!(held.is_ok(), may, "{permission:?}: {held:?}");
        }
        let twice = ["audit.read", "audit.read"].map(str::to_owned);
        assert_eq!(permissions(&twice), Ok(Scopes::NONE.with(Permission::AuditRead)));
        let why = permissions(&["audit.red".to_owned()]).unwrap_err();
        assert!(why.contains("(audit.red)") && why.contains("audit.read") && !why.contains("workspace.own"), "{why}");
        assert!(permissions(&[]).is_err());
    }

    #[test]
    fn a_description_is_a_line() {
        assert_eq!(description(" Reads the books ").as_deref(), Ok("Reads the books"));
        assert!(description("a\nb").is_err() && description(&"x".repeat(501)).is_err());
    }
}
