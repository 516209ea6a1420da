//! What may this process admit without asking Redis?
//!
//! Small shares of the hard limits that are in use, taken from Redis beforehand: nobody else gets them meanwhile, so that
//! what is admitted from them passes no limit. Who asks for more than is held is refused, however much there may be.
//! What cannot be shared, because one request needs nearly all that is left of it, is held whole as long as nobody else
//! asks for it.

use super::{
    slot::{Slot, by_slot, counter},
    tenure::Tenure,
};
use crate::{
    grant::GrantKey,
    limit::{Kind, Limit, Reservation, Standing},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// Slots of which something is held.
const MAX_SLOTS: usize = 1_000;
/// What nobody has asked for is given back after this time.
const IDLE: Duration = Duration::from_secs(300);
/// So long nothing is taken of a slot that others needed.
const SHY: Duration = Duration::from_secs(30);
/// So long nothing is taken of a slot that this process itself needed whole.
const USED: Duration = Duration::from_secs(5);
/// So long nothing is held whole of a slot that others needed.
const SHARED: Duration = Duration::from_secs(600);
/// At least so many times of what a request asks for is wanted; and so many times of what was asked for lately.
const REQUESTS: i64 = 4;
const LATELY: i64 = 4;

#[derive(Default)]
pub(super) struct Leases(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    pub tenure: Option<Tenure>,
    pub slices: HashMap<Slot, Slice>,
    /// What Redis has yet to hear of, and to get back.
    pub returning: Vec<(Slot, Slice)>,
    wanted: HashMap<Slot, Wanted>,
}

/// What is held of one slot.
#[derive(Debug, Default)]
pub(super) struct Slice {
    /// By counter.
    shares: HashMap<String, Share>,
    /// What was admitted from it.
    pub grants: Vec<Adopted>,
    runs: HashSet<(Uuid, i64)>,
}

#[derive(Debug, Default)]
struct Share {
    /// Of concurrency: how many may run; of everything else: how much is left.
    amount: i64,
    /// The limit of which it is a share.
    of: i64,
    running: HashMap<(Uuid, i64), i64>,
}

/// An attempt that Redis has yet to hear of, in one slot.
#[derive(Clone, Debug)]
pub(super) struct Adopted {
    pub key: GrantKey,
    pub ticket: String,
    pub limits: Vec<Limit>,
    pub expires_ms: i64,
}

/// What is asked for of one slot.
struct Wanted {
    limits: HashMap<String, Want>,
    asked: Instant,
    not_before: Instant,
    shared_until: Instant,
}

/// What should be held of one slot.
pub(super) struct Planned {
    pub slot: Slot,
    pub wants: Vec<Want>,
    /// Nobody else has needed anything of it lately.
    pub is_alone: bool,
}

/// A limit that is in use.
#[derive(Clone, Debug)]
pub(super) struct Want {
    pub limit: Limit,
    /// How much of it would be good to have.
    pub amount: i64,
    /// How much one request needs.
    pub one: i64,
    lately: i64,
    standing: Standing,
    asked: Instant,
}

impl Leases {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what is asked for, so that some of it is held when Redis goes away.
    pub fn note(&self, reservation: &Reservation, standings: &[Standing]) {
        let Reservation { key, limits, .. } = reservation;
        let (mut state, now) = (self.state(), Instant::now());
        for (slot, indices) in by_slot(key.workspace, limits) {
            let is_known = state.wanted.contains_key(&slot);
            if indices.iter().all(|index| limits[*index].soft) || !is_known && state.wanted.len() >= MAX_SLOTS {
                continue;
            }
            let new = || Wanted { limits: HashMap::new(), asked: now, not_before: now, shared_until: now };
            let wanted = state.wanted.entry(slot).or_insert_with(new);
            wanted.asked = now;
            for index in indices.into_iter().filter(|index| !limits[*index].soft) {
                let limit = &limits[index];
                let standing = standings.get(index).copied().unwrap_or_default();
                let new = || Want { limit: limit.clone(), amount: 0, one: 0, lately: 0, standing, asked: now };
                let want = wanted.limits.entry(counter(limit)).or_insert_with(new);
                want.lately = want.lately.saturating_add(limit.cost);
                if limit.cost > 0 {
                    want.one = limit.cost;
                }
                (want.limit, want.standing, want.asked) = (limit.clone(), standing, now);
            }
        }
    }

    /// Whether it holds enough of every hard limit.
    pub fn fits(&self, reservation: &Reservation, now: i64) -> bool {
        self.state().fits(reservation, now)
    }

    /// Reserves from what is held, if it holds enough of every hard limit. None: it does not.
    pub fn take(&self, reservation: &mut Reservation, now: i64) -> Option<Vec<Standing>> {
        let mut state = self.state();
        if !state.fits(reservation, now) {
            return None;
        }
        let Reservation { key, limits, expires_ms, ticket, admitting, .. } = reservation;
        let tenure = state.tenure.as_ref().filter(|tenure| tenure.used && !tenure.is_over())?;
        *admitting = Some(Arc::clone(&tenure.admitting.0));
        let slots = by_slot(key.workspace, limits);
        let mut standings = vec![Standing::default(); limits.len()];
        for (slot, indices) in slots {
            let known = |state: &State, limit: &Limit| {
                let want = state.wanted.get(&slot).and_then(|wanted| wanted.limits.get(&counter(limit)));
                want.map(|want| want.standing).unwrap_or_default()
            };
            for index in &indices {
                standings[*index] = known(&state, &limits[*index]);
            }
            let slice = state.slices.entry(slot).or_default();
            for index in &indices {
                slice.take(key, &mut limits[*index], *expires_ms);
            }
            let limits = indices.iter().map(|index| limits[*index].clone()).collect();
            slice.runs.insert((key.request, key.attempt));
            slice.grants.push(Adopted { key: *key, ticket: ticket.clone(), limits, expires_ms: *expires_ms });
        }
        Some(standings)
    }

    /// Something ended that may have been admitted from here: it makes room for the next.
    pub fn release(&self, key: &GrantKey, limits: &[Limit], corrections: &[i64]) {
        let mut state = self.state();
        if state.slices.is_empty() {
            return;
        }
        for (slot, indices) in by_slot(key.workspace, limits) {
            let Some(slice) = state.slices.get_mut(&slot) else { continue };
            if !slice.runs.remove(&(key.request, key.attempt)) {
                continue;
            }
            for index in indices {
                let Some(share) = slice.shares.get_mut(&counter(&limits[index])) else { continue };
                match limits[index].kind {
                    Kind::Concurrency => drop(share.running.remove(&(key.request, key.attempt))),
                    _ => share.amount = share.amount.saturating_sub(corrections[index]),
                }
            }
        }
    }
}

impl State {
    fn fits(&self, Reservation { key, limits, .. }: &Reservation, now: i64) -> bool {
        let fits = |(slot, indices): &(Slot, Vec<usize>)| {
            let is_soft = indices.iter().all(|index| limits[*index].soft);
            let slice = self.slices.get(slot);
            is_soft || slice.is_some_and(|slice| indices.iter().all(|index| slice.fits(key, &limits[*index], now)))
        };
        by_slot(key.workspace, limits).iter().all(fits)
    }

    /// The slots of which something should be held now, and how much.
    pub fn plan(&mut self) -> Vec<Planned> {
        let now = Instant::now();
        self.wanted.retain(|_, wanted| wanted.asked + IDLE > now || wanted.shared_until > now);
        let due = self.wanted.iter_mut().filter(|(_, wanted)| wanted.asked + IDLE > now && wanted.not_before <= now);
        let planned = due.map(|(slot, wanted)| {
            // Days end, and limits are taken away.
            wanted.limits.retain(|_, want| want.asked + IDLE > now);
            let wants = wanted.limits.values_mut().map(Want::next).collect();
            Planned { slot: slot.clone(), wants, is_alone: wanted.shared_until <= now }
        });
        planned.collect()
    }

    /// This process needed all that there is of this slot itself.
    pub fn pause(&mut self, slot: &Slot) {
        if let Some(wanted) = self.wanted.get_mut(slot) {
            wanted.not_before = wanted.not_before.max(Instant::now() + USED);
        }
    }

    /// Whether something may be taken of a slot in place of what is held of it. As long as Redis has not heard of what was
    /// admitted from that, and has not got it back, it would count neither; and what is given back then is all that is
    /// held, whatever has been taken meanwhile.
    pub fn is_free(&mut self, slot: &Slot) -> bool {
        if self.returning.iter().any(|(returning, _)| returning == slot) {
            return false;
        }
        match self.slices.remove(slot) {
            Some(used) if used.is_used() => {
                self.returning.push((slot.clone(), used));
                false
            }
            _ => true,
        }
    }

    /// Others needed what was held of this slot.
    pub fn shy_away(&mut self, slot: &Slot) {
        if let Some(wanted) = self.wanted.get_mut(slot) {
            let now = Instant::now();
            (wanted.not_before, wanted.shared_until) = (now + SHY, now + SHARED);
        }
    }

    /// As if some time had passed.
    #[cfg(test)]
    pub fn hurry(&mut self) {
        let now = Instant::now();
        self.wanted.values_mut().for_each(|wanted| (wanted.not_before, wanted.shared_until) = (now, now));
    }

    pub fn is_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }
}

