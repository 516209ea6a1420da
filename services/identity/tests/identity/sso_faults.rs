//! What must not open an account by the provider of a workspace.

use crate::{
    issuer::Issuer,
    sso::{enforcing, settings},
    world::{World, everywhere, failure, reason},
};
use chrono::TimeDelta;
use proto::{Reason, identity::*};
use serde_json::json;

#[tokio::test]
async fn addresses_outside_of_the_domains_come_in_by_nothing() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, call) = world.acme(&issuer).await;
        world.own_domain(&call, "bücher.example").await;
        for who in [
            "bob@other.example",
            "bob@sub.acme.example",
            "bob@notacme.example",
            "bob@acme.example.evil.example",
            "bob@acme.example.",
        ] {
            let begun = world.begin_sso(&issuer, "bob@acme.example", who).await.expect("a question");
            let done = world.finish_sso(&begun, &owner.workspace.workspace_id).await.expect("a code");
            let request = ExchangeSignInRequest { code: done.code, browser: begun.browser, ..Default::default() };
            assert_eq!(reason(world.exchange(request).await), Reason::SignInRefused, "{who}");
        }
        for who in ["Bob@ACME.example", "bob@bücher.example", "eve@xn--bcher-kva.example"] {
            world.sso(&issuer, &owner, who).await.expect(who);
        }
        for claims in [json!({"email_verified": false}), json!({"email_verified": null}), json!({"email": null})] {
            let begun = world.begin_sso(&issuer, "bob@acme.example", "eva@acme.example").await.expect("a question");
            let laid_over = claims.as_object().expect("claims").clone();
            issuer.script().claims.as_object_mut().expect("claims").extend(laid_over);
            let done = world.finish_sso(&begun, &owner.workspace.workspace_id).await.expect("a code");
            let request = ExchangeSignInRequest { code: done.code, browser: begun.browser, ..Default::default() };
            assert_eq!(reason(world.exchange(request).await), Reason::SignInRefused, "{claims}");
        }
        let nobody = world.begin_sso(&issuer, "bob@other.example", "bob@other.example").await.map(|_| ());
        assert_eq!(reason(nobody), Reason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn another_workspaces_provider_says_nothing_of_this_domain() {
    let (ours, theirs) = (Issuer::start().await, Issuer::start().await);
    everywhere(async |world: World| {
        let (owner, _) = world.acme(&ours).await;
        world.sso(&ours, &owner, "bob@acme.example").await.expect("Bob");
        let eve = world.sign_up("eve@evil.example").await;
        let call = world.owner_of(&eve).await;
        world.own_domain(&call, "evil.example").await;
        // She says that it is hers, too, and proves nothing.
        world.add_domain(&call, "acme.example").await.expect("anybody may say so");
        world.put_sso(&call, settings(&theirs)).await.expect("a provider");
        let asked = world.begin_sso(&theirs, "mallory@evil.example", "bob@acme.example").await.expect("a question");
        let done = world.finish_sso(&asked, &eve.workspace.workspace_id).await.expect("a code");
        let request = ExchangeSignInRequest { code: done.code, browser: asked.browser, ..Default::default() };
        assert_eq!(reason(world.exchange(request).await), Reason::SignInRefused);
        // What began at one provider does not come back by the address of another.
        let asked = world.begin_sso(&theirs, "mallory@evil.example", "mallory@evil.example").await.expect("a question");
        assert_eq!(reason(world.finish_sso(&asked, &owner.workspace.workspace_id).await), Reason::TokenInvalid);
        // A subject of theirs that is one of ours is somebody else.
        theirs.script().sub = "sub-bob@acme.example".to_owned();
        let asked = world.begin_sso(&theirs, "mallory@evil.example", "mallory@evil.example").await.expect("a question");
        theirs.script().sub = "sub-bob@acme.example".to_owned();
        let done = world.finish_sso(&asked, &eve.workspace.workspace_id).await.expect("a code");
        let request = ExchangeSignInRequest { code: done.code, browser: asked.browser, ..Default::default() };
        let somebody = world.exchange(request).await.expect("a session").user.expect("a user");
        assert_eq!(somebody.email, "mallory@evil.example");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_worth_nothing_once_the_domain_or_the_provider_is_another_one() {
    let (issuer, other) = (Issuer::start().await, Issuer::start().await);
    everywhere(async |world: World| {
        let (owner, call) = world.acme(&issuer).await;
        world.sso(&issuer, &owner, "bob@acme.example").await.expect("Bob");
        let workspace = owner.workspace.workspace_id.clone();
        let begin = || world.begin_sso(&issuer, "bob@acme.example", "bob@acme.example");
        // The domain goes, and is proved by somebody else, while he is on his way.
        let begun = begin().await.expect("a question");
        let done = world.finish_sso(&begun, &workspace).await.expect("a code");
        let remove = RemoveDomainRequest { domain: "acme.example".to_owned() };
        world.identity.remove_domain(&call, remove).await.expect("it goes");
        let eve = world.sign_up("eve@evil.example").await;
        world.own_domain(&world.owner_of(&eve).await, "acme.example").await;
        let exchange = |code, browser| ExchangeSignInRequest { code, browser, ..Default::default() };
        assert_eq!(reason(world.exchange(exchange(done.code, begun.browser)).await), Reason::SignInRefused);
        assert_eq!(reason(begin().await.map(|_| ())), Reason::NotFound, "the new owner has no provider");
        let remove = RemoveDomainRequest { domain: "acme.example".to_owned() };
        world.identity.remove_domain(&world.owner_of(&eve).await, remove).await.expect("it goes");
        world.later(TimeDelta::seconds(3));
        world.verify_domain(&call, "acme.example").await.map(drop).unwrap_or_default();
        world.own_domain(&call, "acme.example").await;

        // The connection is swapped: before he comes back, and after.
        let away = begin().await.expect("a question");
        let back = begin().await.expect("a question");
        let done = world.finish_sso(&back, &workspace).await.expect("a code");
        world.put_sso(&call, settings(&other)).await.expect("another provider");
        assert_eq!(reason(world.finish_sso(&away, &workspace).await), Reason::TokenInvalid);
        assert_eq!(reason(world.exchange(exchange(done.code, back.browser)).await), Reason::TokenInvalid);
        // Of the one before nobody is known any more: the same subject of the new one is whoever has the address.
        let eva = world.begin_sso(&other, "bob@acme.example", "eva@acme.example").await.expect("a question");
        other.script().sub = "sub-bob@acme.example".to_owned();
        let done = world.finish_sso(&eva, &workspace).await.expect("a code");
        let somebody = world.exchange(exchange(done.code, eva.browser)).await.expect("a session").user.expect("a user");
        assert_eq!(somebody.email, "eva@acme.example");

        let begun = world.begin_sso(&other, "bob@acme.example", "bob@acme.example").await.expect("a question");
        let done = world.finish_sso(&begun, &workspace).await.expect("a code");
        world.identity.remove_sso(&call, RemoveSsoRequest {}).await.expect("it goes");
        assert_eq!(reason(world.exchange(exchange(done.code, begun.browser)).await), Reason::TokenInvalid);
        assert_eq!(
            reason(world.begin_sso(&other, "bob@acme.example", "x@acme.example").await.map(|_| ())),
            Reason::NotFound
        );
    })
    .await;
}

#[tokio::test]
async fn an_account_that_has_moved_on_or_operates_the_platform_is_not_the_providers() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, call) = world.acme(&issuer).await;
        let bob = world.sso(&issuer, &owner, "bob@acme.example").await.expect("Bob");
        let session = world.call(&bob.tokens.expect("tokens").access_token).await;
        let ask = ForgotPasswordRequest { email: "bob@acme.example".to_owned() };
        world.identity.forgot_password(&world.anonymous(), ask).await.expect("a letter");
        let token = world.post.round(&world.service).await.pop().expect("a letter").token;
        let reset = ResetPasswordRequest { token, password: crate::world::PASSWORD.to_owned() };
        world.identity.reset_password(&world.anonymous(), reset).await.expect("a password");
        drop(session);
        let session = world.login("bob@acme.example", crate::world::PASSWORD).await.expect("a session");
        let change =
            ChangeEmailRequest { email: "bob@home.example".to_owned(), password: crate::world::PASSWORD.to_owned() };
        world.identity.change_email(&world.call(&session.access).await, change).await.expect("a letter");
        let token = world.post.round(&world.service).await.pop().expect("a letter").token;
        let verify = VerifyEmailRequest { token, ..Default::default() };
        world.identity.verify_email(&world.anonymous(), verify).await.expect("another address");
        assert_eq!(reason(world.sso(&issuer, &owner, "bob@acme.example").await), Reason::SignInRefused);

        let staff = world.sign_up("staff@acme.example").await;
        let host = identity::operators::Host {
            db: world.fresh.db.clone(),
            clock: world.clock.clone(),
            ids: world.ids.clone(),
            actor: "operator:root@host".to_owned(),
        };
        identity::operators::grant(&host, "staff@acme.example", proto::PlatformRole::Admin)
            .await
            .map(drop)
            .expect("a role");
        assert_eq!(reason(world.sso(&issuer, &owner, "staff@acme.example").await), Reason::SignInRefused);
        world.guarded(&owner).await;
        world.put_sso(&call, enforcing(&issuer)).await.expect("it is enforced");
        world.resolve(&staff.access).await.expect("no provider decides over the platform");
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_cannot_be_used_is_not_kept() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let owner = world.sign_up("owner@elsewhere.example").await;
        let call = world.owner_of(&owner).await;
        let put = |request| world.put_sso(&call, request);
        let of =
            |issuer: &str| PutSsoRequest { issuer: issuer.to_owned(), client_id: "a".to_owned(), ..Default::default() };
        assert_eq!(reason(put(of("")).await), Reason::InvalidArgument);
        let many = "https://login.microsoftonline.com/common/v2.0";
        for bad in [
            "http://login.acme.example",
            "https://a:b@acme.example",
            "login.acme.example",
            "https://acme.example/?x=1",
            many,
        ] {
            assert_eq!(reason(put(of(bad)).await), Reason::RefusedValue, "{bad}");
        }
        let owner_role = PutSsoRequest { default_role: "owner".to_owned(), ..settings(&issuer) };
        assert_eq!(reason(put(owner_role).await), Reason::RefusedValue);
        // The description is of another issuer.
        assert_eq!(reason(put(of(&format!("{}/", issuer.url()))).await), Reason::RefusedValue);
        issuer.script().away = true;
        assert_eq!(reason(put(settings(&issuer)).await), Reason::SignInFailed);
        issuer.script().away = false;
        let absent = world.identity.get_sso(&call, GetSsoRequest {}).await.map_err(failure);
        assert_eq!(reason(absent), Reason::NotFound);
        put(settings(&issuer)).await.expect("a provider");
        assert_eq!(reason(put(enforcing(&issuer)).await), Reason::Conflict, "no domain");
        world.later(TimeDelta::minutes(11));
        assert_eq!(reason(put(settings(&issuer)).await), Reason::StepUpRequired, "the session was opened long ago");
    })
    .await;
}

