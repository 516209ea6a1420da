//! Who may sign up: everybody, those who are invited, those of a domain, or nobody.

use crate::world::*;
use chrono::TimeDelta;
use identity::{
    Config, SignUps,
    operators::{self, Host, Invited},
};
use proto::{Reason, identity::SignUpRequest};

fn with(signup: SignUps) -> Config {
    Config { signup: Some(signup), ..Config::default() }
}

fn invited_by(world: &World, email: &str) -> impl Future<Output = Result<Invited, identity::Error>> {
    written_to(world, email, None)
}

/// The same, with a letter in this language.
fn written_to(
    world: &World,
    email: &str,
    letter: Option<&'static str>,
) -> impl Future<Output = Result<Invited, identity::Error>> {
    let host = Host {
        db: world.fresh.db.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
        actor: "operator:root@host".to_owned(),
    };
    let email = email.to_owned();
    async move { operators::invite(&host, &email, letter).await }
}

fn sign_up_with(email: &str, invitation: &str) -> SignUpRequest {
    SignUpRequest { invitation: invitation.to_owned(), ..sign_up_of(email) }
}

#[tokio::test]
async fn where_it_needs_an_invitation_each_address_has_its_own() {
    everywhere_with(with(SignUps::Invite), async |world| {
        let refused = world.try_sign_up(sign_up_of(EMAIL)).await.expect_err("without one");
        assert_eq!((refused.reason, refused.get("signup")), (Reason::SignUpClosed, Some("invite")));
        let invited = invited_by(&world, " Ana@Example.com").await.unwrap();
        assert_eq!((invited.email.as_str(), invited.until - world.now()), (EMAIL, TimeDelta::days(7)));
        let other =
            world.try_sign_up(sign_up_with("eve@example.com", &invited.token)).await.expect_err("another address");
        assert_eq!(other, refused);
        for garbage in ["ot_", "ot_of-nobody", "x"] {
            assert_eq!(world.try_sign_up(sign_up_with(EMAIL, garbage)).await.expect_err(garbage), refused);
        }
        world.try_sign_up(sign_up_with(EMAIL, &invited.token)).await.expect("who is invited");
        let again = world.try_sign_up(sign_up_with(EMAIL, &invited.token)).await.expect_err("it works once");
        assert_eq!(again, refused, "and a taken address is answered like all others");
        assert!(matches!(invited_by(&world, EMAIL).await, Err(identity::Error::EmailTaken)));
        world.login(EMAIL, PASSWORD).await.expect("who has an account logs in as ever");
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_sent_by_mail_where_the_operator_asks_for_it() {
    everywhere_with(with(SignUps::Invite), async |world| {
        let printed = written_to(&world, EMAIL, Some("pt-BR")).await.unwrap();
        let letters = world.post.round(&world.service).await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        let letter = &letters[0];
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), (EMAIL, "Convite para criar uma conta"));
        assert!(letter.text.contains("https://app.example.com/auth/signup?invitation=ot_"), "{}", letter.text);
        assert_ne!(letter.token, printed.token, "what is printed is in no table, and so in no letter");
        assert_eq!(store::platform_audit::acts(&world.fresh.db, 1).await.unwrap()[0].facts["by_mail"], true);
        world.try_sign_up(sign_up_with(EMAIL, &letter.token)).await.expect("who is invited");
        world.post.round(&world.service).await;
        // Without --mail nobody is written to; nor is somebody who has an account by the time that it leaves.
        invited_by(&world, "eve@example.com").await.unwrap();
        written_to(&world, "bob@example.com", Some("en")).await.unwrap();
        let bob = invited_by(&world, "bob@example.com").await.unwrap();
        world.try_sign_up(sign_up_with("bob@example.com", &bob.token)).await.expect("who is invited");
        let letters = world.post.round(&world.service).await;
        assert!(letters.iter().all(|letter| !letter.text.contains("invitation=")), "{letters:?}");
    })
    .await;
}

#[tokio::test]
async fn whom_a_workspace_has_invited_may_sign_up_where_it_needs_an_invitation() {
    everywhere_with(with(SignUps::Invite), async |world| {
        let link = format!("it_{}", "x".repeat(43));
        world.workspaces.state().invited.push((link.clone(), EMAIL.to_owned()));
        let refused = world.try_sign_up(sign_up_with("eve@example.com", &link)).await.expect_err("another address");
        assert_eq!((refused.reason, refused.get("signup")), (Reason::SignUpClosed, Some("invite")));
        world.workspaces.state().away = true;
        let away = world.try_sign_up(sign_up_with(EMAIL, &link)).await.expect_err("nobody can say");
        assert_eq!(away.reason, Reason::ServiceUnavailable);
        world.workspaces.state().away = false;
        world.try_sign_up(sign_up_with(EMAIL, &link)).await.expect("who is invited");
    })
    .await;
}

#[tokio::test]
async fn where_nobody_may_sign_up_no_workspace_lets_anybody_in() {
    everywhere_with(with(SignUps::Closed), async |world| {
        world.workspaces.state().invited.push(("it_1".to_owned(), EMAIL.to_owned()));
        assert_eq!(reason(world.try_sign_up(sign_up_with(EMAIL, "it_1")).await), Reason::SignUpClosed);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_has_its_time_is_kept_as_a_hash_and_stands_in_the_trail_without_the_address() {
    everywhere_with(with(SignUps::Invite), async |world| {
        let invited = invited_by(&world, EMAIL).await.unwrap();
        let trail = store::platform_audit::acts(&world.fresh.db, 10).await.unwrap();
        assert_eq!((trail[0].action.as_str(), trail[0].actor.as_str()), ("user.invited", "operator:root@host"));
        assert_eq!(trail[0].facts["domain"], "example.com");
        assert!(!format!("{trail:?}").contains("ana@") && !format!("{trail:?}").contains(&invited.token));
        if let store::Backend::Sqlite { dir } = &world.fresh.backend {
            for entry in std::fs::read_dir(dir).unwrap().flatten() {
                let bytes = std::fs::read(entry.path()).unwrap();
                assert!(!bytes.windows(invited.token.len()).any(|w| w == invited.token.as_bytes()));
            }
        }
        world.later(TimeDelta::days(7));
        assert_eq!(reason(world.try_sign_up(sign_up_with(EMAIL, &invited.token)).await), Reason::SignUpClosed);
        assert!(invited_by(&world, "no address").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn where_addresses_are_confirmed_an_invitation_holds_until_the_account_is_made() {
    let config = Config { verify_email: Some(true), ..with(SignUps::Invite) };
    everywhere_with(config, async |world| {
        let invited = invited_by(&world, EMAIL).await.unwrap();
        let sign_up = async |invitation: &str| {
            world.identity.sign_up(&world.anonymous(), sign_up_with(EMAIL, invitation)).await.map_err(failure)
        };
        assert_eq!(reason(sign_up("").await), Reason::SignUpClosed);
        for _ in 0..2 {
            assert!(sign_up(&invited.token).await.expect("a letter").verification_sent);
        }
        let letter = world.post.round(&world.service).await.remove(0);
        let request = proto::identity::VerifyEmailRequest { token: letter.token, ..Default::default() };
        world.identity.verify_email(&world.anonymous(), request).await.expect("the account");
    })
    .await;
}

#[tokio::test]
async fn a_domain_lets_its_own_addresses_in_once_they_are_confirmed() {
    let config =
        Config { signup_domains: vec!["Example.com".to_owned()], verify_email: Some(true), ..with(SignUps::Domain) };
    everywhere_with(config, async |world| {
        let sign_up = async |email: &str, invitation: &str| {
            world.identity.sign_up(&world.anonymous(), sign_up_with(email, invitation)).await.map_err(failure)
        };
        assert!(sign_up("ANA@example.com", "").await.expect("of the domain").verification_sent);
        for other in ["ana@example.org", "ana@sub.example.com", "ana@notexample.com"] {
            assert_eq!(reason(sign_up(other, "").await), Reason::SignUpClosed, "{other}");
        }
        let invited = invited_by(&world, "guest@example.org").await.unwrap();
        sign_up("guest@example.org", &invited.token).await.expect("a guest who was invited");
    })
    .await;
}

#[tokio::test]
async fn where_it_is_closed_nobody_signs_up_and_everybody_logs_in() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        let closed = world.replica(with(SignUps::Closed));
        let invited = invited_by(&world, "bob@example.com").await.unwrap();
        let refused = closed.sign_up(&world.anonymous(), sign_up_with("bob@example.com", &invited.token)).await;
        assert_eq!(reason(refused.map_err(failure)), Reason::SignUpClosed);
        closed.login(&world.anonymous(), login_of(EMAIL, PASSWORD)).await.expect("an account is an account");
    })
    .await;
}

#[tokio::test]
async fn without_a_setting_it_is_open_only_where_addresses_are_confirmed_or_nobody_else_comes() {
    everywhere(async |world| {
        let open = async |config: Config, is_private: bool| {
            let identity = world.somewhere(config, is_private);
            identity
                .sign_up(&world.anonymous(), sign_up_of(&format!("p{}@example.com", world.ids.uuid().simple())))
                .await
        };
        let confirming = || Config { verify_email: Some(true), ..Config::default() };
        open(Config::default(), true).await.expect("on this machine");
        assert!(open(confirming(), false).await.expect("confirmed first").verification_sent);
        let refused = open(Config::default(), false).await.map_err(failure);
        assert_eq!(reason(refused), Reason::SignUpClosed);
    })
    .await;
}

#[test]
fn settings_that_let_in_whom_they_should_not_are_refused() {
    let refusal = |config: Config| config.check().expect_err("refused").to_string();
    assert!(refusal(with(SignUps::Domain)).contains("identity.signup_domains"));
    let bad = Config { signup_domains: vec!["*@example.com".to_owned()], ..with(SignUps::Domain) };
    assert!(refusal(bad).contains("identity.signup_domains"));
    let forgotten = Config { signup_domains: vec!["example.com".to_owned()], ..with(SignUps::Open) };
    assert!(refusal(forgotten).contains("identity.signup_domains"));
    let mut endless = Config::default();
    endless.login.longest_seconds = 0;
    assert!(refusal(endless).contains("identity.login"));
}
