//! How many members a workspace may have, as its plan says.

use crate::house::{House, Person, on_both_databases, refused};
use futures::future::join_all;
use proto::{Failure, Reason, workspace::*};
use store::{Sql, SystemTx, Value};
use tonic::Status;

on_both_databases! {
    as_many_are_invited_and_come_as_the_plan_allows,
    what_is_for_one_of_the_plan_multiplies_with_how_many_there_are,
    nobody_is_put_out_and_a_full_workspace_keeps_its_invitations,
    of_many_at_once_no_more_are_invited_than_may_come,
    an_invitation_that_has_expired_takes_a_seat_again_when_it_is_resent,
    where_nothing_is_said_there_is_no_limit,
}

/// What billing's feed leaves behind.
async fn says(house: &House, plan: &str, team_members: Option<i64>, is_scaled: bool) {
    let text = "insert into plan_limits (plan, position, team_members, is_scaled) values ($1, 1, $2, $3)
        on conflict (plan) do update set team_members = excluded.team_members, is_scaled = excluded.is_scaled";
    run(house, text, &[plan.into(), team_members.into(), is_scaled.into()]).await;
}

async fn run(house: &House, text: &'static str, values: &[Value]) {
    let mut tx = SystemTx::begin(&house.db, "audit trail of all workspaces").await.unwrap();
    tx.execute(Sql { name: "says", postgres: text, sqlite: text }, values).await.unwrap();
    tx.commit().await.unwrap();
}

async fn invite(house: &House, by: Person, email: &str) -> Result<CreateInvitationResponse, Status> {
    let request = CreateInvitationRequest { email: email.into(), role: "member".into(), locale: String::new() };
    house.workspaces.create_invitation(&house.call(by), request).await
}

async fn accept(house: &House, person: Person, token: &str) -> Result<AcceptInvitationResponse, Status> {
    house.workspaces.accept_invitation(&house.call(person), AcceptInvitationRequest { token: token.into() }).await
}

/// The numbers of a refusal.
fn full(failure: &Failure) -> (Reason, [Option<&str>; 5]) {
    (failure.reason, ["layer", "resource", "plan", "limit", "used"].map(|fact| failure.get(fact)))
}

fn of_free(limit: &'static str, used: &'static str) -> (Reason, [Option<&'static str>; 5]) {
    let facts = [Some("plan"), Some("team_members"), Some("free"), Some(limit), Some(used)];
    (Reason::QuotaExceeded, facts)
}

async fn members(house: &House, person: Person) -> usize {
    let listed = house.workspaces.list_members(&house.call(person), ListMembersRequest::default()).await.unwrap();
    listed.members.len()
}

async fn as_many_are_invited_and_come_as_the_plan_allows(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    says(house, "free", Some(2), false).await;
    let made = invite(house, ana, "bob@example.com").await.unwrap().invitation.unwrap();
    let letter = house.letter().await;
    assert_eq!(full(&refused(invite(house, ana, "eve@example.com").await)), of_free("2", "2"));
    // An invitation that is withdrawn makes room.
    let revoke = RevokeInvitationRequest { invitation_id: made.id };
    house.workspaces.revoke_invitation(&house.call(ana), revoke).await.unwrap();
    assert_eq!(refused(accept(house, bob, &letter.token).await).reason, Reason::InvitationInvalid);
    invite(house, ana, "bob@example.com").await.unwrap();
    let letter = house.letter().await;
    accept(house, bob, &letter.token).await.unwrap();
    assert_eq!(full(&refused(invite(house, ana, "eve@example.com").await)), of_free("2", "2"));
    assert_eq!(members(house, ana).await, 2);
}

async fn what_is_for_one_of_the_plan_multiplies_with_how_many_there_are(house: &House) {
    let ana = house.person("Ana").await;
    says(house, "free", Some(2), true).await;
    let text = "update workspaces set plan_quantity = 2 where workspace_id = $1";
    run(house, text, &[ana.workspace.into()]).await;
    for name in ["b", "c", "d"] {
        invite(house, ana, &format!("{name}@example.com")).await.unwrap();
    }
    assert_eq!(full(&refused(invite(house, ana, "e@example.com").await)), of_free("4", "4"));
    says(house, "free", Some(2), false).await;
    assert_eq!(full(&refused(invite(house, ana, "e@example.com").await)), of_free("2", "4"));
}

async fn nobody_is_put_out_and_a_full_workspace_keeps_its_invitations(house: &House) {
    let (ana, bob, eve) = (house.person("Ana").await, house.person("Bob").await, house.person("Eve").await);
    invite(house, ana, "bob@example.com").await.unwrap();
    let to_bob = house.letter().await;
    invite(house, ana, "eve@example.com").await.unwrap();
    let to_eve = house.letter().await;
    accept(house, bob, &to_bob.token).await.unwrap();
    says(house, "free", Some(1), false).await;
    assert_eq!(members(house, ana).await, 2, "who is there stays");
    assert_eq!(full(&refused(accept(house, eve, &to_eve.token).await)), of_free("1", "2"));
    assert_eq!(members(house, ana).await, 2);
    // With another plan the same link works.
    says(house, "free", Some(3), false).await;
    accept(house, eve, &to_eve.token).await.unwrap();
    // Whoever belongs to it already needs no room.
    says(house, "free", Some(1), false).await;
    let change = ChangeMemberRoleRequest { user_id: bob.user.to_string(), role: "viewer".to_owned() };
    house.workspaces.change_member_role(&house.call(ana), change).await.unwrap();
}

async fn of_many_at_once_no_more_are_invited_than_may_come(house: &House) {
    let ana = house.person("Ana").await;
    says(house, "free", Some(5), false).await;
    let emails: Vec<_> = (0..16).map(|n| format!("somebody-{n}@example.com")).collect();
    let answers = join_all(emails.iter().map(|email| invite(house, ana, email))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 4);
    let others: Vec<_> = answers.into_iter().filter_map(Result::err).map(|status| Reason::of(&status)).collect();
    assert!(others.iter().all(|reason| *reason == Reason::QuotaExceeded), "{others:?}");
}

async fn where_nothing_is_said_there_is_no_limit(house: &House) {
    let ana = house.person("Ana").await;
    says(house, "pro", Some(1), false).await;
    for n in 0..4 {
        invite(house, ana, &format!("a{n}@example.com")).await.unwrap();
    }
    says(house, "free", None, false).await;
    invite(house, ana, "b@example.com").await.unwrap();
}

async fn an_invitation_that_has_expired_takes_a_seat_again_when_it_is_resent(house: &House) {
    let ana = house.person("Ana").await;
    says(house, "free", Some(2), false).await;
    let bob = invite(house, ana, "bob@example.com").await.unwrap().invitation.unwrap();
    house.hand.advance(chrono::Duration::days(8));
    let eve = invite(house, ana, "eve@example.com").await.unwrap().invitation.unwrap();
    let again = ResendInvitationRequest { invitation_id: bob.id };
    let refusal = refused(house.workspaces.resend_invitation(&house.call(ana), again.clone()).await);
    assert_eq!(full(&refusal), of_free("2", "2"));
    let revoke = RevokeInvitationRequest { invitation_id: eve.id };
    house.workspaces.revoke_invitation(&house.call(ana), revoke).await.unwrap();
    house.workspaces.resend_invitation(&house.call(ana), again).await.unwrap();
    assert_eq!(full(&refused(invite(house, ana, "eve@example.com").await)), of_free("2", "2"));
}
