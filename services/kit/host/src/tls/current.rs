//! What do the files say now? They are read again when they change, and what cannot be used changes nothing.

use super::{Error, Seen, Usable};
use crate::{Tasks, metrics};
use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use prometheus::IntGaugeVec;
use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(2);

static EXPIRES: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge_vec(
        "perpetuo_certificate_expires_timestamp_seconds",
        "When a certificate of this process expires, in seconds since 1970.",
        &["setting"],
    )
});

/// Which version of a file it is: Kubernetes replaces what a link leads to, others write into the same file.
type Stamp = Option<(u64, u64, i64, i64, u64)>;
type Read<T> = Box<dyn Fn() -> Result<Seen<T>, Error> + Send + Sync>;

/// Which versions of the files are in use, and of which it was told that they cannot be.
struct Stamps {
    used: Vec<Stamp>,
    told: Vec<Stamp>,
}

/// How to speak TLS, as the files said when they could last be used.
pub struct Current<T> {
    config: ArcSwap<T>,
    own: Mutex<Option<Usable>>,
    files: Vec<PathBuf>,
    stamps: Mutex<Stamps>,
    read: Read<T>,
}

impl<T: Send + Sync + 'static> Current<T> {
    /// Reads the files. Errors: [`Error`].
    pub fn open(
        files: Vec<PathBuf>,
        read: impl Fn() -> Result<Seen<T>, Error> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, Error> {
        let stamps = Mutex::new(Stamps { used: stamps(&files), told: vec![] });
        let Seen { config, own } = read()?;
        tell(own.as_ref());
        Ok(Arc::new(Self { config: ArcSwap::new(config), own: own.into(), files, stamps, read: Box::new(read) }))
    }

    /// What counts for a new connection.
    pub fn get(&self) -> Arc<T> {
        self.config.load_full()
    }

    /// Until when the own certificate can be used.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|own| own.until)
    }

    /// Reads the files again if they have changed. What cannot be used is told once, and what was read before counts
    /// until the files change again. Whether there is something new.
    pub fn refresh(&self) -> bool {
        let now = stamps(&self.files);
        let mut seen = self.stamps.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.used == now {
            return false;
        }
        match (self.read)() {
            Ok(Seen { config, own }) => {
                seen.used = now;
                let until = own.as_ref().map(|own| own.until.to_rfc3339());
                tracing::info!(until, "certificates were read again: new connections use them");
                tell(own.as_ref());
                self.config.store(config);
                *self.own.lock().unwrap_or_else(PoisonError::into_inner) = own;
                true
            }
            // A certificate is often written before its key, and a file cannot always be read: the next look tries again.
            Err(error) => {
                if seen.told != now {
                    tracing::warn!(%error, "changed certificates cannot be used: those from before go on counting");
                    seen.told = now;
                }
                false
            }
        }
    }

    /// Looks at the files for as long as the process runs.
    pub fn watch(self: &Arc<Self>, tasks: &Tasks) {
        let current = self.clone();
        tasks.every("certificates", EVERY, move || {
            let current = current.clone();
            async move {
                current.refresh();
            }
        });
    }
}

fn tell(own: Option<&Usable>) {
    if let Some(own) = own {
        EXPIRES.with_label_values(&[own.setting]).set(own.until.timestamp());
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file: &Path| {
        let about = fs::metadata(file).ok()?;
        Some((about.dev(), about.ino(), about.mtime(), about.mtime_nsec(), about.size()))
    };
    files.iter().map(|file| stamp(file)).collect()
}
