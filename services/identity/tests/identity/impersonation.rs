//! Operators who act for somebody: who may, for whom, how it ends, and who sees it.

use crate::{app, world::*};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use identity::{
    Config, Session,
    operators::{self, Host},
};
use proto::{
    Call, Failure, Impersonation as Acting, Permission, PlatformRole, Reason,
    id::{SessionId, WorkspaceId},
    identity::*,
};
use serde_json::Value;
use store::{GlobalTx, Sql};

const STAFF: &str = "staff@example.com";
const WHY: &str = "Ticket 4711: the usage page stays empty";
/// As a release that knows nothing of operators who act for somebody ends a session.
const END: Sql = Sql {
    name: "test/end",
    postgres: "update sessions set ended_at = created_at where id = $1",
    sqlite: "update sessions set ended_at = created_at where id = $1",
};

fn host(world: &World) -> Host {
    Host {
        db: world.fresh.db.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
        actor: "operator:root@host".to_owned(),
    }
}

/// As on one machine, where no second factor is asked of operators for anything but this.
fn embedded() -> Config {
    Config { operators_need_mfa: Some(false), ..Config::default() }
}

fn wish(user: &User) -> StartImpersonationRequest {
    StartImpersonationRequest { user_id: user.id.clone(), reason: WHY.to_owned(), ..Default::default() }
}

fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("a body");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).expect("base64url")).expect("JSON")
}

impl World {
    /// An admin of the platform, with the token that says so, who has shown no second factor.
    async fn unguarded_admin(&self) -> Person {
        let person = self.sign_up(STAFF).await;
        operators::grant(&host(self), STAFF, PlatformRole::Admin).await.expect("a role");
        self.refresh(&person.refresh).await.expect("a refresh")
    }

    /// One who has shown it just now.
    async fn admin(&self) -> Person {
        let person = self.unguarded_admin().await;
        self.factor(&self.call(&person.access).await).await;
        person
    }

    /// Sets an app up, and shows its first code. Its secret.
    async fn factor(&self, call: &Call) -> String {
        let request = SetUpTotpRequest { password: PASSWORD.to_owned() };
        let secret = self.identity.set_up_totp(call, request).await.expect("a secret").secret;
        let code = app::code(&secret, self.now());
        self.identity.confirm_totp(call, ConfirmTotpRequest { code }).await.expect("the first code");
        secret
    }

    /// Shows a code of it again.
    async fn show_again(&self, call: &Call, secret: &str) {
        let request = StepUpRequest { code: app::code(secret, self.now()), ..StepUpRequest::default() };
        self.identity.step_up(call, request).await.expect("a code");
    }

    async fn act(&self, call: &Call, request: StartImpersonationRequest) -> Result<(Impersonation, String), Failure> {
        let begun = self.identity.start_impersonation(call, request).await.map_err(failure)?;
        Ok((begun.impersonation.expect("one"), begun.access_token))
    }

    /// The call that a door would make of a token of somebody who acts for somebody.
    async fn acting(&self, access: &str) -> Call {
        let found = self.resolve(access).await.expect("a token that works");
        let acting = Acting {
            operator: found.impersonator_id.parse().expect("an operator"),
            may_write: found.impersonator_may_write,
        };
        let call = self.call(access).await;
        Call { impersonation: Some(acting), scopes: acting.limit(call.scopes), ..call }
    }

    async fn listed(&self, call: &Call, request: ListImpersonationsRequest) -> ListImpersonationsResponse {
        self.identity.list_impersonations(call, request).await.expect("a page")
    }

    /// What the feed says of impersonations: kind, actor, workspace and payload.
    async fn told(&self) -> Vec<(String, String, String, Value)> {
        let all = self.events().await.into_iter().filter(|event| event.kind.starts_with("impersonation."));
        all.map(|e| (e.kind, e.actor, e.workspace_id, serde_json::from_str(&e.payload).expect("JSON"))).collect()
    }

