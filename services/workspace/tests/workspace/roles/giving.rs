//! Who may give, change and take roles of a workspace's own, and what whoever has one may do.

use super::{delete, holder, make, may};
use crate::{
    house::{House, Person, on_both_databases, refused},
    members::{call_of, change, join, remove, role_of},
};
use proto::{Call, Permission, Reason, Scopes, id::UserId, workspace::*};

on_both_databases! {
    each_permission_is_a_role_of_its_own_that_may_do_that_and_nothing_else,
    a_member_may_do_what_their_role_may_at_this_moment,
    a_role_that_nobody_knows_may_do_nothing,
    who_may_write_members_touches_nobody_who_may_do_more,
    nobody_makes_changes_or_removes_a_role_that_may_do_more_than_they,
    whoever_is_invited_to_a_role_of_the_workspaces_own_gets_it,
    a_role_that_somebody_has_stays_and_the_refusal_counts_them,
    where_a_workspace_is_closed_a_role_may_look,
    ownership_is_given_to_and_by_people_with_such_roles,
}

fn invite(email: &str, role: &str) -> CreateInvitationRequest {
    CreateInvitationRequest { email: email.into(), role: role.into(), locale: String::new() }
}

async fn scopes(house: &House, user: UserId, of: Person) -> Scopes {
    let request = ResolveMemberRequest { workspace_id: of.workspace.to_string(), user_id: user.to_string() };
    let found = house.workspaces.resolve_member(&house.nobody(), request).await.unwrap();
    Scopes::parse(found.permissions.iter().map(String::as_str))
}

/// What of this service needs a permission, with a request that is not refused for another reason before.
async fn try_out(house: &House, call: &Call, needs: Permission) -> Option<Reason> {
    let (workspaces, nobody) = (&house.workspaces, String::new());
    let outcome = match needs {
        Permission::WorkspaceRead => workspaces.get_workspace(call, GetWorkspaceRequest {}).await.map(drop),
        Permission::WorkspaceWrite => {
            workspaces.update_workspace(call, UpdateWorkspaceRequest::default()).await.map(drop)
        }
        Permission::MembersRead => workspaces.list_members(call, ListMembersRequest::default()).await.map(drop),
        Permission::MembersWrite => {
            workspaces.remove_member(call, RemoveMemberRequest { user_id: nobody }).await.map(drop)
        }
        Permission::ProvidersRead => workspaces.list_providers(call, ListProvidersRequest::default()).await.map(drop),
        Permission::ProvidersWrite => {
            workspaces.delete_provider(call, DeleteProviderRequest { provider_id: nobody }).await.map(drop)
        }
        Permission::AuditRead => workspaces.list_audit_events(call, ListAuditEventsRequest::default()).await.map(drop),
        Permission::WebhooksRead => workspaces.list_webhooks(call, ListWebhooksRequest::default()).await.map(drop),
        Permission::WebhooksWrite => {
            workspaces.delete_webhook(call, DeleteWebhookRequest { webhook_id: nobody }).await.map(drop)
        }
        Permission::WorkspaceOwn => workspaces.restore_workspace(call, RestoreWorkspaceRequest {}).await.map(drop),
        // Of other services: `tests/scenario/roles.rs`.
        _ => return None,
    };
    Some(outcome.map_or_else(|status| Reason::of(&status), |()| Reason::Conflict))
}

async fn each_permission_is_a_role_of_its_own_that_may_do_that_and_nothing_else(house: &House) {
    let ana = house.person("Ana").await;
    let somebody = join(house, ana, "viewer").await;
    let grantable = Permission::ALL.iter().filter(|p| p.is_of_workspaces() && **p != Permission::WorkspaceOwn);
    for (n, permission) in grantable.enumerate() {
        let name = format!("only-{n}");
        make(house, &house.call(ana), &name, &[permission.as_str()]).await.unwrap();
        house.workspaces.change_member_role(&house.call(ana), change(somebody, &name)).await.unwrap();
        assert_eq!(scopes(house, somebody, ana).await, Scopes::NONE.with(*permission));
        let call = call_of(house, somebody, ana).await;
        for &needs in Permission::ALL {
            if let Some(reason) = try_out(house, &call, needs).await {
                assert_eq!(reason != Reason::PermissionDenied, needs == *permission, "{needs:?} with {permission:?}");
            }
        }
    }
}

