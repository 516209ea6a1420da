//! Where are failures counted? In Redis where there is one, and in memory while it does not answer.

use super::{Count, Refusal, Rule, memory::Memory, redis::Redis};
use crate::Error;
use host::config::Secret;

pub(super) struct Counts {
    redis: Option<Redis>,
    memory: Memory,
}

impl Counts {
    /// Errors: [`Error::Config`].
    pub fn new(redis: Option<&Secret>) -> Result<Self, Error> {
        Ok(Self { redis: redis.map(Redis::new).transpose()?, memory: Memory::default() })
    }

    pub async fn look(&self, key: &str) -> Count {
        if let Some(redis) = &self.redis
            && let Some(count) = redis.look(key).await
        {
            return count;
        }
        self.memory.look(key)
    }

    /// Counts a failure in advance, if it is time for another try.
    pub async fn take(&self, key: &str, rule: Rule, now: i64) -> Result<(), Refusal> {
        if let Some(redis) = &self.redis
            && let Some(taken) = redis.take(key, rule, now).await
        {
            return taken;
        }
        self.memory.take(key, rule, now)
    }

    /// Counts a failure.
    pub async fn add(&self, key: &str, rule: Rule, now: i64) {
        let shared = match &self.redis {
            Some(redis) => redis.add(key, rule, now).await,
            None => None,
        };
        if shared.is_none() {
            self.memory.add(key, rule, now);
        }
    }

    /// Takes back what was counted in advance, wherever that was.
    pub async fn give_back(&self, key: &str) {
        let shared = match &self.redis {
            Some(redis) => redis.give_back(key).await,
            None => None,
        };
        if shared.is_none() {
            self.memory.give_back(key);
        }
    }

    pub async fn forget(&self, key: &str) {
        if let Some(redis) = &self.redis {
            redis.forget(key).await;
        }
        self.memory.forget(key);
    }
}
