//! The counters of one process.

mod quota;

use super::{Begun, Reading, Verdict, gcra::Bucket};
use crate::{
    Error,
    grant::GrantKey,
    limit::{Kind, Limit, Owner, Reservation, Standing},
};
use quota::Used;
use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};
use uuid::Uuid;

/// A reservation locks the shards of all its limits, in their order: what it does is one step to everybody else.
const SHARDS: usize = 16;
/// Counters per shard. What is idle makes room.
const MAX_PER_SHARD: usize = 65_536;

pub(crate) struct Memory {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    /// Loads that have begun.
    loads: AtomicI64,
}

/// By workspace (the zero uuid: of none) and name.
type Name = (Uuid, String);
type Shard = HashMap<Name, Counter>;

enum Counter {
    Bucket {
        bucket: Bucket,
        limit: i64,
    },
    /// Grants that run, by request and attempt, and when each is given up (milliseconds since 1970).
    Running(HashMap<(Uuid, i64), i64>),
    Quota(Used),
}

/// The shards of some limits, locked.
struct Locked<'a> {
    guards: Vec<(usize, MutexGuard<'a, Shard>)>,
    /// Of each limit: where it is, and what it is called.
    places: Vec<(usize, Name)>,
}

impl Memory {
    pub fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new(), loads: AtomicI64::new(1) }
    }

    /// Errors: [`Error::CountersFull`].
    pub fn reserve(&self, reservation: &mut Reservation, now: i64) -> Result<Verdict, Error> {
        let Reservation { key, limits, expires_ms, .. } = reservation;
        let mut locked = self.lock(key.workspace, limits);
        locked.make_room(now)?;
        let mut standings = Vec::with_capacity(limits.len());
        let mut missing = vec![];
        for (index, limit) in limits.iter().enumerate() {
            match look(locked.counter(index, limit), key, limit, limit.cost, now) {
                Some(standing) => standings.push(standing),
                None => missing.push(index),
            }
        }
        if !missing.is_empty() {
            return Ok(Verdict::Missing(missing));
        }
        if standings.iter().any(|s| s.retry_ms > 0) {
            return Ok(Verdict::Refused(standings));
        }
        for (index, (limit, standing)) in limits.iter_mut().zip(&mut standings).enumerate() {
            let counter = locked.counter(index, limit);
            match counter {
                Counter::Bucket { bucket, .. } => bucket.take(limit.cost),
                Counter::Running(grants) => drop(grants.insert((key.request, key.attempt), *expires_ms)),
                Counter::Quota(used) => limit.cost = used.take((key.request, key.attempt), limit, now),
            }
            *standing = look(counter, key, limit, 0, now).unwrap_or(*standing);
        }
        Ok(Verdict::Reserved(standings))
    }

    /// Gives back what ran, and adds the corrections; or takes the reservation back as if it had never been.
    pub fn release(&self, key: &GrantKey, limits: &[Limit], corrections: &[i64], is_undo: bool, now: i64) {
        let mut locked = self.lock(key.workspace, limits);
        let grant = (key.request, key.attempt);
        for (index, (limit, correction)) in limits.iter().zip(corrections).enumerate() {
            if limit.quota().is_some() {
                // One that is not there may be about to be read, from before this.
                if let Counter::Quota(used) = locked.counter(index, limit) {
                    used.end(grant, (!is_undo).then_some(*correction), now);
                }
                continue;
            }
            match locked.existing(index) {
                Some(Counter::Running(grants)) => drop(grants.remove(&grant)),
                Some(Counter::Bucket { bucket, .. }) => {
                    bucket.drain(limit.limit, now);
                    bucket.take(*correction);
                }
                Some(Counter::Quota(_)) | None => {}
            }
        }
    }

    pub fn amend(&self, workspace: Uuid, limit: &Limit, by: i64) {
        if let Some(Counter::Quota(used)) = self.lock(workspace, std::slice::from_ref(limit)).existing(0) {
            used.amend(by);
        }
    }

    pub fn peek(&self, workspace: Uuid, limits: &[Limit], now: i64) -> Result<Verdict, Error> {
        let nobody = GrantKey { workspace, request: Uuid::nil(), attempt: 0 };
        let mut locked = self.lock(workspace, limits);
        locked.make_room(now)?;
        let looked = limits.iter().enumerate().map(|(i, limit)| look(locked.counter(i, limit), &nobody, limit, 0, now));
        let looked: Vec<_> = looked.collect();
        let missing: Vec<_> = looked.iter().enumerate().filter(|(_, s)| s.is_none()).map(|(i, _)| i).collect();
        let verdict =
            |standings| if missing.is_empty() { Verdict::Reserved(standings) } else { Verdict::Missing(missing) };
        Ok(verdict(looked.into_iter().flatten().collect()))
    }

    pub fn begin_load(&self, workspace: Uuid, limit: &Limit, now: i64) -> Begun {
        let number = self.loads.fetch_add(1, Ordering::Relaxed);
        let mut locked = self.lock(workspace, std::slice::from_ref(limit));
        match locked.counter(0, limit) {
            Counter::Quota(used) => used.begin(Begun(number), now),
            _ => Begun(number),
        }
    }

    pub fn install(&self, workspace: Uuid, limit: &Limit, begun: Begun, reading: &Reading) -> bool {
        let mut locked = self.lock(workspace, std::slice::from_ref(limit));
        match locked.existing(0) {
            Some(Counter::Quota(used)) => used.install(begun, reading),
            _ => false,
        }
    }

    /// Forgets counters that stand where new ones would begin.
    pub fn drop_idle(&self, now: i64) {
        for shard in &self.shards {
            drop_idle(&mut shard.lock().unwrap_or_else(PoisonError::into_inner), now);
        }
    }

    #[cfg(test)]
    pub fn forget(&self) {
        self.shards.iter().for_each(|shard| shard.lock().unwrap().clear());
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|s| s.lock().unwrap().len()).sum()
    }

    fn lock(&self, workspace: Uuid, limits: &[Limit]) -> Locked<'_> {
        let places: Vec<_> = limits.iter().map(|limit| self.place(workspace, limit)).collect();
        let mut order: Vec<_> = places.iter().map(|(shard, _)| *shard).collect();
        order.sort_unstable();
        order.dedup();
        let lock = |shard: usize| (shard, self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner));
        Locked { guards: order.into_iter().map(lock).collect(), places }
    }

    fn place(&self, workspace: Uuid, limit: &Limit) -> (usize, Name) {
        match limit.owner {
            Owner::Platform | Owner::Address => {
                let name = limit.name();
                let hash = self.hasher.hash_one(&name);
                (usize::try_from(hash % SHARDS as u64).unwrap_or(0), (Uuid::nil(), name))
            }
            _ => (usize::from(workspace.as_bytes()[15]) % SHARDS, (workspace, limit.name())),
        }
    }
}

