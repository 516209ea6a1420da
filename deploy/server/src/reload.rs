//! Which settings can change while the process runs? SIGHUP reads them again.

use crate::cli::Source;
use crate::roles::Roles;
use crate::settings::Settings;
use host::config::Layers;
use host::telemetry::set_log_level;
use std::net::SocketAddr;

/// What is taken over at once. Everything else needs a restart. Certificates and prices are read again by themselves.
pub const RELOADABLE: &[&str] = &[
    "edge.body_timeout_seconds",
    "edge.cors_origins",
    "edge.inference_body_bytes",
    "edge.management_body_bytes",
    "edge.management_timeout_seconds",
    "edge.trusted_proxies",
    "shutdown.drain_seconds",
    "shutdown.grace_seconds",
    "telemetry.log_level",
];

/// The settings in force, and where new ones come from.
pub struct Reload {
    source: Source,
    listen: Option<SocketAddr>,
    roles: Roles,
    settings: Settings,
    layers: Layers,
}

impl Reload {
    /// `settings` are in force, and `layers` said so.
    pub const fn new(
        source: Source,
        listen: Option<SocketAddr>,
        roles: Roles,
        settings: Settings,
        layers: Layers,
    ) -> Self {
        Self { source, listen, roles, settings, layers }
    }

    /// The settings in force.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Reads everything again, takes over what can be, and says what cannot. Settings that cannot be read, or do not go
    /// together, change nothing.
    pub fn now(&mut self, edge: Option<&edge::Routes>) {
        let read = self.source.load(self.listen).map_err(anyhow::Error::from);
        let checked = read.and_then(|(settings, layers)| settings.check(&self.roles).map(|()| (settings, layers)));
        let (read, layers) = match checked {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the settings cannot be used: those from before stay");
                return;
            }
        };
        let changed = self.layers.changes(&self.settings, &layers, &read);
        let (now, at_restart): (Vec<_>, Vec<_>) = changed.into_iter().partition(|path| is_reloadable(path));
        if !at_restart.is_empty() {
            let keys = at_restart.join(", ");
            tracing::warn!(keys, "these settings have changed and need a restart: what was in force stays");
        }
        if self.take_over(&read, &now, edge) {
            tracing::info!(keys = now.join(", "), "the settings were read again, and these are in force");
        }
    }

    /// Whether anything that can be changed was.
    fn take_over(&mut self, read: &Settings, now: &[String], edge: Option<&edge::Routes>) -> bool {
        if now.iter().any(|path| path == "telemetry.log_level") {
            if let Err(error) = set_log_level(&read.telemetry.log_level) {
                tracing::error!(%error, "the settings cannot be used: those from before stay");
                return false;
            }
            self.settings.telemetry.log_level.clone_from(&read.telemetry.log_level);
        }
        self.settings.shutdown = read.shutdown.clone();
        let (ours, theirs) = (&mut self.settings.edge, &read.edge);
        ours.trusted_proxies.clone_from(&theirs.trusted_proxies);
        ours.cors_origins.clone_from(&theirs.cors_origins);
        ours.management_body_bytes = theirs.management_body_bytes;
        ours.inference_body_bytes = theirs.inference_body_bytes;
        ours.management_timeout_seconds = theirs.management_timeout_seconds;
        ours.body_timeout_seconds = theirs.body_timeout_seconds;
        if let Some(edge) = edge.filter(|_| now.iter().any(|path| path.starts_with("edge."))) {
            edge.reload(self.settings.edge.clone());
        }
        !now.is_empty()
    }
}

/// Whether a setting can change while the process runs.
pub fn is_reloadable(path: &str) -> bool {
    RELOADABLE.contains(&path)
}
