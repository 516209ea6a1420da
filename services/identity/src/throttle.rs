//! How often may somebody try to log in? Each failure makes the next try wait, longer each time.
//!
//! Failures are counted by account and network together. Nobody else can make the owner of an account wait, who comes
//! from another network: neither by hammering on the account, which only shortens what *new* networks may try without
//! waiting (their first try is always judged), nor by hammering on others from the same network, which holds nobody up
//! who has logged in from there before. What still waits is waited for a quarter of an hour at most, and a link by mail
//! logs in meanwhile. Addresses that have no account are counted like all others.

mod count;
mod device;
mod memory;
mod place;
mod redis;

use crate::{Error, config};
use aws_lc_rs::digest;
use count::{Count, Refusal, Rule};
use host::{Clock, config::Secret, metrics};
use place::Counts;
use proto::{Call, id::UserId};
use std::{net::IpAddr, time::Duration};

const MINUTE: i64 = 60_000;

/// Counts failures, together with the other processes where there is Redis.
pub(crate) struct Throttle {
    counts: Counts,
    clock: Clock,
    rules: Rules,
}

/// What is allowed.
struct Rules {
    /// One account from one network.
    pair: Rule,
    /// One account from a network and a device from which its owner has logged in.
    known: Rule,
    /// One account from one new network, while many try.
    besieged: Rule,
    /// One account from everywhere: at its bound, [`Rules::besieged`] is in force.
    account: Rule,
    /// One network on all accounts.
    network: Rule,
    /// Codes of one account's second factor, for who knows the password already.
    code: Rule,
    /// Sign-ins at a provider that one network begins: an office of many begins many at nine o'clock.
    sign_in: Rule,
    /// Those that fail.
    callback: Rule,
}

/// Who tries, and on what.
pub(crate) struct Attempt<'a> {
    /// What is tried to be entered: an address in its normal form, or a person for who is logged in.
    pub(crate) account: &'a str,
    /// From where.
    pub(crate) client: Option<IpAddr>,
    /// Whether the owner has logged in from there.
    pub(crate) is_known: bool,
}

/// A try that may be judged. It counts as a failure unless it is said to be something else.
#[must_use]
pub(crate) struct Try<'a> {
    throttle: &'a Throttle,
    pair: String,
    /// What a failure counts for besides.
    others: Vec<(String, Rule)>,
}

impl Rules {
    fn of(config: &config::Login) -> Self {
        let config::Login { free_failures: free, address_failures, account_failures, longest_seconds } = *config;
        let longest = i64::from(longest_seconds) * 1000;
        Self {
            pair: Rule { free, base: 1000, longest, leak: 15 * MINUTE },
            known: Rule { free: 4 * free, base: 1000, longest, leak: 15 * MINUTE },
            besieged: Rule { free: 1, base: MINUTE, longest, leak: 15 * MINUTE },
            account: Rule { free: account_failures, base: 0, longest: 0, leak: 30 * MINUTE },
            network: Rule { free: address_failures, base: 1000, longest: longest.min(MINUTE), leak: MINUTE / 2 },
            code: Rule { free: 5, base: MINUTE / 2, longest: longest.max(MINUTE / 2), leak: 15 * MINUTE },
            sign_in: Rule {
                free: address_failures.saturating_mul(10),
                base: 1000,
                longest: longest.min(MINUTE),
                leak: MINUTE / 120,
            },
            callback: Rule { free: address_failures, base: 1000, longest: longest.min(MINUTE), leak: MINUTE / 12 },
        }
    }
}

impl Throttle {
    /// Errors: [`Error::Config`] for an address of Redis that is none.
    pub(crate) fn new(config: &config::Login, redis: Option<&Secret>, clock: Clock) -> Result<Self, Error> {
        Ok(Self { counts: Counts::new(redis)?, clock, rules: Rules::of(config) })
    }

    /// Goes on if it is time for another try of a password. Errors: [`Error::Throttled`].
    pub(crate) async fn admit(&self, attempt: &Attempt<'_>) -> Result<Try<'_>, Error> {
        let now = self.now();
        let Attempt { account, client, is_known } = *attempt;
        let network = client.map_or_else(|| "-".to_owned(), |client| host::customer::network(client).to_string());
        let pair = key("pair", &[account, &network, if is_known { "known" } else { "" }]);
        if is_known {
            self.take("account", &pair, self.rules.known, now).await?;
            return Ok(Try { throttle: self, pair, others: vec![] });
        }
        let (of_account, of_network) = (key("account", &[account]), key("network", &[&network]));
        if client.is_some()
            && let Some(refusal) = self.rules.network.refuses(self.counts.look(&of_network).await, now)
        {
            return Err(refused("address", self.rules.network, refusal));
        }
        let is_besieged = self.rules.account.is_full(self.counts.look(&of_account).await, now);
        let rule = if is_besieged { self.rules.besieged } else { self.rules.pair };
        self.take("account", &pair, rule, now).await?;
        let mut others = vec![(of_account, self.rules.account)];
        if client.is_some() {
            others.push((of_network, self.rules.network));
        }
        Ok(Try { throttle: self, pair, others })
    }

    /// Goes on if it is time for another code of a second factor. Errors: [`Error::Throttled`].
    pub(crate) async fn admit_code(&self, user: UserId) -> Result<Try<'_>, Error> {
        let pair = key("code", &[&user.to_string()]);
        self.take("second_factor", &pair, self.rules.code, self.now()).await?;
        Ok(Try { throttle: self, pair, others: vec![] })
    }

