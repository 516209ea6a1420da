//! How attempts are made, as people write it.

mod semantic;

use crate::json::Object;
use proto::routing::{
    Breaker, Cache, Deadlines, Hedge, Policy, Retries, Shadow, Sticky, StickyBy, Strategy, Throughput,
};
use semantic::SemanticBody;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How attempts are made. What is null is as the workspace's policy, or the gateway's own settings, have it.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RoutingPolicy)]
pub(super) struct PolicyBody {
    strategy: Option<StrategyBody>,
    #[schema(value_type = Option<RetriesBody>)]
    retries: Option<Object<RetriesBody>>,
    #[schema(value_type = Option<DeadlinesBody>)]
    deadlines: Option<Object<DeadlinesBody>>,
    #[schema(value_type = Option<ThroughputBody>)]
    min_throughput: Option<Object<ThroughputBody>>,
    #[schema(value_type = Option<StickyBody>)]
    sticky: Option<Object<StickyBody>>,
    #[schema(value_type = Option<BreakerBody>)]
    breaker: Option<Object<BreakerBody>>,
    #[schema(value_type = Option<CacheBody>)]
    cache: Option<Object<CacheBody>>,
    #[schema(value_type = Option<HedgeBody>)]
    hedge: Option<Object<HedgeBody>>,
    #[schema(value_type = Option<ShadowBody>)]
    shadow: Option<Object<ShadowBody>>,
}

/// The same request, field by field, gets the same answer again, without a provider and free of charge: as a stream, if it is
/// one. It counts as a request. `Cache-Control: no-cache` asks for a new answer, `no-store` also leaves it out of the cache.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingCache)]
struct CacheBody {
    /// For how long, up to a week. 0: not at all.
    ttl_seconds: i32,
    /// Longer answers are not kept. Default: 1048576.
    #[serde(default)]
    max_bytes: Option<i32>,
    /// Requests that mean the same get the same answer too.
    #[serde(default)]
    #[schema(value_type = Option<SemanticBody>)]
    semantic: Option<Object<SemanticBody>>,
}

/// When nothing has come from a provider after a while, the next one is asked as well. Whoever begins to answer first is
/// heard; the other call ends with the outcome `outrun`. Both cost, and both are in the log.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingHedge)]
struct HedgeBody {
    /// From the call on, in milliseconds.
    after_ms: i32,
    /// Of 100 requests at most so many have a second call, in each gateway process. Default: 10.
    #[serde(default)]
    max_percent: Option<i32>,
}

/// Some requests are sent to another model as well, which delays nobody. What it answers is counted, under operations such as
/// `chat.completions.shadow`, and thrown away.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingShadow)]
struct ShadowBody {
    /// As a request would name it.
    model: String,
    /// Of 100 requests, more than 0.
    percent: f64,
}

/// Who is asked first among equals of one priority: drawn by `weight` (default), who began to answer soonest of late
/// (`latency`), who costs least for the request (`cost`), who has the fewest requests under way (`least_busy`).
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RoutingStrategy)]
enum StrategyBody {
    Weighted,
    Latency,
    Cost,
    LeastBusy,
}

/// How often the same provider is asked again before the next one is. Not for refusals of the request, credentials or an
/// empty balance, and never beyond the total deadline.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RoutingRetries)]
struct RetriesBody {
    /// At most so many times, 0 to 10. Default: 0.
    max: i32,
    /// The first pause, in milliseconds. It doubles with each retry, and chance takes up to half of it away. Default: 250.
    base_ms: Option<i32>,
    /// The longest pause, in milliseconds. A provider that asks for a longer one (`Retry-After`) is not waited for: the
    /// next one is asked. Default: 10000.
    max_ms: Option<i32>,
}

/// Milliseconds each.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RoutingDeadlines)]
struct DeadlinesBody {
    /// Until a connection is open.
    connect_ms: Option<i32>,
    /// From there until the head of the answer.
    headers_ms: Option<i32>,
    /// From the call until the first content of a stream.
    first_content_ms: Option<i32>,
    /// Between two pieces of an answer.
    idle_ms: Option<i32>,
    /// For the request as a whole: retries, other providers and the answer.
    total_ms: Option<i32>,
}

/// A stream that begins more slowly is left for the next provider. Its beginning is held back until that is known.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingThroughput)]
struct ThroughputBody {
    tokens_per_second: i32,
    /// Over how long it is measured, from the first content on, in milliseconds. Default: 1000.
    #[serde(default)]
    window_ms: Option<i32>,
}

/// What keeps requests with the provider whose prompt cache knows them. It decides among equals of one priority, and a
/// provider that fails loses the conversation to the one that answers.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingSticky)]
struct StickyBody {
    by: StickyByBody,
    /// How long a conversation is remembered after its last request. Default: 600.
    #[serde(default)]
    idle_seconds: Option<i32>,
}

/// `prompt_cache_key` (default): the field of that name, where a request has it. `conversation`: else the first message of
/// the system and the first of the user. `nothing`: requests are not kept together.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RoutingStickyBy)]
enum StickyByBody {
    PromptCacheKey,
    Conversation,
    Nothing,
}

/// A provider that fails again and again with a model is asked last for a while, then once to see whether it is back. Of
/// the workspace as a whole only.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RoutingBreaker)]
struct BreakerBody {
    /// After so many failures in a row.
    failures: Option<i32>,
    /// For so long, in milliseconds; it doubles up to eight times while the provider goes on to fail.
    open_ms: Option<i32>,
}

