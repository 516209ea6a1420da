//! What an operator may set about people and credentials.

mod passkeys;
mod sign_in;

pub use passkeys::Passkeys;
pub use sign_in::Provider;
pub(crate) use sign_in::{is_here, is_safe};

use crate::Error;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// OWASP's least for argon2id with two passes. Less is refused rather than raised in silence.
const MIN_MEMORY_KIB: u32 = 19_456;
const MIN_ITERATIONS: u32 = 2;

/// Settings of the identity service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `iss` of access tokens. Changing it ends the validity of all that are in use (15 minutes at most).
    pub issuer: String,
    /// Whether an account comes into being only once its address is confirmed by a link. Default: with `mail.smtp.host`.
    pub verify_email: Option<bool>,
    /// Who may sign up. Default: everybody where only this machine reaches us or addresses are confirmed first, elsewhere
    /// those who are invited.
    pub signup: Option<SignUps>,
    /// With `signup: domain`: whose addresses may, such as `example.com`.
    pub signup_domains: Vec<String>,
    /// Whether operators of the platform are such only in sessions that have shown a second factor. Default: unless
    /// everything runs in one process on SQLite.
    pub operators_need_mfa: Option<bool>,
    /// Whether a letter tells people that an operator begins to act for them.
    pub impersonation_letters: bool,
    /// How an authenticator app calls this installation.
    pub totp_issuer: String,
    /// Whose accounts are taken beside our own. Default: nobody's.
    pub oidc: Vec<Provider>,
    /// Pages to which such a sign-in may lead, letter for letter. Default: none.
    pub oidc_redirects: Vec<String>,
    /// What people are asked to agree to, in the version of today. Default: nothing.
    pub consents: Vec<Consent>,
    /// For which domain passkeys are made.
    pub passkeys: Passkeys,
    /// What failed logins cost.
    pub login: Login,
    /// How passwords are hashed.
    pub password: Password,
    /// How long sessions live.
    pub session: Session,
    /// How the keys that sign access tokens are rotated.
    pub signing: Signing,
}

/// A text that people agree to, such as terms of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Which text: `terms`, `privacy`.
    pub kind: String,
    /// Which version of it: another one is asked for again.
    pub version: String,
    /// Where it can be read.
    pub url: String,
    /// Whether nobody signs up without it. Default: true.
    #[serde(default = "yes")]
    pub required: bool,
}

const fn yes() -> bool {
    true
}

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUps {
    /// Everybody.
    Open,
    /// Those who were invited.
    Invite,
    /// Those who read an address of certain domains, and those who were invited.
    Domain,
    /// Nobody.
    Closed,
}

/// What failed logins cost: each beyond those that are free makes the next one wait twice as long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// Failures of one account from one network after which nobody waits. Four times as many from where its owner has
    /// logged in before.
    pub free_failures: u32,
    /// Failures from one network, on all accounts, after which nobody waits.
    pub address_failures: u32,
    /// Failures of one account from everywhere after which a network that is new to it has one free try.
    pub account_failures: u32,
    /// The longest wait, in seconds.
    pub longest_seconds: u32,
}

/// How passwords are hashed: argon2id, and how many at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Password {
    /// Memory of one hash in KiB, at least 19456. Stored hashes with other costs are renewed at the next login.
    pub memory_kib: u32,
    /// Passes over the memory, at least 2.
    pub iterations: u32,
    /// Lanes of one hash. One hash runs on one core whatever this says.
    pub parallelism: u32,
    /// Hashes at once; 0: one per core. Times `memory_kib` it bounds the memory that a login storm can take.
    pub concurrent: usize,
    /// Requests that may wait for their turn; 0: four for each hash at once. Others are turned away as OVERLOADED.
    pub waiting: usize,
    /// How long one may wait for its turn, in milliseconds.
    pub wait_ms: u64,
    /// What a new password must at least be worth, as zxcvbn counts: 0 takes all that are long enough and not common,
    /// 2 (a million guesses) withstands guessing at the login, 3 (a hundred million) also guessing with a stolen table.
    pub min_score: u8,
}

/// How long sessions live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// Days after its last use at which a refresh token expires.
    pub idle_days: u32,
    /// Days after login at which a session ends, used or not.
    pub absolute_days: u32,
}

/// How the keys that sign access tokens are rotated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signing {
    /// Days for which a key signs.
    pub rotate_days: u32,
    /// Minutes for which a new key stands in the JWKS before it signs, so that every verifier has it by then.
    pub publish_minutes: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            issuer: "perpetuo".to_owned(),
            verify_email: None,
            signup: None,
            signup_domains: vec![],
            operators_need_mfa: None,
            impersonation_letters: true,
            totp_issuer: "Perpetuo".to_owned(),
            oidc: vec![],
            oidc_redirects: vec![],
            consents: vec![],
            passkeys: Passkeys::default(),
            login: Login::default(),
            password: Password::default(),
            session: Session::default(),
            signing: Signing::default(),
        }
    }
}

impl Default for Password {
    fn default() -> Self {
        Self {
            memory_kib: MIN_MEMORY_KIB,
            iterations: MIN_ITERATIONS,
            parallelism: 1,
            concurrent: 0,
            waiting: 0,
            wait_ms: 2000,
            min_score: 3,
        }
    }
}

impl Default for Login {
    fn default() -> Self {
        Self { free_failures: 5, address_failures: 60, account_failures: 50, longest_seconds: 900 }
    }
}

