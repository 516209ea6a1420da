//! Counts that all processes share, in Redis.

use super::{Count, Refusal, Rule};
use crate::Error;
use ::redis::{AsyncCommands as _, Script};
use host::config::Secret;
use std::time::Duration;

/// How long Redis may take. A password takes longer.
const PATIENCE: Duration = Duration::from_millis(200);

pub(super) struct Redis {
    redis: host::redis::Redis,
    take: Script,
    give_back: Script,
}

impl Redis {
    /// Connects when it is asked first. Errors: [`Error::Config`].
    pub fn new(url: &Secret) -> Result<Self, Error> {
        let without = "each process counts failed logins for itself until it is back";
        let redis = host::redis::Redis::new(url, PATIENCE, without)
            .map_err(|_| Error::Config("redis.url is no address of Redis".into()))?;
        let (take, give_back) = (Script::new(include_str!("take.lua")), Script::new(include_str!("give_back.lua")));
        Ok(Self { redis, take, give_back })
    }

    /// None, here and below: Redis did not answer.
    pub async fn look(&self, key: &str) -> Option<Count> {
        let look = |mut redis: ::redis::aio::ConnectionManager| async move {
            redis.hmget::<_, _, (Option<f64>, Option<i64>)>(key, &["n", "at"]).await
        };
        let (n, at) = self.redis.ask("HMGET", look).await?;
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
        self.redis
            .ask("EVALSHA give_back", |mut redis| async move { script.invoke_async::<i64>(&mut redis).await })
            .await
            .map(drop)
    }

    pub async fn forget(&self, key: &str) -> Option<()> {
        self.redis.ask("DEL", |mut redis| async move { redis.del::<_, i64>(key).await }).await.map(drop)
    }

    async fn run(&self, key: &str, rule: Rule, now: i64, must: bool) -> Option<(i64, u32)> {
        let Rule { free, base, longest, leak } = rule;
        let mut script = self.take.prepare_invoke();
        script.key(key).arg(now).arg(free).arg(base).arg(longest).arg(leak).arg(i32::from(must));
        self.redis.ask("EVALSHA take", |mut redis| async move { script.invoke_async(&mut redis).await }).await
    }
}
