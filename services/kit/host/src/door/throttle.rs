//! Does somebody at this address guess keys?

use crate::customer;
use moka::sync::Cache;
use proto::Reason;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::Instant;
use tonic::Status;

/// Failed look-ups that one address has in a [`WINDOW`].
const ALLOWED: u32 = 60;
const WINDOW: Duration = Duration::from_secs(60);

/// Counts failed look-ups by address. What is cached is not counted and not held up.
pub(super) struct Throttle(Cache<IpAddr, Arc<Window>>);

struct Window {
    failures: AtomicU32,
    ends: Instant,
}

impl Default for Throttle {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(50_000).time_to_live(WINDOW).build())
    }
}

impl Throttle {
    /// Refuses a look-up from an address with too many failures. Errors: `RATE_LIMITED`.
    pub fn check(&self, client: Option<IpAddr>) -> Result<(), Status> {
        let Some(window) = client.and_then(|c| self.0.get(&customer::network(c))) else { return Ok(()) };
        let used = window.failures.load(Relaxed);
        let left = window.ends.saturating_duration_since(Instant::now());
        if used < ALLOWED || left.is_zero() {
            return Ok(());
        }
        let failure = Reason::RateLimited
            .with("too many unknown credentials from this address: wait a minute")
            .fact("layer", "address")
            .fact("kind", "failed_credentials")
            .fact("limit", ALLOWED)
            .fact("used", used);
        Err(failure.retry_after(left).into())
    }

    /// Counts one failure.
    pub fn count(&self, client: Option<IpAddr>) {
        let Some(client) = client else { return };
        let fresh = || Arc::new(Window { failures: AtomicU32::new(0), ends: Instant::now() + WINDOW });
        let window = self.0.get_with(customer::network(client), fresh);
        if window.ends > Instant::now() {
            window.failures.fetch_add(1, Relaxed);
        } else {
            self.0.insert(customer::network(client), fresh());
        }
    }
}