impl PolicyBody {
    /// None, where it says nothing.
    pub(super) fn into_policy(self) -> Option<Policy> {
        let policy = Policy {
            strategy: self.strategy.map_or(Strategy::Unspecified, Into::into).into(),
            retries: self.retries.map(|Object(RetriesBody { max, base_ms, max_ms })| Retries {
                max,
                base_ms: number(base_ms),
                max_ms: number(max_ms),
            }),
            deadlines: self.deadlines.map(|Object(body)| Deadlines {
                connect_ms: number(body.connect_ms),
                headers_ms: number(body.headers_ms),
                first_content_ms: number(body.first_content_ms),
                idle_ms: number(body.idle_ms),
                total_ms: number(body.total_ms),
            }),
            min_throughput: self.min_throughput.map(|Object(ThroughputBody { tokens_per_second, window_ms })| {
                Throughput { tokens_per_second, window_ms: number(window_ms) }
            }),
            sticky: self.sticky.map(|Object(StickyBody { by, idle_seconds })| Sticky {
                by: StickyBy::from(by).into(),
                idle_seconds: number(idle_seconds),
            }),
            cache: self.cache.map(|Object(CacheBody { ttl_seconds, max_bytes, semantic })| Cache {
                ttl_seconds,
                max_bytes: number(max_bytes),
                semantic: semantic.map(|Object(semantic)| semantic.into()),
            }),
            hedge: self.hedge.map(|Object(HedgeBody { after_ms, max_percent })| Hedge {
                after_ms,
                max_percent: number(max_percent),
            }),
            shadow: self.shadow.map(|Object(ShadowBody { model, percent })| Shadow { model, percent }),
            breaker: self.breaker.map(|Object(BreakerBody { failures, open_ms })| Breaker {
                failures: number(failures),
                open_ms: number(open_ms),
            }),
        };
        (policy != Policy::default()).then_some(policy)
    }
}

impl From<Policy> for PolicyBody {
    fn from(policy: Policy) -> Self {
        let strategy = match policy.strategy() {
            Strategy::Unspecified => None,
            Strategy::Weighted => Some(StrategyBody::Weighted),
            Strategy::Latency => Some(StrategyBody::Latency),
            Strategy::Cost => Some(StrategyBody::Cost),
            Strategy::LeastBusy => Some(StrategyBody::LeastBusy),
        };
        let Policy { retries, deadlines, min_throughput, sticky, breaker, cache, hedge, shadow, .. } = policy;
        Self {
            strategy,
            retries: retries
                .map(|r| Object(RetriesBody { max: r.max, base_ms: some(r.base_ms), max_ms: some(r.max_ms) })),
            deadlines: deadlines.map(|d| {
                Object(DeadlinesBody {
                    connect_ms: some(d.connect_ms),
                    headers_ms: some(d.headers_ms),
                    first_content_ms: some(d.first_content_ms),
                    idle_ms: some(d.idle_ms),
                    total_ms: some(d.total_ms),
                })
            }),
            min_throughput: min_throughput.map(|t| {
                Object(ThroughputBody { tokens_per_second: t.tokens_per_second, window_ms: some(t.window_ms) })
            }),
            sticky: sticky.map(|s| Object(StickyBody { by: s.by().into(), idle_seconds: some(s.idle_seconds) })),
            cache: cache.map(|c| {
                let semantic = c.semantic.map(|semantic| Object(semantic.into()));
                Object(CacheBody { ttl_seconds: c.ttl_seconds, max_bytes: some(c.max_bytes), semantic })
            }),
            hedge: hedge.map(|h| Object(HedgeBody { after_ms: h.after_ms, max_percent: some(h.max_percent) })),
            shadow: shadow.map(|s| Object(ShadowBody { model: s.model, percent: s.percent })),
            breaker: breaker.map(|b| Object(BreakerBody { failures: some(b.failures), open_ms: some(b.open_ms) })),
        }
    }
}

/// Zero stands for what is not set; a zero that somebody wrote is as wrong as a negative number.
fn number(value: Option<i32>) -> i32 {
    match value {
        Some(0) => -1,
        Some(value) => value,
        None => 0,
    }
}

fn some(value: i32) -> Option<i32> {
    (value != 0).then_some(value)
}

impl From<StrategyBody> for Strategy {
    fn from(body: StrategyBody) -> Self {
        match body {
            StrategyBody::Weighted => Self::Weighted,
            StrategyBody::Latency => Self::Latency,
            StrategyBody::Cost => Self::Cost,
            StrategyBody::LeastBusy => Self::LeastBusy,
        }
    }
}

impl From<StickyByBody> for StickyBy {
    fn from(body: StickyByBody) -> Self {
        match body {
            StickyByBody::PromptCacheKey => Self::PromptCacheKey,
            StickyByBody::Conversation => Self::Conversation,
            StickyByBody::Nothing => Self::Nothing,
        }
    }
}

impl From<StickyBy> for StickyByBody {
    fn from(by: StickyBy) -> Self {
        match by {
            StickyBy::Conversation => Self::Conversation,
            StickyBy::Nothing => Self::Nothing,
            StickyBy::Unspecified | StickyBy::PromptCacheKey => Self::PromptCacheKey,
        }
    }
}
