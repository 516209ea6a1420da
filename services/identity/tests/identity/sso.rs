//! Single sign-on of workspaces, as it should go.

use crate::{
    app,
    issuer::Issuer,
    sign_in::Begun,
    world::{PASSWORD, Person, World, everywhere, everywhere_with, failure, reason},
};
use chrono::TimeDelta;
use identity::{Config, SignUps};
use proto::{Call, Failure, Reason, identity::*};
use serde_json::json;

impl World {
    /// An owner whose workspace has proved `acme.example`, and signs its people in by this provider.
    pub async fn acme(&self, issuer: &Issuer) -> (Person, Call) {
        let owner = self.sign_up("owner@elsewhere.example").await;
        let call = self.owner_of(&owner).await;
        self.own_domain(&call, "acme.example").await;
        self.put_sso(&call, settings(issuer)).await.expect("a provider");
        (owner, call)
    }

    pub async fn put_sso(&self, call: &Call, request: PutSsoRequest) -> Result<Sso, Failure> {
        Ok(self.identity.put_sso(call, request).await.map_err(failure)?.sso.expect("a provider"))
    }

    /// To the provider of whoever has this address, who says that it is `who`.
    pub async fn begin_sso(&self, issuer: &Issuer, address: &str, who: &str) -> Result<Begun, Failure> {
        let request = StartSsoRequest { email: address.to_owned(), ..StartSsoRequest::default() };
        let begun = self.identity.start_sso(&self.anonymous(), request).await.map_err(failure)?;
        issuer.script().sub = format!("sub-{}", who.to_lowercase());
        issuer.script().claims = json!({"email": who});
        let (state, code) = issuer.log_in(&begun.authorization_url);
        Ok(Begun { state, code, browser: begun.browser, url: begun.authorization_url })
    }

    pub async fn finish_sso(&self, begun: &Begun, workspace: &str) -> Result<FinishSignInResponse, Failure> {
        let request = FinishSignInRequest {
            workspace_id: workspace.to_owned(),
            state: begun.state.clone(),
            code: begun.code.clone(),
            browser: begun.browser.clone(),
            ..FinishSignInRequest::default()
        };
        self.identity.finish_sign_in(&self.anonymous(), request).await.map_err(failure)
    }

    /// All of it, in one browser.
    pub async fn sso(&self, issuer: &Issuer, owner: &Person, who: &str) -> Result<ExchangeSignInResponse, Failure> {
        let begun = self.begin_sso(issuer, who, who).await?;
        let done = self.finish_sso(&begun, &owner.workspace.workspace_id).await?;
        self.exchange(ExchangeSignInRequest { code: done.code, browser: begun.browser, ..Default::default() }).await
    }

    /// A second factor of somebody, shown in their session: what their app shows at a time.
    pub async fn guarded(&self, person: &Person) -> String {
        let call = self.call(&person.access).await;
        let request = SetUpTotpRequest { password: PASSWORD.to_owned() };
        let secret = self.identity.set_up_totp(&call, request).await.expect("a secret").secret;
        let code = app::code(&secret, self.now());
        self.identity.confirm_totp(&call, ConfirmTotpRequest { code }).await.expect("an app");
        secret
    }
}

pub fn settings(issuer: &Issuer) -> PutSsoRequest {
    PutSsoRequest {
        issuer: issuer.url(),
        client_id: issuer.provider().client_id,
        client_secret: Some(issuer.provider().client_secret.expect("a secret").expose().to_owned()),
        enforced: false,
        default_role: "viewer".to_owned(),
        provision: None,
    }
}

pub fn enforcing(issuer: &Issuer) -> PutSsoRequest {
    PutSsoRequest { enforced: true, client_secret: None, ..settings(issuer) }
}

