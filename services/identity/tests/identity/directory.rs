//! People for whom a directory vouches: how they come, change and go, and what a directory may not do.

mod bounds;
mod single_sign_on;

use crate::world::{Person, World, everywhere, failure, reason};
use chrono::TimeDelta;
use proto::{Call, Failure, Permission, Principal, Reason, feed, id::KeyId, identity::*};
use std::time::Duration;

const READ_WRITE: &[Permission] = &[Permission::MembersRead, Permission::MembersWrite];

/// A workspace whose domain is `acme.example`, and its directory.
struct Acme {
    owner: Person,
    /// The call of the directory's key.
    directory: Call,
}

impl World {
    async fn with_directory(&self) -> Acme {
        let owner = self.sign_up("boss@example.com").await;
        let call = self.call(&owner.access).await;
        self.own_domain(&call, "acme.example").await;
        let directory = self.key_of(&call, true, READ_WRITE).await;
        Acme { owner, directory }
    }

    /// The call of a key that somebody makes.
    async fn key_of(&self, call: &Call, service_account: bool, scopes: &[Permission]) -> Call {
        let scopes: Vec<_> = scopes.iter().map(|p| p.as_str().to_owned()).collect();
        let request = CreateApiKeyRequest { name: "SCIM".to_owned(), scopes, service_account, ..<_>::default() };
        let key = self.identity.create_api_key(call, request).await.expect("a key").api_key.expect("a key");
        let id: KeyId = key.id.parse().expect("an id");
        let scopes = proto::Scopes::parse(key.scopes.iter().map(String::as_str));
        Call { principal: Principal::Key { id }, workspace: call.workspace, scopes, ..self.anonymous() }
    }

    async fn bring(&self, call: &Call, profile: DirectoryProfile) -> Result<DirectoryUser, Failure> {
        let request = CreateDirectoryUserRequest { profile: Some(profile) };
        Ok(self.identity.create_directory_user(call, request).await.map_err(failure)?.user.expect("a user"))
    }

    async fn say(
        &self,
        call: &Call,
        user: &DirectoryUser,
        profile: DirectoryProfile,
    ) -> Result<DirectoryUser, Failure> {
        let (user_id, version) = (user.user_id.clone(), user.version);
        let request = ReplaceDirectoryUserRequest { user_id, profile: Some(profile), version };
        Ok(self.identity.replace_directory_user(call, request).await.map_err(failure)?.user.expect("a user"))
    }

    async fn show(&self, call: &Call, user: &DirectoryUser) -> Result<DirectoryUser, Failure> {
        let request = GetDirectoryUserRequest { user_id: user.user_id.clone() };
        Ok(self.identity.get_directory_user(call, request).await.map_err(failure)?.user.expect("a user"))
    }

    async fn end(&self, call: &Call, user: &DirectoryUser) -> Result<(), Failure> {
        let request = DeleteDirectoryUserRequest { user_id: user.user_id.clone(), version: 0 };
        self.identity.delete_directory_user(call, request).await.map(drop).map_err(failure)
    }

    async fn in_directory(&self, call: &Call, request: ListDirectoryUsersRequest) -> (Vec<String>, i64) {
        let found = self.identity.list_directory_users(call, request).await.expect("a list");
        (found.users.into_iter().map(|user| user.profile.expect("said").user_name).collect(), found.total)
    }

    /// What the link of the newest letter to somebody holds.
    async fn newest_token(&self, email: &str) -> String {
        let letters = self.post.round(&self.service).await;
        let newest = letters.into_iter().rfind(|letter| letter.to.contains(email) && !letter.token.is_empty());
        newest.expect("a letter").token
    }

    fn role(&self, of: &Call, user: &str) -> Option<String> {
        self.workspaces.state().role(&of.workspace.expect("a workspace").to_string(), user)
    }