    /// Waits until what has ended by itself is written down.
    async fn swept(&self, count: usize) -> Vec<(String, String, String, Value)> {
        let tasks = host::Tasks::new();
        self.service.start(&tasks);
        for _ in 0..200 {
            let told = self.told().await;
            if told.len() >= count {
                return told;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("nobody wrote down that it has ended: {:?}", self.told().await)
    }
}

#[tokio::test]
async fn an_admin_acts_for_somebody_and_everything_says_so() {
    everywhere_with(embedded(), async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.admin().await);
        let call = world.call(&staff.access).await;
        let request = StartImpersonationRequest { minutes: Some(20), ..wish(&ana.user) };
        let (one, token) = world.act(&call, request).await.unwrap();
        assert_eq!((&one.operator_id, &one.user_id, &one.reason), (&staff.user.id, &ana.user.id, &WHY.to_owned()));
        assert_eq!((one.workspace_id.as_str(), one.write), (ana.workspace.workspace_id.as_str(), false));

        let said = claims(&token);
        assert_eq!((said["sub"].as_str(), said["act"]["sub"].as_str()), (Some(&*ana.user.id), Some(&*staff.user.id)));
        assert_eq!((said["sid"].as_str(), said["role"].as_str()), (Some(&*one.id), Some("owner")));
        assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 20 * 60);
        assert!(said.get("platform_role").is_none(), "{said}");

        let found = world.resolve(&token).await.unwrap();
        assert_eq!((&found.user_id, &found.impersonator_id), (&ana.user.id, &staff.user.id));
        assert_eq!((found.workspace_id, found.impersonator_may_write), (ana.workspace.workspace_id.clone(), false));
        let blind = ResolveTokenRequest { access_token: token.clone(), knows_impersonation: false };
        let refused = world.identity.resolve_token(&world.anonymous(), blind).await.map_err(failure);
        assert_eq!(reason(refused), Reason::TokenInvalid, "a release that knows nothing of it lets nobody in");

        // The person sees it, and not from where it comes.
        let sessions = world.identity.list_sessions(&world.call(&ana.access).await, ListSessionsRequest {}).await;
        let sessions = sessions.unwrap().sessions;
        let theirs = sessions.iter().find(|device| device.session_id == one.id).expect("it is among theirs");
        assert_eq!(theirs.impersonation.as_ref(), Some(&one));
        assert_eq!((theirs.user_agent.as_str(), theirs.address.as_str()), ("", ""));
        assert_eq!((&theirs.last_used_at, &theirs.expires_at), (&one.created_at, &one.expires_at));
        assert!(sessions.iter().filter(|device| device.impersonation.is_some()).count() == 1, "{sessions:?}");
        let letters = world.post.round(&world.service).await;
        let letter = letters.iter().find(|letter| letter.to == EMAIL && letter.text.contains(WHY));
        assert!(letter.is_some_and(|letter| !letter.text.contains(STAFF)), "{letters:?}");

        // So do the owners of the workspace, and the platform's own trail.
        let told = world.told().await;
        let (kind, actor, workspace, payload) = &told[0];
        assert_eq!((kind.as_str(), actor), ("impersonation.started", &staff.user.id));
        assert_eq!((workspace, payload["reason"].as_str()), (&ana.workspace.workspace_id, Some(WHY)));
        assert_eq!(
            (payload["impersonator"].as_str(), payload["user_id"].as_str()),
            (Some(&*staff.user.id), Some(&*ana.user.id))
        );
        assert!(!payload.to_string().contains('@'), "{payload}");
        let trail = store::platform_audit::acts(&world.fresh.db, 10).await.unwrap();
        assert_eq!((trail[0].action.as_str(), trail[0].subject.as_str()), ("impersonation.started", one.id.as_str()));

        let listed = world.listed(&call, ListImpersonationsRequest::default()).await.impersonations;
        assert_eq!(listed, [one]);
    })
    .await;
}

