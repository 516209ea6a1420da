//! What an operator may set about people and credentials.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// OWASP's least for argon2id with two passes. Less is refused rather than raised in silence.
const MIN_MEMORY_KIB: u32 = 19_456;
const MIN_ITERATIONS: u32 = 2;

/// Settings of the identity service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `iss` of access tokens. Changing it ends the validity of all that are in use (15 minutes at most).
    pub issuer: String,
    /// Whether an account comes into being only once its address is confirmed by a link. Default: with `mail.smtp.host`.
    pub verify_email: Option<bool>,
    /// How passwords are hashed.
    pub password: Password,
    /// How long sessions live.
    pub session: Session,
    /// How the keys that sign access tokens are rotated.
    pub signing: Signing,
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
        let Password { concurrent, waiting, wait_ms, .. } = self.password;
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
