use crate::world::*;
use chrono::TimeDelta;
use proto::{Reason, identity::SignUpRequest};
use std::time::Duration;

#[tokio::test]
async fn signing_up_gives_an_account_a_workspace_and_a_session() {
    everywhere(async |world| {
        let request = SignUpRequest {
            email: "  Ana@Example.COM ".to_owned(),
            name: " Ana Maria ".to_owned(),
            accept_language: "pt-BR,pt;q=0.9".to_owned(),
            ..sign_up_of("")
        };
        let ana = world.try_sign_up(request).await.unwrap();
        assert_eq!((ana.user.email.as_str(), ana.user.name.as_str()), (EMAIL, "Ana Maria"));
        assert_eq!(ana.user.locale, "pt-BR");
        assert!(ana.user.id.starts_with("usr_"), "{}", ana.user.id);
        assert_eq!((ana.workspace.name.as_str(), ana.workspace.role.as_str()), ("Ana Maria's workspace", "owner"));

        let asked = world.workspaces.state().provisioned.clone();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].workspace_id, ana.workspace.workspace_id);
        assert_eq!((asked[0].owner_user_id.as_str(), asked[0].owner_email.as_str()), (ana.user.id.as_str(), EMAIL));
        assert_eq!(asked[0].locale, "pt-BR");

        let who = world.resolve(&ana.access).await.unwrap();
        assert_eq!((who.user_id, who.workspace_id), (ana.user.id.clone(), ana.workspace.workspace_id.clone()));

        let events = world.events().await;
        assert_eq!(events.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["user.created", "session.created"]);
        assert_eq!(
            (events[0].subject.as_str(), events[0].actor.as_str()),
            (ana.user.id.as_str(), ana.user.id.as_str())
        );
        let facts: serde_json::Value = serde_json::from_str(&events[0].payload).unwrap();
        assert_eq!(facts, serde_json::json!({ "email": EMAIL, "name": "Ana Maria", "locale": "pt-BR" }));
        assert!(events.iter().all(|e| e.workspace_id.is_empty() && e.request_id.starts_with("req_")));
    })
    .await;
}

#[tokio::test]
async fn a_workspace_can_be_named() {
    everywhere(async |world| {
        let request = SignUpRequest { workspace_name: "Padaria do Zé".to_owned(), ..sign_up_of(EMAIL) };
        assert_eq!(world.try_sign_up(request).await.unwrap().workspace.name, "Padaria do Zé");
    })
    .await;
}

#[tokio::test]
async fn an_address_is_taken_whatever_its_case() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        assert_eq!(reason(world.try_sign_up(sign_up_of("ANA@example.com")).await), Reason::EmailTaken);
        assert_eq!(world.workspaces.state().provisioned.len(), 1, "no workspace for nobody");
        assert_eq!(world.kinds().await, ["user.created", "session.created"]);
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_is_named_with_what_it_must_be() {
    everywhere(async |world| {
        let request = SignUpRequest::default();
        let refused = world.try_sign_up(request).await.expect_err("an empty form");
        assert_eq!(refused.reason, Reason::InvalidArgument);
        let fields: Vec<_> = refused.fields.iter().map(|(f, _)| f.as_str()).collect();
        assert_eq!(fields, ["email", "password", "name"]);

        let long = "x".repeat(201);
        let cases = [
            ("email", SignUpRequest { email: "ana".to_owned(), ..sign_up_of(EMAIL) }),
            ("email", SignUpRequest { email: format!("{long}@example.com"), ..sign_up_of(EMAIL) }),
            ("email", SignUpRequest { email: "a\0na@example.com".to_owned(), ..sign_up_of(EMAIL) }),
            ("name", SignUpRequest { name: long.clone(), ..sign_up_of(EMAIL) }),
            ("name", SignUpRequest { name: "Ana\u{0}Maria".to_owned(), ..sign_up_of(EMAIL) }),
            ("workspace_name", SignUpRequest { workspace_name: "x".repeat(101), ..sign_up_of(EMAIL) }),
        ];
        for (field, request) in cases {
            let refused = world.try_sign_up(request).await.expect_err(field);
            assert_eq!(refused.reason, Reason::RefusedValue, "{refused:?}");
            assert_eq!(refused.fields.len(), 1, "{refused:?}");
            assert_eq!(refused.fields[0].0, field);
        }
    })
    .await;
}

#[tokio::test]
async fn passwords_that_are_easy_to_guess_are_refused_and_never_repeated() {
    everywhere(async |world| {
        for weak in ["qwerty7", "password123", EMAIL, &"long".repeat(300)] {
            let request = SignUpRequest { password: weak.to_owned(), ..sign_up_of(EMAIL) };
            let refused = world.try_sign_up(request).await.expect_err(weak);
            assert_eq!(refused.reason, Reason::WeakPassword, "{refused:?}");
            assert!(!refused.message.contains(weak), "{refused:?}");
        }
        world.sign_up(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn an_account_made_while_the_workspace_service_is_away_is_completed_by_the_next_login() {
    everywhere(async |world| {
        world.workspaces.state().away = true;
        let refused = world.try_sign_up(sign_up_of(EMAIL)).await.expect_err("no workspace service");
        assert_eq!(refused.reason, Reason::ServiceUnavailable);
        assert!(refused.message.contains("account exists") && refused.retry_after.is_some(), "{refused:?}");
        assert_eq!(reason(world.login(EMAIL, PASSWORD).await), Reason::ServiceUnavailable);
        assert_eq!(reason(world.try_sign_up(sign_up_of(EMAIL)).await), Reason::EmailTaken);

        world.workspaces.state().away = false;
        let ana = world.login(EMAIL, PASSWORD).await.unwrap();
        assert_eq!((ana.workspace.name.as_str(), ana.workspace.role.as_str()), ("Ana Maria's workspace", "owner"));
        world.login(EMAIL, PASSWORD).await.unwrap();
        assert_eq!(world.workspaces.state().provisioned.len(), 1, "once is enough");
    })
    .await;
}

#[tokio::test]
async fn an_account_made_while_the_workspace_service_is_away_is_completed_by_itself() {
    everywhere(async |world| {
        world.workspaces.state().away = true;
        assert_eq!(reason(world.try_sign_up(sign_up_of(EMAIL)).await), Reason::ServiceUnavailable);
        world.workspaces.state().away = false;
        world.later(TimeDelta::seconds(11));
        world.service.start(&world.tasks);
        for _ in 0..500 {
            if !world.workspaces.state().members.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(world.workspaces.state().members.len(), 1);
        assert!(world.tasks.shutdown(Duration::from_secs(5)).await, "the sweep ends when the process does");
    })
    .await;
}
