//! How many letters wait? What operators see of the queues, which are in the tables of the services.

use host::metrics::gauge_vec;

/// A queue is counted so often.
pub const EVERY: std::time::Duration = std::time::Duration::from_secs(15);

/// So many letters of a service are not handed over yet. Every process of the service says the same: it is the number of the
/// table.
pub fn show(service: &'static str, letters: i64) {
    let waiting = gauge_vec(
        "perpetuo_mails_waiting",
        "Letters that are not handed over yet; the same in every process of the service, counted every 15 s.",
        &["service"],
    );
    waiting.with_label_values(&[service]).set(letters);
}
