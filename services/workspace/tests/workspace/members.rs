//! Who belongs to a workspace, and what they may do.

use crate::house::{House, Person, on_both_databases, refused};
use chrono::{DateTime, Utc};
use proto::{Permission, Reason, Role, id::UserId, workspace::*};
use store::{WorkspaceTx, sql};

/// What the documents promise each role.
const PROMISED: [(&str, &[&str]); 4] = [
    ("owner", EVERYTHING),
    ("admin", EVERYTHING),
    (
        "member",
        &[
            "inference",
            "workspace.read",
            "members.read",
            "providers.read",
            "keys.read",
            "keys.write",
            "logs.read",
            "usage.read",
            "exports.read",
        ],
    ),
    (
        "viewer",
        &["workspace.read", "members.read", "providers.read", "keys.read", "logs.read", "usage.read", "exports.read"],
    ),
];
const EVERYTHING: &[&str] = &[
    "inference",
    "workspace.read",
    "workspace.write",
    "members.read",
    "providers.read",
    "providers.write",
    "keys.read",
    "keys.write",
    "logs.read",
    "usage.read",
    "usage.write",
    "exports.read",
    "exports.write",
    "audit.read",
];

on_both_databases! {
    each_role_may_do_what_is_promised_and_nothing_else,
    somebody_who_is_no_member_is_not_found,
    members_are_listed_newest_first_with_their_names,
    memberships_come_oldest_first_and_only_ones_own,
}

async fn each_role_may_do_what_is_promised_and_nothing_else(house: &House) {
    let ana = house.person("Ana").await;
    for (role, promised) in PROMISED {
        let colleague = join(house, ana, role).await;
        let request = ResolveMemberRequest { workspace_id: ana.workspace.to_string(), user_id: colleague.to_string() };
        let resolved = house.workspaces.resolve_member(&house.nobody(), request).await.unwrap();
        assert_eq!(resolved.role, role);
        for permission in Permission::ALL {
            let name = permission.as_str();
            let has = resolved.permissions.iter().any(|p| p == name);
            assert_eq!(has, promised.contains(&name), "{role} and {name}");
        }
    }
}

async fn somebody_who_is_no_member_is_not_found(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    for (workspace, user) in [
        (ana.workspace.to_string(), bob.user.to_string()),
        (bob.workspace.to_string(), ana.user.to_string()),
        ("ws_garbage".to_owned(), ana.user.to_string()),
        (ana.workspace.to_string(), String::new()),
        (ana.user.to_string(), ana.workspace.to_string()),
    ] {
        let request = ResolveMemberRequest { workspace_id: workspace, user_id: user };
        assert_eq!(refused(house.workspaces.resolve_member(&house.nobody(), request).await).reason, Reason::NotFound);
    }
}

async fn members_are_listed_newest_first_with_their_names(house: &House) {
    let ana = house.person("Ana").await;
    let guest = join(house, ana, "viewer").await;
    let listed = house
        .workspaces
        .list_members(&house.call(ana), ListMembersRequest { page_size: 1, ..ListMembersRequest::default() })
        .await
        .unwrap();
    assert_eq!(
        (listed.members[0].user_id.as_str(), listed.members[0].email.as_str()),
        (guest.to_string().as_str(), "")
    );
    let next = ListMembersRequest { page_token: listed.next_page_token, ..ListMembersRequest::default() };
    let listed = house.workspaces.list_members(&house.call(ana), next).await.unwrap();
    let rest: Vec<_> = listed.members.iter().map(|m| (m.email.as_str(), m.name.as_str(), m.role.as_str())).collect();
    assert_eq!(rest, [("ana@example.com", "Ana", "owner")]);
    assert_eq!(listed.next_page_token, "");
}

async fn memberships_come_oldest_first_and_only_ones_own(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    join_as(house, bob, ana.user, "viewer").await;
    let identity = house.workspaces.called_by(Role::Identity);
    let request = ListMembershipsRequest { user_id: ana.user.to_string() };
    let listed = identity.list_memberships(&house.service_call(Role::Identity), request).await.unwrap();
    let roles: Vec<_> = listed.memberships.iter().map(|m| (m.workspace_id.clone(), m.role.as_str())).collect();
    assert_eq!(roles, [(ana.workspace.to_string(), "owner"), (bob.workspace.to_string(), "viewer")]);
}

async fn join(house: &House, owner: Person, role: &str) -> UserId {
    let user = UserId::from_uuid(house.ids.uuid());
    join_as(house, owner, user, role).await;
    user
}

/// Invitations come with a later release, so members are written where they are kept.
async fn join_as(house: &House, owner: Person, user: UserId, role: &str) {
    let mut tx = WorkspaceTx::begin(&house.db, owner.workspace).await.unwrap();
    let at = DateTime::<Utc>::default();
    let values = [house.ids.uuid().into(), owner.workspace.into(), user.into(), role.into(), at.into()];
    tx.execute(sql!("member/insert"), &values).await.unwrap();
    tx.commit().await.unwrap();
}