#[tokio::test]
async fn whether_it_may_write_is_said_and_the_account_is_never_theirs() {
    everywhere_with(embedded(), async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.admin().await);
        let call = world.call(&staff.access).await;
        for write in [false, true] {
            let (one, token) = world.act(&call, StartImpersonationRequest { write, ..wish(&ana.user) }).await.unwrap();
            assert_eq!((one.write, world.resolve(&token).await.unwrap().impersonator_may_write), (write, write));
            let acting = world.acting(&token).await;
            assert_eq!(acting.scopes.contains(Permission::WorkspaceWrite), write);
            let never = [
                world.identity.update_me(&acting, UpdateMeRequest::default()).await.map(drop),
                world.identity.export_me(&acting, ExportMeRequest {}).await.map(drop),
                world.identity.create_api_key(&acting, CreateApiKeyRequest::default()).await.map(drop),
                world.identity.change_password(&acting, ChangePasswordRequest::default()).await.map(drop),
                world.identity.change_email(&acting, ChangeEmailRequest::default()).await.map(drop),
                world.identity.set_up_totp(&acting, SetUpTotpRequest::default()).await.map(drop),
                world.identity.end_session(&acting, EndSessionRequest::default()).await.map(drop),
                world.identity.switch_workspace(&acting, SwitchWorkspaceRequest::default()).await.map(drop),
                world.identity.start_impersonation(&acting, wish(&staff.user)).await.map(drop),
            ];
            for refused in never {
                assert_eq!(reason(refused.map_err(failure)), Reason::ImpersonationForbidden);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn they_learn_of_the_workspace_in_which_they_act_and_of_no_other() {
    everywhere_with(embedded(), async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.admin().await);
        let workspace_id = WorkspaceId::from_uuid(world.ids.uuid()).to_string();
        let other = proto::workspace::Membership { workspace_id, name: "Other".to_owned(), role: "viewer".to_owned() };
        world.workspaces.state().members.push((ana.user.id.clone(), other));
        let call = world.call(&staff.access).await;
        let (_, token) = world.act(&call, wish(&ana.user)).await.unwrap();
        let seen = world.identity.get_me(&world.acting(&token).await, GetMeRequest {}).await.unwrap().workspaces;
        assert_eq!(seen, std::slice::from_ref(&ana.workspace));
        let own = world.identity.get_me(&world.call(&ana.access).await, GetMeRequest {}).await.unwrap().workspaces;
        assert_eq!(own.len(), 2, "{own:?}");
    })
    .await;
}

#[tokio::test]
async fn who_may_not_and_for_whom_not_is_said_with_a_reason() {
    everywhere_with(embedded(), async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.admin().await);
        let call = world.call(&staff.access).await;
        let refused = async |request| reason(world.act(&call, request).await);
        let with =
            |reason: &str, minutes| StartImpersonationRequest { reason: reason.to_owned(), minutes, ..wish(&ana.user) };
        assert_eq!(refused(with("", None)).await, Reason::InvalidArgument);
        for request in [
            with("help", None),
            with(&"x".repeat(501), None),
            with(WHY, Some(31)),
            with(WHY, Some(0)),
            with(WHY, Some(-1)),
        ] {
            assert_eq!(refused(request).await, Reason::RefusedValue);
        }
        assert_eq!(
            refused(StartImpersonationRequest { user_id: String::new(), ..wish(&ana.user) }).await,
            Reason::InvalidArgument
        );
        for nobody in ["usr_01k9tq6j3se5mb1pt2xdv6q3kz", "nobody"] {
            let request = StartImpersonationRequest { user_id: nobody.to_owned(), ..wish(&ana.user) };
            assert_eq!(refused(request).await, Reason::NotFound);
        }
        let elsewhere = WorkspaceId::from_uuid(world.ids.uuid()).to_string();
        let request = StartImpersonationRequest { workspace_id: elsewhere, ..wish(&ana.user) };
        assert_eq!(refused(request).await, Reason::NotFound);
        let own = world.act(&call, wish(&staff.user)).await.expect_err("it is their own");
        assert_eq!((own.reason, own.get("why")), (Reason::ImpersonationRefused, Some("yourself")));
        world.sign_up("dev@example.com").await;
        operators::grant(&host(&world), "dev@example.com", PlatformRole::Developer).await.unwrap();
        let developer = world.login("dev@example.com", PASSWORD).await.unwrap();
        let peer = world.act(&call, wish(&developer.user)).await.expect_err("they are of the staff");
        assert_eq!((peer.reason, peer.get("why")), (Reason::ImpersonationRefused, Some("staff")));

        // The role is looked at now, whatever the door believed a moment ago.
        for person in [&developer, &ana] {
            let call = world.call(&person.access).await;
            let refused = world.act(&call, wish(&ana.user)).await.expect_err("no admin");
            assert_eq!((refused.reason, refused.get("permission")), (Reason::PermissionDenied, Some("platform.write")));
        }
        assert!(world.told().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_second_factor_was_shown_just_now() {
    for asked in [false, true] {
        let config = Config { operators_need_mfa: Some(asked), ..Config::default() };
        everywhere_with(config, async |world| {
            let (ana, staff) = (world.sign_up(EMAIL).await, world.unguarded_admin().await);
            let call = world.call(&staff.access).await;
            // No factor, no operator; and a password alone opens nobody else's account, whatever is asked of operators.
            let why = if asked { Reason::PermissionDenied } else { Reason::StepUpRequired };
            assert_eq!(reason(world.act(&call, wish(&ana.user)).await), why);
            let secret = world.factor(&call).await;
            let (_, token) = world.act(&call, wish(&ana.user)).await.expect("it was shown just now");
            world.later(TimeDelta::minutes(11));
            assert_eq!(reason(world.act(&call, wish(&ana.user)).await), Reason::StepUpRequired);
            world.show_again(&call, &secret).await;
            world.act(&call, wish(&ana.user)).await.expect("it was shown again");

            // Where nobody operates the platform without the factor, this is over with it.
            world.resolve(&token).await.expect("it goes on");
            world.identity.remove_totp(&call, RemoveTotpRequest {}).await.unwrap();
            if asked {
                assert_eq!(reason(world.resolve(&token).await), Reason::SessionEnded);
            }
        })
        .await;
    }
}

#[tokio::test]
async fn it_ends_by_its_end_by_the_person_and_by_itself() {
    everywhere_with(embedded(), async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.admin().await);
        let call = world.call(&staff.access).await;
        let begin = async || world.act(&call, wish(&ana.user)).await.unwrap();
        let over = async |token: &str| assert_eq!(reason(world.resolve(token).await), Reason::SessionEnded);

        let (one, token) = begin().await;
        for _ in 0..2 {
            world.identity.end_impersonation(&call, EndImpersonationRequest { id: one.id.clone() }).await.unwrap();
        }
        over(&token).await;
        let unknown = EndImpersonationRequest { id: "ses_01k9tq6j3se5mb1pt2xdv6q3kz".to_owned() };
        assert_eq!(reason(world.identity.end_impersonation(&call, unknown).await.map_err(failure)), Reason::NotFound);

        // Whoever acts for somebody logs out of that, and of nothing else.
        let (_, token) = begin().await;
        let all = LogoutRequest { all: true, refresh_token: ana.refresh.clone() };
        world.identity.logout(&world.acting(&token).await, all).await.unwrap();
        over(&token).await;
        world.resolve(&ana.access).await.expect("the person goes on");

        let (one, token) = begin().await;
        let end = EndSessionRequest { session_id: one.id };
        world.identity.end_session(&world.call(&ana.access).await, end).await.unwrap();
        over(&token).await;

        let (_, token) = begin().await;
        world.later(TimeDelta::minutes(30));
        assert_eq!(reason(world.resolve(&token).await), Reason::TokenExpired);
        let told = world.swept(8).await;
        let ends: Vec<_> = told.iter().filter(|(kind, ..)| kind == "impersonation.ended").collect();
        let whys: Vec<_> = ends.iter().filter_map(|(.., payload)| payload["end_reason"].as_str()).collect();
        assert_eq!(whys, ["ended", "logout", "revoked", "expired"]);
        let by: Vec<_> = ends.iter().map(|(_, actor, ..)| actor.as_str()).collect();
        assert_eq!(by, [&staff.user.id, &ana.user.id, &ana.user.id, "service:identity"]);
        assert!(ends.iter().all(|(.., payload)| payload["impersonator"] == staff.user.id && payload["reason"] == WHY));
    })
    .await;
}

#[tokio::test]
async fn it_ends_with_what_it_stands_on() {
    everywhere_with(embedded(), async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.unguarded_admin().await);
        let call = world.call(&staff.access).await;
        let secret = world.factor(&call).await;
        let begin = async || world.act(&call, wish(&ana.user)).await.unwrap().1;
        let over = async |token: &str| assert_eq!(reason(world.resolve(token).await), Reason::SessionEnded);

        let token = begin().await;
        operators::grant(&host(&world), STAFF, PlatformRole::Developer).await.unwrap();
        over(&token).await;
        operators::grant(&host(&world), STAFF, PlatformRole::Admin).await.unwrap();
        let token = begin().await;
        operators::grant(&host(&world), EMAIL, PlatformRole::Developer).await.unwrap();
        over(&token).await;
        operators::revoke(&host(&world), EMAIL, None).await.unwrap();

        let token = begin().await;
        operators::revoke(&host(&world), STAFF, None).await.unwrap();
        over(&token).await;
        world.swept(6).await;
        operators::grant(&host(&world), STAFF, PlatformRole::Admin).await.unwrap();
        over(&token).await;

        // The session in which it began, and another password of the person.
        let token = begin().await;
        world.identity.logout(&world.call(&staff.access).await, LogoutRequest::default()).await.unwrap();
        over(&token).await;
        world.later(TimeDelta::seconds(30));
        let request = LoginRequest { totp: app::code(&secret, world.now()), ..login_of(STAFF, PASSWORD) };
        let again = world.identity.login(&world.anonymous(), request).await.unwrap().tokens.expect("tokens");
        let (_, token) = world.act(&world.call(&again.access_token).await, wish(&ana.user)).await.unwrap();
        let change = ChangePasswordRequest {
            current_password: PASSWORD.to_owned(),
            password: "crimson-walrus-lantern-9".to_owned(),
        };
        world.identity.change_password(&world.call(&ana.access).await, change).await.unwrap();
        over(&token).await;
    })
    .await;
}

