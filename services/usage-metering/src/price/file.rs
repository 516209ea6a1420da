//! What is in `usage.prices_file` now?

use super::{Catalogue, Prices, document};
use crate::{Error, metric::Metrics};
use host::Tasks;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

impl Catalogue {
    /// The prices of `path`, or without one the built-in ones. Errors: [`Error::Prices`] says what is wrong where.
    pub fn open(path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else { return document::built_in().map_err(Error::Prices) };
        let text = std::fs::read_to_string(path);
        text.map_err(|error| error.to_string())
            .and_then(|text| document::file(&text))
            .map_err(|problem| Error::Prices(format!("{}: {problem}", path.display())))
    }
}

/// Takes over the file when it changes, until the process stops. One that cannot be used changes nothing: it is
/// counted, logged as an error once, and the last good one holds.
pub(crate) fn watch(prices: &Prices, path: PathBuf, every: Duration, metrics: &Metrics, tasks: &Tasks) {
    let (prices, metrics) = (prices.clone(), metrics.clone());
    let last = Arc::new(Mutex::new(std::fs::read(&path).ok()));
    drop(tasks.every("watch the file of prices", every, move || {
        let (prices, metrics, path, last) = (prices.clone(), metrics.clone(), path.clone(), last.clone());
        async move {
            let Ok(now) = tokio::task::spawn_blocking({
                let path = path.clone();
                move || std::fs::read(path).ok()
            })
            .await
            else {
                return;
            };
            let changed = {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                let changed = *last != now;
                *last = now;
                changed
            };
            if changed {
                take_over(&prices, &path, &metrics);
            }
        }
    }));
}

fn take_over(prices: &Prices, path: &Path, metrics: &Metrics) {
    match Catalogue::open(Some(path)) {
        Ok(catalogue) => {
            tracing::info!(version = %catalogue.version, models = catalogue.listing.len(), "prices are taken over");
            prices.replace(catalogue);
            metrics.prices_stale.set(0);
        }
        Err(error) => {
            tracing::error!(%error, "the file of prices cannot be used; the last good one holds");
            metrics.price_failures.inc();
            metrics.prices_stale.set(1);
        }
    }
}