#[tokio::test]
async fn people_of_a_verified_domain_come_in_and_are_members() {
    let issuer = Issuer::start().await;
    let closed = Config { signup: Some(SignUps::Invite), ..Config::default() };
    everywhere_with(Config::default(), async |world: World| {
        let (owner, call) = world.acme(&issuer).await;
        // Nobody else may sign up: the owner of the domain vouches.
        let world = World { identity: world.replica(closed.clone()), ..world };
        let shown = world.identity.get_sso(&call, GetSsoRequest {}).await.expect("a provider").sso.expect("a provider");
        assert!(shown.has_client_secret && shown.provision && !shown.enforced);
        let workspace = owner.workspace.workspace_id.clone();
        assert_eq!(shown.callback_url, format!("https://api.example.com/api/v1/auth/sso/{workspace}/callback"));
        let bob = world.sso(&issuer, &owner, "Bob@Acme.example").await.expect("a session");
        let user = bob.user.expect("a user");
        assert_eq!((user.email.as_str(), user.email_verified), ("bob@acme.example", true));
        let membership = bob.workspace.expect("a workspace");
        assert_eq!((membership.workspace_id.as_str(), membership.role.as_str()), (workspace.as_str(), "viewer"));
        let again = world.sso(&issuer, &owner, "bob@acme.example").await.expect("a session");
        assert_eq!(again.user.expect("a user").id, user.id);
        assert_eq!(world.workspaces.state().provisioned.len(), 1, "he has no workspace of his own");
        let bobs = world.call(&again.tokens.expect("tokens").access_token).await;
        let records = world.identity.export_me(&bobs, ExportMeRequest {}).await.expect("an export").records;
        assert!(
            records.iter().any(|r| r.kind == "single_sign_on" && r.data_json.contains("sub-bob@acme.example")),
            "{records:?}"
        );
        let kinds = world.kinds().await;
        let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!((count("sso.updated"), count("user.created"), count("user.identity_linked")), (1, 2, 1));
    })
    .await;
}

#[tokio::test]
async fn an_account_with_the_address_is_opened_and_what_a_stranger_left_in_it_ends() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, _) = world.acme(&issuer).await;
        let stranger = world.sign_up("bob@acme.example").await;
        let bob = world.sso(&issuer, &owner, "bob@acme.example").await.expect("a session");
        assert_eq!(bob.user.expect("a user").id, stranger.user.id);
        assert_eq!(reason(world.login("bob@acme.example", PASSWORD).await), Reason::LoginFailed);
        assert_eq!(reason(world.resolve(&stranger.access).await), Reason::SessionEnded);
        let letters = world.post.round(&world.service).await;
        assert!(letters.iter().any(|l| l.to == "bob@acme.example" && l.subject.contains("account")), "{letters:?}");
    })
    .await;
}

#[tokio::test]
async fn without_provisioning_nobody_becomes_a_member_and_without_a_seat_neither() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, call) = world.acme(&issuer).await;
        world.workspaces.state().is_full = true;
        let full = world.sso(&issuer, &owner, "bob@acme.example").await;
        assert_eq!(reason(full), Reason::QuotaExceeded);
        world.workspaces.state().is_full = false;
        let bob = world.sso(&issuer, &owner, "bob@acme.example").await.expect("there is room by now");
        assert_eq!(bob.workspace.expect("a workspace").role, "viewer");
        let alone = PutSsoRequest { provision: Some(false), ..settings(&issuer) };
        world.put_sso(&call, alone).await.expect("settings");
        let eve = world.sso(&issuer, &owner, "eve@acme.example").await.expect("a session");
        let own = eve.workspace.expect("a workspace of her own");
        assert!(own.role == "owner" && own.workspace_id != owner.workspace.workspace_id);
    })
    .await;
}