async fn a_member_may_do_what_their_role_may_at_this_moment(house: &House) {
    let ana = house.person("Ana").await;
    let (bob, _) = holder(house, ana, "auditor", &["audit.read"]).await;
    let read = GetWorkspaceRequest {};
    let shown = house.workspaces.get_workspace(&house.call(bob), read).await.unwrap().workspace.unwrap();
    assert_eq!(shown.role, "auditor");
    let listed = house.workspaces.list_workspaces(&house.call(bob), ListWorkspacesRequest::default()).await.unwrap();
    assert_eq!(listed.workspaces[0].role, "auditor");
    house.workspaces.update_role(&house.call(ana), may("auditor", &["usage.read"])).await.unwrap();
    assert_eq!(scopes(house, bob.user, ana).await, Scopes::NONE.with(Permission::UsageRead));
}

async fn a_role_that_nobody_knows_may_do_nothing(house: &House) {
    let ana = house.person("Ana").await;
    let guest = join(house, ana, "of-a-newer-release").await;
    assert_eq!(scopes(house, guest, ana).await, Scopes::NONE);
    let given = house.workspaces.change_member_role(&house.call(ana), change(guest, "nobody-made-it")).await;
    assert_eq!(refused(given).reason, Reason::RefusedValue);
}

async fn who_may_write_members_touches_nobody_who_may_do_more(house: &House) {
    let ana = house.person("Ana").await;
    let (bob, bobs) = holder(house, ana, "people", &["members.read", "members.write", "workspace.read"]).await;
    make(house, &house.call(ana), "small", &["members.read"]).await.unwrap();
    let admin = join(house, ana, "admin").await;
    let (small, workspaces) = (join(house, ana, "small").await, &house.workspaces);
    for person in [ana.user, admin, join(house, ana, "member").await, join(house, ana, "viewer").await] {
        for failure in [
            refused(workspaces.change_member_role(&bobs, change(person, "small")).await),
            refused(workspaces.remove_member(&bobs, remove(person)).await),
        ] {
            assert_eq!(failure.reason, Reason::PermissionDenied, "{failure}");
        }
    }
    for role in ["owner", "admin", "member", "viewer"] {
        for person in [bob.user, small] {
            let failure = refused(workspaces.change_member_role(&bobs, change(person, role)).await);
            assert_eq!(failure.reason, Reason::PermissionDenied, "{failure}");
        }
        let failure = refused(workspaces.create_invitation(&bobs, invite("eve@example.com", role)).await);
        assert_eq!(failure.reason, Reason::PermissionDenied, "{failure}");
    }
    // Whom they may do all of, they may change and remove.
    workspaces.change_member_role(&bobs, change(small, "people")).await.unwrap();
    workspaces.change_member_role(&bobs, change(small, "small")).await.unwrap();
    workspaces.create_invitation(&bobs, invite("eve@example.com", "small")).await.unwrap();
    workspaces.remove_member(&bobs, remove(small)).await.unwrap();
    assert_eq!(role_of(house, small, ana).await, None);
}

async fn nobody_makes_changes_or_removes_a_role_that_may_do_more_than_they(house: &House) {
    let ana = house.person("Ana").await;
    let (_, bobs) = holder(house, ana, "people", &["members.read", "members.write"]).await;
    make(house, &house.call(ana), "auditor", &["audit.read", "members.read"]).await.unwrap();
    for failure in [
        refused(make(house, &bobs, "spy", &["audit.read"]).await),
        refused(house.workspaces.update_role(&bobs, may("people", &["members.write", "audit.read"])).await),
        // What it was counts too: taking something from those who may do more is for those who may.
        refused(house.workspaces.update_role(&bobs, may("auditor", &["members.read"])).await),
        refused(delete(house, &bobs, "auditor").await),
    ] {
        let seen = (failure.reason, failure.get("permission"));
        assert_eq!(seen, (Reason::PermissionDenied, Some("audit.read")), "{failure}");
    }
    make(house, &bobs, "greeter", &["members.read"]).await.unwrap();
    house.workspaces.update_role(&bobs, may("greeter", &["members.write"])).await.unwrap();
    delete(house, &bobs, "greeter").await.unwrap();
    // A key may do less than its member: what it may not, it gives nobody.
    let key = Call { scopes: Scopes::NONE.with(Permission::MembersWrite), ..house.call(ana) };
    assert_eq!(refused(make(house, &key, "spy", &["inference"]).await).reason, Reason::PermissionDenied);
    make(house, &key, "greeter", &["members.write"]).await.unwrap();
    let reader = Call { scopes: Scopes::NONE.with(Permission::MembersRead), ..house.call(ana) };
    assert_eq!(refused(make(house, &reader, "more", &["members.read"]).await).reason, Reason::PermissionDenied);
}

