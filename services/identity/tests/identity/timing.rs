//! Does the time of an answer tell whether an address has an account? Interleaved, so that what else the machine does
//! falls on both alike.

use crate::world::*;
use identity::Config;
use proto::{
    Call, Reason,
    identity::{ForgotPasswordRequest, SendMagicLinkRequest, SignUpRequest},
};
use std::time::{Duration, Instant};

/// Tries of the ordinary run. `PERPETUO_TIMING_TRIES=2000` on a quiet machine measures what is promised.
const FEW: usize = 20;
const MANY: usize = 1_000;

/// Medians of both, in turn, of so many tries each.
async fn medians(tries: usize, known: impl AsyncFn(usize), unknown: impl AsyncFn(usize)) -> [Duration; 2] {
    let mut times = [vec![], vec![]];
    for n in 0..tries {
        // Which is first changes, too.
        for which in if n % 2 == 0 { [0, 1] } else { [1, 0] } {
            let start = Instant::now();
            if which == 0 {
                known(n).await;
            } else {
                unknown(n).await;
            }
            times[which].push(start.elapsed());
        }
    }
    times.map(|mut all| {
        all.sort();
        all[all.len() / 2]
    })
}

/// Within 2 % or 1 ms, as it is promised, for many tries; few of them say only that nothing is left out on one side.
fn alike(what: &str, tries: usize, [known, unknown]: [Duration; 2]) {
    let apart = known.abs_diff(unknown);
    eprintln!("{what}: {known:?} with an account, {unknown:?} without, {apart:?} apart in {tries} tries");
    let (share, least) = if tries < MANY { (2, Duration::from_millis(5)) } else { (50, Duration::from_millis(1)) };
    assert!(apart <= least || apart <= known.max(unknown) / share, "{what}: {known:?}, {unknown:?}");
}

async fn measure(tries: usize) {
    let config = Config { verify_email: Some(false), ..Config::default() };
    everywhere_with(config, async |world| {
        world.sign_up(EMAIL).await;
        let forgot = async |email: String| {
            world.identity.forgot_password(&world.anonymous(), ForgotPasswordRequest { email }).await.expect("alike");
        };
        let magic = async |email: String| {
            world.identity.send_magic_link(&world.anonymous(), SendMagicLinkRequest { email }).await.expect("alike");
        };
        // Of the same length. Of many letters in a minute one is kept, for both alike.
        let (known, unknown) = (EMAIL.to_owned(), "eva@example.com".to_owned());
        let forgotten = medians(tries, async |_| forgot(known.clone()).await, async |_| forgot(unknown.clone()).await);
        alike("a forgotten password", tries, forgotten.await);
        let magic = medians(tries, async |_| magic(known.clone()).await, async |_| magic(unknown.clone()).await);
        alike("a magic link", tries, magic.await);
        // From another network each time: one that fails has to wait.
        let login = async |n: usize, email: &str| {
            let client = u32::try_from(n).expect("few").to_be_bytes();
            let call = Call { client: Some(client.into()), ..world.anonymous() };
            let refused = world.identity.login(&call, login_of(email, "not the password")).await.map_err(failure);
            assert_eq!(reason(refused), Reason::LoginFailed);
        };
        alike(
            "a login",
            tries,
            medians(tries, async |n| login(n, EMAIL).await, async |n| login(n, "eva@example.com").await).await,
        );
    })
    .await;
}

/// Where addresses are confirmed first: elsewhere a taken address is a 409 for everybody to see.
async fn measure_sign_ups(tries: usize) {
    let config = Config { verify_email: Some(true), ..Config::default() };
    everywhere_with(config, async |world| {
        let sign_up = async |email: &str| {
            let request = SignUpRequest { accept_language: "en".to_owned(), ..sign_up_of(email) };
            let answer = world.identity.sign_up(&world.anonymous(), request).await.expect("alike");
            assert!(answer.verification_sent && answer.user.is_none());
        };
        sign_up(EMAIL).await;
        let letter = world.post.round(&world.service).await.remove(0);
        let request = proto::identity::VerifyEmailRequest { token: letter.token, ..Default::default() };
        world.identity.verify_email(&world.anonymous(), request).await.expect("an account");
        let times = medians(tries, async |_| sign_up(EMAIL).await, async |_| sign_up("eva@example.com").await).await;
        alike("a sign-up", tries, times);
    })
    .await;
}

#[tokio::test]
async fn the_time_of_an_answer_does_not_tell_whether_an_address_has_an_account() {
    let tries = host::config::environment().get("PERPETUO_TIMING_TRIES").map(str::to_owned);
    let tries = tries.map_or(FEW, |tries| tries.parse().expect("a number"));
    measure(tries).await;
    measure_sign_ups(tries).await;
}
