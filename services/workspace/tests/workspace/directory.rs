//! Members who come and go because the directory of their workspace says so.

use crate::house::{House, Person, on_both_databases, refused};
use proto::{
    Permission, Reason, Role,
    id::UserId,
    workspace::{
        BringMemberRequest, ChangeMemberRoleRequest, ListAuditEventsRequest, ListMembersRequest, RetireMemberRequest,
    },
};

on_both_databases!(
    whom_a_directory_brings_is_a_member_once,
    each_version_is_done_once_and_none_after_a_later_one,
    a_directory_gives_no_role_that_may_do_more_than_its_key,
    nobody_is_made_an_owner_and_the_last_one_stays,
    who_comes_back_is_what_they_were_and_never_an_owner,
    a_closed_workspace_takes_nobody_and_lets_everybody_go,
    a_directory_ends_no_role_that_may_do_more_than_its_key,
    what_was_ended_is_answered_again,
);

fn bring(of: Person, person: UserId, version: i64) -> BringMemberRequest {
    BringMemberRequest {
        workspace_id: of.workspace.to_string(),
        user_id: person.to_string(),
        version,
        email: "bob@acme.example".to_owned(),
        name: "Bob".to_owned(),
        ..BringMemberRequest::default()
    }
}

fn retire(of: Person, person: UserId, version: i64) -> RetireMemberRequest {
    RetireMemberRequest {
        workspace_id: of.workspace.to_string(),
        user_id: person.to_string(),
        version,
        ends_owners: true,
        scopes: every(),
    }
}

fn every() -> Vec<String> {
    Permission::ALL.iter().map(|p| p.as_str().to_owned()).collect()
}

impl House {
    async fn brings(&self, request: BringMemberRequest) -> Result<String, tonic::Status> {
        let call = self.service_call(Role::Identity);
        Ok(self.workspaces.called_by(Role::Identity).bring_member(&call, request).await?.role)
    }

    async fn retires(&self, request: RetireMemberRequest) -> Result<String, tonic::Status> {
        let call = self.service_call(Role::Identity);
        Ok(self.workspaces.called_by(Role::Identity).retire_member(&call, request).await?.role)
    }

    async fn roles(&self, of: Person) -> Vec<(String, String)> {
        let listed = self.workspaces.list_members(&self.call(of), ListMembersRequest::default()).await.unwrap();
        listed.members.into_iter().map(|member| (member.email, member.role)).collect()
    }

    fn somebody(&self) -> UserId {
        UserId::from_uuid(self.ids.uuid())
    }
}

async fn whom_a_directory_brings_is_a_member_once(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.somebody());
    assert_eq!(house.brings(bring(ana, bob, 1)).await.unwrap(), "member");
    assert_eq!(house.brings(bring(ana, bob, 1)).await.unwrap(), "member", "the same again");
    let owner = ("ana@example.com".to_owned(), "owner".to_owned());
    assert_eq!(house.roles(ana).await, [("bob@acme.example".to_owned(), "member".to_owned()), owner.clone()]);
    assert_eq!(house.retires(retire(ana, bob, 2)).await.unwrap(), "member");
    assert_eq!(house.roles(ana).await, [owner]);
    let request = ListAuditEventsRequest::default();
    let trail = house.workspaces.list_audit_events(&house.call(ana), request).await.unwrap().events;
    let told: Vec<_> =
        trail.iter().filter(|e| e.subject == bob.to_string()).map(|e| (e.action.as_str(), e.actor.as_str())).collect();
    assert_eq!(told, [("member.removed", "service:identity"), ("member.added", "service:identity")]);
    // It is for identity alone.
    let refusal =
        refused(house.workspaces.called_by(Role::Edge).bring_member(&house.call(ana), bring(ana, bob, 3)).await);
    assert_eq!(refusal.reason, Reason::PermissionDenied);
}

async fn each_version_is_done_once_and_none_after_a_later_one(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.somebody());
    house.brings(bring(ana, bob, 3)).await.unwrap();
    assert_eq!(house.retires(retire(ana, bob, 2)).await.unwrap(), "", "it comes too late");
    assert_eq!(house.roles(ana).await.len(), 2);
    // What somebody else has changed since is not changed back by what is done already.
    let change = ChangeMemberRoleRequest { user_id: bob.to_string(), role: "viewer".to_owned() };
    house.workspaces.change_member_role(&house.call(ana), change).await.unwrap();
    assert_eq!(house.brings(bring(ana, bob, 3)).await.unwrap(), "viewer");
    house.retires(retire(ana, bob, 4)).await.unwrap();
    house.brings(bring(ana, bob, 3)).await.unwrap();
    assert_eq!(house.roles(ana).await.len(), 1);
    let (one, two) = tokio::join!(house.brings(bring(ana, bob, 5)), house.retires(retire(ana, bob, 6)));
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    assert_eq!(house.roles(ana).await.len(), 1, "whichever was first, the later version stands");
}

