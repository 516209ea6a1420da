//! Who operates the platform: named on the host, never by what can be sent.

use crate::world::*;
use identity::{
    Config,
    operators::{self, Host, Whose},
};
use proto::{
    Permission, PlatformRole, Reason,
    identity::{CreateApiKeyRequest, ListUsersRequest},
};

fn host(world: &World) -> Host {
    Host {
        db: world.fresh.db.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
        actor: "operator:root@host".to_owned(),
    }
}

/// As on one machine, where no second factor is asked of operators.
fn embedded() -> Config {
    Config { operators_need_mfa: Some(false), ..Config::default() }
}

async fn platform_role(world: &World, access: &str) -> String {
    world.resolve(access).await.expect("a token that works").platform_role
}

#[tokio::test]
async fn nobody_is_an_operator_by_signing_up_first() {
    everywhere_with(embedded(), async |world| {
        let first = world.sign_up(EMAIL).await;
        assert_eq!(platform_role(&world, &first.access).await, "");
        assert!(operators::list(&world.fresh.db).await.unwrap().is_empty());
        let unknown = operators::grant(&host(&world), "nobody@example.com", PlatformRole::Admin).await;
        assert!(matches!(unknown, Err(identity::Error::NotFound(_))), "{unknown:?}");
    })
    .await;
}

#[tokio::test]
async fn a_role_counts_from_the_next_refresh_and_no_longer_once_it_is_taken_away() {
    everywhere_with(embedded(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        let granted = operators::grant(&host(&world), " Ana@Example.com", PlatformRole::Admin).await.unwrap();
        assert_eq!((granted.user.to_string(), granted.before), (ana.user.id.clone(), None));
        assert_eq!(platform_role(&world, &ana.access).await, "", "this token was not given for it");
        let now = world.refresh(&ana.refresh).await.unwrap();
        assert_eq!(platform_role(&world, &now.access).await, "admin");
        let login = world.login(EMAIL, PASSWORD).await.unwrap();
        assert_eq!(platform_role(&world, &login.access).await, "admin");

        // Less than the token says holds at once, more does not.
        operators::grant(&host(&world), EMAIL, PlatformRole::Developer).await.unwrap();
        assert_eq!(platform_role(&world, &now.access).await, "developer");
        let less = world.refresh(&now.refresh).await.unwrap();
        operators::grant(&host(&world), EMAIL, PlatformRole::Admin).await.unwrap();
        assert_eq!(platform_role(&world, &less.access).await, "developer");

        let other = operators::revoke(&host(&world), EMAIL, Some(PlatformRole::Developer)).await;
        assert!(matches!(other, Err(identity::Error::OtherRole(PlatformRole::Admin))), "{other:?}");
        let revoked = operators::revoke(&host(&world), EMAIL, None).await.unwrap();
        assert_eq!(revoked.before, Some(PlatformRole::Admin));
        for access in [&now.access, &login.access, &less.access] {
            assert_eq!(platform_role(&world, access).await, "");
        }
        let after = operators::revoke(&host(&world), EMAIL, None).await.unwrap();
        assert_eq!(after.before, None, "nothing is left to be taken");
    })
    .await;
}

#[tokio::test]
async fn what_is_done_to_operators_is_in_the_trail_and_in_the_feed_once() {
    everywhere_with(embedded(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        for _ in 0..2 {
            operators::grant(&host(&world), EMAIL, PlatformRole::Admin).await.unwrap();
        }
        let listed = operators::list(&world.fresh.db).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].email.as_str(), listed[0].role.as_str()), (EMAIL, "admin"));
        assert_eq!((listed[0].granted_by.as_str(), listed[0].granted_at), ("operator:root@host", world.now()));
        for _ in 0..2 {
            operators::revoke(&host(&world), EMAIL, None).await.unwrap();
        }
        let trail = store::platform_audit::acts(&world.fresh.db, 10).await.unwrap();
        let acts: Vec<_> = trail.iter().map(|r| (r.action.as_str(), r.subject.as_str(), r.actor.as_str())).collect();
        let by = |action| (action, ana.user.id.as_str(), "operator:root@host");
        assert_eq!(acts, [by("user.platform_role_revoked"), by("user.platform_role_granted")]);
        let kinds = world.kinds().await;
        assert_eq!(kinds.iter().filter(|k| k.starts_with("user.platform_role_")).count(), 2, "{kinds:?}");
    })
    .await;
}