    /// What the directory's part of the trail says, with what it says beside it.
    async fn of_directory(&self) -> Vec<(String, serde_json::Value)> {
        let events = self.events().await.into_iter().filter(|event| event.kind.starts_with("directory."));
        events.map(|event| (event.kind, serde_json::from_str(&event.payload).expect("JSON"))).collect()
    }
}

fn ana() -> DirectoryProfile {
    DirectoryProfile {
        user_name: "Ana@Acme.example".to_owned(),
        external_id: "00u1".to_owned(),
        display_name: "Ana Lima".to_owned(),
        given_name: "Ana".to_owned(),
        family_name: "Lima".to_owned(),
        emails: vec![DirectoryEmail {
            value: "a@x.example".to_owned(),
            r#type: "work".to_owned(),
            primary: Some(true),
        }],
        active: true,
        ..DirectoryProfile::default()
    }
}

fn off(profile: DirectoryProfile) -> DirectoryProfile {
    DirectoryProfile { active: false, ..profile }
}

#[tokio::test]
async fn whom_a_directory_brings_has_an_account_without_a_password_and_is_a_member() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        let said = made.profile.clone().expect("said");
        assert_eq!((said.user_name.as_str(), said.active, said.role.as_str()), ("ana@acme.example", true, ""));
        assert_eq!(said.emails.len(), 1);
        assert_eq!(made.version, 1);
        assert_eq!(world.role(&directory, &made.user_id).as_deref(), Some("member"));
        let request = world.workspaces.state().directory.brought[0].clone();
        assert_eq!((request.email.as_str(), request.name.as_str()), ("ana@acme.example", "Ana Lima"));
        assert_eq!(world.show(&directory, &made).await.expect("she is there"), made);

        assert_eq!(reason(world.login("ana@acme.example", "any password").await), Reason::LoginFailed);
        let events = world.events().await;
        let account =
            events.iter().find(|e| e.kind == "user.created" && e.subject == made.user_id).expect("an account");
        assert!(account.payload.contains("Ana Lima") && account.actor.starts_with("key_"), "{account:?}");
        let told = world.of_directory().await;
        let facts = serde_json::json!({ "active": true, "account_made": true });
        assert_eq!(told, [("directory.user_created".to_owned(), facts)]);

        let again = world.bring(&directory, ana()).await.expect_err("she is there");
        assert_eq!((again.reason, again.get("scim_type")), (Reason::Conflict, Some("uniqueness")));
        assert_eq!(world.of_directory().await.len(), 1, "nothing else has happened");
    })
    .await;
}

#[tokio::test]
async fn who_has_an_account_is_taken_over_as_they_are_and_nobody_who_waits_in_it_stays() {
    everywhere(async |world: World| {
        let Acme { directory, owner } = world.with_directory().await;
        // Somebody has signed up with an address of the domain and has never shown that they read it.
        let squatter = world.sign_up("ana@acme.example").await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        assert_eq!(made.user_id, squatter.user.id);
        assert_eq!(reason(world.login("ana@acme.example", crate::world::PASSWORD).await), Reason::LoginFailed);
        assert_eq!(reason(world.resolve(&squatter.access).await), Reason::SessionEnded);
        assert_eq!(world.of_directory().await[0].1["account_made"], false);

        // A member before stays what they are.
        let id = made.user_id.clone();
        world.end(&directory, &made).await.expect("she goes");
        let membership = Membership { workspace_id: owner.workspace.workspace_id.clone(), ..Default::default() };
        let admin = proto::workspace::Membership {
            workspace_id: membership.workspace_id,
            name: String::new(),
            role: "admin".to_owned(),
        };
        world.workspaces.state().members.push((id.clone(), admin));
        let again = world.bring(&directory, ana()).await.expect("she comes back");
        assert_eq!((again.user_id.as_str(), again.version), (id.as_str(), 3));
        assert_eq!(world.role(&directory, &id).as_deref(), Some("admin"));
        // The account is hers: it is called as she says, and has the address that she gives it.
        let renamed = DirectoryProfile { user_name: "ana.lima@acme.example".to_owned(), ..ana() };
        let refused = world.say(&directory, &again, renamed).await.expect_err("not the directory's");
        assert_eq!(refused.get("scim_type"), Some("mutability"));
    })
    .await;
}

