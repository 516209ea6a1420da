//! How passwords are kept: argon2id, a bounded number at once, so that a login storm waits instead of taking the memory.

use crate::{Error, config};
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// The salt of what is kept for an account without a password.
const NONE: &[u8; 16] = b"no password here";

/// Hashes and verifies passwords.
pub(crate) struct Hasher {
    argon2: Argon2<'static>,
    /// What an unknown user's password is compared with: the same work as for a known one, and never equal.
    decoy: String,
    /// One for each hash at once: the bound on memory.
    permits: Arc<Semaphore>,
    /// One for each request that hashes or waits for it.
    places: Arc<Semaphore>,
    wait: Duration,
}

/// What a comparison said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is not the password.
    Wrong,
    /// It is.
    Right {
        /// The same password hashed with the costs of today, if it was kept with others.
        renewed: Option<String>,
    },
}

impl Hasher {
    /// A hasher with the configured costs. Errors: [`Error::Config`].
    pub(crate) fn new(config: &config::Password) -> Result<Self, Error> {
        let params = Params::new(config.memory_kib, config.iterations, config.parallelism, None)
            .map_err(|e| Error::Config(format!("identity.password: {e}")))?;
        let permits = config.permits();
        Ok(Self {
            decoy: decoy(config),
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            permits: Arc::new(Semaphore::new(permits)),
            places: Arc::new(Semaphore::new(permits + config.places())),
            wait: config.wait(),
        })
    }

    /// A PHC string that is no password's, and says so ([`is_none`]): no column beside it could be forgotten by who writes
    /// the hash alone, such as the release before.
    pub(crate) fn none(&self) -> String {
        let params = self.argon2.params();
        let config = config::Password {
            memory_kib: params.m_cost(),
            iterations: params.t_cost(),
            parallelism: params.p_cost(),
            ..config::Password::default()
        };
        with_salt(&config, *NONE)
    }

    /// The PHC string of `password`. Errors: [`Error::Overloaded`].
    pub(crate) async fn hash(&self, password: Zeroizing<String>) -> Result<String, Error> {
        let argon2 = self.argon2.clone();
        self.run(move || hash(&argon2, &password)).await?
    }

    /// Compares `password` with the PHC string that is kept, or does the same work in vain if there is none.
    /// Errors: [`Error::Overloaded`].
    pub(crate) async fn verify(&self, password: Zeroizing<String>, kept: Option<String>) -> Result<Verdict, Error> {
        let (argon2, known) = (self.argon2.clone(), kept.is_some());
        let kept = kept.unwrap_or_else(|| self.decoy.clone());
        self.run(move || {
            let parsed =
                PasswordHash::new(&kept).map_err(|e| Error::Internal(format!("a kept hash is no PHC: {e}")))?;
            if argon2.verify_password(password.as_bytes(), &parsed).is_err() || !known {
                return Ok(Verdict::Wrong);
            }
            let renewed = if is_current(&argon2, &parsed) { None } else { Some(hash(&argon2, &password)?) };
            Ok(Verdict::Right { renewed })
        })
        .await?
    }

    /// Does `work` on a blocking thread when it is its turn. The turn belongs to the work, not to whoever waits for
    /// it: a client that has left frees no memory.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Overloaded)?;
        let turn = tokio::time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(Error::Overloaded)?;
        let job = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        });
        job.await.map_err(|e| Error::Internal(format!("hashing a password: {e}")))
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, Error> {
    let hash = argon2.hash_password(password.as_bytes());
    hash.map(|h: PasswordHash| h.to_string()).map_err(|e| Error::Internal(format!("argon2: {e}")))
}

fn is_current(argon2: &Argon2<'_>, kept: &PasswordHash) -> bool {
    let costs = |p: &Params| (p.m_cost(), p.t_cost(), p.p_cost());
    let same = Params::try_from(kept).is_ok_and(|p| costs(&p) == costs(argon2.params()));
    same && kept.algorithm.as_str() == Algorithm::Argon2id.as_str() && kept.version == Some(Version::V0x13.into())
}

/// Whether what is kept is [`Hasher::none`]. Salts of passwords are random: none is this one.
pub(crate) fn is_none(kept: &str) -> bool {
    kept.split('$').nth_back(1).is_some_and(|salt| STANDARD_NO_PAD.encode(NONE) == salt)
}

/// A hash of nothing: random bytes in the place of one.
fn decoy(config: &config::Password) -> String {
    with_salt(config, rand::random())
}

fn with_salt(config: &config::Password, salt: [u8; 16]) -> String {
    let output: [u8; 32] = rand::random();
    let config::Password { memory_kib, iterations, parallelism, .. } = config;
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    format!("$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${salt}${output}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn secret(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_recognised_and_another_is_not() {
        let hasher = Hasher::new(&config::Password::default()).unwrap();
        let kept = hasher.hash(secret("correct horse")).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let right = hasher.verify(secret("correct horse"), Some(kept.clone())).await.unwrap();
        assert_eq!(right, Verdict::Right { renewed: None });
        assert_eq!(hasher.verify(secret("correct Horse"), Some(kept)).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn no_password_is_told_from_any_and_is_compared_like_one() {
        let hasher = Hasher::new(&config::Password::default()).unwrap();
        let none = hasher.none();
        assert!(is_none(&none) && !is_none(&hasher.decoy) && none != hasher.none(), "{none}");
        assert!(!is_none(&hasher.hash(secret("no password here")).await.unwrap()));
        assert_eq!(hasher.verify(secret("no password here"), Some(none)).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn costs_that_have_risen_renew_the_hash() {
        let old = Hasher::new(&config::Password::default()).unwrap();
        let new = Hasher::new(&config::Password { iterations: 3, ..Default::default() }).unwrap();
        let kept = old.hash(secret("correct horse")).await.unwrap();
        let Verdict::Right { renewed: Some(renewed) } = new.verify(secret("correct horse"), Some(kept)).await.unwrap()
        else {
            panic!("not renewed")
        };
        assert!(renewed.contains("t=3"), "{renewed}");
    }

    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody() {
        let hasher = Hasher::new(&config::Password::default()).unwrap();
        let kept = hasher.hash(secret("correct horse")).await.unwrap();
        let mut somebody = std::time::Duration::MAX;
        let mut nobody = std::time::Duration::MAX;
        // The least of several: what else the machine does only adds.
        for _ in 0..5 {
            let start = Instant::now();
            hasher.verify(secret("wrong"), Some(kept.clone())).await.unwrap();
            somebody = somebody.min(start.elapsed());
            let start = Instant::now();
            assert_eq!(hasher.verify(secret("wrong"), None).await.unwrap(), Verdict::Wrong);
            nobody = nobody.min(start.elapsed());
        }
        assert!(nobody > somebody / 2 && somebody > nobody / 2, "{somebody:?} for somebody, {nobody:?} for nobody");
    }

    #[tokio::test]
    async fn a_storm_is_turned_away_at_the_bound() {
        let config = config::Password { concurrent: 1, waiting: 2, wait_ms: 60_000, ..Default::default() };
        let hasher = Hasher::new(&config).unwrap();
        let all = futures::future::join_all((0..20).map(|_| hasher.hash(secret("correct horse")))).await;
        let done = all.iter().filter(|r| r.is_ok()).count();
        let turned_away = all.iter().filter(|r| matches!(r, Err(Error::Overloaded))).count();
        assert_eq!((done, turned_away), (3, 17));
    }
}
