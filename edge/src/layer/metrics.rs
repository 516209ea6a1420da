//! How many requests, how long, how many at once.

use host::metrics::{counter_vec, gauge, histogram_vec};
use http::{Method, StatusCode};
use prometheus::{HistogramVec, IntCounterVec, IntGauge};
use std::time::Duration;

const BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

#[derive(Clone)]
pub(super) struct Metrics {
    requests: IntCounterVec,
    duration: HistogramVec,
    in_flight: IntGauge,
}

/// A request without an answer yet. Dropped without one where the client has left.
pub(super) struct InFlight(Metrics);

impl Metrics {
    pub(super) fn new() -> Self {
        Self {
            requests: counter_vec(
                "perpetuo_http_requests_total",
                "Requests by route template, method and class of status.",
                &["route", "method", "status"],
            ),
            duration: histogram_vec(
                "perpetuo_http_request_duration_seconds",
                "Time until the head of the answer.",
                &["route", "method"],
                BUCKETS,
            ),
            in_flight: gauge("perpetuo_http_requests_in_flight", "Requests whose answer has not begun."),
        }
    }

    pub(super) fn arrive(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.clone())
    }
}

impl InFlight {
    pub(super) fn leave(self, route: &str, method: &Method, status: StatusCode, elapsed: Duration) {
        let method = known(method);
        self.0.requests.with_label_values(&[route, method, class(status)]).inc();
        self.0.duration.with_label_values(&[route, method]).observe(elapsed.as_secs_f64());
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.dec();
    }
}

/// Clients may invent methods; labels may not grow with them.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "1xx",
    }
}
