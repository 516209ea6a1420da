//! Accounts elsewhere that somebody links with theirs, and unlinks again.

use crate::{app, issuer::Issuer, world::*};
use proto::{Call, Failure, Reason, identity::*};
use serde_json::json;

impl World {
    async fn identities(&self, call: &Call) -> ListIdentitiesResponse {
        self.identity.list_identities(call, ListIdentitiesRequest {}).await.expect("a list")
    }

    /// Signs in at the provider, and links who that is.
    async fn link(&self, issuer: &Issuer, call: &Call, password: &str) -> Result<LinkedIdentity, Failure> {
        let begun = self.begin(issuer, StartSignInRequest::default()).await;
        let code = self.finish(&begun).await?.code;
        let password = password.to_owned();
        let request = LinkIdentityRequest { code, browser: begun.browser, password, ..Default::default() };
        let linked = self.identity.link_identity(call, request).await.map_err(failure)?;
        Ok(linked.identity.expect("an identity"))
    }

    /// Whoever has got letters about their address follows them.
    async fn confirm_all(&self) {
        for letter in self.post.round(&self.service).await.into_iter().filter(|l| l.text.contains("email/verify")) {
            let request = VerifyEmailRequest { token: letter.token, ..Default::default() };
            self.identity.verify_email(&self.anonymous(), request).await.expect("a link that works");
        }
    }

    /// Sets another password by a letter.
    async fn reset_by_letter(&self, password: &str) {
        let ask = ForgotPasswordRequest { email: EMAIL.to_owned() };
        self.identity.forgot_password(&self.anonymous(), ask).await.expect("a letter");
        let letters = self.post.round(&self.service).await;
        let token = letters.iter().find(|l| l.text.contains("password/reset")).expect("a letter").token.clone();
        let request = ResetPasswordRequest { token, password: password.to_owned() };
        self.identity.reset_password(&self.anonymous(), request).await.expect("another password");
    }

    async fn unlink(&self, call: &Call, id: &str) -> Result<(), Failure> {
        let request = UnlinkIdentityRequest { id: id.to_owned() };
        self.identity.unlink_identity(call, request).await.map(drop).map_err(failure)
    }
}

#[tokio::test]
async fn somebody_who_is_logged_in_links_an_account_with_any_address_and_comes_in_by_it() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        issuer.script().claims = json!({"email": "ana@elsewhere.example", "email_verified": false});
        let early = world.link(&issuer, &call, PASSWORD).await.expect_err("whose is the account?");
        assert!(early.reason == Reason::Conflict && early.message.contains("confirm the address"), "{early:?}");
        world.confirm_all().await;
        assert_eq!(reason(world.link(&issuer, &call, "not the password").await), Reason::LoginFailed);
        let linked = world.link(&issuer, &call, PASSWORD).await.expect("a link");
        assert_eq!((linked.provider.as_str(), linked.email.as_str()), ("acme", "ana@elsewhere.example"));
        let listed = world.identities(&call).await;
        assert_eq!((listed.identities.len(), listed.has_password), (1, true));
        let session = world.sign_in(&issuer).await.expect("a session");
        assert_eq!(session.user.expect("a user").id, ana.user.id);
        assert_eq!(reason(world.link(&issuer, &call, PASSWORD).await), Reason::Conflict, "it is linked");
        let eve = world.sign_up("eve@example.com").await;
        world.confirm_all().await;
        let eve = world.call(&eve.access).await;
        assert_eq!(reason(world.link(&issuer, &eve, PASSWORD).await), Reason::Conflict, "with somebody else");
        assert_eq!(reason(world.unlink(&eve, &linked.id).await), Reason::NotFound, "it is not hers");

        world.unlink(&call, &linked.id).await.expect("there is a password");
        assert!(world.identities(&call).await.identities.is_empty());
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired);
        assert_eq!(reason(world.unlink(&call, &linked.id).await), Reason::NotFound);
        let kinds = world.kinds().await;
        for kind in ["user.identity_linked", "user.identity_unlinked"] {
            assert_eq!(kinds.iter().filter(|k| *k == kind).count(), 1, "{kind}");
        }
        let letters = world.post.round(&world.service).await;
        assert!(letters.iter().any(|letter| letter.subject.contains("is gone")), "{letters:?}");
        issuer.script().claims = json!({});
    })
    .await;
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let session = world.sign_in(&issuer).await.expect("an account");
        let call = world.call(&session.tokens.expect("tokens").access_token).await;
        let listed = world.identities(&call).await;
        let first = listed.identities[0].id.clone();
        assert!(!listed.has_password);
        assert_eq!(reason(world.unlink(&call, &first).await), Reason::Conflict);
        issuer.script().sub = "another".to_owned();
        let second = world.link(&issuer, &call, "").await.expect("who has no password is asked for none");
        issuer.script().sub = "248289761001".to_owned();
        let (a, b) = tokio::join!(world.unlink(&call, &first), world.unlink(&call, &second.id));
        assert!(a.is_ok() != b.is_ok(), "one of them: {a:?} {b:?}");
        assert_eq!(world.identities(&call).await.identities.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_has_a_second_factor_shows_it_first() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.confirm_all().await;
        let call = world.call(&ana.access).await;
        let linked = world.link(&issuer, &call, PASSWORD).await.expect("a link");
        let set_up = SetUpTotpRequest { password: PASSWORD.to_owned() };
        let secret = world.identity.set_up_totp(&call, set_up).await.unwrap().secret;
        let confirm = ConfirmTotpRequest { code: app::code(&secret, world.now()) };
        world.identity.confirm_totp(&call, confirm).await.unwrap();
        world.later(chrono::TimeDelta::minutes(11));
        issuer.script().now += 660;
        assert_eq!(reason(world.unlink(&call, &linked.id).await), Reason::StepUpRequired);
        issuer.script().sub = "another".to_owned();
        assert_eq!(reason(world.link(&issuer, &call, PASSWORD).await), Reason::StepUpRequired);
        let code = StepUpRequest { code: app::code(&secret, world.now()), ..Default::default() };
        world.identity.step_up(&call, code).await.expect("a code");
        world.link(&issuer, &call, PASSWORD).await.expect("a link");
        world.unlink(&call, &linked.id).await.expect("there is another way");
        issuer.script().now -= 660;
        issuer.script().sub = "248289761001".to_owned();
    })
    .await;
}