impl Locked<'_> {
    /// Errors: [`Error::CountersFull`].
    fn make_room(&mut self, now: i64) -> Result<(), Error> {
        for (_, shard) in &mut self.guards {
            if shard.len() + self.places.len() > MAX_PER_SHARD {
                drop_idle(shard, now);
            }
            if shard.len() + self.places.len() > MAX_PER_SHARD {
                return Err(Error::CountersFull);
            }
        }
        Ok(())
    }

    fn existing(&mut self, index: usize) -> Option<&mut Counter> {
        let (shard, name) = &self.places[index];
        let (_, guard) = self.guards.iter_mut().find(|(locked, _)| locked == shard)?;
        guard.get_mut(name)
    }

    fn counter(&mut self, index: usize, limit: &Limit) -> &mut Counter {
        let (shard, name) = &self.places[index];
        // Every place was locked with its shard; the first is only named so that there is no way to fail.
        let at = self.guards.iter().position(|(locked, _)| locked == shard).unwrap_or(0);
        self.guards[at].1.entry(name.clone()).or_insert_with(|| match &limit.kind {
            Kind::Concurrency => Counter::Running(HashMap::new()),
            Kind::Requests | Kind::Tokens => Counter::Bucket { bucket: Bucket::default(), limit: limit.limit },
            Kind::Quota(quota) => Counter::Quota(Used::new(quota.span.end)),
        })
    }
}

/// Where a limit stands for an attempt that asks for `cost`; None if nobody knows.
fn look(counter: &mut Counter, key: &GrantKey, limit: &Limit, cost: i64, now: i64) -> Option<Standing> {
    let standing = match counter {
        Counter::Bucket { bucket, limit: known } => {
            bucket.drain(limit.limit, now);
            *known = limit.limit;
            bucket.standing(limit.limit, cost)
        }
        Counter::Running(grants) => running(grants, key, limit.limit, cost, now),
        Counter::Quota(used) => used.standing(limit, cost, now)?,
    };
    // A soft limit is never in the way.
    Some(if limit.soft { Standing { retry_ms: 0, ..standing } } else { standing })
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
        Counter::Quota(used) => !used.is_idle(now),
    });
}
