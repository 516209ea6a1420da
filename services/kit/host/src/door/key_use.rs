//! When was each key last used? Noted on every request, told to identity every two seconds.

use super::{Who, credential::Credential, follow::Caller};
use crate::{Tasks, feed::Entry};
use chrono::{DateTime, Utc};
use proto::{
    identity::{self, Identity, RecordKeyUseRequest},
    time,
};
use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

const PERIOD: Duration = Duration::from_secs(2);
/// Keys in one message.
const BATCH: usize = 1_000;
/// Keys that wait while identity cannot be reached. Last use is a convenience: beyond this it is forgotten.
const MOST: usize = 50_000;

pub(super) struct KeyUse {
    identity: Identity,
    caller: Caller,
    /// Credentials whose `used` is set: each is in here once, however often it is used.
    pending: Mutex<Vec<Arc<Entry<Credential>>>>,
}

impl KeyUse {
    /// Reports every two seconds, and once more when the process stops.
    pub fn start(identity: Identity, caller: Caller, tasks: &Tasks) -> Arc<Self> {
        let this = Arc::new(Self { identity, caller, pending: Mutex::default() });
        let (periodic, last, stopping) = (this.clone(), this.clone(), tasks.stopping());
        tasks.every("key use", PERIOD, move || {
            let this = periodic.clone();
            async move { this.report().await }
        });
        tasks.spawn("last key use", async move {
            stopping.cancelled().await;
            last.report().await;
        });
        this
    }

    /// Notes that `credential` is being used. Two atomic operations, unless it is the first time since the last report.
    pub fn note(&self, credential: &Arc<Entry<Credential>>, now: DateTime<Utc>) {
        if matches!(credential.who, Who::Key { .. }) && credential.used.swap(now.timestamp_micros(), Relaxed) == 0 {
            self.wait(credential.clone());
        }
    }

    fn wait(&self, credential: Arc<Entry<Credential>>) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() < MOST {
            pending.push(credential);
        }
    }

    async fn report(&self) {
        let pending = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        for batch in pending.chunks(BATCH) {
            let taken: Vec<_> = batch.iter().map(|c| (c, c.used.swap(0, Relaxed))).collect();
            let uses = taken.iter().filter_map(|(c, used)| key_use(c, *used)).collect();
            let sent = self.identity.record_key_use(&self.caller.call(), RecordKeyUseRequest { uses }).await;
            if let Err(status) = sent {
                tracing::debug!(error = status.message(), "last use of keys not recorded, trying again");
                for (credential, used) in taken {
                    // Zero if nobody has used it since: then it is not waiting, and has to again.
                    if credential.used.fetch_max(used, Relaxed) == 0 {
                        self.wait(credential.clone());
                    }
                }
            }
        }
    }
}

fn key_use(credential: &Credential, used: i64) -> Option<identity::KeyUse> {
    let Who::Key { id, workspace, .. } = credential.who else { return None };
    let at = DateTime::from_timestamp_micros(used).map(time::to_proto);
    Some(identity::KeyUse { workspace_id: workspace.into(), key_id: id.into(), at })
}
