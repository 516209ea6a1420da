//! Invitations, from the letter to the membership.

use crate::{
    house::{House, Person, on_both_databases, refused},
    post::Arrived,
};
use chrono::Duration;
use proto::{Call, Permission, Reason, Scopes, workspace::*};
use store::{Sql, SystemTx};
use tonic::Status;

on_both_databases! {
    whoever_is_invited_becomes_what_the_invitation_says,
    an_invitation_works_for_the_invited_address_only_and_says_nothing_to_others,
    an_invitation_that_would_work_lets_its_address_sign_up_and_is_not_spent,
    an_invitation_works_once_within_its_time_and_only_while_it_stands,
    of_many_who_accept_at_two_processes_at_once_one_does,
    a_new_letter_makes_the_old_link_useless_and_comes_at_most_once_in_a_minute,
    nobody_invites_to_more_than_they_may_do,
    an_address_is_invited_once_at_a_time_and_members_not_at_all,
    each_bad_field_of_an_invitation_is_named,
    so_many_addresses_are_written_to_in_a_day_and_no_more,
    what_the_link_holds_is_in_no_table,
    a_letter_that_does_not_leave_is_tried_again,
    without_letters_nobody_is_invited,
    invitations_are_listed_newest_first_and_forgotten_in_the_end,
}

fn to(email: &str, role: &str) -> CreateInvitationRequest {
    CreateInvitationRequest { email: email.into(), role: role.into(), locale: String::new() }
}

async fn invite(house: &House, by: Person, email: &str, role: &str) -> (Invitation, Arrived) {
    let made = house.workspaces.create_invitation(&house.call(by), to(email, role)).await.unwrap();
    (made.invitation.unwrap(), house.letter().await)
}

async fn accept(house: &House, person: Person, token: &str) -> Result<AcceptInvitationResponse, Status> {
    house.workspaces.accept_invitation(&house.call(person), AcceptInvitationRequest { token: token.into() }).await
}

async fn open(house: &House, person: Person) -> Vec<Invitation> {
    let listed = house.workspaces.list_invitations(&house.call(person), ListInvitationsRequest::default()).await;
    listed.unwrap().invitations
}

async fn members(house: &House, person: Person) -> Vec<(String, String)> {
    let listed = house.workspaces.list_members(&house.call(person), ListMembersRequest::default()).await.unwrap();
    listed.members.into_iter().map(|member| (member.email, member.role)).collect()
}

async fn whoever_is_invited_becomes_what_the_invitation_says(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let (invitation, letter) = invite(house, ana, " Bob@Example.com ", "admin").await;
    assert_eq!((invitation.email.as_str(), invitation.role.as_str()), ("bob@example.com", "admin"));
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("bob@example.com", "You are invited to Ana's workspace")
    );
    assert!(letter.text.contains("Ana invites you") && letter.text.contains("as an admin"), "{}", letter.text);
    assert!(letter.text.contains("https://app.example.com/invitations/accept?token=it_"), "{}", letter.text);
    let joined = accept(house, bob, &letter.token).await.unwrap();
    assert_eq!((joined.workspace_id, joined.role.as_str()), (ana.workspace.to_string(), "admin"));
    assert_eq!(
        members(house, ana).await,
        [("bob@example.com".into(), "admin".into()), ("ana@example.com".into(), "owner".into())]
    );
    assert!(open(house, ana).await.is_empty(), "an invitation that was accepted is none any more");
}

async fn an_invitation_works_for_the_invited_address_only_and_says_nothing_to_others(house: &House) {
    let (ana, eve) = (house.person("Ana").await, house.person("Eve").await);
    let (_, letter) = invite(house, ana, "bob@example.com", "member").await;
    let garbage = format!("it_{}", "x".repeat(43));
    let answers = [
        refused(accept(house, eve, &letter.token).await),
        refused(accept(house, eve, &garbage).await),
        refused(accept(house, eve, "").await),
        refused(accept(house, eve, &"y".repeat(10_000)).await),
    ];
    assert!(answers.iter().all(|answer| answer.reason == Reason::InvitationInvalid), "{answers:?}");
    assert!(answers.windows(2).all(|pair| pair[0].message == pair[1].message), "{answers:?}");
    assert_eq!(members(house, ana).await.len(), 1);
    // It still works for whom it is.
    let bob = house.person("Bob").await;
    accept(house, bob, &letter.token).await.unwrap();
}

