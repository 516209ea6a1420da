//! Which numbers may a policy hold?

use super::{Policy, Problem, Shared, StickyBy, Strategy};
use std::ops::RangeInclusive;

/// An hour, in milliseconds.
const LONGEST_MS: i32 = 3_600_000;
/// A day, in seconds.
const LONGEST_IDLE: i32 = 86_400;

/// A week, in seconds.
const LONGEST_KEPT: i32 = 604_800;
/// The longest answer that is kept, in bytes.
const MOST_KEPT: i32 = 8 * 1024 * 1024;
/// Texts that are less close than this are about something else.
const LEAST_CLOSE: f64 = 0.5;
/// What else a number may be that stands for itself: zero is what is not set.
const LEFT_OUT: &str = ", or left out";

/// Notes every number of a policy that cannot be.
pub(super) fn policy(policy: &Policy, place: &str, problems: &mut Vec<Problem>) {
    let mut within = |field: &str, value: i32, range: RangeInclusive<i32>, or: &str| {
        if !range.contains(&value) {
            let least = if or.is_empty() { *range.start() } else { 1 };
            problems.push((format!("{place}.{field}"), format!("must be from {least} to {}{or}", range.end())));
        }
    };
    if let Some(retries) = policy.retries {
        within("retries.max", retries.max, 0..=10, "");
        within("retries.base_ms", retries.base_ms, 0..=60_000, LEFT_OUT);
        within("retries.max_ms", retries.max_ms, 0..=600_000, LEFT_OUT);
    }
    if let Some(deadlines) = policy.deadlines {
        let all = [
            ("connect_ms", deadlines.connect_ms),
            ("headers_ms", deadlines.headers_ms),
            ("first_content_ms", deadlines.first_content_ms),
            ("idle_ms", deadlines.idle_ms),
            ("total_ms", deadlines.total_ms),
        ];
        for (field, value) in all {
            within(&format!("deadlines.{field}"), value, 0..=LONGEST_MS, LEFT_OUT);
        }
    }
    if let Some(throughput) = policy.min_throughput {
        within("min_throughput.tokens_per_second", throughput.tokens_per_second, 1..=10_000, "");
        within("min_throughput.window_ms", throughput.window_ms, 0..=30_000, LEFT_OUT);
    }
    if let Some(sticky) = policy.sticky {
        within("sticky.idle_seconds", sticky.idle_seconds, 0..=LONGEST_IDLE, LEFT_OUT);
    }
    if let Some(breaker) = policy.breaker {
        within("breaker.failures", breaker.failures, 0..=1000, LEFT_OUT);
        within("breaker.open_ms", breaker.open_ms, 0..=LONGEST_MS, LEFT_OUT);
    }
    if let Some(cache) = &policy.cache {
        within("cache.ttl_seconds", cache.ttl_seconds, 0..=LONGEST_KEPT, "");
        within("cache.max_bytes", cache.max_bytes, 0..=MOST_KEPT, LEFT_OUT);
    }
    if let Some(hedge) = policy.hedge {
        within("hedge.after_ms", hedge.after_ms, 1..=LONGEST_MS, "");
        within("hedge.max_percent", hedge.max_percent, 0..=100, LEFT_OUT);
    }
    if let Some(semantic) = policy.cache.as_ref().and_then(|cache| cache.semantic.as_ref()) {
        if semantic.threshold != 0.0 && !(LEAST_CLOSE..=1.0).contains(&semantic.threshold) {
            let why = format!("must be from {LEAST_CLOSE} to 1, or left out");
            problems.push((format!("{place}.cache.semantic.threshold"), why));
        }
        if Shared::try_from(semantic.shared).is_err() {
            problems.push((format!("{place}.cache.semantic.shared"), "must be caller or workspace".to_owned()));
        }
    }
    if policy.shadow.as_ref().is_some_and(|shadow| !(shadow.percent > 0.0 && shadow.percent <= 100.0)) {
        problems.push((format!("{place}.shadow.percent"), "must be more than 0 and at most 100".to_owned()));
    }
    if let Some(retries) = policy.retries
        && retries.max_ms != 0
        && retries.base_ms > retries.max_ms
    {
        let why = "must be at least retries.base_ms".to_owned();
        problems.push((format!("{place}.retries.max_ms"), why));
    }
    if Strategy::try_from(policy.strategy).is_err() {
        problems.push((format!("{place}.strategy"), "must be weighted, latency, cost or least_busy".to_owned()));
    }
    if policy.sticky.is_some_and(|sticky| StickyBy::try_from(sticky.by).is_err()) {
        let why = "must be prompt_cache_key, conversation or nothing".to_owned();
        problems.push((format!("{place}.sticky.by"), why));
    }
}

/// Notes deadlines of `merged` that pass before one that they contain, where `own` sets one of both.
pub(super) fn deadlines_in_order(merged: &Policy, own: &Policy, place: &str, problems: &mut Vec<Problem>) {
    let (Some(all), Some(own)) = (merged.deadlines, own.deadlines) else { return };
    let pairs = [
        (("connect_ms", all.connect_ms, own.connect_ms), ("headers_ms", all.headers_ms, own.headers_ms)),
        (
            ("headers_ms", all.headers_ms, own.headers_ms),
            ("first_content_ms", all.first_content_ms, own.first_content_ms),
        ),
        (
            ("connect_ms", all.connect_ms, own.connect_ms),
            ("first_content_ms", all.first_content_ms, own.first_content_ms),
        ),
        (("headers_ms", all.headers_ms, own.headers_ms), ("total_ms", all.total_ms, own.total_ms)),
        (("first_content_ms", all.first_content_ms, own.first_content_ms), ("total_ms", all.total_ms, own.total_ms)),
        (("connect_ms", all.connect_ms, own.connect_ms), ("total_ms", all.total_ms, own.total_ms)),
        (("idle_ms", all.idle_ms, own.idle_ms), ("total_ms", all.total_ms, own.total_ms)),
    ];
    let mut told = vec![];
    for ((shorter, less, own_less), (longer, more, own_more)) in pairs {
        let is_own = own_less != 0 || own_more != 0;
        if is_own && less != 0 && more != 0 && less > more && !told.contains(&longer) {
            told.push(longer);
            problems.push((format!("{place}.deadlines.{longer}"), format!("must not be less than {shorter} ({less})")));
        }
    }
}
