//! What is seen of the databases of a process?

use host::metrics::{at_scrape, counter_vec, gauge_vec};
use store::Db;

/// Shows the pools of `db` and its failures to whoever reads metrics, for as long as the process runs.
pub fn watch(db: &Db) {
    let connections = gauge_vec(
        "perpetuo_db_connections",
        "Open connections to a service's database: `idle`, or `in_use` by a transaction.",
        &["schema", "state"],
    );
    let max = gauge_vec(
        "perpetuo_db_connections_max",
        "As many connections as this process opens to a service's database.",
        &["schema"],
    );
    let failures = counter_vec(
        "perpetuo_db_statement_failures_total",
        "Statements and transactions that failed: unavailable, busy, read_only, full, unique (a row was there already, \
         which is mostly meant), missing, setup, other.",
        &["schema", "kind"],
    );
    let db = db.clone();
    at_scrape(move || {
        let (schema, pool) = (db.name(), db.connections());
        connections.with_label_values(&[schema, "idle"]).set(pool.idle.into());
        connections.with_label_values(&[schema, "in_use"]).set(pool.in_use.into());
        max.with_label_values(&[schema]).set(pool.max.into());
        for (kind, total) in db.failures() {
            let counted = failures.with_label_values(&[schema, kind]);
            counted.inc_by(total.saturating_sub(counted.get()));
        }
        true
    });
}