#[tokio::test]
async fn operators_see_all_accounts_page_by_page_and_others_none() {
    everywhere_with(embedded(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        for n in 0..3 {
            world.sign_up(&format!("person{n}@example.com")).await;
        }
        operators::grant(&host(&world), EMAIL, PlatformRole::Developer).await.unwrap();
        let mut call = world.call(&ana.access).await;
        let (mut seen, mut page_token) = (vec![], String::new());
        loop {
            let request = ListUsersRequest { page_size: 3, page_token, email: String::new() };
            let page = world.identity.list_users(&call, request).await.unwrap();
            seen.extend(page.users.into_iter().map(|a| (a.user.expect("a user").email, a.platform_role)));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen.len(), 4);
        assert_eq!(seen[3], (EMAIL.to_owned(), "developer".to_owned()), "the oldest comes last");
        let request = ListUsersRequest { email: " PERSON1@example.com".to_owned(), ..Default::default() };
        let found = world.identity.list_users(&call, request).await.unwrap().users;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].user.as_ref().expect("a user").email, "person1@example.com");

        call.scopes = call.scopes.of_workspaces().with(Permission::Account);
        let refused = world.identity.list_users(&call, ListUsersRequest::default()).await.map_err(failure);
        assert_eq!(reason(refused), Reason::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn no_key_holds_what_is_an_operators() {
    everywhere_with(embedded(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        for scope in ["platform.read", "platform.write", "account"] {
            let request = CreateApiKeyRequest {
                name: "k".to_owned(),
                scopes: vec![scope.to_owned()],
                ..CreateApiKeyRequest::default()
            };
            let refused = world.identity.create_api_key(&call, request).await.map_err(failure);
            assert_eq!(reason(refused), Reason::RefusedValue, "{scope}");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_works_on_the_host_logs_out_one_person_or_everybody() {
    everywhere_with(embedded(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        let phone = world.login(EMAIL, PASSWORD).await.unwrap();
        let bob = world.sign_up("bob@example.com").await;
        let ended = operators::log_out(&host(&world), Whose::Of(" Ana@Example.com")).await.unwrap();
        assert_eq!(ended, 2);
        for tokens in [&ana, &phone] {
            assert_eq!(reason(world.resolve(&tokens.access).await), Reason::SessionEnded);
            assert_eq!(reason(world.refresh(&tokens.refresh).await), Reason::SessionEnded);
        }
        world.resolve(&bob.access).await.expect("somebody else goes on");
        world.login(EMAIL, PASSWORD).await.expect("the account is still there");
        assert_eq!(operators::log_out(&host(&world), Whose::Everybody).await.unwrap(), 2);
        assert_eq!(reason(world.resolve(&bob.access).await), Reason::SessionEnded);
        assert_eq!(operators::log_out(&host(&world), Whose::Everybody).await.unwrap(), 0, "nobody is left");

        let kinds = world.kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "session.ended").count(), 4, "{kinds:?}");
        let trail = store::platform_audit::acts(&world.fresh.db, 10).await.unwrap();
        let acts: Vec<_> = trail.iter().map(|record| (record.action.as_str(), record.subject.as_str())).collect();
        let everybody = ("user.logged_out", "everybody");
        assert_eq!(acts, [everybody, everybody, ("user.logged_out", ana.user.id.as_str())]);
        let unknown = operators::log_out(&host(&world), Whose::Of("nobody@example.com")).await;
        assert!(matches!(unknown, Err(identity::Error::NotFound(_))), "{unknown:?}");
    })
    .await;
}
