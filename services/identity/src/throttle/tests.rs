//! What is counted, in memory and in Redis (where `PERPETUO_TEST_REDIS_URL` names one): both must say the same.

use super::*;
use chrono::TimeDelta;
use host::ClockHand;
use std::net::Ipv4Addr;
use uuid::Uuid;

struct House {
    throttle: Throttle,
    hand: ClockHand,
    clock: Clock,
    redis: Option<Secret>,
    /// Accounts of no other test.
    ana: String,
    bob: String,
}

/// In memory, and in Redis where there is one.
fn houses() -> Vec<House> {
    let redis = host::config::environment().get("PERPETUO_TEST_REDIS_URL").map(Secret::from);
    let all = [None, redis];
    let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let build = |(n, redis): (usize, Option<Secret>)| {
        if n == 1 && redis.is_none() {
            return None;
        }
        let (clock, hand) = Clock::manual(start);
        let throttle = Throttle::new(&config::Login::default(), redis.as_ref(), clock.clone()).expect("a throttle");
        let of = |name: &str| format!("{name}-{}", Uuid::from_u128(rand::random()));
        Some(House { throttle, hand, clock, redis, ana: of("ana"), bob: of("bob") })
    };
    all.into_iter().enumerate().filter_map(build).collect()
}

/// An address of no other test: Redis is shared.
fn somewhere() -> Option<IpAddr> {
    Some(Ipv4Addr::from_bits(rand::random()).into())
}

fn attempt(account: &str, client: Option<IpAddr>) -> Attempt<'_> {
    Attempt { account, client, is_known: false }
}

impl House {
    /// Fails once, or says for how many seconds and because of what it has to wait.
    async fn fail(&self, attempt: Attempt<'_>) -> Result<(), (u64, &'static str)> {
        match self.throttle.admit(&attempt).await {
            Ok(admitted) => {
                admitted.failed().await;
                Ok(())
            }
            Err(Error::Throttled { wait, layer, .. }) => Err((wait.as_secs(), layer)),
            Err(error) => panic!("{error}"),
        }
    }

    /// Fails as often as nobody has to wait.
    async fn exhaust(&self, account: &str, client: Option<IpAddr>) -> u32 {
        let mut failures = 0;
        while self.fail(attempt(account, client)).await.is_ok() {
            failures += 1;
        }
        failures
    }
}

