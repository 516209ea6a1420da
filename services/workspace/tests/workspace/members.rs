//! Who belongs to a workspace, and what they may do.

use crate::house::{House, Person, on_both_databases, refused};
use chrono::{DateTime, Utc};
use proto::{Call, Permission, Reason, Role, Scopes, id::UserId, workspace::*};
use store::{WorkspaceTx, sql};

/// What the documents promise each role.
const PROMISED: [(&str, &[&str]); 4] = [
    ("owner", EVERYTHING),
    ("admin", ALL_BUT_THE_WORKSPACE_ITSELF),
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
            "billing.read",
            "executions.read",
            "executions.write",
        ],
    ),
    (
        "viewer",
        &[
            "workspace.read",
            "members.read",
            "providers.read",
            "keys.read",
            "logs.read",
            "usage.read",
            "exports.read",
            "billing.read",
            "executions.read",
        ],
    ),
];
const EVERYTHING: &[&str] = &[
    "workspace.own",
    "inference",
    "workspace.read",
    "workspace.write",
    "members.read",
    "members.write",
    "providers.read",
    "providers.write",
    "keys.read",
    "keys.write",
    "logs.read",
    "usage.read",
    "usage.write",
    "webhooks.read",
    "webhooks.write",
    "exports.read",
    "exports.write",
    "audit.read",
    "billing.read",
    "billing.write",
    "executions.read",
    "executions.write",
];

const ALL_BUT_THE_WORKSPACE_ITSELF: &[&str] = EVERYTHING.split_first().unwrap().1;

