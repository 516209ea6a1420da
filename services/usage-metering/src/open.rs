//! Which grants of this process are open?
//!
//! The process that admitted a grant answers a repeated admission, and knows at once what a settlement gives back.
//! Grants of other processes are in `open_grants` only.

use crate::{
    admit::Price,
    grant::GrantKey,
    limit::{self, Limit},
};
use proto::usage::LimitState;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

const SHARDS: usize = 16;

pub(crate) struct OpenGrants {
    shards: [Mutex<HashMap<GrantKey, OpenGrant>>; SHARDS],
}

/// What this process remembers of a grant.
pub(crate) struct OpenGrant {
    /// What the first admission answered.
    pub answer: Answer,
    /// What is still reserved; empty once it was given back.
    pub limits: Vec<Limit>,
    /// Of the reservation.
    pub ticket: String,
    pub price: Price,
    /// Microseconds since 1970.
    pub expires_at: i64,
}

/// What an admission answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub limits: Vec<LimitState>,
    /// Output tokens after which quota or budget is used up.
    pub stop_after: Option<i64>,
}

impl OpenGrants {
    pub fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// What the first admission of this grant answered, if it is open.
    pub fn answer(&self, key: &GrantKey) -> Option<Answer> {
        self.shard(key).get(key).map(|grant| grant.answer.clone())
    }

    /// What an open grant has reserved, as `open_grants` keeps it.
    pub fn reserved(&self, key: &GrantKey) -> String {
        self.shard(key).get(key).map_or_else(String::new, |grant| limit::to_text(&grant.limits, &grant.ticket))
    }

    pub fn insert(&self, key: GrantKey, grant: OpenGrant) {
        self.shard(&key).insert(key, grant);
    }

    /// Whoever takes a grant settles it.
    pub fn take(&self, key: &GrantKey) -> Option<OpenGrant> {
        self.shard(key).remove(key)
    }

    /// Grants that expired before `now` (microseconds since 1970) and that nobody settled.
    pub fn take_expired(&self, now: i64) -> Vec<(GrantKey, OpenGrant)> {
        let expired = |shard: &Mutex<HashMap<GrantKey, OpenGrant>>| {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.extract_if(|_, grant| grant.expires_at < now).collect::<Vec<_>>()
        };
        self.shards.iter().flat_map(expired).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|s| s.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn shard(&self, key: &GrantKey) -> MutexGuard<'_, HashMap<GrantKey, OpenGrant>> {
        let byte = usize::from(key.request.as_bytes()[15]);
        self.shards[byte % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