async fn an_invitation_that_would_work_lets_its_address_sign_up_and_is_not_spent(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let (_, letter) = invite(house, ana, "bob@example.com", "member").await;
    let identity = house.workspaces.called_by(proto::Role::Identity);
    let check = async |token: &str, email: &str| {
        let request = CheckInvitationRequest { token: token.into(), email: email.into() };
        identity.check_invitation(&house.call(ana), request).await
    };
    for (token, email) in [(letter.token.as_str(), "eve@example.com"), ("it_1", "bob@example.com"), ("", "")] {
        assert_eq!(refused(check(token, email).await).reason, Reason::InvitationInvalid, "{email}");
    }
    for _ in 0..2 {
        check(&letter.token, "bob@example.com").await.expect("it would work");
    }
    accept(house, bob, &letter.token).await.expect("it still does");
    assert_eq!(refused(check(&letter.token, "bob@example.com").await).reason, Reason::InvitationInvalid, "once");
    let (_, late) = invite(house, ana, "carl@example.com", "member").await;
    house.hand.advance(Duration::days(7));
    assert_eq!(refused(check(&late.token, "carl@example.com").await).reason, Reason::InvitationInvalid, "in time");
}

async fn an_invitation_works_once_within_its_time_and_only_while_it_stands(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let (_, first) = invite(house, ana, "bob@example.com", "viewer").await;
    accept(house, bob, &first.token).await.unwrap();
    assert_eq!(refused(accept(house, bob, &first.token).await).reason, Reason::InvitationInvalid);

    let carl = house.person("Carl").await;
    let (invitation, letter) = invite(house, ana, "carl@example.com", "viewer").await;
    let revoke = RevokeInvitationRequest { invitation_id: invitation.id.clone() };
    house.workspaces.revoke_invitation(&house.call(ana), revoke.clone()).await.unwrap();
    assert_eq!(refused(accept(house, carl, &letter.token).await).reason, Reason::InvitationInvalid);
    assert_eq!(refused(house.workspaces.revoke_invitation(&house.call(ana), revoke).await).reason, Reason::NotFound);

    let (_, late) = invite(house, ana, "carl@example.com", "viewer").await;
    house.hand.advance(Duration::days(7));
    assert_eq!(refused(accept(house, carl, &late.token).await).reason, Reason::InvitationInvalid);
    assert!(open(house, ana).await[0].expired);
    // One that is too old does not stand in the way of another.
    let (_, again) = invite(house, ana, "carl@example.com", "viewer").await;
    accept(house, carl, &again.token).await.unwrap();
}

async fn of_many_who_accept_at_two_processes_at_once_one_does(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let (_, letter) = invite(house, ana, "bob@example.com", "member").await;
    let (_, elsewhere) = house.again(house.master.clone(), workspace::Config::default());
    let call = house.call(bob);
    let tries = (0..8).map(|n| {
        let at = if n % 2 == 0 { &house.workspaces } else { &elsewhere };
        at.accept_invitation(&call, AcceptInvitationRequest { token: letter.token.clone() })
    });
    let outcomes = futures::future::join_all(tries).await;
    let refusals: Vec<_> = outcomes.into_iter().filter_map(Result::err).map(|status| Reason::of(&status)).collect();
    assert_eq!(refusals, [Reason::InvitationInvalid; 7], "one comes in");
    assert_eq!(members(house, ana).await.len(), 2);
}

async fn a_new_letter_makes_the_old_link_useless_and_comes_at_most_once_in_a_minute(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let (invitation, first) = invite(house, ana, "bob@example.com", "member").await;
    let again = ResendInvitationRequest { invitation_id: invitation.id.clone() };
    let refusal = refused(house.workspaces.resend_invitation(&house.call(ana), again.clone()).await);
    assert_eq!(refusal.reason, Reason::RateLimited);
    assert!(refusal.retry_after.is_some_and(|wait| wait.as_secs() <= 60), "{refusal:?}");
    house.hand.advance(Duration::days(6));
    let renewed = house.workspaces.resend_invitation(&house.call(ana), again).await.unwrap().invitation.unwrap();
    assert!(renewed.expires_at.unwrap().seconds > invitation.expires_at.unwrap().seconds, "its time begins anew");
    let second = house.letter().await;
    assert_ne!(first.token, second.token);
    assert_eq!(refused(accept(house, bob, &first.token).await).reason, Reason::InvitationInvalid);
    house.hand.advance(Duration::days(6));
    accept(house, bob, &second.token).await.unwrap();
}

