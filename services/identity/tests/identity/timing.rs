//! Does the time of an answer tell whether an address has an account? Interleaved, so that what else the machine does
//! falls on both alike.

use crate::{medians::alike, world::*};
use identity::Config;
use proto::{
    Call, Reason,
    identity::{ForgotPasswordRequest, SendMagicLinkRequest, SignUpRequest},
};

/// As long as the one with an account.
const UNKNOWN: &str = "eva@example.com";

#[tokio::test]
async fn the_time_of_an_answer_does_not_tell_whether_an_address_has_an_account() {
    let config = Config { verify_email: Some(false), ..Config::default() };
    everywhere_with(config, async |world| {
        world.sign_up(EMAIL).await;
        // Of many letters in a minute one is kept, for both alike.
        let forgot = async |email: &str| {
            let request = ForgotPasswordRequest { email: email.to_owned() };
            world.identity.forgot_password(&world.anonymous(), request).await.expect("alike");
        };
        alike("a forgotten password", async |_| forgot(EMAIL).await, async |_| forgot(UNKNOWN).await).await;
        let magic = async |email: &str| {
            let request = SendMagicLinkRequest { email: email.to_owned() };
            world.identity.send_magic_link(&world.anonymous(), request).await.expect("alike");
        };
        alike("a magic link", async |_| magic(EMAIL).await, async |_| magic(UNKNOWN).await).await;
    })
    .await;
}

#[tokio::test]
async fn the_time_of_a_login_does_not_tell_whether_an_address_has_an_account() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        // From another network each time: one that fails has to wait.
        let login = async |n: usize, email: &str| {
            let client = u32::try_from(n).expect("few").to_be_bytes();
            let call = Call { client: Some(client.into()), ..world.anonymous() };
            let refused = world.identity.login(&call, login_of(email, "not the password")).await.map_err(failure);
            assert_eq!(reason(refused), Reason::LoginFailed);
        };
        alike("a login", async |n| login(n, EMAIL).await, async |n| login(n, UNKNOWN).await).await;
    })
    .await;
}

/// Where addresses are confirmed first: elsewhere a taken address is a 409 for everybody to see.
#[tokio::test]
async fn the_time_of_a_sign_up_does_not_tell_whether_an_address_has_an_account() {
    let config = Config { verify_email: Some(true), ..Config::default() };
    everywhere_with(config, async |world| {
        let sign_up = async |email: &str| {
            let request = SignUpRequest { accept_language: "en".to_owned(), ..sign_up_of(email) };
            let answer = world.identity.sign_up(&world.anonymous(), request).await.expect("alike");
            assert!(answer.verification_sent && answer.user.is_none());
        };
        sign_up(EMAIL).await;
        let letter = world.post.round(&world.service).await.remove(0);
        let request = proto::identity::VerifyEmailRequest { token: letter.token, ..Default::default() };
        world.identity.verify_email(&world.anonymous(), request).await.expect("an account");
        alike("a sign-up", async |_| sign_up(EMAIL).await, async |_| sign_up(UNKNOWN).await).await;
    })
    .await;
}
