//! What do operators see?

use crate::{Error, fold::Added};
use host::metrics;
use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge};

#[derive(Clone)]
pub(crate) struct Metrics {
    pub admissions: IntCounterVec,
    pub refusals: IntCounterVec,
    cost: IntCounterVec,
    pub settlements: IntCounterVec,
    rows: IntCounterVec,
    pub corrections: IntCounter,
    pub swept: IntCounter,
    pub refusals_dropped: IntCounter,
    pub fold_failures: IntCounter,
    pub fold_seconds: Histogram,
    pub open: IntGauge,
    pub price_failures: IntCounter,
    pub prices_stale: IntGauge,
    pub daily_dropped: IntCounter,
}

impl Metrics {
    pub fn new() -> Self {
        let seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0];
        Self {
            admissions: metrics::counter_vec("perpetuo_usage_admissions_total", "Attempts, by answer.", &["answer"]),
            refusals: metrics::counter_vec(
                "perpetuo_usage_refusals_total",
                "Attempts that were refused, by whose limit was reached (workspace, api_key, user, model, plan, address, \
                 platform) and which (requests_per_minute, tokens_per_minute, concurrent_requests, budget, quota; \
                 unpriced: a budget applies, and the price is not known).",
                &["layer", "limit"],
            ),
            cost: metrics::counter_vec(
                "perpetuo_usage_cost_nanos_total",
                "What new rows of the ledger cost, in billionths of the currency, by whose credential was used: that of the \
                 `workspace`, or of the `platform`. Corrections downwards are not in it.",
                &["currency", "paid_by"],
            ),
            settlements: metrics::counter_vec(
                "perpetuo_usage_settlements_total",
                "Settlements, by result.",
                &["result"],
            ),
            rows: rows(),
            corrections: metrics::counter("perpetuo_usage_corrections_total", "Corrections of swept grants."),
            swept: metrics::counter("perpetuo_usage_swept_total", "Grants that nobody settled."),
            refusals_dropped: metrics::counter(
                "perpetuo_usage_refusals_dropped_total",
                "Log entries of refused requests that were dropped because too many waited.",
            ),
            fold_failures: metrics::counter(
                "perpetuo_usage_fold_failures_total",
                "Transactions of the ledger that failed.",
            ),
            fold_seconds: metrics::histogram("perpetuo_usage_fold_seconds", "Transactions of the ledger.", &seconds),
            price_failures: metrics::counter(
                "perpetuo_usage_price_file_failures_total",
                "Files of prices that could not be used.",
            ),
            prices_stale: metrics::gauge(
                "perpetuo_usage_prices_stale",
                "1 while the file of prices cannot be used and the last good one holds.",
            ),
            daily_dropped: metrics::counter(
                "perpetuo_usage_daily_counters_dropped_total",
                "Daily usage counters in Redis to which something may not have been added.",
            ),
            open: metrics::gauge("perpetuo_usage_open_grants", "Grants of this process that are not settled."),
        }
    }

    /// Why an attempt was refused, if it was.
    pub fn refused(&self, error: &Error) {
        let (layer, limit) = match error {
            Error::Limited(limited) => limited.which(),
            Error::Unpriced { layer, .. } => (*layer, "unpriced"),
            _ => return,
        };
        self.refusals.with_label_values(&[layer, limit]).inc();
    }

    /// What was added to the ledger.
    pub fn written(&self, added: &Added) {
        self.rows.with_label_values(&[USAGE]).inc_by(added.rows.usage);
        self.rows.with_label_values(&[CORRECTION]).inc_by(added.rows.corrections);
        for ((currency, paid_by), nanos) in &added.costs {
            if let Some(nanos) = u64::try_from(*nanos).ok().filter(|nanos| *nanos > 0) {
                self.cost.with_label_values(&[currency.as_ref(), *paid_by]).inc_by(nanos);
            }
        }
    }
}

const USAGE: &str = "usage";
const CORRECTION: &str = "correction";

/// From zero on, so that the first rows of a process are an increase.
fn rows() -> IntCounterVec {
    let rows = metrics::counter_vec(
        "perpetuo_usage_ledger_rows_total",
        "Rows that are new in the ledger, by kind: each admitted attempt becomes exactly one of kind `usage`; late settlements and \
         new prices become `correction`.",
        &["kind"],
    );
    for kind in [USAGE, CORRECTION] {
        rows.with_label_values(&[kind]);
    }
    rows
}