#[tokio::test]
async fn whoever_waited_in_an_account_for_its_owner_is_thrown_out_with_their_link() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        // Somebody signs up with an address that is not theirs, and leaves themselves a way in.
        let eve = world.sign_up(EMAIL).await;
        let call = world.call(&eve.access).await;
        issuer.script().claims = json!({"email": "eve@elsewhere.example"});
        let unsent = world.replica(issuer.config());
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let code = world.finish(&begun).await.expect("a code").code;
        let password = PASSWORD.to_owned();
        let request = LinkIdentityRequest { code, browser: begun.browser, password, ..Default::default() };
        unsent.link_identity(&call, request).await.expect("where no letter can confirm an address");
        let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
        world.identity.send_magic_link(&world.anonymous(), ask).await.unwrap();
        let letters = world.post.round(&world.service).await;
        let token = letters.iter().find(|l| l.text.contains("magic-link")).expect("a letter").token.clone();
        let request = LoginWithMagicLinkRequest { token, ..Default::default() };
        let owner = world.identity.login_with_magic_link(&world.anonymous(), request).await.expect("the owner");
        let call = world.call(&owner.tokens.expect("tokens").access_token).await;
        let listed = world.identities(&call).await;
        assert!(listed.identities.is_empty() && !listed.has_password, "{listed:?}");
        let session = world.sign_in(&issuer).await.expect("an account of her own");
        assert_ne!(session.user.expect("a user").id, eve.user.id);
        issuer.script().claims = json!({});
    })
    .await;
}

#[tokio::test]
async fn a_link_from_before_ends_with_the_first_confirmation_by_any_letter() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let eve = world.sign_up(EMAIL).await;
        let call = world.call(&eve.access).await;
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let code = world.finish(&begun).await.expect("a code").code;
        let password = PASSWORD.to_owned();
        let request = LinkIdentityRequest { code, browser: begun.browser, password, ..Default::default() };
        world.later(chrono::TimeDelta::seconds(1));
        world.replica(issuer.config()).link_identity(&call, request).await.expect("a link");
        world.confirm_all().await;
        assert!(world.identities(&call).await.identities.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_reset_ends_what_somebody_else_may_have_linked_and_says_so() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.confirm_all().await;
        let call = world.call(&ana.access).await;
        issuer.script().claims = json!({"email": "eve@elsewhere.example"});
        world.link(&issuer, &call, PASSWORD).await.expect("a link");
        world.reset_by_letter("another horse battery").await;
        let letters = world.post.round(&world.service).await;
        assert!(letters.iter().any(|letter| letter.subject.contains("is gone")), "{letters:?}");
        assert!(world.kinds().await.contains(&"user.identity_unlinked".to_owned()));
        let eve = world.sign_in(&issuer).await.expect("an account of their own");
        assert_ne!(eve.user.expect("a user").id, ana.user.id);
        issuer.script().claims = json!({});
    })
    .await;
}

#[tokio::test]
async fn whoever_has_no_password_signs_in_again_before_they_link_or_unlink() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let session = world.sign_in(&issuer).await.expect("an account");
        let tokens = session.tokens.expect("tokens");
        let call = world.call(&tokens.access_token).await;
        let first = world.identities(&call).await.identities[0].id.clone();
        world.later(chrono::TimeDelta::minutes(10));
        issuer.script().now += 600;
        // A token that was refreshed is still of the session from before.
        let tokens = world.refresh(&tokens.refresh_token).await.expect("it goes on");
        let stolen = world.call(&tokens.access).await;
        let again = world.sign_in(&issuer).await.expect("a session").tokens.expect("tokens");
        let fresh = world.call(&again.access_token).await;
        issuer.script().sub = "another".to_owned();
        assert_eq!(reason(world.link(&issuer, &stolen, "").await), Reason::StepUpRequired);
        assert_eq!(reason(world.unlink(&stolen, &first).await), Reason::StepUpRequired);
        world.link(&issuer, &fresh, "").await.expect("a link");
        world.unlink(&fresh, &first).await.expect("there is another way");
        issuer.script().sub = "248289761001".to_owned();
        issuer.script().now -= 600;
    })
    .await;
}

#[tokio::test]
async fn a_link_with_a_provider_that_is_gone_is_no_way_in() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let session = world.sign_in(&issuer).await.expect("an account");
        let call = world.call(&session.tokens.expect("tokens").access_token).await;
        let first = world.identities(&call).await.identities[0].id.clone();
        issuer.script().sub = "another".to_owned();
        world.link(&issuer, &call, "").await.expect("a link");
        issuer.script().sub = "248289761001".to_owned();
        let without = world.replica(identity::Config::default());
        let request = UnlinkIdentityRequest { id: first };
        let last = without.unlink_identity(&call, request.clone()).await.map(drop).map_err(failure);
        let last = last.expect_err("the other one opens nothing there");
        assert!(last.reason == Reason::Conflict && !last.message.contains("forgot"), "{last:?}");
        world.identity.unlink_identity(&call, request).await.expect("here it does");
    })
    .await;
}
