//! What workspace promises of roles.

use crate::{Handles, checks, reason};
use anyhow::ensure;
use proto::{Call, Permission, Reason, Scopes, workspace::*};

checks!(a_role_is_made_read_changed_and_removed, a_role_may_no_more_than_whoever_makes_it);

fn new(name: &str, permission: &str) -> CreateRoleRequest {
    CreateRoleRequest { name: name.to_owned(), description: String::new(), permissions: vec![permission.to_owned()] }
}

async fn a_role_is_made_read_changed_and_removed(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let (w, once) = (&h.workspaces, Call { idempotency_key: Some("once".into()), ..ada.call.clone() });
    let made = w.create_role(&once, new("auditor", "audit.read")).await?;
    ensure!(!made.replayed && w.create_role(&once, new("auditor", "audit.read")).await?.replayed, "{made:?}");
    ensure!(reason(w.create_role(&once, new("other", "audit.read")).await)? == Reason::IdempotencyMismatch);
    ensure!(reason(w.create_role(&ada.call, new("auditor", "audit.read")).await)? == Reason::Conflict);
    let get = || GetRoleRequest { name: "auditor".to_owned() };
    ensure!(w.get_role(&ada.call, get()).await?.role == made.role, "reads differ");
    ensure!(reason(w.get_role(&eve.call, get()).await)? == Reason::NotFound, "it is read by others");
    let listed = w.list_roles(&ada.call, ListRolesRequest {}).await?.roles;
    ensure!(listed.len() == 5 && listed.iter().filter(|role| role.built_in).count() == 4, "{listed:?}");
    let permissions = Some(RolePermissions { names: vec!["usage.read".to_owned()] });
    let change = UpdateRoleRequest { name: "auditor".to_owned(), description: None, permissions };
    ensure!(reason(w.update_role(&eve.call, change.clone()).await)? == Reason::NotFound, "it is changed by others");
    let changed = w.update_role(&ada.call, change).await?.role.unwrap_or_default();
    ensure!(changed.permissions == ["usage.read"], "{changed:?}");
    let delete = || DeleteRoleRequest { name: "auditor".to_owned() };
    ensure!(reason(w.delete_role(&eve.call, delete()).await)? == Reason::NotFound, "it is removed by others");
    w.delete_role(&ada.call, delete()).await?;
    ensure!(reason(w.get_role(&ada.call, get()).await)? == Reason::NotFound, "still there");
    let owner = DeleteRoleRequest { name: "owner".to_owned() };
    ensure!(reason(w.delete_role(&ada.call, owner).await)? == Reason::Conflict, "owners are needed");
    Ok(())
}

async fn a_role_may_no_more_than_whoever_makes_it(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let small = Call { scopes: Scopes::NONE.with(Permission::MembersWrite), ..ada.call.clone() };
    let w = &h.workspaces;
    ensure!(reason(w.create_role(&small, new("spy", "audit.read")).await)? == Reason::PermissionDenied);
    ensure!(reason(w.create_role(&small, new("boss", "workspace.own")).await)? == Reason::RefusedValue);
    ensure!(reason(w.list_roles(&small, ListRolesRequest {}).await)? == Reason::PermissionDenied);
    w.create_role(&small, new("greeter", "members.write")).await?;
    Ok(())
}