impl Want {
    /// How much would be good to have, as things went lately.
    fn next(&mut self) -> Self {
        let least = self.one.saturating_mul(REQUESTS);
        self.amount = least.max(std::mem::take(&mut self.lately).saturating_mul(LATELY));
        self.clone()
    }
}

impl Slice {
    /// `amounts`: of each limit what is held.
    pub fn of(wants: &[Want], amounts: &[i64]) -> Self {
        let share = |(want, amount): (&Want, &i64)| {
            let share = Share { amount: *amount, of: want.limit.limit, running: HashMap::new() };
            (counter(&want.limit), share)
        };
        Self { shares: wants.iter().zip(amounts).map(share).collect(), ..Self::default() }
    }

    /// Whether something was admitted from it.
    pub fn is_used(&self) -> bool {
        !self.grants.is_empty()
    }

    fn fits(&self, key: &GrantKey, limit: &Limit, now: i64) -> bool {
        if limit.soft || limit.cost == 0 {
            return true;
        }
        let Some(share) = self.shares.get(&counter(limit)) else { return false };
        if limit.limit < share.of {
            // It was lowered since: how much of what is held is still within it nobody knows.
            return false;
        }
        match limit.kind {
            Kind::Concurrency => {
                let running = share.running.iter().filter(|(_, expires)| **expires > now).count();
                let own = (1..key.attempt).filter(|n| share.running.contains_key(&(key.request, *n))).count();
                i64::try_from(running.saturating_sub(own)).unwrap_or(i64::MAX) < share.amount
            }
            Kind::Quota(_) => limit.least.min(limit.cost) <= share.amount,
            Kind::Requests | Kind::Tokens => limit.cost <= share.amount,
        }
    }

    fn take(&mut self, key: &GrantKey, limit: &mut Limit, expires_ms: i64) {
        let Some(share) = self.shares.get_mut(&counter(limit)) else { return };
        match limit.kind {
            Kind::Concurrency => drop(share.running.insert((key.request, key.attempt), expires_ms)),
            Kind::Quota(_) if !limit.soft => {
                limit.cost = limit.cost.min(share.amount.max(limit.least));
                share.amount -= limit.cost;
            }
            _ => share.amount -= limit.cost,
        }
    }
}