#[tokio::test]
async fn only_addresses_in_a_domain_of_the_workspace_are_taken() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        for user_name in ["ana@example.com", "ana@sub.acme.example", "ana@notacme.example", "ana@example"] {
            let profile = DirectoryProfile { user_name: user_name.to_owned(), ..ana() };
            let refused = world.bring(&directory, profile).await.expect_err(user_name);
            assert_eq!((refused.reason, refused.get("scim_type")), (Reason::RefusedValue, Some("invalidValue")));
        }
        // Another workspace's domain is not this one's.
        let other = world.sign_up("other@example.com").await;
        let call = world.call(&other.access).await;
        let theirs = world.key_of(&call, true, READ_WRITE).await;
        let refused = world.bring(&theirs, ana()).await.expect_err("not theirs");
        assert!(refused.message.contains("verified"), "{}", refused.message);
        let made = world.bring(&directory, ana()).await.expect("a user");
        assert_eq!(reason(world.show(&theirs, &made).await), Reason::NotFound);
        assert_eq!(reason(world.say(&theirs, &made, off(ana())).await), Reason::NotFound);
        assert_eq!(reason(world.end(&theirs, &made).await), Reason::NotFound);
        assert_eq!(world.in_directory(&theirs, ListDirectoryUsersRequest { limit: 10, ..<_>::default() }).await.1, 0);
        // Elsewhere she is not renamed either.
        let elsewhere = DirectoryProfile { user_name: "ana@example.com".to_owned(), ..ana() };
        assert_eq!(reason(world.say(&directory, &made, elsewhere).await), Reason::RefusedValue);
    })
    .await;
}

#[tokio::test]
async fn a_directory_is_a_service_account_and_nobody_else() {
    everywhere(async |world: World| {
        let Acme { owner, directory } = world.with_directory().await;
        let call = world.call(&owner.access).await;
        assert_eq!(reason(world.bring(&call, ana()).await), Reason::PermissionDenied);
        let own_key = world.key_of(&call, false, READ_WRITE).await;
        let refused = world.bring(&own_key, ana()).await.expect_err("a person's key");
        assert!(refused.message.contains("service account"), "{}", refused.message);
        let reader = world.key_of(&call, true, &[Permission::MembersRead]).await;
        assert_eq!(reason(world.bring(&reader, ana()).await), Reason::PermissionDenied);
        world.bring(&directory, ana()).await.expect("a user");
        let all = ListDirectoryUsersRequest { limit: 10, ..Default::default() };
        assert_eq!(world.in_directory(&call, all.clone()).await.1, 1, "who looks after members may look");
        assert_eq!(world.in_directory(&reader, all).await.1, 1);
    })
    .await;
}

#[tokio::test]
async fn who_is_switched_off_is_no_member_has_no_session_and_comes_back_as_what_they_were() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        let request = SendMagicLinkRequest { email: "ana@acme.example".to_owned() };
        world.identity.send_magic_link(&world.anonymous(), request).await.expect("a letter");
        let link = world.newest_token("ana@acme.example").await;
        let login = LoginWithMagicLinkRequest { token: link, ..Default::default() };
        let session = world.identity.login_with_magic_link(&world.anonymous(), login).await.expect("a session");
        let access = session.tokens.expect("tokens").access_token;
        // Somebody has made her an admin.
        world
            .workspaces
            .state()
            .members
            .iter_mut()
            .filter(|(id, _)| *id == made.user_id)
            .for_each(|(_, m)| m.role = "admin".to_owned());

        let gone = world.say(&directory, &made, off(ana())).await.expect("she is off");
        assert!(!gone.profile.as_ref().expect("said").active);
        assert_eq!(world.role(&directory, &made.user_id), None);
        assert_eq!(reason(world.resolve(&access).await), Reason::SessionEnded);
        let kinds: Vec<_> = world.of_directory().await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["directory.user_created", "directory.user_deactivated"]);

        let back = world.say(&directory, &gone, ana()).await.expect("she is back");
        assert_eq!(back.version, 3);
        assert_eq!(world.role(&directory, &made.user_id).as_deref(), Some("admin"), "what she was");
    })
    .await;
}

