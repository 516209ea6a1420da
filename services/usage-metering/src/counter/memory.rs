//! The counters of one process.

use super::{Verdict, gcra::Bucket};
use crate::{
    Error,
    grant::GrantKey,
    limit::{Kind, Limit, Owner, Reservation, Standing},
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// All layers of a request belong to one workspace, so they share a shard: one lock makes the reservation atomic.
const SHARDS: usize = 16;
/// Counters per shard. An attacker cannot make them up: each needs a workspace or key that exists.
const MAX_PER_SHARD: usize = 65_536;

pub(crate) struct Memory {
    shards: [Mutex<Shard>; SHARDS],
}

type Shard = HashMap<(Uuid, Owner, Uuid, Kind), Counter>;

enum Counter {
    Bucket {
        bucket: Bucket,
        limit: i64,
    },
    /// Grants that run, by request and attempt, and when each is given up (milliseconds since 1970).
    Running(HashMap<(Uuid, i64), i64>),
}

impl Memory {
    pub fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// Errors: [`Error::CountersFull`].
    pub fn reserve(&self, reservation: &Reservation, now: i64) -> Result<Verdict, Error> {
        let Reservation { key, limits, expires_ms } = reservation;
        let mut shard = self.shard(key.workspace);
        if shard.len() + limits.len() > MAX_PER_SHARD {
            drop_idle(&mut shard, now);
            if shard.len() + limits.len() > MAX_PER_SHARD {
                return Err(Error::CountersFull);
            }
        }
        let standings: Vec<_> = limits.iter().map(|l| look(&mut shard, key, l, l.cost, now)).collect();
        if standings.iter().any(|s| s.retry_ms > 0) {
            return Ok(Verdict::Refused(standings));
        }
        let after = limits.iter().map(|limit| {
            match shard.get_mut(&name(key.workspace, limit)) {
                Some(Counter::Bucket { bucket, .. }) => bucket.take(limit.cost),
                Some(Counter::Running(grants)) => drop(grants.insert((key.request, key.attempt), *expires_ms)),
                None => {}
            }
            look(&mut shard, key, limit, 0, now)
        });
        Ok(Verdict::Reserved(after.collect()))
    }

    /// Gives back what ran, and the difference between what was estimated and what was used.
    pub fn release(&self, key: &GrantKey, limits: &[Limit], used_tokens: Option<i64>, now: i64) {
        let mut shard = self.shard(key.workspace);
        for limit in limits {
            match (shard.get_mut(&name(key.workspace, limit)), limit.kind) {
                (Some(Counter::Running(grants)), _) => drop(grants.remove(&(key.request, key.attempt))),
                (Some(Counter::Bucket { bucket, .. }), Kind::Tokens) => {
                    bucket.drain(limit.limit, now);
                    bucket.take(used_tokens.map_or(0, |used| used - limit.cost));
                }
                _ => {}
            }
        }
    }

    /// Undoes a reservation as if it had never been: the request did not run.
    pub fn undo(&self, key: &GrantKey, limits: &[Limit], now: i64) {
        self.release(key, limits, Some(0), now);
        let mut shard = self.shard(key.workspace);
        for limit in limits.iter().filter(|l| l.kind == Kind::Requests) {
            if let Some(Counter::Bucket { bucket, .. }) = shard.get_mut(&name(key.workspace, limit)) {
                bucket.take(-limit.cost);
            }
        }
    }

    pub fn peek(&self, workspace: Uuid, limits: &[Limit], now: i64) -> Vec<Standing> {
        let nobody = GrantKey { workspace, request: Uuid::nil(), attempt: 0 };
        let mut shard = self.shard(workspace);
        limits.iter().map(|limit| look(&mut shard, &nobody, limit, 0, now)).collect()
    }

    /// Forgets counters that stand where new ones would begin.
    pub fn drop_idle(&self, now: i64) {
        for shard in &self.shards {
            drop_idle(&mut shard.lock().unwrap_or_else(PoisonError::into_inner), now);
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|s| s.lock().unwrap().len()).sum()
    }

    fn shard(&self, workspace: Uuid) -> MutexGuard<'_, Shard> {
        let byte = usize::from(workspace.as_bytes()[15]);
        self.shards[byte % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn name(workspace: Uuid, limit: &Limit) -> (Uuid, Owner, Uuid, Kind) {
    (workspace, limit.owner, limit.id, limit.kind)
}

/// Where a limit stands for an attempt that asks for `cost`.
fn look(shard: &mut Shard, key: &GrantKey, limit: &Limit, cost: i64, now: i64) -> Standing {
    let counter = shard.entry(name(key.workspace, limit)).or_insert_with(|| match limit.kind {
        Kind::Concurrency => Counter::Running(HashMap::new()),
        Kind::Requests | Kind::Tokens => Counter::Bucket { bucket: Bucket::default(), limit: limit.limit },
    });
    match counter {
        Counter::Bucket { bucket, limit: known } => {
            bucket.drain(limit.limit, now);
            *known = limit.limit;
            bucket.standing(limit.limit, cost)
        }
        Counter::Running(grants) => running(grants, key, limit.limit, cost, now),
    }
}

fn running(grants: &mut HashMap<(Uuid, i64), i64>, key: &GrantKey, limit: i64, cost: i64, now: i64) -> Standing {
    let count = |grants: &HashMap<_, _>| i64::try_from(grants.len()).unwrap_or(i64::MAX);
    if count(grants) >= limit {
        grants.retain(|_, expires| *expires > now);
    }
    let used = count(grants);
    // Earlier attempts of the same request have failed; their settlement may be on its way. It must not stand in the
    // way of its own fallback.
    let own = (1..key.attempt).filter(|n| grants.contains_key(&(key.request, *n))).count();
    let fits = cost == 0 || used - i64::try_from(own).unwrap_or(0) + cost <= limit;
    Standing { used, reset_ms: if used > 0 { 1_000 } else { 0 }, retry_ms: if fits { 0 } else { 1_000 } }
}

fn drop_idle(shard: &mut Shard, now: i64) {
    shard.retain(|_, counter| match counter {
        Counter::Bucket { bucket, limit } => {
            bucket.drain(*limit, now);
            !bucket.is_empty()
        }
        Counter::Running(grants) => {
            grants.retain(|_, expires| *expires > now);
            !grants.is_empty()
        }
    });
}
