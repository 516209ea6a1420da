//! Is this the Redis that we counted in before?
//!
//! A key in Redis and a row in SQL name the same epoch. Where the key is missing Redis has lost its data: a new epoch
//! begins, and each slot is opened again from SQL, once every grant that was reserved before is either there or was
//! refused.

use super::{
    PATIENT, Redis,
    slot::{Slot, counter},
};
use crate::{
    Error,
    grant::GrantKey,
    limit::{self, Kind},
};
use ::redis::cmd;
use chrono::{DateTime, Utc};
use proto::id::WorkspaceId;
use std::{sync::PoisonError, time::Duration};
use store::{Db, GlobalTx, Sql, SystemTx, Value, WorkspaceTx, sql};
use uuid::Uuid;

const GET: Sql = sql!("counter_epoch/get");
const FIRST: Sql = sql!("counter_epoch/first");
const LOCK: Sql = sql!("counter_epoch/lock");
const LOSE: Sql = sql!("counter_epoch/lose");
const GRANTS: Sql = sql!("counter_epoch/grants");
const ALL_GRANTS: Sql = sql!("counter_epoch/all_grants");

/// No grant lives longer (`admit/ask.rs`): what ran when data was lost has ended by then.
const FORGOTTEN: i64 = 25 * 3_600_000;

/// How long an opening may take, in milliseconds.
const OPENING: i64 = 60_000;

/// How often, and how long, the opening of another process is waited for.
const PATIENCE: u32 = 10;
const PAUSE: Duration = Duration::from_millis(5);

store::row! {
    /// What SQL knows of the counters in Redis.
    #[derive(Clone)]
    pub(in crate::counter) struct Epoch {
        /// Names this database among others that share a Redis.
        pub installation: String,
        pub epoch: String,
        /// When Redis was found without its data, in milliseconds since 1970; 0: never.
        pub lost_at: i64,
    }
}

store::row! {
    /// A grant that is open.
    struct Grant {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
        reserved: String,
        expires_at: DateTime<Utc>,
    }
}

/// A grant that is restored.
struct Running {
    grant: String,
    /// Of its reservation, so that it can be taken back.
    ticket: String,
    expires_ms: i64,
    /// Of concurrency.
    counters: Vec<String>,
}

impl Epoch {
    /// What SQL knows, without a look at Redis. Errors: the database cannot be used.
    pub async fn known(db: &Db) -> Result<Option<Self>, Error> {
        let mut tx = GlobalTx::read(db).await?;
        Ok(tx.fetch_optional(GET, &[]).await?)
    }

    /// Where Redis has the epoch.
    pub fn key(&self) -> String {
        format!("perpetuo:epoch:{}", self.installation)
    }

    /// When data was lost, as far as it still matters.
    pub fn lost(&self, now: i64) -> i64 {
        if self.lost_at + FORGOTTEN < now { 0 } else { self.lost_at }
    }
}