#[tokio::test]
async fn who_is_in_another_workspace_too_keeps_their_sessions() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let own = world.sign_up("ana@acme.example").await;
        let login = SendMagicLinkRequest { email: "ana@acme.example".to_owned() };
        let made = world.bring(&directory, ana()).await.expect("a user");
        world.identity.send_magic_link(&world.anonymous(), login).await.expect("a letter");
        let token = world.newest_token("ana@acme.example").await;
        let link = LoginWithMagicLinkRequest { token, ..Default::default() };
        let session = world.identity.login_with_magic_link(&world.anonymous(), link).await.expect("a session");
        let access = session.tokens.expect("tokens").access_token;
        world.end(&directory, &made).await.expect("she goes");
        assert_eq!(world.role(&directory, &made.user_id), None);
        assert_eq!(world.resolve(&access).await.expect("her own session").user_id, own.user.id);
        assert_eq!(reason(world.show(&directory, &made).await), Reason::NotFound);
        assert_eq!(reason(world.end(&directory, &made).await), Reason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_the_directory_made_follows_what_it_says() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        let other = DirectoryProfile { user_name: "bia@acme.example".to_owned(), ..ana() };
        world.bring(&directory, other).await.expect("another");
        let renamed = DirectoryProfile {
            user_name: "ana.lima@acme.example".to_owned(),
            display_name: "Ana Maria Lima".to_owned(),
            ..ana()
        };
        let after = world.say(&directory, &made, renamed.clone()).await.expect("she is renamed");
        assert_eq!(after.profile.clone().expect("said").user_name, "ana.lima@acme.example");
        let events = world.events().await;
        let told = events.iter().rfind(|e| e.kind == "user.updated").expect("others hear of it");
        assert!(told.payload.contains("ana.lima@acme.example") && told.payload.contains("Ana Maria Lima"));
        let taken = DirectoryProfile { user_name: "bia@acme.example".to_owned(), ..renamed.clone() };
        let refused = world.say(&directory, &after, taken).await.expect_err("it is Bia's");
        assert_eq!((refused.reason, refused.get("scim_type")), (Reason::Conflict, Some("uniqueness")));
        assert_eq!(world.show(&directory, &after).await.expect("as before"), after);
        let same = world.say(&directory, &after, renamed).await.expect("nothing new");
        assert_eq!(same.version, after.version, "what changes nothing is no change");
        let facts = world.of_directory().await.pop().expect("told").1;
        assert_eq!(facts["changed"], serde_json::json!(["userName", "displayName"]));
        assert!(!facts.to_string().contains("Lima"), "of values nothing is told");
    })
    .await;
}

