//! For how long has each feed said nothing? What operators see of it.

use super::State;
use crate::metrics;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, Once, PoisonError, Weak},
};

/// Those that are followed here. Two may have one name.
static FOLLOWED: Mutex<Vec<Weak<State>>> = Mutex::new(vec![]);
static WATCHED: Once = Once::new();

/// From now on its silence is seen.
pub(super) fn add(state: &Arc<State>) {
    FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(state));
    WATCHED.call_once(|| {
        let silent = metrics::float_gauge_vec(
            "perpetuo_feed_silent_seconds",
            "Time since the last heartbeat or event of a feed that this process follows.",
            &["feed"],
        );
        metrics::at_scrape(move || {
            silent.reset();
            for (name, seconds) in longest() {
                silent.with_label_values(&[name]).set(seconds);
            }
            true
        });
    });
}

fn longest() -> HashMap<&'static str, f64> {
    let mut longest: HashMap<&'static str, f64> = HashMap::new();
    FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner).retain(|state| {
        let Some(state) = state.upgrade() else { return false };
        let seconds = longest.entry(state.name).or_default();
        *seconds = seconds.max(state.silence().as_secs_f64());
        true
    });
    longest
}