    /// Counts a sign-in at a provider that somebody begins. Errors: [`Error::Throttled`].
    pub(crate) async fn admit_sign_in(&self, client: Option<IpAddr>) -> Result<(), Error> {
        self.of_network("sign_in", self.rules.sign_in, client).await.map(drop)
    }

    /// Goes on if somebody may come back from a provider. Errors: [`Error::Throttled`].
    pub(crate) async fn admit_callback(&self, client: Option<IpAddr>) -> Result<Option<Try<'_>>, Error> {
        self.of_network("callback", self.rules.callback, client).await
    }

    async fn of_network(
        &self,
        kind: &'static str,
        rule: Rule,
        client: Option<IpAddr>,
    ) -> Result<Option<Try<'_>>, Error> {
        let Some(client) = client else { return Ok(None) };
        let pair = key(kind, &[&host::customer::network(client).to_string()]);
        self.take("sign_in", &pair, rule, self.now()).await?;
        Ok(Some(Try { throttle: self, pair, others: vec![] }))
    }

    async fn take(&self, layer: &'static str, key: &str, rule: Rule, now: i64) -> Result<(), Error> {
        self.counts.take(key, rule, now).await.map_err(|refusal| refused(layer, rule, refusal))
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}

impl Try<'_> {
    /// It was wrong.
    pub(crate) async fn failed(self) {
        let now = self.throttle.now();
        for (key, rule) in &self.others {
            self.throttle.counts.add(key, *rule, now).await;
        }
    }

    /// It was right: what was wrong before is forgotten.
    pub(crate) async fn succeeded(self) {
        self.throttle.counts.forget(&self.pair).await;
    }

    /// Nobody has looked whether it was right.
    pub(crate) async fn unjudged(self) {
        self.throttle.counts.give_back(&self.pair).await;
    }
}

/// Whether the call comes from where a person has logged in before. The same work for who has no account.
/// Errors: [`Error::Store`].
pub(crate) async fn is_known(parts: &crate::Parts, call: &Call, user: Option<UserId>) -> Result<bool, Error> {
    device::is_known(parts, call, user).await
}

fn refused(layer: &'static str, rule: Rule, refusal: Refusal) -> Error {
    metrics::counter_vec(
        "perpetuo_identity_throttled_total",
        "Logins that had to wait after failures, by what was counted.",
        &["layer"],
    )
    .with_label_values(&[layer])
    .inc();
    let wait = Duration::from_millis(u64::try_from(refusal.wait).unwrap_or_default());
    Error::Throttled { layer, limit: rule.free, used: refusal.used, wait }
}

/// The name of a count: nobody reads addresses out of it.
fn key(kind: &str, of: &[&str]) -> String {
    let text = of.join("\0");
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    format!("perpetuo:{{login}}:{kind}:{}", hex::encode(&digest.as_ref()[..16]))
}

/// What is counted and how, for the documentation to be compared with.
#[cfg(test)]
pub(crate) fn documented(login: &config::Login) -> Vec<(String, String)> {
    let rules = Rules::of(login);
    let all = [
        ("account and network", rules.pair),
        ("account and known device", rules.known),
        ("account and new network, while many fail", rules.besieged),
        ("account from everywhere", rules.account),
        ("network on all accounts", rules.network),
        ("codes of an account", rules.code),
        ("sign-ins begun by a network", rules.sign_in),
        ("sign-ins failed by a network", rules.callback),
    ];
    let seconds = |ms: i64| if ms % 1000 == 0 { format!("{} s", ms / 1000) } else { format!("0.{} s", ms / 100) };
    let row = |Rule { free, base, longest, leak }| {
        format!("{free} | {} | {} | {}", seconds(base), seconds(longest), seconds(leak))
    };
    all.map(|(what, rule)| (what.to_owned(), row(rule))).into()
}

#[cfg(test)]
mod tests;
