//! Failed logins make the next one wait, and nobody makes the owner of an account wait who is somewhere else.

use crate::world::*;
use chrono::TimeDelta;
use proto::{
    Call, Failure, Reason,
    identity::{ChangePasswordRequest, LoginResponse, SendMagicLinkRequest},
};

const WRONG: &str = "not the password";

impl World {
    fn from(&self, address: [u8; 4], device: &str) -> Call {
        Call { client: Some(address.into()), user_agent: Some(device.into()), ..self.anonymous() }
    }

    async fn login_from(&self, call: &Call, email: &str, password: &str) -> Result<LoginResponse, Failure> {
        self.identity.login(call, login_of(email, password)).await.map_err(failure)
    }

    /// Fails until it has to wait.
    async fn hammer(&self, call: &Call, email: &str) -> Failure {
        for _ in 0..100 {
            let refused = self.login_from(call, email, WRONG).await.expect_err("a wrong password");
            if refused.reason != Reason::LoginFailed {
                return refused;
            }
        }
        panic!("nobody has to wait");
    }
}

#[tokio::test]
async fn after_failures_even_the_right_password_waits_and_an_unknown_address_looks_the_same() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        let thief = world.from([203, 0, 113, 7], "curl/8");
        let refused = world.hammer(&thief, EMAIL).await;
        assert_eq!(
            (refused.reason, refused.get("layer"), refused.get("used")),
            (Reason::RateLimited, Some("account"), Some("5"))
        );
        assert_eq!(refused.retry_after.map(|wait| wait.as_secs()), Some(1));
        assert_eq!(world.hammer(&thief, "nobody@example.com").await, refused);
        assert_eq!(world.login_from(&thief, " ANA@Example.com", PASSWORD).await.expect_err("too early"), refused);
        world.later(TimeDelta::seconds(1));
        world.login_from(&thief, EMAIL, PASSWORD).await.expect("the right password, in time");
        world.login_from(&thief, EMAIL, WRONG).await.expect_err("and what was before is forgotten");
        world.login_from(&thief, EMAIL, PASSWORD).await.expect("the right password");
    })
    .await;
}

#[tokio::test]
async fn strangers_do_not_keep_the_owner_out() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        let laptop = world.from([198, 51, 100, 1], "Firefox/150");
        world.login_from(&laptop, EMAIL, PASSWORD).await.expect("at home");
        for n in 0..20 {
            world.hammer(&world.from([203, 0, 113, n], "curl/8"), EMAIL).await;
        }
        // Behind the same address as the owner, too.
        let neighbour = world.from([198, 51, 100, 1], "curl/8");
        world.hammer(&neighbour, EMAIL).await;
        assert_eq!(reason(world.login_from(&neighbour, EMAIL, PASSWORD).await), Reason::RateLimited);
        world.login_from(&laptop, EMAIL, PASSWORD).await.expect("where the owner has logged in before");
        let hotel = world.from([192, 0, 2, 9], "Firefox/150");
        world.login_from(&hotel, EMAIL, PASSWORD).await.expect("the first try from a new network is judged");
    })
    .await;
}

#[tokio::test]
async fn many_accounts_from_one_network_wait_but_for_those_who_are_known_there() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        let office = world.from([198, 51, 100, 1], "Firefox/150");
        world.login_from(&office, EMAIL, PASSWORD).await.expect("at the office");
        let thief = world.from([198, 51, 100, 1], "curl/8");
        let mut last = None;
        for n in 0..70 {
            last = world.login_from(&thief, &format!("person{n}@example.com"), WRONG).await.err();
        }
        let refused = last.expect("a refusal");
        assert_eq!((refused.reason, refused.get("layer")), (Reason::RateLimited, Some("address")));
        world.login_from(&office, EMAIL, PASSWORD).await.expect("a colleague is not held up");
        // A link by mail is a way in for everybody else.
        let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
        world.identity.send_magic_link(&thief, ask).await.expect("a link may be asked for");
    })
    .await;
}

#[tokio::test]
async fn a_stolen_session_does_not_let_its_thief_guess_the_password() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        let change = async |current: &str| {
            let password = "another horse entirely".to_owned();
            let request = ChangePasswordRequest { current_password: current.to_owned(), password };
            world.identity.change_password(&call, request).await.map(drop).map_err(failure)
        };
        for _ in 0..5 {
            assert_eq!(reason(change(WRONG).await), Reason::LoginFailed);
        }
        assert_eq!(reason(change(PASSWORD).await), Reason::RateLimited);
        world.later(TimeDelta::seconds(1));
        change(PASSWORD).await.expect("it is time");
    })
    .await;
}
