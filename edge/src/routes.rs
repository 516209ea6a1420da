//! Which routes are served now?

use crate::{Config, Services, router};
use arc_swap::ArcSwap;
use axum::Router;
use std::sync::Arc;

/// The routes that are served. Cheap to clone.
#[derive(Clone)]
pub struct Routes {
    current: Arc<ArcSwap<Router>>,
    services: Services,
}

impl Routes {
    /// Everything that HTTP answers.
    pub fn new(config: Config, services: Services) -> Self {
        let current = Arc::new(ArcSwap::from_pointee(router(config, services.clone())));
        Self { current, services }
    }

    /// Requests that come from now on are answered with these settings, on connections that are open too. What belongs
    /// to the listener (`listen`, `max_connections`, `header_timeout_seconds`) stays as it was.
    pub fn reload(&self, config: Config) {
        self.current.store(Arc::new(router(config, self.services.clone())));
    }

    pub(crate) fn now(&self) -> Router {
        Router::clone(&self.current.load())
    }
}
