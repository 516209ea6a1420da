//! What is used of each limit right now?
//!
//! Counters hold nothing that is missed when it is lost: in this process's memory, or in Redis where several
//! processes admit.

pub(crate) mod gcra;
mod memory;
mod ping;
mod redis;
#[cfg(test)]
mod tests;

use crate::{
    Error,
    grant::GrantKey,
    limit::{Limit, Reservation, Standing},
};
pub(crate) use memory::Memory;
pub use ping::ping_redis;
pub(crate) use redis::Redis;
use uuid::Uuid;

pub(crate) enum Counters {
    Memory(Box<Memory>),
    Redis(Box<Redis>),
}

/// What became of a reservation. Standings are in the order of its limits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It fits everywhere and is counted.
    Reserved(Vec<Standing>),
    /// It does not fit somewhere, and nothing is counted.
    Refused(Vec<Standing>),
}

impl Counters {
    /// Reserves all limits or none. Repeating a grant reserves nothing more in Redis; the memory's caller sees to it.
    /// Errors: [`Error::CountersAway`], [`Error::CountersFull`].
    pub async fn reserve(&self, reservation: &Reservation, now_ms: i64) -> Result<Verdict, Error> {
        if reservation.limits.is_empty() {
            return Ok(Verdict::Reserved(vec![]));
        }
        match self {
            Self::Memory(memory) => memory.reserve(reservation, now_ms),
            Self::Redis(redis) => redis.reserve(reservation, now_ms).await,
        }
    }

    /// Ends what runs and corrects the tokens from what was estimated to what was used; None keeps the estimate.
    /// Never fails its caller: what Redis does not take now it gets later.
    pub async fn release(&self, key: &GrantKey, limits: &[Limit], used_tokens: Option<i64>, now_ms: i64) {
        if limits.is_empty() {
            return;
        }
        match self {
            Self::Memory(memory) => memory.release(key, limits, used_tokens, now_ms),
            Self::Redis(redis) => redis.release(key, limits, used_tokens, now_ms, false).await,
        }
    }

    /// Takes back a reservation whose attempt did not run.
    pub async fn undo(&self, key: &GrantKey, limits: &[Limit], now_ms: i64) {
        if limits.is_empty() {
            return;
        }
        match self {
            Self::Memory(memory) => memory.undo(key, limits, now_ms),
            Self::Redis(redis) => redis.release(key, limits, Some(0), now_ms, true).await,
        }
    }

    /// Where limits stand. Errors: [`Error::CountersAway`].
    pub async fn peek(&self, workspace: Uuid, limits: &[Limit], now_ms: i64) -> Result<Vec<Standing>, Error> {
        if limits.is_empty() {
            return Ok(vec![]);
        }
        match self {
            Self::Memory(memory) => Ok(memory.peek(workspace, limits, now_ms)),
            Self::Redis(redis) => redis.peek(workspace, limits, now_ms).await,
        }
    }

    /// What is due from time to time: memory forgets idle counters, Redis gets what it did not take.
    pub async fn tend(&self, now_ms: i64) {
        match self {
            Self::Memory(memory) => memory.drop_idle(now_ms),
            Self::Redis(redis) => redis.retry().await,
        }
    }
}
