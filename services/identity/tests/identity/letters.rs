//! What letters lead to: accounts that are confirmed, links that log in, other passwords, other addresses.

use crate::{post::Arrived, world::*};
use chrono::TimeDelta;
use identity::Config;
use proto::{
    Failure, Reason,
    identity::{
        ChangeEmailRequest, ForgotPasswordRequest, GetMeRequest, LoginWithMagicLinkRequest, ResetPasswordRequest,
        SendMagicLinkRequest, SignUpResponse, VerifyEmailRequest, VerifyEmailResponse,
    },
};

const OTHER: &str = "another horse entirely";

impl World {
    async fn letters(&self) -> Vec<Arrived> {
        self.post.round(&self.service).await
    }

    async fn one_letter(&self) -> Arrived {
        let mut letters = self.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        letters.remove(0)
    }

    async fn follow(&self, token: &str) -> Result<VerifyEmailResponse, Failure> {
        let request = VerifyEmailRequest { token: token.to_owned(), ..Default::default() };
        self.identity.verify_email(&self.anonymous(), request).await.map_err(failure)
    }

    async fn follow_magic_link(&self, token: &str) -> Result<String, Failure> {
        let request = LoginWithMagicLinkRequest { token: token.to_owned(), ..Default::default() };
        let done = self.identity.login_with_magic_link(&self.anonymous(), request).await.map_err(failure)?;
        Ok(done.tokens.expect("tokens").access_token)
    }

    async fn ask_for_magic_link(&self, email: &str) {
        let request = SendMagicLinkRequest { email: email.to_owned() };
        self.identity.send_magic_link(&self.anonymous(), request).await.expect("every address is answered alike");
    }

    async fn forgot(&self, email: &str) {
        let request = ForgotPasswordRequest { email: email.to_owned() };
        self.identity.forgot_password(&self.anonymous(), request).await.expect("every address is answered alike");
    }

    async fn reset(&self, token: &str, password: &str) -> Result<(), Failure> {
        let request = ResetPasswordRequest { token: token.to_owned(), password: password.to_owned() };
        self.identity.reset_password(&self.anonymous(), request).await.map(drop).map_err(failure)
    }

    async fn sign_up_first(&self, email: &str, password: &str) -> SignUpResponse {
        let request = proto::identity::SignUpRequest { password: password.to_owned(), ..sign_up_of(email) };
        self.identity.sign_up(&self.anonymous(), request).await.expect("every address is answered alike")
    }
}

fn verifying() -> Config {
    Config { verify_email: Some(true), ..Config::default() }
}

