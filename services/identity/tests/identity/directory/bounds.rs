//! What a directory may not make of accounts, roles and memberships, and what is left of what it has said where it cannot be.

use super::{Acme, ana, off};
use crate::world::{World, everywhere, reason};
use chrono::TimeDelta;
use proto::{Permission, Reason, identity::*};

#[tokio::test]
async fn an_account_is_renamed_only_while_the_domain_of_its_address_is_the_workspaces() {
    everywhere(async |world: World| {
        let Acme { owner, directory } = world.with_directory().await;
        let call = world.call(&owner.access).await;
        world.own_domain(&call, "other.example").await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        let request = RemoveDomainRequest { domain: "acme.example".to_owned() };
        world.identity.remove_domain(&call, request).await.expect("it is given up");
        let elsewhere = DirectoryProfile { user_name: "ana@other.example".to_owned(), ..ana() };
        let named = DirectoryProfile { display_name: "Somebody".to_owned(), ..ana() };
        for profile in [elsewhere, named] {
            let refused = world.say(&directory, &made, profile).await.expect_err("the account is not its any more");
            assert_eq!(refused.reason, Reason::RefusedValue);
            assert!(refused.message.contains("acme.example"), "{}", refused.message);
        }
        let external = DirectoryProfile { external_id: "00u2".to_owned(), ..ana() };
        let after = world.say(&directory, &made, external).await.expect("that is its own");
        world.say(&directory, &after, off(after.profile.clone().expect("said"))).await.expect("she goes all the same");
        assert_eq!(world.role(&directory, &made.user_id), None);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_another_accounts_address_is_refused_before_anything_is_done() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        world.sign_up("bia@acme.example").await;
        let taken = DirectoryProfile { user_name: "bia@acme.example".to_owned(), ..off(ana()) };
        let refused = world.say(&directory, &made, taken).await.expect_err("it is Bia's");
        assert_eq!((refused.reason, refused.get("scim_type")), (Reason::Conflict, Some("uniqueness")));
        assert_eq!(world.show(&directory, &made).await.expect("as before"), made);
        assert!(world.workspaces.state().directory.retired.is_empty(), "she stays");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_become_of_an_account_undoes_the_membership_too() {
    everywhere(async |world: World| {
        let Acme { directory, .. } = world.with_directory().await;
        let made = world.bring(&directory, ana()).await.expect("a user");
        world.workspaces.state().away = true;
        let renamed = DirectoryProfile { user_name: "bia@acme.example".to_owned(), ..off(ana()) };
        assert_eq!(reason(world.say(&directory, &made, renamed).await), Reason::ServiceUnavailable);
        // Somebody takes the address before the name is the account's.
        world.workspaces.state().away = false;
        world.sign_up("bia@acme.example").await;
        for _ in 0..2 {
            world.later(TimeDelta::seconds(30));
            world.service.settle_directories().await.expect("a round");
        }
        let shown = world.show(&directory, &made).await.expect("she is there").profile.expect("said");
        assert_eq!((shown.user_name.as_str(), shown.active), ("ana@acme.example", true));
        assert_eq!(world.role(&directory, &made.user_id).as_deref(), Some("member"), "she is back");
        let calls = world.workspaces.state().directory.brought.len();
        world.later(TimeDelta::seconds(60));
        world.service.settle_directories().await.expect("a round");
        assert_eq!(world.workspaces.state().directory.brought.len(), calls, "it does not go on for ever");
    })
    .await;
}

#[tokio::test]
async fn no_role_is_kept_for_who_is_off_and_of_two_who_ask_the_lesser_counts() {
    everywhere(async |world: World| {
        let Acme { owner, directory } = world.with_directory().await;
        let call = world.call(&owner.access).await;
        let scopes = [Permission::MembersRead, Permission::MembersWrite, Permission::LogsRead];
        let other = world.key_of(&call, true, &scopes).await;
        let as_admin = DirectoryProfile { role: "admin".to_owned(), ..ana() };
        let made = world.bring(&directory, off(as_admin.clone())).await.expect("a user");
        assert_eq!(made.profile.clone().expect("said").role, "");
        let still = world.say(&directory, &made, off(as_admin.clone())).await.expect("nothing new");
        assert_eq!((still.profile.clone().expect("said").role.as_str(), still.version), ("", made.version));
        world.workspaces.state().away = true;
        assert_eq!(reason(world.say(&directory, &still, as_admin.clone()).await), Reason::ServiceUnavailable);
        // The role waits. Another key, which may do more, is not whoever gives it.
        world.workspaces.state().away = false;
        let now = world.show(&other, &made).await.expect("said");
        let named = DirectoryProfile { display_name: "Ana".to_owned(), ..as_admin };
        world.say(&other, &now, named).await.expect("she is called otherwise");
        let asked = world.workspaces.state().directory.brought.last().expect("asked for").scopes.clone();
        assert_eq!(asked, ["members.read", "members.write"]);
    })
    .await;
}