async fn nobody_invites_to_more_than_they_may_do(house: &House) {
    let ana = house.person("Ana").await;
    let owner = house.call(ana);
    let without = |permissions: &[Permission]| {
        let scopes: Scopes = owner.scopes.iter().filter(|scope| !permissions.contains(scope)).collect();
        Call { scopes, ..house.call(ana) }
    };
    let admin = without(&[Permission::WorkspaceOwn]);
    let failure = refused(house.workspaces.create_invitation(&admin, to("eve@example.com", "owner")).await);
    assert_eq!((failure.reason, failure.get("permission")), (Reason::PermissionDenied, Some("workspace.own")));
    house.workspaces.create_invitation(&admin, to("eve@example.com", "admin")).await.unwrap();
    // A key that may do nothing else gives nobody anything.
    let key = house.only(ana, Permission::MembersWrite);
    for role in ["owner", "admin", "member", "viewer"] {
        let failure = refused(house.workspaces.create_invitation(&key, to("kim@example.com", role)).await);
        assert_eq!(failure.reason, Reason::PermissionDenied, "{role}");
    }
    // Nor does it send again what somebody else wrote.
    let invitation = open(house, ana).await.remove(0);
    house.hand.advance(Duration::minutes(2));
    let again = ResendInvitationRequest { invitation_id: invitation.id.clone() };
    assert_eq!(refused(house.workspaces.resend_invitation(&key, again).await).reason, Reason::PermissionDenied);
    // Nor does it withdraw it.
    let revoke = RevokeInvitationRequest { invitation_id: invitation.id };
    assert_eq!(
        refused(house.workspaces.revoke_invitation(&key, revoke.clone()).await).reason,
        Reason::PermissionDenied
    );
    assert_eq!(open(house, ana).await.len(), 1);
    house.workspaces.revoke_invitation(&admin, revoke).await.unwrap();
}

async fn an_address_is_invited_once_at_a_time_and_members_not_at_all(house: &House) {
    let ana = house.person("Ana").await;
    let create = async |email: &str| house.workspaces.create_invitation(&house.call(ana), to(email, "member")).await;
    create("bob@example.com").await.unwrap();
    for email in ["BOB@example.com", "ana@example.com"] {
        let failure = refused(create(email).await);
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::Conflict, "email"), "{email}");
    }
    // In another workspace it is nobody's business.
    let eve = house.person("Eve").await;
    house.workspaces.create_invitation(&house.call(eve), to("bob@example.com", "member")).await.unwrap();
    let first = open(house, ana).await.remove(0);
    let foreign = RevokeInvitationRequest { invitation_id: first.id.clone() };
    assert_eq!(refused(house.workspaces.revoke_invitation(&house.call(eve), foreign).await).reason, Reason::NotFound);
    let foreign = ResendInvitationRequest { invitation_id: first.id };
    assert_eq!(refused(house.workspaces.resend_invitation(&house.call(eve), foreign).await).reason, Reason::NotFound);
    // Of many at once one is invited.
    let call = house.call(ana);
    let at_once = (0..10).map(|_| house.workspaces.create_invitation(&call, to("kim@example.com", "member")));
    let made = futures::future::join_all(at_once).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
}

async fn each_bad_field_of_an_invitation_is_named(house: &House) {
    let ana = house.person("Ana").await;
    for (request, reason, fields) in [
        (to("", ""), Reason::InvalidArgument, &["email", "role"][..]),
        (to("nobody", "boss"), Reason::RefusedValue, &["email", "role"]),
        (CreateInvitationRequest { locale: "fr".into(), ..to("a@b.co", "member") }, Reason::RefusedValue, &["locale"]),
    ] {
        let failure = refused(house.workspaces.create_invitation(&house.call(ana), request).await);
        assert_eq!(failure.reason, reason);
        assert_eq!(failure.fields.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), fields);
    }
    let request = CreateInvitationRequest { locale: "pt-BR".into(), ..to("bob@example.com", "viewer") };
    house.workspaces.create_invitation(&house.call(ana), request).await.unwrap();
    let letter = house.letter().await;
    assert!(letter.subject.contains("Convite para Ana's workspace"), "{letter:?}");
}

