//! Does the time of an answer tell whether an invited address has an account, or whether a link is somebody else's?

#[path = "../../../identity/tests/identity/medians.rs"]
mod medians;

use crate::house::{House, on_both_databases, refused};
use chrono::Duration;
use medians::alike;
use proto::{Reason, workspace::*};

on_both_databases! {
    who_invites_does_not_learn_from_the_time_whether_an_address_has_an_account,
    who_shows_a_link_does_not_learn_from_the_time_whether_it_is_somebody_elses,
}

/// A workspace writes to a hundred addresses in a day.
const LETTERS_A_DAY: usize = 40;

fn to(email: &str) -> CreateInvitationRequest {
    CreateInvitationRequest { email: email.into(), role: "member".into(), locale: String::new() }
}

async fn who_invites_does_not_learn_from_the_time_whether_an_address_has_an_account(house: &House) {
    let ana = house.person("Ana").await;
    house.person("Bob").await;
    let call = house.call(ana);
    // Withdrawn each time, so that the same address can be invited again.
    let invite = async |email: &str| {
        let made = house.workspaces.create_invitation(&call, to(email)).await.unwrap();
        let invitation_id = made.invitation.unwrap().id;
        house.workspaces.revoke_invitation(&call, RevokeInvitationRequest { invitation_id }).await.unwrap();
    };
    let known = async |n: usize| {
        if n.is_multiple_of(LETTERS_A_DAY) {
            house.hand.advance(Duration::hours(25));
        }
        invite("bob@example.com").await;
    };
    alike("an invitation", known, async |_| invite("eva@example.com").await).await;
}

async fn who_shows_a_link_does_not_learn_from_the_time_whether_it_is_somebody_elses(house: &House) {
    let (ana, eve) = (house.person("Ana").await, house.person("Eve").await);
    house.person("Bob").await;
    house.workspaces.create_invitation(&house.call(ana), to("bob@example.com")).await.unwrap();
    let theirs = house.letter().await.token;
    let garbage = format!("it_{}", "x".repeat(theirs.len() - 3));
    let call = house.call(eve);
    let show = async |token: &str| {
        let request = AcceptInvitationRequest { token: token.into() };
        let failure = refused(house.workspaces.accept_invitation(&call, request).await);
        assert_eq!(failure.reason, Reason::InvitationInvalid);
    };
    alike("a link of somebody else", async |_| show(&theirs).await, async |_| show(&garbage).await).await;
}