on_both_databases! {
    each_role_may_do_what_is_promised_and_nothing_else,
    somebody_who_is_no_member_is_not_found,
    members_are_listed_newest_first_with_their_names,
    memberships_come_oldest_first_and_only_ones_own,
    who_goes_for_ever_leaves_no_open_workspace_without_an_owner,
    a_role_is_changed_and_reported,
    nobody_changes_or_removes_who_may_do_more,
    who_is_removed_or_leaves_is_no_member,
    a_workspace_is_given_to_another_member,
    a_workspace_is_never_without_an_owner,
    of_owners_who_go_at_once_one_stays,
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

async fn who_goes_for_ever_leaves_no_open_workspace_without_an_owner(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    join_as(house, bob, ana.user, "admin").await;
    let depart = DepartPersonRequest { user_id: ana.user.to_string(), email: "ana@example.com".to_owned() };
    let (identity, call) = (house.workspaces.called_by(Role::Identity), house.service_call(Role::Identity));
    let stays = refused(identity.depart_person(&call, depart.clone()).await);
    assert_eq!(stays.reason, Reason::LastOwner);
    assert!(stays.facts.iter().any(|(_, ids)| *ids == ana.workspace.to_string()), "{stays:?}");
    let of = ListMembershipsRequest { user_id: ana.user.to_string() };
    assert_eq!(identity.list_memberships(&call, of.clone()).await.unwrap().memberships.len(), 2, "nothing has changed");
    house.workspaces.delete_workspace(&house.call(ana), DeleteWorkspaceRequest {}).await.unwrap();
    for _ in 0..2 {
        identity.depart_person(&call, depart.clone()).await.unwrap();
        assert!(identity.list_memberships(&call, of.clone()).await.unwrap().memberships.is_empty());
    }
    let left =
        house.workspaces.get_workspace(&house.call(ana), GetWorkspaceRequest {}).await.unwrap().workspace.unwrap();
    let purge_at = left.purge_at.and_then(proto::time::from_proto).unwrap();
    assert!(purge_at <= house.now(), "nobody is left to restore it: it goes at once");
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

pub async fn join(house: &House, owner: Person, role: &str) -> UserId {
    let user = UserId::from_uuid(house.ids.uuid());
    join_as(house, owner, user, role).await;
    user
}

/// As somebody who has accepted an invitation.
async fn join_as(house: &House, owner: Person, user: UserId, role: &str) {
    let mut tx = WorkspaceTx::begin(&house.db, owner.workspace).await.unwrap();
    let at = DateTime::<Utc>::default();
    let values = [house.ids.uuid().into(), owner.workspace.into(), user.into(), role.into(), at.into()];
    tx.execute(sql!("member/insert"), &values).await.unwrap();
    tx.commit().await.unwrap();
}

/// The call of a member of somebody's workspace, with what their role may do.
async fn call_of(house: &House, user: UserId, of: Person) -> Call {
    let request = ResolveMemberRequest { workspace_id: of.workspace.to_string(), user_id: user.to_string() };
    let found = house.workspaces.resolve_member(&house.nobody(), request).await.unwrap();
    let scopes = Scopes::parse(found.permissions.iter().map(String::as_str)).with(Permission::Account);
    Call { scopes, ..house.call(Person { user, workspace: of.workspace }) }
}

async fn role_of(house: &House, user: UserId, of: Person) -> Option<String> {
    let request = ResolveMemberRequest { workspace_id: of.workspace.to_string(), user_id: user.to_string() };
    house.workspaces.resolve_member(&house.nobody(), request).await.ok().map(|found| found.role)
}

fn change(user: UserId, role: &str) -> ChangeMemberRoleRequest {
    ChangeMemberRoleRequest { user_id: user.to_string(), role: role.into() }
}

fn remove(user: UserId) -> RemoveMemberRequest {
    RemoveMemberRequest { user_id: user.to_string() }
}

/// Kinds and payloads of what happened to members, from the trail.
async fn told(house: &House, of: Person, least: usize) -> Vec<(String, String)> {
    for _ in 0..200 {
        let listed = house.workspaces.list_audit_events(&house.call(of), ListAuditEventsRequest::default()).await;
        let events = listed.unwrap().events.into_iter().rev();
        let told: Vec<_> = events.skip(2).map(|event| (event.action, event.details_json)).collect();
        if told.len() >= least {
            return told;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the trail does not tell {least} things");
}

async fn a_role_is_changed_and_reported(house: &House) {
    let ana = house.person("Ana").await;
    let bob = join(house, ana, "viewer").await;
    let changed = house.workspaces.change_member_role(&house.call(ana), change(bob, "admin")).await.unwrap();
    let member = changed.member.unwrap();
    assert_eq!((member.user_id, member.role.as_str()), (bob.to_string(), "admin"));
    assert_eq!(role_of(house, bob, ana).await.as_deref(), Some("admin"));
    // Nothing changes, and nothing is reported, where it is what it was.
    house.workspaces.change_member_role(&house.call(ana), change(bob, "admin")).await.unwrap();
    house.workspaces.change_member_role(&house.call(ana), change(bob, "member")).await.unwrap();
    let told = told(house, ana, 2).await;
    let of = |from: &str, to: &str| ("member.role_changed".into(), format!(r#"{{"from":"{from}","to":"{to}"}}"#));
    assert_eq!(told, [of("viewer", "admin"), of("admin", "member")]);
    for (role, reason) in
        [("", Reason::InvalidArgument), ("boss", Reason::RefusedValue), ("Owner", Reason::RefusedValue)]
    {
        let failure = refused(house.workspaces.change_member_role(&house.call(ana), change(bob, role)).await);
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (reason, "role"), "{role:?}");
    }
    let (stranger, eve) = (UserId::from_uuid(house.ids.uuid()), house.person("Eve").await);
    for user in [stranger, eve.user] {
        let failure = refused(house.workspaces.change_member_role(&house.call(ana), change(user, "viewer")).await);
        assert_eq!(failure.reason, Reason::NotFound);
    }
}

async fn nobody_changes_or_removes_who_may_do_more(house: &House) {
    let ana = house.person("Ana").await;
    let (bob, carl) = (join(house, ana, "admin").await, join(house, ana, "member").await);
    let call = call_of(house, bob, ana).await;
    for failure in [
        refused(house.workspaces.change_member_role(&call, change(carl, "owner")).await),
        refused(house.workspaces.change_member_role(&call, change(bob, "owner")).await),
        refused(house.workspaces.change_member_role(&call, change(ana.user, "viewer")).await),
        refused(house.workspaces.remove_member(&call, remove(ana.user)).await),
    ] {
        let seen = (failure.reason, failure.get("permission"));
        assert_eq!(seen, (Reason::PermissionDenied, Some("workspace.own")), "{failure}");
    }
    let transfer = TransferOwnershipRequest { user_id: carl.to_string() };
    let failure = refused(house.workspaces.transfer_ownership(&call, transfer).await);
    assert_eq!(failure.reason, Reason::PermissionDenied);
    house.workspaces.change_member_role(&call, change(carl, "admin")).await.unwrap();
    house.workspaces.remove_member(&call, remove(carl)).await.unwrap();
    for role in ["member", "viewer"] {
        let small = join(house, ana, role).await;
        let call = call_of(house, small, ana).await;
        assert_eq!(refused(house.workspaces.remove_member(&call, remove(bob)).await).reason, Reason::PermissionDenied);
        let failure = refused(house.workspaces.change_member_role(&call, change(small, "admin")).await);
        assert_eq!(failure.reason, Reason::PermissionDenied);
    }
}

async fn who_is_removed_or_leaves_is_no_member(house: &House) {
    let (ana, eve) = (house.person("Ana").await, house.person("Eve").await);
    let (bob, carl) = (join(house, ana, "member").await, join(house, ana, "viewer").await);
    assert_eq!(
        refused(house.workspaces.remove_member(&house.call(eve), remove(bob)).await).reason,
        Reason::NotFound,
        "of another workspace"
    );
    let carls = call_of(house, carl, ana).await;
    house.workspaces.remove_member(&house.call(ana), remove(bob)).await.unwrap();
    assert_eq!(refused(house.workspaces.remove_member(&house.call(ana), remove(bob)).await).reason, Reason::NotFound);
    house.workspaces.leave_workspace(&carls, LeaveWorkspaceRequest {}).await.unwrap();
    let again = refused(house.workspaces.leave_workspace(&carls, LeaveWorkspaceRequest {}).await);
    assert_eq!(again.reason, Reason::NotFound);
    assert_eq!([role_of(house, bob, ana).await, role_of(house, carl, ana).await], [None, None]);
    let told = told(house, ana, 2).await;
    let of = |kind: &str, role: &str| (kind.into(), format!(r#"{{"role":"{role}"}}"#));
    assert_eq!(told, [of("member.removed", "member"), of("member.left", "viewer")]);
}

async fn a_workspace_is_given_to_another_member(house: &House) {
    let ana = house.person("Ana").await;
    let bob = join(house, ana, "viewer").await;
    let transfer = |user: UserId| TransferOwnershipRequest { user_id: user.to_string() };
    for (user, reason) in [(ana.user, Reason::RefusedValue), (UserId::from_uuid(house.ids.uuid()), Reason::NotFound)] {
        assert_eq!(refused(house.workspaces.transfer_ownership(&house.call(ana), transfer(user)).await).reason, reason);
    }
    let given = house.workspaces.transfer_ownership(&house.call(ana), transfer(bob)).await.unwrap().member.unwrap();
    assert_eq!((given.user_id, given.role.as_str()), (bob.to_string(), "owner"));
    assert_eq!(role_of(house, ana.user, ana).await.as_deref(), Some("admin"));
    let kinds: Vec<_> = told(house, ana, 3).await.into_iter().map(|(kind, _)| kind).collect();
    let changed = "member.role_changed";
    assert_eq!(kinds, [changed, changed, "workspace.ownership_transferred"]);
    // Who has given it away has nothing to give, however old what the door knows.
    let failure = refused(house.workspaces.transfer_ownership(&house.call(ana), transfer(bob)).await);
    assert_eq!(failure.reason, Reason::PermissionDenied);
}

async fn a_workspace_is_never_without_an_owner(house: &House) {
    let ana = house.person("Ana").await;
    join(house, ana, "admin").await;
    let call = house.call(ana);
    for failure in [
        refused(house.workspaces.change_member_role(&call, change(ana.user, "admin")).await),
        refused(house.workspaces.remove_member(&call, remove(ana.user)).await),
        refused(house.workspaces.leave_workspace(&call, LeaveWorkspaceRequest {}).await),
    ] {
        assert_eq!(failure.reason, Reason::LastOwner, "{failure}");
    }
    let second = join(house, ana, "owner").await;
    house.workspaces.leave_workspace(&call, LeaveWorkspaceRequest {}).await.unwrap();
    assert_eq!(role_of(house, second, ana).await.as_deref(), Some("owner"));
}

async fn of_owners_who_go_at_once_one_stays(house: &House) {
    for _ in 0..5 {
        let ana = house.person("Ana").await;
        let mut owners = vec![ana.user];
        for _ in 0..7 {
            owners.push(join(house, ana, "owner").await);
        }
        let call = house.call(ana);
        let calls: Vec<_> =
            owners.iter().map(|user| house.call(Person { user: *user, workspace: ana.workspace })).collect();
        // Some leave, some are removed by somebody else, some become something else.
        let going = owners.iter().zip(&calls).enumerate().map(|(n, (user, theirs))| {
            let (workspaces, call) = (&house.workspaces, &call);
            async move {
                match n % 3 {
                    0 => workspaces.leave_workspace(theirs, LeaveWorkspaceRequest {}).await.map(drop),
                    1 => workspaces.remove_member(call, remove(*user)).await.map(drop),
                    _ => workspaces.change_member_role(theirs, change(*user, "viewer")).await.map(drop),
                }
            }
        });
        let gone = futures::future::join_all(going).await;
        let refusals: Vec<_> = gone.into_iter().filter_map(Result::err).map(|s| Reason::of(&s)).collect();
        assert_eq!(refusals, [Reason::LastOwner]);
        let listed = house.workspaces.list_members(&call, ListMembersRequest::default()).await.unwrap().members;
        assert_eq!(listed.iter().filter(|member| member.role == "owner").count(), 1, "{listed:?}");
    }
}