async fn whoever_is_invited_to_a_role_of_the_workspaces_own_gets_it(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let call = house.call(ana);
    make(house, &call, "auditor", &["audit.read"]).await.unwrap();
    let unknown = refused(house.workspaces.create_invitation(&call, invite("bob@example.com", "auditors")).await);
    assert_eq!((unknown.reason, unknown.fields[0].0.as_str()), (Reason::RefusedValue, "role"));
    let made = house.workspaces.create_invitation(&call, invite("bob@example.com", "auditor")).await.unwrap();
    assert_eq!(made.invitation.map(|invitation| invitation.role).as_deref(), Some("auditor"));
    let letter = house.letter().await;
    assert!(letter.text.contains("auditor=E2=80=9D") || letter.text.contains("auditor”"), "{}", letter.text);
    let accept = AcceptInvitationRequest { token: letter.token };
    let joined = house.workspaces.accept_invitation(&house.call(bob), accept).await.unwrap();
    assert_eq!(joined.role, "auditor");
    assert_eq!(scopes(house, bob.user, ana).await, Scopes::NONE.with(Permission::AuditRead));
}

async fn a_role_that_somebody_has_stays_and_the_refusal_counts_them(house: &House) {
    let ana = house.person("Ana").await;
    let call = house.call(ana);
    let (bob, _) = holder(house, ana, "auditor", &["audit.read"]).await;
    let carl = join(house, ana, "auditor").await;
    let made = house.workspaces.create_invitation(&call, invite("eve@example.com", "auditor")).await.unwrap();
    let failure = refused(delete(house, &call, "auditor").await);
    assert_eq!(failure.reason, Reason::Conflict);
    assert_eq!((failure.get("members"), failure.get("invitations")), (Some("2"), Some("1")), "{failure}");
    assert!(failure.message.contains("2 members and 1 open invitation have it"), "{failure}");
    house.workspaces.remove_member(&call, remove(carl)).await.unwrap();
    house.workspaces.change_member_role(&call, change(bob.user, "viewer")).await.unwrap();
    // One that has expired may be sent again.
    house.hand.advance(chrono::Duration::days(8));
    let failure = refused(delete(house, &call, "auditor").await);
    assert_eq!((failure.get("members"), failure.get("invitations")), (Some("0"), Some("1")), "{failure}");
    let id = made.invitation.unwrap().id;
    house.workspaces.revoke_invitation(&call, RevokeInvitationRequest { invitation_id: id }).await.unwrap();
    delete(house, &call, "auditor").await.unwrap();
}

async fn where_a_workspace_is_closed_a_role_may_look(house: &House) {
    let ana = house.person("Ana").await;
    let all = ["audit.read", "inference", "members.write", "billing.write"];
    let (bob, _) = holder(house, ana, "auditor", &all).await;
    house.workspaces.delete_workspace(&house.call(ana), DeleteWorkspaceRequest {}).await.unwrap();
    let left = Scopes::NONE.with(Permission::AuditRead).with(Permission::BillingWrite);
    assert_eq!(scopes(house, bob.user, ana).await, left);
    // The door may be a moment late.
    assert_eq!(refused(make(house, &house.call(ana), "late", &["audit.read"]).await).reason, Reason::NotFound);
}

async fn ownership_is_given_to_and_by_people_with_such_roles(house: &House) {
    let ana = house.person("Ana").await;
    let (bob, _) = holder(house, ana, "auditor", &["audit.read"]).await;
    let transfer = TransferOwnershipRequest { user_id: bob.user.to_string() };
    house.workspaces.transfer_ownership(&house.call(ana), transfer).await.unwrap();
    assert_eq!(role_of(house, bob.user, ana).await.as_deref(), Some("owner"));
    assert_eq!(role_of(house, ana.user, ana).await.as_deref(), Some("admin"));
    house.workspaces.change_member_role(&house.call(bob), change(ana.user, "auditor")).await.unwrap();
    house.workspaces.leave_workspace(&house.call(ana), LeaveWorkspaceRequest {}).await.unwrap();
    delete(house, &house.call(bob), "auditor").await.unwrap();
}