#[tokio::test]
async fn of_two_who_change_the_same_version_one_is_told() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        let named = |name: &str| DirectoryProfile { display_name: name.to_owned(), ..ana() };
        let (one, two) =
            tokio::join!(world.say(&directory, &made, named("One")), world.say(&directory, &made, named("Two")),);
        let won = [&one, &two].into_iter().filter(|outcome| outcome.is_ok()).count();
        let lost = [one, two].into_iter().find_map(Result::err).expect("one was too late");
        assert_eq!((won, lost.reason), (1, Reason::PreconditionFailed));
        assert_eq!(world.show(&directory, &made).await.expect("she is there").version, 2);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_done_is_not_said_any_more() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        world.workspaces.state().directory.is_full = true;
        let refused = world.bring(&directory, ana()).await.expect_err("no seat");
        assert_eq!(refused.reason, Reason::QuotaExceeded);
        assert_eq!(world.in_directory(&directory, ListDirectoryUsersRequest { limit: 9, ..<_>::default() }).await.1, 0);
        world.workspaces.state().directory.is_full = false;
        let made = world.bring(&directory, ana()).await.expect("there is room now");
        assert_eq!(world.of_directory().await.last().expect("told").1["account_made"], false, "it was made before");

        world.workspaces.state().stays.push(made.user_id.clone());
        let last = world.say(&directory, &made, off(ana())).await.expect_err("the last owner");
        assert_eq!(last.reason, Reason::LastOwner);
        let stands = world.show(&directory, &made).await.expect("she is there");
        assert!(stands.profile.expect("said").active, "as before");
        assert_eq!(reason(world.end(&directory, &made).await), Reason::LastOwner);
        assert!(world.show(&directory, &made).await.expect("she is there").profile.expect("said").active);
        assert_eq!(world.of_directory().await.last().expect("told").1["undone"], "LAST_OWNER");
    })
    .await;
}

#[tokio::test]
async fn what_was_said_while_the_workspace_service_was_away_is_done_later() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        world.workspaces.state().away = true;
        assert_eq!(reason(world.say(&directory, &made, off(ana())).await), Reason::ServiceUnavailable);
        assert!(!world.show(&directory, &made).await.expect("said").profile.expect("said").active, "it is kept");
        world.workspaces.state().away = false;
        assert!(world.role(&directory, &made.user_id).is_some(), "and not done");
        world.service.settle_directories().await.expect("too early");
        assert!(world.role(&directory, &made.user_id).is_some(), "the request is given its time");
        world.later(TimeDelta::seconds(11));
        world.service.settle_directories().await.expect("a round");
        assert_eq!(world.role(&directory, &made.user_id), None);
        let before = world.workspaces.state().directory.retired.len();
        world.later(TimeDelta::seconds(60));
        world.service.settle_directories().await.expect("a round");
        assert_eq!(world.workspaces.state().directory.retired.len(), before, "done is done");
    })
    .await;
}

#[tokio::test]
async fn the_next_request_finishes_what_one_has_left() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        world.workspaces.state().away = true;
        world.say(&directory, &made, off(ana())).await.expect_err("away");
        world.workspaces.state().away = false;
        let now = world.show(&directory, &made).await.expect("she is there");
        world.say(&directory, &now, off(ana())).await.expect("the same again");
        assert_eq!(world.role(&directory, &made.user_id), None);
    })
    .await;
}

