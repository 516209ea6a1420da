//! How many workspaces somebody may own, as their plans say.

use crate::house::{House, Person, on_both_databases, refused};
use futures::future::join_all;
use proto::{Failure, Reason, id::WorkspaceId, workspace::*};
use store::{Sql, SystemTx, Value};
use tonic::Status;

on_both_databases! {
    nobody_comes_to_own_more_than_their_plans_allow_in_any_way,
    one_that_is_paid_for_allows_others_beside_it,
    of_many_at_once_no_more_are_made_than_may_be,
    what_was_made_before_is_answered_again,
    nobody_loses_what_they_have,
}

async fn says(house: &House, plan: &str, workspaces: Option<i64>) {
    let text = "insert into plan_limits (plan, position, is_scaled, workspaces) values ($1, 1, false, $2)
        on conflict (plan) do update set workspaces = excluded.workspaces";
    run(house, text, &[plan.into(), workspaces.into()]).await;
}

async fn run(house: &House, text: &'static str, values: &[Value]) {
    let mut tx = SystemTx::begin(&house.db, "audit trail of all workspaces").await.unwrap();
    tx.execute(Sql { name: "says", postgres: text, sqlite: text }, values).await.unwrap();
    tx.commit().await.unwrap();
}

async fn create(house: &House, owner: Person, name: &str) -> Result<Person, Status> {
    let request = CreateWorkspaceRequest { name: name.into(), ..CreateWorkspaceRequest::default() };
    let made = house.workspaces.create_workspace(&house.call(owner), request).await?.workspace.unwrap();
    Ok(Person { workspace: made.id.parse::<WorkspaceId>().unwrap(), ..owner })
}

fn full(failure: &Failure) -> (Reason, [Option<&str>; 5]) {
    (failure.reason, ["layer", "resource", "plan", "limit", "used"].map(|fact| failure.get(fact)))
}

fn beyond(plan: &'static str, limit: &'static str, used: &'static str) -> (Reason, [Option<&'static str>; 5]) {
    (Reason::QuotaExceeded, [Some("plan"), Some("workspaces"), Some(plan), Some(limit), Some(used)])
}

async fn join(house: &House, owner: Person, email: &str, person: Person, role: &str) -> Result<(), Status> {
    let request = CreateInvitationRequest { email: email.into(), role: role.into(), locale: String::new() };
    house.workspaces.create_invitation(&house.call(owner), request).await?;
    let token = house.letter().await.token;
    house.workspaces.accept_invitation(&house.call(person), AcceptInvitationRequest { token }).await?;
    Ok(())
}

async fn nobody_comes_to_own_more_than_their_plans_allow_in_any_way(house: &House) {
    let (ana, bob, dan) = (house.person("Ana").await, house.person("Bob").await, house.person("Dan").await);
    says(house, "free", Some(2)).await;
    let second = create(house, ana, "second").await.unwrap();
    assert_eq!(full(&refused(create(house, ana, "third").await)), beyond("free", "2", "2"));
    // By what others give: an invitation, a role, the whole workspace.
    let failure = refused(join(house, dan, "ana@example.com", ana, "owner").await);
    assert_eq!(full(&failure), beyond("free", "2", "2"));
    join(house, bob, "ana@example.com", ana, "member").await.unwrap();
    let role = ChangeMemberRoleRequest { user_id: ana.user.to_string(), role: "owner".into() };
    let failure = refused(house.workspaces.change_member_role(&house.call(bob), role.clone()).await);
    assert_eq!(full(&failure), beyond("free", "2", "2"));
    let give = TransferOwnershipRequest { user_id: ana.user.to_string() };
    let failure = refused(house.workspaces.transfer_ownership(&house.call(bob), give.clone()).await);
    assert_eq!(full(&failure), beyond("free", "2", "2"));
    // One that is deleted makes room when its month is over, and takes it again when it is restored.
    let delete = DeleteWorkspaceRequest::default();
    house.workspaces.delete_workspace(&house.call(second), delete).await.unwrap();
    let failure = refused(house.workspaces.transfer_ownership(&house.call(bob), give.clone()).await);
    assert_eq!(full(&failure), beyond("free", "2", "2"));
    house.hand.advance(chrono::Duration::days(20));
    house.workspaces.transfer_ownership(&house.call(bob), give).await.unwrap();
    let failure =
        refused(house.workspaces.restore_workspace(&house.call(second), RestoreWorkspaceRequest::default()).await);
    assert_eq!(full(&failure), beyond("free", "2", "2"));
    // Whoever owns it already stays so.
    let of_bob = Person { workspace: bob.workspace, ..ana };
    house.workspaces.change_member_role(&house.call(of_bob), role).await.unwrap();
    // To belong to others' workspaces takes no room.
    let eve = house.person("Eve").await;
    join(house, eve, "ana@example.com", ana, "admin").await.unwrap();
}

async fn one_that_is_paid_for_allows_others_beside_it(house: &House) {
    let ana = house.person("Ana").await;
    says(house, "free", Some(1)).await;
    says(house, "pro", Some(3)).await;
    assert_eq!(full(&refused(create(house, ana, "second").await)), beyond("free", "1", "1"));
    run(house, "update workspaces set plan = 'pro' where workspace_id = $1", &[ana.workspace.into()]).await;
    create(house, ana, "second").await.unwrap();
    create(house, ana, "third").await.unwrap();
    assert_eq!(full(&refused(create(house, ana, "fourth").await)), beyond("pro", "3", "3"));
    says(house, "pro", None).await;
    create(house, ana, "fourth").await.unwrap();
}

async fn of_many_at_once_no_more_are_made_than_may_be(house: &House) {
    let ana = house.person("Ana").await;
    says(house, "free", Some(5)).await;
    let names: Vec<_> = (0..16).map(|n| format!("workspace {n}")).collect();
    let answers = join_all(names.iter().map(|name| create(house, ana, name))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 4);
    let others: Vec<_> = answers.into_iter().filter_map(Result::err).map(|status| Reason::of(&status)).collect();
    assert!(others.iter().all(|reason| *reason == Reason::QuotaExceeded), "{others:?}");
}

async fn what_was_made_before_is_answered_again(house: &House) {
    let ana = house.person("Ana").await;
    says(house, "free", Some(2)).await;
    let call = proto::Call { idempotency_key: Some("once".into()), ..house.call(ana) };
    let request = CreateWorkspaceRequest { name: "second".into(), ..CreateWorkspaceRequest::default() };
    let first = house.workspaces.create_workspace(&call, request.clone()).await.unwrap();
    let again = house.workspaces.create_workspace(&call, request).await.unwrap();
    assert!(again.replayed, "it is full by now, and this was asked before");
    assert_eq!(first.workspace.unwrap().id, again.workspace.unwrap().id);
}

async fn nobody_loses_what_they_have(house: &House) {
    let ana = house.person("Ana").await;
    create(house, ana, "second").await.unwrap();
    create(house, ana, "third").await.unwrap();
    says(house, "free", Some(1)).await;
    let listed = house.workspaces.list_workspaces(&house.call(ana), ListWorkspacesRequest::default()).await.unwrap();
    assert_eq!(listed.workspaces.len(), 3);
    assert_eq!(full(&refused(create(house, ana, "fourth").await)), beyond("free", "1", "3"));
}
