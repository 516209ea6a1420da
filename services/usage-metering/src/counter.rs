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
pub use ping::ping_redis;
pub(crate) use redis::Redis;
use uuid::Uuid;

/// What a load has to know of its beginning: how much had changed until then, and how much of it was missed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Begun {
    pub changes: i64,
    pub missed: i64,
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
            Self::Redis(redis) => redis.reserve(reservation, now_ms).await,
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
            Self::Memory(memory) => memory.release(key, limits, &corrections, now_ms),
            Self::Redis(redis) => redis.release(key, limits, &corrections, "", now_ms).await,
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
            Self::Memory(memory) => memory.release(key, limits, &corrections, now_ms),
            Self::Redis(redis) => redis.release(key, limits, &corrections, ticket, now_ms).await,
        }
    }

    /// Where limits stand: `Reserved`, or `Missing`. Errors: [`Error::CountersAway`].
    pub async fn peek(&self, workspace: Uuid, limits: &[Limit], now_ms: i64) -> Result<Verdict, Error> {
        if limits.is_empty() {
            return Ok(Verdict::Reserved(vec![]));
        }
        match self {
            Self::Memory(memory) => memory.peek(workspace, limits, now_ms),
            Self::Redis(redis) => redis.peek(workspace, limits, now_ms).await,
        }
    }

    /// From now on what changes a missing counter is noted, until it is installed. Errors: [`Error::CountersAway`].
    pub async fn begin_load(&self, workspace: Uuid, limit: &Limit, now_ms: i64) -> Result<Begun, Error> {
        match self {
            Self::Memory(memory) => {
                memory.begin_load(workspace, limit, now_ms);
                Ok(Begun::default())
            }
            Self::Redis(redis) => redis.begin_load(workspace, limit).await,
        }
    }

    /// Installs what SQL has for a counter. False: it changed meanwhile, and `must_be_exact`; or it was dropped.
    /// Otherwise what changed is added, so that at worst something counts twice until the counter is loaded again.
    /// Errors: [`Error::CountersAway`].
    pub async fn install(
        &self,
        workspace: Uuid,
        limit: &Limit,
        used: i64,
        begun: Begun,
        must_be_exact: bool,
    ) -> Result<bool, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.install(workspace, limit, used, must_be_exact)),
            Self::Redis(redis) => redis.install(workspace, limit, used, begun, must_be_exact).await,
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
