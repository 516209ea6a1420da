//! What holds for one request: the workspace's settings where it has any, else the gateway's own.

use crate::{Config, config::Timers};
use proto::routing::{self, Semantic, Shadow, StickyBy, Strategy};
use std::time::Duration;

/// The first pause before a retry.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Over how long the speed of a stream is measured.
const WINDOW: Duration = Duration::from_secs(1);
/// How long a conversation is remembered.
const CONVERSATION: Duration = Duration::from_secs(600);

/// Of so many of 100 requests a second call is made at most.
const HEDGED_PERCENT: f64 = 10.0;
/// The longest answer that is kept.
const KEPT_BYTES: usize = 1024 * 1024;

/// How the attempts of one request are made.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub strategy: Strategy,
    pub retries: Retries,
    /// `total` is that of the request, from its arrival on.
    pub timers: Timers,
    pub floor: Option<Floor>,
    pub sticky: Sticky,
    pub breaker: Breaker,
    /// None: no answer is given again.
    pub cache: Option<Cache>,
    /// None: one call at a time.
    pub hedge: Option<Hedge>,
    pub shadow: Option<Shadow>,
}

/// Which answers are given again.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    pub ttl: Duration,
    /// In bytes.
    pub most: usize,
    /// Also to requests that mean the same.
    pub semantic: Option<Semantic>,
}

/// When another provider is asked beside the first one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hedge {
    pub after: Duration,
    /// At most, of 100 requests.
    pub percent: f64,
}

/// How often the same provider is asked again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retries {
    pub most: u32,
    pub first: Duration,
    pub longest: Duration,
}

/// How fast a stream has to begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    /// In the whole window.
    pub tokens: i64,
    pub window: Duration,
}

/// What keeps requests together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sticky {
    pub by: StickyBy,
    pub idle: Duration,
}

/// When a provider is left alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Breaker {
    /// Failures in a row; 0: never.
    pub failures: u32,
    pub open: Duration,
}

impl Policy {
    /// What `settings` come to in a gateway with this configuration.
    pub(crate) fn new(settings: &routing::Policy, config: &Config) -> Self {
        let retries = settings.retries.unwrap_or_default();
        let sticky = settings.sticky.unwrap_or_default();
        let breaker = settings.breaker.unwrap_or_default();
        let floor = settings.min_throughput.map(|throughput| {
            let window = millis(throughput.window_ms).unwrap_or(WINDOW);
            let tokens = i64::from(throughput.tokens_per_second).saturating_mul(as_millis(window)) / 1000;
            Floor { tokens: tokens.max(1), window }
        });
        Self {
            strategy: settings.strategy(),
            retries: Retries {
                most: u32::try_from(retries.max).unwrap_or(0),
                first: millis(retries.base_ms).unwrap_or(FIRST_PAUSE),
                longest: millis(retries.max_ms).unwrap_or(LONGEST_PAUSE),
            },
            timers: timers(settings.deadlines.unwrap_or_default(), config.timers()),
            floor,
            sticky: Sticky {
                by: sticky.by(),
                idle: u64::try_from(sticky.idle_seconds)
                    .ok()
                    .filter(|seconds| *seconds > 0)
                    .map_or(CONVERSATION, Duration::from_secs),
            },
            cache: settings.cache.as_ref().filter(|cache| cache.ttl_seconds > 0).map(|cache| Cache {
                ttl: Duration::from_secs(u64::try_from(cache.ttl_seconds).unwrap_or(0)),
                most: usize::try_from(cache.max_bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(KEPT_BYTES),
                semantic: cache.semantic.clone(),
            }),
            hedge: settings.hedge.and_then(|hedge| {
                let percent = if hedge.max_percent > 0 { f64::from(hedge.max_percent) } else { HEDGED_PERCENT };
                millis(hedge.after_ms).map(|after| Hedge { after, percent })
            }),
            shadow: settings.shadow.clone(),
            breaker: Breaker {
                failures: u32::try_from(breaker.failures).ok().filter(|n| *n > 0).unwrap_or(config.breaker_failures),
                open: millis(breaker.open_ms).unwrap_or(Duration::from_millis(config.breaker_open_ms)),
            },
        }
    }
}

/// The gateway's own deadlines, where the workspace has none; none of them outlasts the whole.
fn timers(set: routing::Deadlines, own: Timers) -> Timers {
    let total = millis(set.total_ms).unwrap_or(own.total);
    Timers {
        connect: millis(set.connect_ms).unwrap_or(own.connect).min(total),
        first_byte: millis(set.headers_ms).unwrap_or(own.first_byte).min(total),
        first_content: millis(set.first_content_ms).unwrap_or(own.first_content).min(total),
        idle: millis(set.idle_ms).unwrap_or(own.idle).min(total),
        total,
        heartbeat: own.heartbeat,
    }
}

fn millis(ms: i32) -> Option<Duration> {
    u64::try_from(ms).ok().filter(|ms| *ms > 0).map(Duration::from_millis)
}

fn as_millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_as_the_gateway_has_it_and_nothing_outlasts_the_whole() {
        let config = Config::default();
        let own = Policy::new(&routing::Policy::default(), &config);
        assert_eq!((own.retries.most, own.timers.total), (0, Duration::from_millis(config.total_ms)));
        assert_eq!(own.breaker.failures, config.breaker_failures);
        let deadlines = routing::Deadlines { total_ms: 2_000, idle_ms: 500, ..routing::Deadlines::default() };
        let throughput = routing::Throughput { tokens_per_second: 10, window_ms: 500 };
        let set = routing::Policy {
            deadlines: Some(deadlines),
            min_throughput: Some(throughput),
            ..routing::Policy::default()
        };
        let policy = Policy::new(&set, &config);
        let seconds = Duration::from_secs;
        assert_eq!((policy.timers.total, policy.timers.first_byte), (seconds(2), seconds(2)));
        assert_eq!(policy.timers.idle, Duration::from_millis(500));
        assert_eq!(policy.floor.map(|floor| floor.tokens), Some(5));
    }
}
