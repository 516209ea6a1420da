//! Daily usage counters in Redis: `perpetuo:{<workspace>}:usage:<resource>:<yyyy-mm-dd>`, days of UTC, kept 90 days.
//!
//! For who watches; nobody decides by them. The process that committed ledger rows adds them a moment later, at most
//! once: what Redis did not take for certain is missing until `perpetuo usage rebuild-counters`.

use crate::{Error, metric::Metrics};
use ::redis::{
    Client, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use chrono::{DateTime, NaiveDate};
use host::{Tasks, config::Secret};
use proto::{id::WorkspaceId, usage::Tokens};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// How long a counter is kept after it was last added to.
pub(crate) const KEPT_SECONDS: i64 = 90 * 24 * 60 * 60;
/// How often sums are handed to Redis.
const PERIOD: Duration = Duration::from_millis(500);
/// How long Redis may take. Nobody waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// Counters that may wait for Redis. What comes beyond them is counted as dropped.
const MAX_WAITING: usize = 100_000;
/// Counters in one round trip.
const CHUNK: usize = 1_000;

/// What is added to which counter.
#[derive(Debug, Default)]
pub(crate) struct Daily(BTreeMap<String, i64>);

/// The way to the counters. Cheap to clone; without Redis it leads nowhere.
#[derive(Clone)]
pub(crate) struct DailyCounters(Option<Arc<Live>>);

struct Live {
    manager: ConnectionManager,
    waiting: Mutex<Daily>,
    metrics: Metrics,
}

impl Daily {
    /// Adds what a workspace used on the day of `at`, in microseconds since 1970.
    pub fn add(&mut self, workspace: Uuid, at: i64, requests: i64, tokens: &Tokens, cost: (&str, i64)) {
        let day = DateTime::from_timestamp_micros(at).unwrap_or_default().date_naive();
        let t = tokens;
        let input = t.input + t.cache_read + t.cache_write_5m + t.cache_write_1h + t.audio_input + t.image_input;
        let output = t.output + t.audio_output + t.image_output;
        for (resource, amount) in figures(requests, input, output, cost) {
            *self.0.entry(key(workspace, &resource, day)).or_default() += amount;
        }
    }

    /// Adds what a workspace recorded of a resource.
    pub fn add_resource(&mut self, workspace: Uuid, at: DateTime<chrono::Utc>, resource: &str, quantity: i64) {
        if quantity != 0 {
            *self.0.entry(key(workspace, resource, at.date_naive())).or_default() += quantity;
        }
    }

    fn merge(&mut self, other: Self) -> usize {
        let mut dropped = 0;
        for (key, amount) in other.0 {
            if self.0.len() < MAX_WAITING || self.0.contains_key(&key) {
                *self.0.entry(key).or_default() += amount;
            } else {
                dropped += 1;
            }
        }
        dropped
    }
}

/// The resources that are counted, without those of which nothing was used.
pub(crate) fn figures(
    requests: i64,
    input: i64,
    output: i64,
    (currency, cost): (&str, i64),
) -> impl Iterator<Item = (String, i64)> {
    let cost_of = format!("cost_nanos:{currency}");
    let named = [("requests", requests), ("input_tokens", input), ("output_tokens", output)];
    let named = named.into_iter().map(|(name, amount)| (name.to_owned(), amount));
    named.chain([(cost_of, cost)]).filter(|(_, amount)| *amount != 0)
}

/// Where a counter is. The workspace is the hash tag, as of its limits.
pub(crate) fn key(workspace: Uuid, resource: &str, day: NaiveDate) -> String {
    format!("perpetuo:{{{}}}:usage:{resource}:{day}", WorkspaceId::from_uuid(workspace))
}

impl DailyCounters {
    /// Nobody watches.
    pub const fn nowhere() -> Self {
        Self(None)
    }

    /// Errors: [`Error::RedisUrl`].
    pub fn start(url: Option<&Secret>, metrics: &Metrics, tasks: &Tasks) -> Result<Self, Error> {
        let Some(url) = url else { return Ok(Self(None)) };
        let client = Client::open(url.expose()).map_err(|_| Error::RedisUrl)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_max_delay(PERIOD);
        let manager = ConnectionManager::new_lazy_with_config(client, config).map_err(|_| Error::RedisUrl)?;
        let counters = Self(Some(Arc::new(Live { manager, waiting: Mutex::default(), metrics: metrics.clone() })));
        let writing = counters.clone();
        drop(tasks.every("write daily usage counters", PERIOD, move || {
            let counters = writing.clone();
            async move { counters.write().await }
        }));
        Ok(counters)
    }

    /// Called once the rows are committed.
    pub fn add(&self, daily: Daily) {
        let Some(live) = &self.0 else { return };
        let dropped = live.waiting.lock().unwrap_or_else(PoisonError::into_inner).merge(daily);
        live.metrics.daily_dropped.inc_by(dropped as u64);
    }

    /// Hands Redis what waits. While it is away that goes on waiting.
    pub async fn write(&self) {
        let Some(live) = &self.0 else { return };
        if live.waiting.lock().unwrap_or_else(PoisonError::into_inner).0.is_empty() {
            return;
        }
        let mut manager = live.manager.clone();
        // First whether it answers at all: of an addition that is not answered nobody knows whether it was made.
        if ::redis::cmd("PING").query_async::<()>(&mut manager).await.is_err() {
            return;
        }
        let daily = std::mem::take(&mut *live.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let sums: Vec<_> = daily.0.into_iter().collect();
        for chunk in sums.chunks(CHUNK) {
            if let Err(error) = add(&mut manager, chunk).await {
                live.metrics.daily_dropped.inc_by(chunk.len() as u64);
                tracing::warn!(%error, "daily usage counters may be missing: `perpetuo usage rebuild-counters` mends them");
            }
        }
    }
}

/// Adds to counters, and has each kept for another 90 days.
pub(crate) async fn add(to: &mut impl ::redis::aio::ConnectionLike, sums: &[(String, i64)]) -> Result<(), RedisError> {
    let mut pipe = ::redis::pipe();
    for (key, amount) in sums {
        pipe.cmd("INCRBY").arg(key).arg(*amount).ignore();
        pipe.cmd("EXPIRE").arg(key).arg(KEPT_SECONDS).ignore();
    }
    pipe.query_async(to).await
}
