//! How much, how often, how long? Prometheus metrics of the process.
//!
//! Labels are bounded: never a workspace, user, key, address or free text. A metric is registered by whoever asks for
//! it first; asking again, for instance from a second router in a test, gets the same one.
//!
//! Name, help and labels are literals where the constructor is called: `deploy/prometheus/METRICS.md` is made of them.

mod process;

use prometheus::{
    Encoder as _, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};
use std::{
    any::Any,
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);
static KNOWN: LazyLock<Mutex<HashMap<String, Box<dyn Any + Send>>>> = LazyLock::new(Mutex::default);

static BEFORE: LazyLock<Mutex<Vec<Refresh>>> = LazyLock::new(Mutex::default);

type Refresh = Box<dyn Fn() -> bool + Send>;

/// The registry behind the constructors of this module.
pub fn registry() -> &'static Registry {
    &REGISTRY
}

/// A number that only rises. Its name ends in `_total`.
pub fn counter(name: &str, help: &str) -> IntCounter {
    once(name, || IntCounter::new(name, help))
}

/// [`counter`] for each combination of labels.
pub fn counter_vec(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    once(name, || IntCounterVec::new(Opts::new(name, help), labels))
}

/// A number that rises and falls.
pub fn gauge(name: &str, help: &str) -> IntGauge {
    once(name, || IntGauge::new(name, help))
}

/// [`gauge`] for each combination of labels.
pub fn gauge_vec(name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    once(name, || IntGaugeVec::new(Opts::new(name, help), labels))
}

/// A number that rises and falls and need not be whole, such as seconds.
pub fn float_gauge(name: &str, help: &str) -> Gauge {
    once(name, || Gauge::new(name, help))
}

/// [`float_gauge`] for each combination of labels.
pub fn float_gauge_vec(name: &str, help: &str, labels: &[&str]) -> GaugeVec {
    once(name, || GaugeVec::new(Opts::new(name, help), labels))
}

/// How values are spread over `buckets` (upper bounds, rising). Durations are in seconds.
pub fn histogram(name: &str, help: &str, buckets: &[f64]) -> Histogram {
    once(name, || Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec())))
}

/// [`histogram`] for each combination of labels.
pub fn histogram_vec(name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
    once(name, || HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
}

/// Has `refresh` set metrics each time before they are read: for what is known at any time and costs nothing to ask. It
/// waits for nobody. When it answers false, it is not called again.
pub fn at_scrape(refresh: impl Fn() -> bool + Send + 'static) {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(refresh));
}

/// Every metric of the process in Prometheus' text format.
pub fn text() -> Vec<u8> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner).retain(|refresh| refresh());
    let mut out = Vec::with_capacity(16 * 1024);
    // A metric that cannot be encoded is left out: half an answer is worth more to an operator than none.
    if let Err(error) = TextEncoder::new().encode(&REGISTRY.gather(), &mut out) {
        tracing::warn!(%error, "some metrics cannot be encoded");
    }
    out.extend_from_slice(process::text().as_bytes());
    out
}

fn once<M: Collector + Clone + Send + 'static>(name: &str, make: impl FnOnce() -> prometheus::Result<M>) -> M {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(metric) = known.get(name).and_then(|m| m.downcast_ref::<M>()) {
        return metric.clone();
    }
    let metric = make().expect("names and labels of metrics are literals that Prometheus accepts");
    REGISTRY.register(Box::new(metric.clone())).expect("a metric's name is used for one kind and one set of labels");
    known.insert(name.to_owned(), Box::new(metric.clone()));
    metric
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_is_the_same_metric() {
        counter_vec("test_same_total", "Test.", &["kind"]).with_label_values(&["a"]).inc_by(2);
        counter_vec("test_same_total", "Test.", &["kind"]).with_label_values(&["a"]).inc();
        let text = String::from_utf8(text()).expect("text");
        assert!(text.contains("test_same_total{kind=\"a\"} 3"), "{text}");
    }

    #[test]
    fn what_is_known_at_any_time_is_asked_for_when_it_is_read() {
        let (gauge, mut left) = (gauge("test_refreshed", "Test."), std::sync::Arc::new(()));
        let (shown, alive) = (gauge.clone(), std::sync::Arc::downgrade(&left));
        at_scrape(move || {
            shown.inc();
            alive.strong_count() > 0
        });
        text();
        text();
        assert_eq!(gauge.get(), 2);
        left = std::sync::Arc::default();
        text();
        text();
        assert_eq!((gauge.get(), std::sync::Arc::strong_count(&left)), (3, 1), "who is no more is asked once more");
    }

    #[test]
    fn an_operator_sees_what_the_process_uses_and_which_release_it_is() {
        let text = String::from_utf8(text()).expect("text");
        for name in ["process_resident_memory_bytes ", "process_cpu_seconds_total ", "process_open_fds "] {
            let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{name} in {text}"));
            let value: f64 = line.split(' ').nth(1).and_then(|v| v.parse().ok()).expect("a number");
            assert!(value >= 0.0);
        }
        assert!(text.contains(concat!("perpetuo_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"")), "{text}");
    }
}