impl Redis {
    /// The epoch that Redis and SQL agree on. Errors: [`Error::CountersAway`], the database cannot be used.
    pub(super) async fn epoch(&self) -> Result<Epoch, Error> {
        let known = self.epoch.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(epoch) => Ok(epoch),
            None => {
                let _one = self.opening.lock().await;
                self.agree().await
            }
        }
    }

    /// What this process took for the epoch when it last looked.
    pub(super) fn known_epoch(&self) -> Option<Epoch> {
        self.epoch.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes sure that both agree. Whoever changes the epoch holds its row while the key is set.
    async fn agree(&self) -> Result<Epoch, Error> {
        if let Some(epoch) = Epoch::known(&self.db).await?
            && self.found(&epoch).await?
        {
            return Ok(self.take_over(epoch));
        }
        let mut tx = GlobalTx::begin(&self.db).await?;
        let fresh = || Value::from(self.ids.uuid().simple().to_string());
        let is_first = tx.execute(FIRST, &[fresh(), fresh()]).await? > 0;
        // From here on nobody else changes it: of two who miss the key, the second finds what the first has set.
        tx.execute(LOCK, &[]).await?;
        let mut epoch: Epoch = tx.fetch_one(GET, &[]).await?;
        // Somebody else may have set it meanwhile.
        if is_first || !self.found(&epoch).await? {
            if !is_first {
                // As late as possible: what others reserved until now was lost with it.
                tx.execute(LOSE, &[fresh(), self.now().into()]).await?;
                epoch = tx.fetch_one(GET, &[]).await?;
                tracing::warn!(
                    "redis has lost its data: hard limits are refused until they are read from the database"
                );
            }
            let mut manager = self.manager();
            self.within("SET", PATIENT, cmd("SET").arg(epoch.key()).arg(&epoch.epoch).exec_async(&mut manager)).await?;
        }
        tx.commit().await?;
        Ok(self.take_over(epoch))
    }

    /// Whether Redis is in this epoch.
    async fn found(&self, epoch: &Epoch) -> Result<bool, Error> {
        let mut manager = self.manager();
        let found: Option<String> =
            self.within("GET", PATIENT, cmd("GET").arg(epoch.key()).query_async(&mut manager)).await?;
        Ok(found.as_deref() == Some(epoch.epoch.as_str()))
    }

    fn take_over(&self, epoch: Epoch) -> Epoch {
        *self.epoch.lock().unwrap_or_else(PoisonError::into_inner) = Some(epoch.clone());
        epoch
    }

    /// Opens a slot that is closed. Errors: [`Error::CountersAway`], also until what was admitted before data was lost
    /// is in SQL; the database cannot be used.
    pub(super) async fn open(&self, slot: &Slot) -> Result<(), Error> {
        let (state, _one) = (slot.state(), self.opening.lock().await);
        let epoch = self.agree().await?;
        let now = self.now();
        let lost = epoch.lost(now);
        if lost > 0 && (now < lost + self.grace_ms || self.is_leased_before(&epoch).await?) {
            return Err(Error::CountersAway);
        }
        let closed = self.closed_at(slot).await?;
        if closed.is_some_and(|at| now < at + self.grace_ms) {
            return Err(Error::CountersAway);
        }
        // Named, so that nobody takes the opening of another, begun after data was lost, for their own.
        let opening = format!("?{}:{}", epoch.epoch, self.ids.uuid().simple());
        let mut manager = self.manager();
        for wait in (0..PATIENCE).rev() {
            match self
                .within("GET", PATIENT, cmd("GET").arg(&state).query_async::<Option<String>>(&mut manager))
                .await?
            {
                Some(found) if found == epoch.epoch => return Ok(()),
                Some(found) if wait > 0 && found.starts_with('?') => tokio::time::sleep(PAUSE).await,
                _ => break,
            }
        }
        // First the slot and then the epoch: if data is lost between both, one of them is missing in the end.
        self.within(
            "SET",
            PATIENT,
            cmd("SET").arg(&state).arg(&opening).arg("PX").arg(OPENING).exec_async(&mut manager),
        )
        .await?;
        if !self.found(&epoch).await? || self.closed_at(slot).await? != closed {
            return Err(Error::CountersAway);
        }
        let is_reaped = self.reap(slot, &epoch.epoch).await?;
        // Only what is open can be closed, or held by somebody.
        let is_again = closed.is_some() || is_reaped;
        let grants = if lost > 0 || is_again { self.grants(slot).await? } else { vec![] };
        let mut call = self.scripts.open.prepare_invoke();
        call.key(state).key(slot.closed()).arg(&epoch.epoch).arg(opening).arg(slot.prefix()).arg(now);
        call.arg(i64::from(is_again));
        for Running { grant, ticket, expires_ms, counters } in &grants {
            call.arg(grant).arg(ticket).arg(*expires_ms).arg(counters.len());
            for counter in counters {
                call.arg(counter);
            }
        }
        match self.within("EVALSHA open", PATIENT, call.invoke_async::<i64>(&mut manager)).await? {
            1 => Ok(()),
            _ => Err(Error::CountersAway),
        }
    }

    /// What is open in a slot: each grant that has reserved something.
    async fn grants(&self, slot: &Slot) -> Result<Vec<Running>, Error> {
        let rows: Vec<Grant> = match slot {
            Slot::Tenant(workspace) => {
                let mut tx = WorkspaceTx::read(&self.db, WorkspaceId::from_uuid(*workspace)).await?;
                tx.fetch_all(GRANTS, &[(*workspace).into()]).await?
            }
            Slot::Address(_) | Slot::Platform | Slot::Named(_) => {
                let mut tx = SystemTx::read(&self.db, "restore counters").await?;
                tx.fetch_all(ALL_GRANTS, &[]).await?
            }
        };
        let mut grants = vec![];
        for row in rows {
            let key = GrantKey { workspace: row.workspace_id, request: row.request_id, attempt: row.attempt };
            let (ticket, limits) = limit::reserved(&row.reserved);
            let own: Vec<_> = limits.iter().filter(|limit| Slot::of(key.workspace, limit) == *slot).collect();
            if own.is_empty() {
                continue;
            }
            let running = own.iter().filter(|limit| limit.kind == Kind::Concurrency);
            grants.push(Running {
                grant: key.grant_id(),
                ticket: if ticket.is_empty() { "open".to_owned() } else { ticket },
                expires_ms: row.expires_at.timestamp_millis(),
                counters: running.map(|limit| counter(limit)).collect(),
            });
        }
        Ok(grants)
    }
}