async fn a_directory_gives_no_role_that_may_do_more_than_its_key(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.somebody());
    let scopes = |all: &[Permission]| all.iter().map(|p| p.as_str().to_owned()).collect::<Vec<_>>();
    let as_admin = |version, scopes: Vec<String>| BringMemberRequest {
        role: "admin".to_owned(),
        scopes,
        ..bring(ana, bob, version)
    };
    let few = scopes(&[Permission::MembersRead, Permission::MembersWrite]);
    assert_eq!(refused(house.brings(as_admin(1, few.clone())).await).reason, Reason::PermissionDenied);
    assert_eq!(house.roles(ana).await.len(), 1);
    let all = scopes(Permission::ALL);
    assert_eq!(house.brings(as_admin(1, all.clone())).await.unwrap(), "admin");
    // Nor does it take one away that may do more.
    let viewer = |scopes| BringMemberRequest { role: "viewer".to_owned(), scopes, ..bring(ana, bob, 2) };
    assert_eq!(refused(house.brings(viewer(few)).await).reason, Reason::PermissionDenied);
    assert_eq!(house.brings(viewer(all.clone())).await.unwrap(), "viewer");
    let unknown = BringMemberRequest { role: "king".to_owned(), scopes: all, ..bring(ana, bob, 3) };
    assert_eq!(refused(house.brings(unknown).await).reason, Reason::RefusedValue);
}

async fn nobody_is_made_an_owner_and_the_last_one_stays(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.somebody());
    let scopes: Vec<_> = Permission::ALL.iter().map(|p| p.as_str().to_owned()).collect();
    let owner = BringMemberRequest { role: "owner".to_owned(), scopes, ..bring(ana, bob, 1) };
    assert_eq!(refused(house.brings(owner).await).reason, Reason::PermissionDenied);
    assert_eq!(refused(house.retires(retire(ana, ana.user, 1)).await).reason, Reason::LastOwner);
    house.brings(bring(ana, bob, 1)).await.unwrap();
    let change = ChangeMemberRoleRequest { user_id: bob.to_string(), role: "owner".to_owned() };
    house.workspaces.change_member_role(&house.call(ana), change).await.unwrap();
    let before = RetireMemberRequest { ends_owners: false, ..retire(ana, ana.user, 1) };
    assert_eq!(refused(house.retires(before).await).reason, Reason::PermissionDenied, "she was there before it");
    assert_eq!(house.retires(retire(ana, bob, 2)).await.unwrap(), "owner", "it has brought him itself");
}

async fn who_comes_back_is_what_they_were_and_never_an_owner(house: &House) {
    let ana = house.person("Ana").await;
    for (before, role) in [("admin", "admin"), ("owner", "member"), ("gone-role", "member"), ("", "member")] {
        let request =
            BringMemberRequest { role_before: before.to_owned(), scopes: every(), ..bring(ana, house.somebody(), 1) };
        assert_eq!(house.brings(request).await.unwrap(), role, "{before}");
    }
    // Not by a key that may do less.
    for (before, role) in [("admin", "member"), ("viewer", "viewer")] {
        let request = BringMemberRequest { role_before: before.to_owned(), ..bring(ana, house.somebody(), 1) };
        assert_eq!(house.brings(request).await.unwrap(), role, "{before}");
    }
}

async fn a_closed_workspace_takes_nobody_and_lets_everybody_go(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.somebody());
    house.brings(bring(ana, bob, 1)).await.unwrap();
    house.workspaces.delete_workspace(&house.call(ana), Default::default()).await.unwrap();
    let late = refused(house.brings(bring(ana, house.somebody(), 1)).await);
    assert_eq!(late.reason, Reason::NotFound);
    assert_eq!(house.retires(retire(ana, bob, 2)).await.unwrap(), "member");
}

async fn a_directory_ends_no_role_that_may_do_more_than_its_key(house: &House) {
    let ana = house.person("Ana").await;
    let few = vec!["members.read".to_owned(), "members.write".to_owned()];
    for (role, ends) in [("member", true), ("viewer", true), ("admin", false), ("owner", false)] {
        let bob = house.somebody();
        house.brings(bring(ana, bob, 1)).await.unwrap();
        let change = ChangeMemberRoleRequest { user_id: bob.to_string(), role: role.to_owned() };
        house.workspaces.change_member_role(&house.call(ana), change).await.unwrap();
        let outcome = house.retires(RetireMemberRequest { scopes: few.clone(), ..retire(ana, bob, 2) }).await;
        if ends {
            assert_eq!(outcome.unwrap(), role);
            continue;
        }
        assert_eq!(refused(outcome).reason, Reason::PermissionDenied, "{role}");
        // What was refused was not done: with a key that may do as much it is.
        assert_eq!(house.retires(retire(ana, bob, 2)).await.unwrap(), role);
    }
}

async fn what_was_ended_is_answered_again(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.somebody());
    let admin = BringMemberRequest { role: "admin".to_owned(), scopes: every(), ..bring(ana, bob, 1) };
    house.brings(admin).await.unwrap();
    for _ in 0..2 {
        assert_eq!(house.retires(retire(ana, bob, 2)).await.unwrap(), "admin");
    }
    assert_eq!(house.retires(retire(ana, bob, 1)).await.unwrap(), "", "that one has ended nothing");
    house.brings(bring(ana, bob, 3)).await.unwrap();
    assert_eq!(house.retires(retire(ana, bob, 3)).await.unwrap(), "", "nor has that");
}