#[tokio::test]
async fn where_it_is_enforced_other_doors_are_shut_and_sessions_from_before_end() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let (owner, call) = world.acme(&issuer).await;
        let bob = world.sign_up("bob@acme.example").await;
        let eve = world.sign_up("eve@sub.acme.example").await;
        let why = world.put_sso(&call, enforcing(&issuer)).await;
        assert_eq!(reason(why), Reason::Conflict, "she has neither come by it nor a second factor");
        world.guarded(&owner).await;
        let call = world.owner_of(&owner).await;
        world.put_sso(&call, enforcing(&issuer)).await.expect("it is enforced");

        assert_eq!(reason(world.resolve(&bob.access).await), Reason::SessionEnded);
        assert_eq!(reason(world.refresh(&bob.refresh).await), Reason::SessionEnded);
        world.resolve(&eve.access).await.expect("a domain below is another one");
        assert_eq!(reason(world.login("bob@acme.example", "not-the-password-7").await), Reason::LoginFailed);
        let refused = world.login("bob@acme.example", PASSWORD).await.expect_err("another door");
        assert_eq!(refused.reason, Reason::SsoRequired);
        let told = |name: &str| refused.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        assert_eq!(told("workspace_id").as_deref(), Some(owner.workspace.workspace_id.as_str()));
        assert_eq!(reason(world.try_sign_up(crate::world::sign_up_of("new@acme.example")).await), Reason::SsoRequired);

        // Letters say it instead of a link.
        for kind in ["forgot", "link"] {
            match kind {
                "forgot" => {
                    let ask = ForgotPasswordRequest { email: "bob@acme.example".to_owned() };
                    world.identity.forgot_password(&world.anonymous(), ask).await.expect("a letter");
                }
                _ => {
                    let ask = SendMagicLinkRequest { email: "bob@acme.example".to_owned() };
                    world.identity.send_magic_link(&world.anonymous(), ask).await.expect("a letter");
                }
            }
            let letter = world.post.round(&world.service).await.pop().expect("a letter");
            assert!(letter.token.is_empty() && letter.text.contains("acme.example"), "{letter:?}");
        }

        let session = world.sso(&issuer, &owner, "bob@acme.example").await.expect("the right door");
        let tokens = session.tokens.expect("tokens");
        world.refresh(&tokens.refresh_token).await.expect("it goes on");
        // Turning it off opens the other doors. His password is gone, because the address was never confirmed before.
        world
            .put_sso(&call, PutSsoRequest { enforced: false, ..enforcing(&issuer) })
            .await
            .expect("it is not enforced");
        let ask = SendMagicLinkRequest { email: "bob@acme.example".to_owned() };
        world.later(TimeDelta::minutes(2));
        world.identity.send_magic_link(&world.anonymous(), ask).await.expect("a letter");
        let token = world.post.round(&world.service).await.pop().expect("a letter").token;
        let request = LoginWithMagicLinkRequest { token, ..Default::default() };
        world.identity.login_with_magic_link(&world.anonymous(), request).await.expect("a session");
    })
    .await;
}

#[tokio::test]
async fn owners_come_in_with_their_second_factor_and_the_trail_says_so() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let owner = world.sign_up("owner@acme.example").await;
        let call = world.owner_of(&owner).await;
        world.own_domain(&call, "acme.example").await;
        let secret = world.guarded(&owner).await;
        world.put_sso(&call, PutSsoRequest { enforced: true, ..settings(&issuer) }).await.expect("it is enforced");
        world.resolve(&owner.access).await.expect("her session has shown a second factor");
        issuer.script().away = true;
        world.later(TimeDelta::seconds(60));
        let mut request = crate::world::login_of("owner@acme.example", PASSWORD);
        request.totp = app::code(&secret, world.now());
        let session =
            world.identity.login(&world.anonymous(), request).await.map_err(failure).expect("the way back in");
        world.refresh(&session.tokens.expect("tokens").refresh_token).await.expect("it goes on");
        issuer.script().away = false;
        let events = world.events().await;
        let bypassed: Vec<_> = events.iter().filter(|event| event.kind == "sso.bypassed").collect();
        assert_eq!(bypassed.len(), 1);
        assert_eq!(
            (bypassed[0].actor.as_str(), bypassed[0].workspace_id.as_str()),
            (owner.user.id.as_str(), owner.workspace.workspace_id.as_str())
        );
        // The domain goes, and nobody has to come by it any more.
        let remove = RemoveDomainRequest { domain: "acme.example".to_owned() };
        world.identity.remove_domain(&world.owner_of(&owner).await, remove).await.map_err(failure).expect("it goes");
        world.try_sign_up(crate::world::sign_up_of("new@acme.example")).await.expect("anybody may");
    })
    .await;
}