#[tokio::test]
async fn what_ended_without_a_word_is_noted() {
    let short = Config { session: Session { idle_days: 1, absolute_days: 1 }, ..embedded() };
    everywhere_with(short, async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.unguarded_admin().await);
        let secret = world.factor(&world.call(&staff.access).await).await;
        // The session of the operator ends in twenty minutes.
        world.later(TimeDelta::days(1) - TimeDelta::minutes(20));
        let staff = world.refresh(&staff.refresh).await.unwrap();
        let call = world.call(&staff.access).await;
        world.show_again(&call, &secret).await;
        let (gone, _) = world.act(&call, wish(&ana.user)).await.unwrap();
        let (_, token) = world.act(&call, wish(&ana.user)).await.unwrap();
        let gone: SessionId = gone.id.parse().unwrap();
        let mut tx = GlobalTx::begin(&world.fresh.db).await.unwrap();
        assert_eq!(tx.execute(END, &[gone.into()]).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let why = |told: &[(String, String, String, Value)]| {
            told.last().and_then(|(.., payload)| payload["end_reason"].as_str().map(str::to_owned))
        };
        assert_eq!(why(&world.swept(3).await).as_deref(), Some("ended"));
        world.resolve(&token).await.expect("the other one goes on");
        world.later(TimeDelta::minutes(20));
        assert_eq!(why(&world.swept(4).await).as_deref(), Some("operator_left"));
    })
    .await;
}