impl SignUps {
    /// As settings and answers name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Domain => "domain",
            Self::Closed => "closed",
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self { idle_days: 30, absolute_days: 180 }
    }
}

impl Default for Signing {
    fn default() -> Self {
        Self { rotate_days: 30, publish_minutes: 60 }
    }
}

impl Config {
    /// Refuses settings that would weaken the service. Errors: [`Error::Config`], which names the setting.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |why: String| Err(Error::Config(why));
        if self.issuer.trim().is_empty() {
            return refuse("identity.issuer is empty: leave it out, or set the public URL of this installation".into());
        }
        self.check_entry()?;
        self.check_consents()?;
        sign_in::check(&self.oidc, &self.oidc_redirects)?;
        passkeys::check(&self.passkeys)?;
        let Password { memory_kib, iterations, parallelism, .. } = self.password;
        if !(MIN_MEMORY_KIB..=4 * 1024 * 1024).contains(&memory_kib) {
            return refuse(format!("identity.password.memory_kib is {memory_kib}: use {MIN_MEMORY_KIB} to 4194304"));
        }
        if !(MIN_ITERATIONS..=100).contains(&iterations) {
            return refuse(format!("identity.password.iterations is {iterations}: use {MIN_ITERATIONS} to 100"));
        }
        if !(1..=64).contains(&parallelism) {
            return refuse(format!("identity.password.parallelism is {parallelism}: use 1 to 64"));
        }
        let Password { concurrent, waiting, wait_ms, min_score, .. } = self.password;
        if min_score > 4 {
            return refuse(format!("identity.password.min_score is {min_score}: use 0 to 4"));
        }
        if concurrent > 1024 || waiting > 100_000 || wait_ms > 60_000 {
            return refuse(
                "identity.password: concurrent is at most 1024, waiting at most 100000, wait_ms at most 60000".into(),
            );
        }
        let Session { idle_days, absolute_days } = self.session;
        if idle_days == 0 || absolute_days < idle_days || absolute_days > 3650 {
            return refuse(
                "identity.session: idle_days is at least 1, absolute_days at least that and at most 3650".into(),
            );
        }
        let Signing { rotate_days, publish_minutes } = self.signing;
        let rotate_minutes = u64::from(rotate_days) * 24 * 60;
        if rotate_days == 0 || rotate_days > 3650 || !(2..rotate_minutes).contains(&u64::from(publish_minutes)) {
            // Every process reads the keys once a minute.
            return refuse(
                "identity.signing: rotate_days is from 1 to 3650; publish_minutes is at least 2, and less than that time"
                    .into(),
            );
        }
        Ok(())
    }
}

impl Config {
    /// Who may come in, and how often they may try.
    fn check_consents(&self) -> Result<(), Error> {
        for (n, text) in self.consents.iter().enumerate() {
            if [&text.kind, &text.version, &text.url].iter().any(|part| part.trim().is_empty()) {
                return Err(Error::Config(format!("identity.consents[{n}] needs kind, version and url")));
            }
            if self.consents.iter().take(n).any(|other| other.kind == text.kind) {
                let why = "is there twice: keep the version of today";
                return Err(Error::Config(format!("identity.consents: {} {why}", text.kind)));
            }
        }
        Ok(())
    }

    fn check_entry(&self) -> Result<(), Error> {
        let refuse = |why: &str| Err(Error::Config(why.to_owned()));
        let Login { free_failures, address_failures, account_failures, longest_seconds } = self.login;
        if [free_failures, address_failures, account_failures].iter().any(|n| !(1..=100_000).contains(n))
            || !(1..=86_400).contains(&longest_seconds)
        {
            return refuse("identity.login: failures are 1 to 100000, longest_seconds is 1 to 86400");
        }
        if self.totp_issuer.trim().is_empty() || self.totp_issuer.contains(':') || self.totp_issuer.len() > 64 {
            return refuse("identity.totp_issuer is a name of 1 to 64 characters without a colon");
        }
        let is_domain = |text: &String| !text.starts_with('.') && text.contains('.') && !text.contains(['@', ' ', '*']);
        match self.signup {
            Some(SignUps::Domain) if self.signup_domains.is_empty() || !self.signup_domains.iter().all(is_domain) => {
                refuse("identity.signup is domain: list them in identity.signup_domains, such as example.com")
            }
            Some(SignUps::Domain) => Ok(()),
            _ if self.signup_domains.is_empty() => Ok(()),
            _ => refuse("identity.signup_domains is for identity.signup: domain only"),
        }
    }
}

impl Password {
    /// Hashes at once.
    pub(crate) fn permits(&self) -> usize {
        match self.concurrent {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            some => some,
        }
    }

    /// Requests that may wait beside those that are hashing.
    pub(crate) fn places(&self) -> usize {
        if self.waiting == 0 { 4 * self.permits() } else { self.waiting }
    }

    /// How long one waits for its turn.
    pub(crate) const fn wait(&self) -> Duration {
        Duration::from_millis(self.wait_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_accepted() {
        Config::default().check().expect("the defaults");
    }

    #[test]
    fn a_weaker_password_hash_is_refused_by_name() {
        let mut config = Config::default();
        config.password.memory_kib = 8192;
        let why = config.check().expect_err("too little memory").to_string();
        assert!(why.contains("identity.password.memory_kib") && why.contains("19456"), "{why}");
    }
}