#[tokio::test]
async fn where_addresses_are_confirmed_the_account_comes_with_the_link() {
    everywhere_with(verifying(), async |world| {
        let answer = world.sign_up_first(EMAIL, PASSWORD).await;
        assert!(answer.verification_sent && answer.user.is_none() && answer.tokens.is_none(), "{answer:?}");
        assert_eq!(reason(world.login(EMAIL, PASSWORD).await), Reason::LoginFailed);
        assert!(world.workspaces.state().provisioned.is_empty() && world.kinds().await.is_empty());

        let letter = world.one_letter().await;
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), (EMAIL, "Confirm your e-mail address"));
        assert!(letter.text.contains("https://app.example.com/auth/email/verify?token=ot_"), "{}", letter.text);
        let done = world.follow(&letter.token).await.unwrap();
        let user = done.user.expect("a user");
        assert!(user.email_verified && done.tokens.is_some() && done.workspace.is_some());
        assert_eq!(reason(world.follow(&letter.token).await), Reason::TokenInvalid, "it works once");
        world.login(EMAIL, PASSWORD).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_taken_address_is_answered_like_a_free_one_and_its_owner_hears_of_it() {
    everywhere_with(verifying(), async |world| {
        world.sign_up_first(EMAIL, PASSWORD).await;
        world.follow(&world.one_letter().await.token).await.unwrap();
        world.later(TimeDelta::minutes(1));
        let again = world.sign_up_first(EMAIL, OTHER).await;
        assert_eq!(again, SignUpResponse { verification_sent: true, ..SignUpResponse::default() });
        let letter = world.one_letter().await;
        assert_eq!((letter.subject.as_str(), letter.token.as_str()), ("You have an account already", ""));
        assert_eq!(reason(world.login(EMAIL, OTHER).await), Reason::LoginFailed);
        world.login(EMAIL, PASSWORD).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn whoever_signs_up_with_a_foreign_address_gains_nothing() {
    everywhere_with(verifying(), async |world| {
        world.sign_up_first(EMAIL, "the password of eve").await;
        let of_eve = world.one_letter().await;
        world.later(TimeDelta::minutes(2));
        world.sign_up_first(EMAIL, PASSWORD).await;
        let of_ana = world.one_letter().await;
        world.follow(&of_ana.token).await.unwrap();
        assert_eq!(reason(world.login(EMAIL, "the password of eve").await), Reason::LoginFailed);
        world.login(EMAIL, PASSWORD).await.unwrap();
        assert_eq!(reason(world.follow(&of_eve.token).await), Reason::TokenInvalid, "the address has an account now");
    })
    .await;
}

#[tokio::test]
async fn a_link_is_too_old_after_its_time() {
    everywhere_with(verifying(), async |world| {
        world.sign_up_first(EMAIL, PASSWORD).await;
        let letter = world.one_letter().await;
        world.later(TimeDelta::hours(24));
        assert_eq!(reason(world.follow(&letter.token).await), Reason::TokenInvalid);
        for garbage in ["", "ot_", "x", &"ot_".repeat(100)] {
            assert_eq!(reason(world.follow(garbage).await), Reason::TokenInvalid, "{garbage}");
        }
    })
    .await;
}

#[tokio::test]
async fn elsewhere_an_account_works_at_once_and_its_address_is_confirmed_later() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        assert!(!ana.user.email_verified);
        let letter = world.one_letter().await;
        let done = world.follow(&letter.token).await.unwrap();
        assert_eq!(done.user.map(|u| (u.id, u.email_verified)), Some((ana.user.id.clone(), true)));
        let me = world.identity.get_me(&world.call(&ana.access).await, GetMeRequest {}).await.unwrap();
        assert!(me.user.expect("a user").email_verified);
        world.login(EMAIL, PASSWORD).await.expect("the password stays");
    })
    .await;
}

#[tokio::test]
async fn a_magic_link_logs_in_once_and_an_unknown_address_gets_no_letter() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.follow(&world.one_letter().await.token).await.unwrap();
        world.ask_for_magic_link("nobody@example.com").await;
        world.ask_for_magic_link(" ANA@example.com").await;
        world.ask_for_magic_link(EMAIL).await;
        let letter = world.one_letter().await;
        assert_eq!(letter.to, EMAIL, "once in a minute, and to nobody else");
        let access = world.follow_magic_link(&letter.token).await.unwrap();
        assert_eq!(world.resolve(&access).await.unwrap().user_id, ana.user.id);
        assert_eq!(reason(world.follow_magic_link(&letter.token).await), Reason::TokenInvalid);
        world.login(EMAIL, PASSWORD).await.expect("the password stays");

        world.later(TimeDelta::minutes(1));
        world.ask_for_magic_link(EMAIL).await;
        let letter = world.one_letter().await;
        assert_eq!(reason(world.reset(&letter.token, OTHER).await), Reason::TokenInvalid, "it is good for one thing");
        world.later(TimeDelta::minutes(10));
        assert_eq!(reason(world.follow_magic_link(&letter.token).await), Reason::TokenInvalid);
    })
    .await;
}