#[tokio::test]
async fn each_has_a_letter_of_its_own_and_what_strangers_ask_for_is_sent_once_in_a_minute() {
    everywhere_with(embedded(), async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.admin().await);
        world.post.round(&world.service).await;
        let call = world.call(&staff.access).await;
        for _ in 0..2 {
            world.act(&call, wish(&ana.user)).await.unwrap();
            let request = SendMagicLinkRequest { email: EMAIL.to_owned() };
            world.identity.send_magic_link(&world.anonymous(), request).await.unwrap();
        }
        let letters = world.post.round(&world.service).await;
        let told = letters.iter().filter(|letter| letter.text.contains(WHY)).count();
        assert_eq!((told, letters.len()), (2, 3), "{letters:?}");
    })
    .await;
}

#[tokio::test]
async fn letters_are_a_setting_and_the_list_has_pages() {
    let quiet = Config { impersonation_letters: false, ..embedded() };
    everywhere_with(quiet, async |world| {
        let (ana, staff) = (world.sign_up(EMAIL).await, world.admin().await);
        let bob = world.sign_up("bob@example.com").await;
        world.post.round(&world.service).await;
        let call = world.call(&staff.access).await;
        for user in [&ana.user, &bob.user, &ana.user] {
            world.act(&call, wish(user)).await.unwrap();
        }
        assert!(world.post.round(&world.service).await.is_empty(), "nobody wants letters");
        let first = world.listed(&call, ListImpersonationsRequest { page_size: 2, ..Default::default() }).await;
        assert_eq!((first.impersonations.len(), first.impersonations[0].user_id.as_str()), (2, ana.user.id.as_str()));
        let next = ListImpersonationsRequest { page_size: 2, page_token: first.next_page_token, ..Default::default() };
        let last = world.listed(&call, next).await;
        assert_eq!((last.impersonations.len(), last.next_page_token.as_str()), (1, ""));
        let of_bob = ListImpersonationsRequest { user_id: bob.user.id.clone(), ..Default::default() };
        assert_eq!(world.listed(&call, of_bob).await.impersonations.len(), 1);
    })
    .await;
}