async fn so_many_addresses_are_written_to_in_a_day_and_no_more(house: &House) {
    let ana = house.person("Ana").await;
    let create = async |n: usize| {
        let request = to(&format!("bob{n}@example.com"), "viewer");
        house.workspaces.create_invitation(&house.call(ana), request).await
    };
    for n in 0..100 {
        create(n).await.unwrap();
    }
    let refusal = refused(create(100).await);
    assert_eq!(refusal.reason, Reason::RateLimited);
    // Withdrawing makes no room: the letters were written.
    let revoke = RevokeInvitationRequest { invitation_id: open(house, ana).await.remove(0).id };
    house.workspaces.revoke_invitation(&house.call(ana), revoke).await.unwrap();
    assert_eq!(refused(create(100).await).reason, Reason::RateLimited);
    house.hand.advance(Duration::hours(25));
    create(100).await.unwrap();
}

async fn what_the_link_holds_is_in_no_table(house: &House) {
    let ana = house.person("Ana").await;
    let (_, letter) = invite(house, ana, "bob@example.com", "member").await;
    assert_eq!(letter.token.len(), 46);
    let mut tx = SystemTx::read(&house.db, "look for a token").await.unwrap();
    for (table, column) in [("outbox", "payload"), ("audit_events", "payload"), ("invitations", "email")] {
        let text = format!("select count(*) as n from {table} where {column} like $1").leak();
        let sql = Sql { name: "look", postgres: text, sqlite: text };
        let (found,): (i64,) = tx.fetch_one(sql, &[format!("%{}%", &letter.token[3..]).into()]).await.unwrap();
        assert_eq!(found, 0, "{table}");
    }
    let text = "select token_sha256 from invitations";
    let (hash,): (Vec<u8>,) = tx.fetch_one(Sql { name: "hash", postgres: text, sqlite: text }, &[]).await.unwrap();
    assert_eq!(hash.len(), 32);
}

async fn a_letter_that_does_not_leave_is_tried_again(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    house.post.lose();
    house.workspaces.create_invitation(&house.call(ana), to("bob@example.com", "member")).await.unwrap();
    house.service.send_letters().await.unwrap();
    // Whoever of the service's rounds had it has given it back by then.
    let text = "select next_at from invitations";
    for _ in 0..100 {
        let mut tx = SystemTx::read(&house.db, "look for a letter").await.unwrap();
        let (next,): (chrono::DateTime<chrono::Utc>,) =
            tx.fetch_one(Sql { name: "next", postgres: text, sqlite: text }, &[]).await.unwrap();
        if next == house.now() + Duration::seconds(10) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    house.post.find();
    assert!(open(house, ana).await[0].sent_at.is_none());
    house.service.send_letters().await.unwrap();
    assert!(house.post.read().is_empty(), "not at once");
    house.hand.advance(Duration::minutes(20));
    let letter = house.letter().await;
    for _ in 0..100 {
        if open(house, ana).await[0].sent_at.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(open(house, ana).await[0].sent_at.is_some());
    accept(house, bob, &letter.token).await.unwrap();
}

async fn without_letters_nobody_is_invited(house: &House) {
    let ana = house.person("Ana").await;
    let (_, mute) = house.again(house.master.clone(), workspace::Config::default());
    let failure = refused(mute.create_invitation(&house.call(ana), to("bob@example.com", "member")).await);
    assert_eq!(failure.reason, Reason::MailNotConfigured);
}

async fn invitations_are_listed_newest_first_and_forgotten_in_the_end(house: &House) {
    let ana = house.person("Ana").await;
    for name in ["one", "two", "three"] {
        let request = to(&format!("{name}@example.com"), "viewer");
        house.workspaces.create_invitation(&house.call(ana), request).await.unwrap();
    }
    let page = async |page_token: String| {
        let request = ListInvitationsRequest { page_size: 2, page_token };
        house.workspaces.list_invitations(&house.call(ana), request).await.unwrap()
    };
    let first = page(String::new()).await;
    let second = page(first.next_page_token.clone()).await;
    let emails = |page: &ListInvitationsResponse| page.invitations.iter().map(|i| i.email.clone()).collect::<Vec<_>>();
    assert_eq!(emails(&first), ["three@example.com", "two@example.com"]);
    assert_eq!((emails(&second), second.next_page_token.as_str()), (vec!["one@example.com".to_owned()], ""));
    let reader = house.only(ana, Permission::MembersRead);
    let by_reader = house.workspaces.list_invitations(&reader, ListInvitationsRequest::default()).await.unwrap();
    assert_eq!(by_reader.invitations.len(), 3);
    house.hand.advance(Duration::days(38));
    // What happens every hour happens first when a process starts.
    house.again(house.master.clone(), workspace::Config::default());
    for _ in 0..100 {
        if open(house, ana).await.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("they are there still");
}