#[tokio::test]
async fn who_leaves_without_the_directory_is_shown_as_gone_unless_it_has_spoken_since() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        let _follower = world.follower();
        let removed = |at| feed::Event {
            id: proto::id::EventId::from_uuid(world.ids.uuid()).to_string(),
            kind: "member.removed".to_owned(),
            workspace_id: directory.workspace.expect("a workspace").to_string(),
            subject: made.user_id.clone(),
            payload: r#"{"role":"admin"}"#.to_owned(),
            at: Some(proto::time::to_proto(at)),
            ..Default::default()
        };
        let before = world.now() - TimeDelta::seconds(5);
        world.later(TimeDelta::seconds(5));
        world.workspaces.state().members.retain(|(id, _)| *id != made.user_id);
        world.workspaces.tell(removed(before));
        world.workspaces.tell(removed(world.now()));
        let mut shown = world.show(&directory, &made).await.expect("she is there");
        for _ in 0..200 {
            if !shown.profile.as_ref().expect("said").active {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            shown = world.show(&directory, &made).await.expect("she is there");
        }
        assert!(!shown.profile.as_ref().expect("said").active);
        assert_eq!(shown.version, 2, "the older one is overtaken");
        world.later(TimeDelta::seconds(5));
        world.say(&directory, &shown, ana()).await.expect("she is back");
        let role = world.role(&directory, &made.user_id);
        assert_eq!(role.as_deref(), Some("member"), "what a person has taken is not the directory's to give back");
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_name_external_id_and_id_and_counted() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let mut ids = vec![];
        for n in 0..5 {
            world.later(TimeDelta::seconds(1));
            let (user_name, external_id) = (format!("u{n}@acme.example"), format!("ext-{n}"));
            let made = world.bring(&directory, DirectoryProfile { user_name, external_id, ..ana() }).await;
            ids.push(made.expect("a user").user_id);
        }
        let all = ListDirectoryUsersRequest { limit: 2, ..Default::default() };
        let listed = async |request| world.in_directory(&directory, request).await;
        let name = |n: usize| format!("u{n}@acme.example");
        assert_eq!(listed(all.clone()).await, (vec![name(0), name(1)], 5));
        let last = ListDirectoryUsersRequest { offset: 4, ..all.clone() };
        assert_eq!(listed(last).await, (vec![name(4)], 5));
        assert_eq!(listed(ListDirectoryUsersRequest { limit: 0, ..all.clone() }).await, (vec![], 5));
        let named = ListDirectoryUsersRequest { user_name: Some("U3@ACME.example".to_owned()), ..all.clone() };
        assert_eq!(listed(named).await, (vec![name(3)], 1));
        let external = ListDirectoryUsersRequest { external_id: Some("ext-2".to_owned()), ..all.clone() };
        assert_eq!(listed(external).await, (vec![name(2)], 1));
        let other_case = ListDirectoryUsersRequest { external_id: Some("EXT-2".to_owned()), ..all.clone() };
        assert_eq!(listed(other_case).await.1, 0);
        let user_ids = vec![ids[1].clone(), ids[4].clone(), "usr_nobody".to_owned()];
        let among = ListDirectoryUsersRequest { user_ids, ..all.clone() };
        assert_eq!(listed(among).await, (vec![name(1), name(4)], 2));
        let nobody = ListDirectoryUsersRequest { user_ids: vec!["nobody".to_owned()], ..all.clone() };
        assert_eq!(listed(nobody).await.1, 0);
        for wrong in [
            ListDirectoryUsersRequest { limit: 501, ..all.clone() },
            ListDirectoryUsersRequest { offset: -1, ..all.clone() },
            ListDirectoryUsersRequest { user_ids: vec![String::new(); 5_001], ..all },
        ] {
            let refused = world.identity.list_directory_users(&directory, wrong).await.map_err(failure);
            assert_eq!(reason(refused), Reason::InvalidArgument);
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_directory_says_is_in_the_file_of_the_person_and_goes_with_them() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let own = world.sign_up("ana@acme.example").await;
        let call = world.call(&own.access).await;
        let request = DirectoryProfile { active: true, ..ana() };
        // She shows that the address is hers, so that her session and password stay.
        let letter = world.newest_token("ana@acme.example").await;
        let verify = VerifyEmailRequest { token: letter, ..Default::default() };
        world.identity.verify_email(&world.anonymous(), verify).await.expect("her address");
        let made = world.bring(&directory, request).await.expect("a user");
        assert_eq!(made.user_id, own.user.id);
        let file = world.identity.export_me(&call, ExportMeRequest {}).await.expect("a file").records;
        let said = file.iter().find(|record| record.kind == "directory_user").expect("it is in the file");
        assert!(said.data_json.contains("00u1") && said.data_json.contains("Ana Lima"), "{}", said.data_json);
        let erase = EraseMeRequest { email: own.user.email.clone(), password: crate::world::PASSWORD.to_owned() };
        world.identity.erase_me(&call, erase).await.expect("she is erased");
        assert_eq!(reason(world.show(&directory, &made).await), Reason::NotFound);
        assert_eq!(world.in_directory(&directory, ListDirectoryUsersRequest { limit: 9, ..<_>::default() }).await.1, 0);
    })
    .await;
}
