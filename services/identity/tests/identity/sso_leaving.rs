//! Who leaves the reach of a workspace's provider, and what ends with it.

use crate::{
    issuer::Issuer,
    sso::{enforcing, settings},
    world::{PASSWORD, World, everywhere, failure, reason},
};
use chrono::TimeDelta;
use proto::{Call, Failure, Reason, identity::*};

impl World {
    /// What the link of the newest letter holds.
    async fn newest_link(&self) -> String {
        let letters = self.post.round(&self.service).await;
        letters.into_iter().rfind(|letter| !letter.token.is_empty()).expect("a letter with a link").token
    }

    async fn ask_for_address(&self, call: &Call, email: &str) -> Result<(), Failure> {
        let request = ChangeEmailRequest { email: email.to_owned(), password: PASSWORD.to_owned() };
        self.identity.change_email(call, request).await.map(drop).map_err(failure)
    }

    async fn move_by(&self, token: &str) -> Result<VerifyEmailResponse, Failure> {
        let request = VerifyEmailRequest { token: token.to_owned(), ..VerifyEmailRequest::default() };
        self.identity.verify_email(&self.anonymous(), request).await.map_err(failure)
    }

    /// Somebody of the domain who has a password, too.
    async fn bob_with_password(&self) {
        self.sign_up("bob@acme.example").await;
        self.post.round(&self.service).await;
        let ask = ForgotPasswordRequest { email: "bob@acme.example".to_owned() };
        self.identity.forgot_password(&self.anonymous(), ask).await.expect("a letter");
        let reset = ResetPasswordRequest { token: self.newest_link().await, password: PASSWORD.to_owned() };
        self.identity.reset_password(&self.anonymous(), reset).await.expect("a password");
    }
}

fn access(answer: ExchangeSignInResponse) -> String {
    answer.tokens.expect("tokens").access_token
}

#[tokio::test]
async fn another_address_is_no_way_around_the_provider() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, _) = world.acme(&issuer).await;
        world.bob_with_password().await;
        let bob = world.login("bob@acme.example", PASSWORD).await.expect("a session");
        world.ask_for_address(&world.call(&bob.access).await, "bob@home.example").await.expect("nobody minds yet");
        let link = world.newest_link().await;

        world.guarded(&owner).await;
        let call = world.owner_of(&owner).await;
        world.put_sso(&call, enforcing(&issuer)).await.expect("it is enforced");
        assert_eq!(reason(world.move_by(&link).await), Reason::SsoRequired, "the link is from before");
        let by_provider = access(world.sso(&issuer, &owner, "bob@acme.example").await.expect("the right door"));
        let asked = world.ask_for_address(&world.call(&by_provider).await, "bob@away.example").await;
        assert_eq!(reason(asked), Reason::SsoRequired, "also for who has come by the provider");

        let free = PutSsoRequest { enforced: false, ..enforcing(&issuer) };
        world.put_sso(&call, free).await.expect("it is not enforced");
        let moved = world.move_by(&link).await.expect("nothing was spent");
        assert_eq!(moved.user.expect("a user").email, "bob@home.example");
    })
    .await;
}

#[tokio::test]
async fn a_session_that_may_not_be_refreshed_moves_to_no_other_workspace() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, _) = world.acme(&issuer).await;
        world.guarded(&owner).await;
        world.put_sso(&world.owner_of(&owner).await, enforcing(&issuer)).await.expect("it is enforced");
        let carl = world.sign_up("carl@home.example").await;
        let call = world.call(&carl.access).await;
        world.post.round(&world.service).await;
        world.ask_for_address(&call, "carl@acme.example").await.expect("a letter");
        let link = world.newest_link().await;
        assert_eq!(reason(world.move_by(&link).await), Reason::SsoRequired, "he has moved, and is not in");
        let request = SwitchWorkspaceRequest { workspace_id: carl.workspace.workspace_id.clone() };
        let switched = world.identity.switch_workspace(&call, request).await.map_err(failure);
        assert_eq!(reason(switched), Reason::SsoRequired);
        assert_eq!(reason(world.resolve(&carl.access).await), Reason::SessionEnded);
    })
    .await;
}

#[tokio::test]
async fn sessions_end_with_the_connection_or_the_domain_that_they_stand_on() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, call) = world.acme(&issuer).await;
        let come = async || access(world.sso(&issuer, &owner, "bob@acme.example").await.expect("a session"));
        let bob = come().await;
        world.put_sso(&call, settings(&issuer)).await.expect("the same again");
        world.resolve(&bob).await.expect("it is the same connection");
        world.identity.remove_sso(&call, RemoveSsoRequest {}).await.expect("it goes");
        assert_eq!(reason(world.resolve(&bob).await), Reason::SessionEnded);

        world.put_sso(&call, settings(&issuer)).await.expect("a provider");
        let bob = come().await;
        let other = PutSsoRequest { client_id: "another".to_owned(), ..settings(&issuer) };
        world.put_sso(&call, other).await.expect("another client");
        assert_eq!(reason(world.resolve(&bob).await), Reason::SessionEnded);

        world.put_sso(&call, settings(&issuer)).await.expect("a provider");
        let bob = come().await;
        let remove = RemoveDomainRequest { domain: "acme.example".to_owned() };
        world.identity.remove_domain(&call, remove).await.expect("it goes");
        assert_eq!(reason(world.resolve(&bob).await), Reason::SessionEnded);
        world.resolve(&owner.access).await.expect("hers began otherwise");
        let ended = world.events().await.into_iter().filter(|event| event.payload.contains("sso_removed")).count();
        assert_eq!(ended, 3);
    })
    .await;
}

#[tokio::test]
async fn who_came_before_a_change_has_not_come_by_what_is_enforced() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let owner = world.sign_up("owner@acme.example").await;
        let call = world.owner_of(&owner).await;
        world.own_domain(&call, "acme.example").await;
        world.put_sso(&call, settings(&issuer)).await.expect("a provider");
        let come = async || {
            let session = access(world.sso(&issuer, &owner, "owner@acme.example").await.expect("a session"));
            world.call(&session).await
        };
        let call = come().await;
        let another_secret = PutSsoRequest { enforced: true, ..settings(&issuer) };
        assert_eq!(reason(world.put_sso(&call, another_secret).await), Reason::Conflict);
        world.later(TimeDelta::seconds(1));
        world.put_sso(&call, settings(&issuer)).await.expect("a change");
        assert_eq!(reason(world.put_sso(&call, enforcing(&issuer)).await), Reason::Conflict, "she came before it");
        let call = come().await;
        world.put_sso(&call, enforcing(&issuer)).await.expect("she has come by it as it is");
        let again = world.identity.get_sso(&call, GetSsoRequest {}).await.expect("a provider");
        assert!(again.sso.expect("a provider").enforced);
    })
    .await;
}

#[tokio::test]
async fn while_a_record_is_missing_nobody_new_comes_in() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        issuer.script().now = world.now().timestamp();
        let (owner, _) = world.acme(&issuer).await;
        world.sso(&issuer, &owner, "bob@acme.example").await.expect("Bob");
        world.names.forgets("_perpetuo-challenge.acme.example");
        world.next_day().await;
        issuer.script().now = world.now().timestamp();
        world.sso(&issuer, &owner, "bob@acme.example").await.expect("he has come before");
        assert_eq!(reason(world.sso(&issuer, &owner, "eve@acme.example").await), Reason::SignInRefused);
    })
    .await;
}
