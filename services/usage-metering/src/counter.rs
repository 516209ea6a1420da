//! What is used of each limit right now?
//!
//! Counters hold nothing that is missed when it is lost: in this process's memory, or in Redis where several
//! processes admit. What a calendar period has used is in SQL, and [`crate::load`] brings it here.

pub(crate) mod gcra;
mod memory;
mod ping;
mod redis;
#[cfg(test)]
mod tests;

use crate::{
    Error,
    grant::GrantKey,
    limit::{Limit, Reservation, Spent, Standing},
};
pub(crate) use memory::Memory;
pub use ping::{RedisMemory, ping_redis, redis_memory};
pub(crate) use redis::Redis;
use uuid::Uuid;

/// Names what a load has begun, so that nothing that was read before is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Begun(i64);

/// What the tables say about a quota.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// What is settled, and what is reserved by grants that were admitted before there was this quota.
    pub settled: i64,
    /// What each grant that is open has reserved.
    pub open: Vec<(GrantKey, i64)>,
}

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
    /// Quotas, by their index, have no counter yet. Nothing is counted.
    Missing(Vec<usize>),
}

// What talks to Redis is boxed: in the memory's way it would be nearly all of the future of an admission.
impl Counters {
    /// Reserves all limits or none, and writes into each limit what was reserved of it. Repeating a grant reserves
    /// nothing more in Redis; the memory's caller sees to it. Errors: [`Error::CountersAway`],
    /// [`Error::CountersFull`].
    pub async fn reserve(&self, reservation: &mut Reservation, now_ms: i64) -> Result<Verdict, Error> {
        if reservation.limits.is_empty() {
            return Ok(Verdict::Reserved(vec![]));
        }
        match self {
            Self::Memory(memory) => memory.reserve(reservation, now_ms),
            Self::Redis(redis) => Box::pin(redis.reserve(reservation, now_ms)).await,
        }
    }

    /// Ends what runs and corrects what was estimated to what was used; None keeps the estimate.
    /// Never fails its caller: what Redis does not take now it gets later.
    pub async fn release(&self, key: &GrantKey, limits: &[Limit], spent: Option<&Spent>, now_ms: i64) {
        if limits.is_empty() {
            return;
        }
        let corrections: Vec<_> = limits.iter().map(|limit| limit.correction(spent)).collect();
        match self {
            Self::Memory(memory) => memory.release(key, limits, &corrections, false, now_ms),
            Self::Redis(redis) => Box::pin(redis.release(key, limits, &corrections, "", now_ms)).await,
        }
    }

    /// What was settled of a grant is something else after all: by how much, in the order of `limits`. Quotas hear of it;
    /// other kinds have forgotten the grant by then. Never fails its caller.
    pub async fn amend(&self, key: &GrantKey, limits: &[Limit], by: &[i64]) {
        for (limit, by) in limits.iter().zip(by).filter(|(limit, by)| limit.quota().is_some() && **by != 0) {
            match self {
                Self::Memory(memory) => memory.amend(key.workspace, limit, *by),
                Self::Redis(redis) => Box::pin(redis.amend(key, limit, *by)).await,
            }
        }
    }

    /// Takes back a reservation whose attempt did not run.
    pub async fn undo(&self, reservation: &Reservation, now_ms: i64) {
        let Reservation { key, limits, ticket, .. } = reservation;
        if limits.is_empty() {
            return;
        }
        let corrections: Vec<_> = limits.iter().map(|limit| -limit.cost).collect();
        match self {
            Self::Memory(memory) => memory.release(key, limits, &corrections, true, now_ms),
            Self::Redis(redis) => Box::pin(redis.release(key, limits, &corrections, ticket, now_ms)).await,
        }
    }

    /// Where limits stand: `Reserved`, or `Missing`. Errors: [`Error::CountersAway`].
    pub async fn peek(&self, workspace: Uuid, limits: &[Limit], now_ms: i64) -> Result<Verdict, Error> {
        if limits.is_empty() {
            return Ok(Verdict::Reserved(vec![]));
        }
        match self {
            Self::Memory(memory) => memory.peek(workspace, limits, now_ms),
            Self::Redis(redis) => Box::pin(redis.peek(workspace, limits, now_ms)).await,
        }
    }

    /// From now on it is noted what ends of a missing counter, until it is installed. Errors: [`Error::CountersAway`].
    pub async fn begin_load(&self, workspace: Uuid, limit: &Limit, now_ms: i64) -> Result<Begun, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.begin_load(workspace, limit, now_ms)),
            Self::Redis(redis) => Box::pin(redis.begin_load(workspace, limit)).await,
        }
    }

    /// Installs what SQL had for a counter after its load began, corrected by what has ended since. False: it was
    /// dropped, and has to be read again. Errors: [`Error::CountersAway`].
    pub async fn install(
        &self,
        workspace: Uuid,
        limit: &Limit,
        begun: Begun,
        reading: &Reading,
    ) -> Result<bool, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.install(workspace, limit, begun, reading)),
            Self::Redis(redis) => Box::pin(redis.install(workspace, limit, begun, reading)).await,
        }
    }

    /// Whether several processes count together.
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    /// Keeps small shares of limits for the time when Redis is away. Called often.
    pub async fn tend_leases(&self) {
        if let Self::Redis(redis) = self {
            redis.tend_leases().await;
        }
    }

    /// Gives them back, because the process stops.
    pub async fn close(&self) {
        if let Self::Redis(redis) = self {
            redis.close_leases().await;
            redis.retry().await;
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
