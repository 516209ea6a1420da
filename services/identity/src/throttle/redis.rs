//! Counts that all processes share, in Redis. It may be away at any time: then each process counts for itself.

use super::{Count, Refusal, Rule};
use crate::Error;
use ::redis::{
    AsyncCommands as _, Client, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use host::config::Secret;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::OnceCell,
    time::{Instant, timeout},
};

/// How long Redis may take. A password takes longer.
const PATIENCE: Duration = Duration::from_millis(200);
/// For so long after a failure it is not asked again: nobody waits for it twice.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Redis {
    client: Client,
    connection: OnceCell<ConnectionManager>,
    take: Script,
    give_back: Script,
    failed_at: Mutex<Option<Instant>>,
}

impl Redis {
    /// Connects when it is asked first. Errors: [`Error::Config`].
    pub fn new(url: &Secret) -> Result<Self, Error> {
        let client =
            Client::open(url.expose()).map_err(|_| Error::Config("redis.url is no address of Redis".into()))?;
        Ok(Self {
            client,
            connection: OnceCell::new(),
            take: Script::new(include_str!("take.lua")),
            give_back: Script::new(include_str!("give_back.lua")),
            failed_at: Mutex::default(),
        })
    }

    /// None, here and below: Redis did not answer.
    pub async fn look(&self, key: &str) -> Option<Count> {
        let kept =
            self.within(
                |mut redis| async move { redis.hmget::<_, _, (Option<f64>, Option<i64>)>(key, &["n", "at"]).await },
            );
        let (n, at) = kept.await?;
        Some(Count { n: n.unwrap_or_default(), at: at.unwrap_or_default() })
    }

    pub async fn take(&self, key: &str, rule: Rule, now: i64) -> Option<Result<(), Refusal>> {
        let (wait, used) = self.run(key, rule, now, false).await?;
        Some(if wait > 0 { Err(Refusal { wait, used }) } else { Ok(()) })
    }

    pub async fn add(&self, key: &str, rule: Rule, now: i64) -> Option<()> {
        self.run(key, rule, now, true).await.map(drop)
    }

    pub async fn give_back(&self, key: &str) -> Option<()> {
        let mut script = self.give_back.prepare_invoke();
        script.key(key);
        self.within(|mut redis| async move { script.invoke_async::<i64>(&mut redis).await }).await.map(drop)
    }

    pub async fn forget(&self, key: &str) -> Option<()> {
        self.within(|mut redis| async move { redis.del::<_, i64>(key).await }).await.map(drop)
    }

    async fn run(&self, key: &str, rule: Rule, now: i64, must: bool) -> Option<(i64, u32)> {
        let Rule { free, base, longest, leak } = rule;
        let mut script = self.take.prepare_invoke();
        script.key(key).arg(now).arg(free).arg(base).arg(longest).arg(leak).arg(i32::from(must));
        self.within(|mut redis| async move { script.invoke_async(&mut redis).await }).await
    }

    async fn within<T, F>(&self, work: impl FnOnce(ConnectionManager) -> F) -> Option<T>
    where
        F: Future<Output = Result<T, RedisError>>,
    {
        if self.failed_at().is_some_and(|at| at.elapsed() < PAUSE) {
            return None;
        }
        let done = timeout(PATIENCE, async { work(self.connect().await?).await }).await;
        let cause = match done {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        tracing::warn!(cause, "redis does not count failed logins: each process counts its own until it is back");
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        None
    }

    fn failed_at(&self) -> Option<Instant> {
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<ConnectionManager, RedisError> {
        let config = ConnectionManagerConfig::new().set_number_of_retries(1);
        let connect = || ConnectionManager::new_with_config(self.client.clone(), config);
        self.connection.get_or_try_init(connect).await.cloned()
    }
}
