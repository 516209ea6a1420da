//! How does a process get back what others hold?

use super::{PATIENT, Redis, hold::RECALLED, slot::Slot, tenure::Holder};
use crate::Error;
use ::redis::cmd;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

/// Of all who wait for something of a slot one asks for it.
#[derive(Default)]
pub(super) struct Recalls(Mutex<HashMap<Slot, Arc<tokio::sync::Mutex<()>>>>);

impl Recalls {
    /// Whose turn it is.
    pub fn of(&self, slot: &Slot) -> Arc<tokio::sync::Mutex<()>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(waiting.entry(slot.clone()).or_default())
    }
}

impl Redis {
    /// Asks everybody who holds something of a slot to give it back. True if something was given back already.
    /// Errors: [`Error::CountersAway`], the database cannot be used.
    pub(super) async fn recall(&self, slot: &Slot, ask: bool) -> Result<bool, Error> {
        if self.give_back(slot).await? {
            return Ok(true);
        }
        let mut is_free = false;
        for holder in self.holders(slot).await? {
            match self.holder(&holder).await? {
                Holder::Lives if ask => self.ask_back(&holder, slot).await?,
                Holder::Lives => {}
                Holder::Gone => {
                    self.forget_held(slot, &holder).await?;
                    is_free = true;
                }
                Holder::Lost => self.close(slot).await?,
            }
        }
        Ok(is_free)
    }

    /// While a slot is being opened: what was held by processes that are no more is counted from SQL. True if there
    /// was something.
    /// Errors: [`Error::CountersAway`], the database cannot be used.
    pub(super) async fn reap(&self, slot: &Slot, epoch: &str) -> Result<bool, Error> {
        let mut is_any = false;
        for holder in self.holders(slot).await? {
            if self.holder(&holder).await? != Holder::Lives {
                let mut call = self.scripts.reap.prepare_invoke();
                call.key(slot.leases()).arg(holder).arg(epoch).arg(self.now());
                let mut manager = self.manager();
                self.within("EVALSHA reap", PATIENT, call.invoke_async::<i64>(&mut manager)).await?;
                is_any = true;
            }
        }
        Ok(is_any)
    }

    /// Looks whether others hold something of a slot who are no more. Errors: [`Error::CountersAway`], the database
    /// cannot be used.
    pub(super) async fn look_for_lost(&self, slot: &Slot) -> Result<(), Error> {
        for holder in self.holders(slot).await? {
            match self.holder(&holder).await? {
                Holder::Lives => {}
                Holder::Gone => self.forget_held(slot, &holder).await?,
                Holder::Lost => return self.close(slot).await,
            }
        }
        Ok(())
    }

    pub(super) async fn holders(&self, slot: &Slot) -> Result<BTreeSet<String>, Error> {
        let mut manager = self.manager();
        let fields: Vec<String> =
            self.within("HKEYS", PATIENT, cmd("HKEYS").arg(slot.leases()).query_async(&mut manager)).await?;
        Ok(fields.iter().filter_map(|field| field.rsplit('|').next()).map(str::to_owned).collect())
    }

    async fn ask_back(&self, holder: &str, slot: &Slot) -> Result<(), Error> {
        let mut pipe = ::redis::pipe();
        let key = format!("{RECALLED}{holder}");
        pipe.cmd("SADD").arg(&key).arg(slot.prefix()).ignore().cmd("EXPIRE").arg(&key).arg(60).ignore();
        let mut manager = self.manager();
        self.within("PIPELINE", PATIENT, pipe.query_async::<()>(&mut manager)).await
    }

    async fn forget_held(&self, slot: &Slot, holder: &str) -> Result<(), Error> {
        self.lease(slot, holder, None, (&[], false)).await.map(drop)
    }

    /// Closes a slot until everything that was reserved in it is in SQL or was refused.
    async fn close(&self, slot: &Slot) -> Result<(), Error> {
        let epoch = self.epoch().await?;
        let mut call = self.scripts.close.prepare_invoke();
        call.key(slot.state()).key(slot.closed()).arg(&epoch.epoch).arg(self.now());
        let mut manager = self.manager();
        if self.within("EVALSHA close", PATIENT, call.invoke_async::<i64>(&mut manager)).await? == 1 {
            tracing::warn!("a process ended that had admitted without redis: limits of a workspace are read again");
        }
        Ok(())
    }
}
