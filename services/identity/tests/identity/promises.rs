//! What is promised about accounts and passwords without anybody asking for it.

use crate::world::*;
use chrono::TimeDelta;
use proto::{Reason, identity::ChangePasswordRequest};
use store::{GlobalTx, Sql};

const ACCOUNTS: Sql =
    Sql { name: "test/accounts", postgres: "select count(*) from users", sqlite: "select count(*) from users" };

#[tokio::test]
async fn no_account_is_there_from_the_beginning() {
    everywhere(async |world| {
        let mut tx = GlobalTx::begin(&world.fresh).await.unwrap();
        let (accounts,): (i64,) = tx.fetch_one(ACCOUNTS, &[]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(accounts, 0);
        for name in ["admin", "root", "sa", "administrator", "perpetuo", "admin@localhost", "admin@example.com"] {
            assert_eq!(reason(world.login(name, "admin").await), Reason::LoginFailed, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_password_never_gets_too_old() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        for _ in 0..10 {
            world.later(TimeDelta::days(365));
            world.login(EMAIL, PASSWORD).await.expect("the password of years ago");
        }
    })
    .await;
}

#[tokio::test]
async fn every_character_of_a_password_counts_and_none_is_changed() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        let mut current = PASSWORD.to_owned();
        let long = format!("{} end", "violet anvil harbor ".repeat(12));
        for password in [" Blanks around it ", "Ação\tcom Ünïcode 🥖 e muito mais", &long] {
            let request = ChangePasswordRequest { current_password: current, password: password.to_owned() };
            world.identity.change_password(&call, request).await.expect(password);
            let last = password.char_indices().last().expect("characters").0;
            for other in [password.trim(), &password[..last], &password.to_lowercase(), &password.replace('\t', " ")] {
                if other != password {
                    assert_eq!(reason(world.login(EMAIL, other).await), Reason::LoginFailed, "{other:?}");
                }
            }
            world.later(TimeDelta::hours(2));
            world.login(EMAIL, password).await.expect(password);
            current = password.to_owned();
        }
        assert!(long.chars().count() > 200);
    })
    .await;
}