#[tokio::test]
async fn a_code_of_a_workspaces_provider_links_nothing_and_one_person_is_in_two_workspaces() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, _) = world.acme(&issuer).await;
        let other = world.sign_up("other@elsewhere.example").await;
        let call = world.owner_of(&other).await;
        world.own_domain(&call, "acme.test").await;
        world.put_sso(&call, settings(&issuer)).await.expect("the same provider for two");
        let bob = world.sso(&issuer, &owner, "bob@acme.example").await.expect("Bob").user.expect("a user");
        // The same person there, with the address that the other workspace speaks for: another account.
        let begun = world.begin_sso(&issuer, "bob@acme.test", "bob@acme.test").await.expect("a question");
        issuer.script().sub = "sub-bob@acme.example".to_owned();
        let done = world.finish_sso(&begun, &other.workspace.workspace_id).await.expect("a code");
        let request = ExchangeSignInRequest { code: done.code, browser: begun.browser, ..Default::default() };
        let second = world.exchange(request).await.expect("a session").user.expect("a user");
        assert_ne!(second.id, bob.id);
        // In the place of an exchange it makes no link that outlives the domain.
        let begun = world.begin_sso(&issuer, "bob@acme.example", "eva@acme.example").await.expect("a question");
        let done = world.finish_sso(&begun, &owner.workspace.workspace_id).await.expect("a code");
        let link = LinkIdentityRequest {
            code: done.code,
            browser: begun.browser,
            password: crate::world::PASSWORD.to_owned(),
            ..Default::default()
        };
        world.post.round(&world.service).await;
        let person = world.sign_up(crate::world::EMAIL).await;
        world.confirm_address().await;
        let linked = world.identity.link_identity(&world.call(&person.access).await, link).await.map_err(failure);
        assert_eq!(reason(linked), Reason::TokenInvalid);
    })
    .await;
}