#[tokio::test]
async fn a_password_that_a_stranger_chose_ends_when_the_owner_of_the_address_comes() {
    everywhere(async |world| {
        // Somebody signs up with Ana's address and waits for her.
        let eve = world.sign_up(EMAIL).await;
        world.letters().await;
        world.later(TimeDelta::minutes(1));
        world.ask_for_magic_link(EMAIL).await;
        world.follow_magic_link(&world.one_letter().await.token).await.unwrap();
        assert_eq!(reason(world.login(EMAIL, PASSWORD).await), Reason::LoginFailed);
        assert_eq!(reason(world.resolve(&eve.access).await), Reason::SessionEnded);
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_and_every_session_ends() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.letters().await;
        world.forgot("nobody@example.com").await;
        world.forgot(EMAIL).await;
        let letter = world.one_letter().await;
        assert_eq!(reason(world.reset(&letter.token, "password1").await), Reason::WeakPassword);
        assert_eq!(reason(world.reset(&letter.token, EMAIL).await), Reason::WeakPassword);
        world.reset(&letter.token, OTHER).await.expect("what was refused has not spent it");
        assert_eq!(reason(world.reset(&letter.token, "a third horse").await), Reason::TokenInvalid);
        assert_eq!(reason(world.resolve(&ana.access).await), Reason::SessionEnded);
        assert_eq!(reason(world.refresh(&ana.refresh).await), Reason::SessionEnded);
        assert_eq!(reason(world.login(EMAIL, PASSWORD).await), Reason::LoginFailed);
        assert!(world.login(EMAIL, OTHER).await.unwrap().user.email_verified, "who reads the letter has the address");
        assert_eq!(world.one_letter().await.subject, "Your password was changed");
    })
    .await;
}

#[tokio::test]
async fn an_address_is_changed_by_who_knows_the_password_and_reads_the_new_one() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.sign_up("bob@example.com").await;
        world.letters().await;
        let call = world.call(&ana.access).await;
        let change = async |email: &str, password: &str| {
            let request = ChangeEmailRequest { email: email.to_owned(), password: password.to_owned() };
            world.identity.change_email(&call, request).await.map(drop).map_err(failure)
        };
        assert_eq!(reason(change("ana@example.org", "not it at all").await), Reason::LoginFailed);
        assert_eq!(reason(change("nonsense", PASSWORD).await), Reason::RefusedValue);
        change("bob@example.com", PASSWORD).await.expect("a taken address is answered like any other");
        let letter = world.one_letter().await;
        assert_eq!((letter.to.as_str(), letter.token.as_str()), ("bob@example.com", ""));

        change("ana@example.org", PASSWORD).await.unwrap();
        let letter = world.one_letter().await;
        let user = world.follow(&letter.token).await.unwrap().user.expect("a user");
        assert_eq!((user.id, user.email.as_str()), (ana.user.id.clone(), "ana@example.org"));
        assert_eq!(reason(world.login(EMAIL, PASSWORD).await), Reason::LoginFailed);
        world.login("ana@example.org", PASSWORD).await.unwrap();
        let told = world.one_letter().await;
        assert_eq!((told.to.as_str(), told.subject.as_str()), (EMAIL, "The address of your account was changed"));
        assert!(world.kinds().await.contains(&"user.updated".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_letter_is_in_the_language_of_the_account() {
    everywhere(async |world| {
        let request = proto::identity::SignUpRequest { accept_language: "pt-BR".to_owned(), ..sign_up_of(EMAIL) };
        world.try_sign_up(request).await.unwrap();
        let letter = world.one_letter().await;
        assert!(letter.subject.starts_with("Confirme seu"), "{}", letter.subject);
    })
    .await;
}

#[tokio::test]
async fn what_a_link_holds_is_in_no_table_and_no_event() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        let letter = world.one_letter().await;
        let events = format!("{:?}", world.events().await);
        assert!(letter.token.len() > 40 && !events.contains(&letter.token[3..]));
        if let store::Backend::Sqlite { dir } = &world.fresh.backend {
            for entry in std::fs::read_dir(dir).unwrap().flatten() {
                let bytes = std::fs::read(entry.path()).unwrap();
                let secret = letter.token.as_bytes();
                assert!(!bytes.windows(secret.len()).any(|w| w == secret), "{:?}", entry.path());
            }
        }
    })
    .await;
}