#[tokio::test]
async fn after_five_failures_each_makes_the_next_wait_longer_up_to_a_quarter_of_an_hour() {
    for house in houses() {
        let here = somewhere();
        assert_eq!(house.exhaust(&house.ana, here).await, 5);
        let mut waits = vec![];
        for _ in 0..13 {
            let (wait, layer) = house.fail(attempt(&house.ana, here)).await.expect_err("it is too early");
            assert_eq!(layer, "account");
            house.hand.advance(TimeDelta::seconds(i64::try_from(wait).expect("short")));
            house.fail(attempt(&house.ana, here)).await.expect("it is time");
            waits.push(wait);
        }
        assert_eq!(waits[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
        // What is a quarter of an hour old is forgotten meanwhile, one failure for each.
        assert_eq!(waits[10], 512);
        assert!(waits[11..].iter().all(|wait| *wait == 900), "{waits:?}");
    }
}

#[tokio::test]
async fn who_hammers_from_elsewhere_keeps_nobody_out() {
    for house in houses() {
        for _ in 0..40 {
            assert!(house.exhaust(&house.ana, somewhere()).await >= 1, "each network has a first try");
        }
        // The account is besieged. From where its owner was, and from anywhere new, the next try is judged.
        let known = Attempt { account: &house.ana, client: somewhere(), is_known: true };
        for _ in 0..10 {
            house.throttle.admit(&known).await.expect("a device that is known").unjudged().await;
        }
        house.throttle.admit(&attempt(&house.ana, somewhere())).await.expect("a network that is new").succeeded().await;
        // Who guesses on has one guess each minute and less, from each network.
        let new = somewhere();
        house.fail(attempt(&house.ana, new)).await.expect("the first");
        assert_eq!(house.fail(attempt(&house.ana, new)).await, Err((60, "account")));
    }
}

#[tokio::test]
async fn one_network_that_tries_many_accounts_waits_and_known_devices_in_it_do_not() {
    for house in houses() {
        let here = somewhere();
        for n in 0..60 {
            house.fail(attempt(&format!("{}-{n}", house.ana), here)).await.expect("one account each");
        }
        assert_eq!(house.fail(attempt(&house.bob, here)).await, Err((1, "address")));
        house.fail(attempt(&house.bob, somewhere())).await.expect("from elsewhere");
        let known = Attempt { account: &house.bob, client: here, is_known: true };
        house.throttle.admit(&known).await.expect("a device that is known").succeeded().await;
        house.hand.advance(TimeDelta::hours(2));
        house.fail(attempt(&house.bob, here)).await.expect("it is forgotten");
    }
}

#[tokio::test]
async fn a_success_forgets_what_was_wrong_and_a_try_that_nobody_judged_counts_for_nothing() {
    for house in houses() {
        let here = somewhere();
        for _ in 0..3 {
            assert_eq!(house.exhaust(&house.ana, here).await, 5);
            house.hand.advance(TimeDelta::seconds(1));
            house.throttle.admit(&attempt(&house.ana, here)).await.expect("it is time").succeeded().await;
        }
        for _ in 0..20 {
            house.throttle.admit(&attempt(&house.bob, here)).await.expect("not judged").unjudged().await;
        }
        assert_eq!(house.exhaust(&house.bob, here).await, 5);
    }
}

#[tokio::test]
async fn many_at_once_are_no_more_than_one_after_the_other() {
    for house in houses() {
        let here = somewhere();
        let tries = (0..200).map(|_| async {
            let this = attempt(&house.ana, here);
            house.throttle.admit(&this).await.map(drop)
        });
        let admitted = futures::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(admitted, 5);
    }
}

#[tokio::test]
async fn several_processes_count_together_where_there_is_redis() {
    for house in houses().into_iter().filter(|house| house.redis.is_some()) {
        let config = config::Login::default();
        let other = Throttle::new(&config, house.redis.as_ref(), house.clock.clone()).expect("a throttle");
        let here = somewhere();
        assert_eq!(house.exhaust(&house.ana, here).await, 5);
        let refused = other.admit(&attempt(&house.ana, here)).await.map(drop);
        assert!(matches!(refused, Err(Error::Throttled { used: 5, .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn without_redis_each_process_counts_for_itself_and_nobody_waits_for_it_twice() {
    let (clock, _hand) = Clock::manual(chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time"));
    let nowhere = Secret::from("redis://127.0.0.1:1");
    let throttle = Throttle::new(&config::Login::default(), Some(&nowhere), clock.clone()).expect("a throttle");
    let start = std::time::Instant::now();
    for _ in 0..5 {
        throttle.admit(&attempt("ana", None)).await.expect("free").failed().await;
    }
    let refused = throttle.admit(&attempt("ana", None)).await.map(drop);
    assert!(matches!(refused, Err(Error::Throttled { .. })), "{refused:?}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn codes_of_a_second_factor_are_counted_wherever_they_come_from() {
    for house in houses() {
        let user = UserId::from_uuid(Uuid::from_u128(rand::random()));
        for _ in 0..5 {
            house.throttle.admit_code(user).await.expect("free").failed().await;
        }
        let refused = house.throttle.admit_code(user).await.map(drop);
        assert!(matches!(refused, Err(Error::Throttled { layer: "second_factor", .. })), "{refused:?}");
        house.hand.advance(TimeDelta::seconds(30));
        house.throttle.admit_code(user).await.expect("it is time").succeeded().await;
    }
}

#[test]
fn nobody_reads_an_address_out_of_a_count() {
    let name = key("pair", &["ana@example.com", "203.0.113.7", ""]);
    assert!(!name.contains("ana") && !name.contains("203") && name.starts_with("perpetuo:{login}:pair:"), "{name}");
}
