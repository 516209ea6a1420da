use crate::world::*;
use identity::Config;
use proto::{Call, Reason, identity::*};
use store::{GlobalTx, Sql};

const DISABLE: Sql = Sql {
    name: "test/disable",
    postgres: "update users set disabled_at = created_at",
    sqlite: "update users set disabled_at = created_at",
};
const HASH: Sql =
    Sql { name: "test/hash", postgres: "select password_hash from users", sqlite: "select password_hash from users" };

#[tokio::test]
async fn the_right_password_opens_a_session_and_any_case_of_the_address_will_do() {
    everywhere(async |world| {
        let signed_up = world.sign_up(EMAIL).await;
        let ana = world.login(" ANA@example.com", PASSWORD).await.unwrap();
        assert_eq!((ana.user, ana.workspace), (signed_up.user, signed_up.workspace));
        let (one, other) = (world.resolve(&signed_up.access).await.unwrap(), world.resolve(&ana.access).await.unwrap());
        assert_ne!(one.session_id, other.session_id, "each device has a session of its own");
    })
    .await;
}

#[tokio::test]
async fn nobody_learns_whether_an_address_is_known() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        let wrong = world.login(EMAIL, "correct horse batterY").await.expect_err("a wrong password");
        assert_eq!(wrong.reason, Reason::LoginFailed);
        for email in ["bob@example.com", "no address", "ana\0@example.com", &"x".repeat(10_000)] {
            assert_eq!(world.login(email, PASSWORD).await.expect_err(email), wrong);
        }
        assert_eq!(world.login(EMAIL, &PASSWORD.repeat(100)).await.expect_err("too long"), wrong);

        let mut tx = GlobalTx::begin(&world.fresh).await.unwrap();
        tx.execute(DISABLE, &[]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.login(EMAIL, PASSWORD).await.expect_err("a disabled account"), wrong);
    })
    .await;
}

#[tokio::test]
async fn a_disabled_account_loses_its_sessions() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let mut tx = GlobalTx::begin(&world.fresh).await.unwrap();
        tx.execute(DISABLE, &[]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(reason(world.resolve(&ana.access).await), Reason::SessionEnded);
        assert_eq!(reason(world.refresh(&ana.refresh).await), Reason::SessionEnded);
    })
    .await;
}

#[tokio::test]
async fn a_login_without_address_or_password_is_told_which_is_missing() {
    everywhere(async |world| {
        let refused = world.login("", "").await.expect_err("nothing");
        assert_eq!(refused.reason, Reason::InvalidArgument);
        assert_eq!(refused.fields.iter().map(|(f, _)| f.as_str()).collect::<Vec<_>>(), ["email", "password"]);
    })
    .await;
}

#[tokio::test]
async fn a_login_storm_is_turned_away_with_a_time_to_come_back() {
    let mut config = Config::default();
    config.password.concurrent = 1;
    config.password.waiting = 3;
    config.password.wait_ms = 60_000;
    // Tries that are not judged yet count as failures: so many at once of one account would be too many of these too.
    config.login.free_failures = 100;
    everywhere_with(config, async |world| {
        world.sign_up(EMAIL).await;
        let all = futures::future::join_all((0..40).map(|_| world.login(EMAIL, PASSWORD))).await;
        let (done, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
        // One that hashes and three that wait; more as these finish, and never all.
        assert!((4..40).contains(&done.len()), "{} were let in", done.len());
        for failure in refused.into_iter().map(|r| r.expect_err("refused")) {
            assert_eq!(failure.reason, Reason::Overloaded);
            assert!(failure.retry_after.is_some());
        }
        world.login(EMAIL, PASSWORD).await.expect("after the storm");
    })
    .await;
}

#[tokio::test]
async fn a_password_kept_at_yesterdays_cost_is_renewed_at_login() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        let mut config = Config::default();
        config.password.iterations = 3;
        let stronger = world.replica(config);
        let request = login_of(EMAIL, PASSWORD);
        stronger.login(&world.anonymous(), request).await.unwrap();
        let mut tx = GlobalTx::read(&world.fresh).await.unwrap();
        let (hash,): (String,) = tx.fetch_one(HASH, &[]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{hash}");
        tx.commit().await.unwrap();
        world.login(EMAIL, PASSWORD).await.expect("the renewed hash is of the same password");
    })
    .await;
}

#[tokio::test]
async fn logging_out_ends_this_session_or_all() {
    everywhere(async |world| {
        let phone = world.sign_up(EMAIL).await;
        let laptop = world.login(EMAIL, PASSWORD).await.unwrap();
        let tablet = world.login(EMAIL, PASSWORD).await.unwrap();

        logout(&world, &world.call(&phone.access).await, "", false).await.unwrap();
        assert_eq!(reason(world.resolve(&phone.access).await), Reason::SessionEnded);
        assert_eq!(reason(world.refresh(&phone.refresh).await), Reason::SessionEnded);
        world.resolve(&laptop.access).await.expect("another device");

        logout(&world, &world.anonymous(), &laptop.refresh, false).await.unwrap();
        assert_eq!(reason(world.resolve(&laptop.access).await), Reason::SessionEnded);
        world.resolve(&tablet.access).await.expect("another device");

        let phone = world.login(EMAIL, PASSWORD).await.unwrap();
        let bob = world.sign_up("bob@example.com").await;
        logout(&world, &world.call(&tablet.access).await, "", true).await.unwrap();
        for person in [&phone, &tablet] {
            assert_eq!(reason(world.resolve(&person.access).await), Reason::SessionEnded);
        }
        world.resolve(&bob.access).await.expect("another person");

        let ended: Vec<_> = world.events().await.into_iter().filter(|e| e.kind == "session.ended").collect();
        assert_eq!(ended.len(), 4);
        assert!(ended.iter().all(|e| e.subject.starts_with("ses_") && e.actor == phone.user.id), "{ended:?}");
    })
    .await;
}

#[tokio::test]
async fn logging_out_twice_or_with_a_token_that_nobody_knows_is_fine_and_without_any_is_not() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        logout(&world, &world.anonymous(), &ana.refresh, false).await.unwrap();
        logout(&world, &world.anonymous(), &ana.refresh, true).await.unwrap();
        logout(&world, &world.anonymous(), "rt_nonsense", false).await.unwrap();
        assert_eq!(reason(logout(&world, &world.anonymous(), "", true).await), Reason::CredentialsMissing);
        assert_eq!(world.kinds().await.iter().filter(|k| *k == "session.ended").count(), 1);
    })
    .await;
}

async fn logout(world: &World, call: &Call, token: &str, all: bool) -> Result<LogoutResponse, proto::Failure> {
    world.identity.logout(call, LogoutRequest { refresh_token: token.to_owned(), all }).await.map_err(failure)
}
