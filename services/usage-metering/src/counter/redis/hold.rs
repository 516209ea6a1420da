//! How does a process come to hold shares of limits, and how do they get back?

use super::{
    PATIENT, Redis,
    lease::{Adopted, Planned, Slice, Want},
    slot::{Slot, counter, letter},
    tenure::Tenure,
};
use crate::{Error, counter::Verdict, limit::Reservation};
use ::redis::cmd;
use host::metrics;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::Instant;

/// Before the id of a holder: the slots of which others need what it holds.
pub(super) const RECALLED: &str = "perpetuo:recall:";

/// How often the right to hold something is renewed, and what is held is taken anew.
const RENEWED: Duration = Duration::from_secs(3);
const REFRESHED: Duration = Duration::from_secs(5);
/// Later than any call.
const LAST: u64 = (1 << 53) - 1;
const NOTHING: (&[Want], bool) = (&[], false);
/// After data was lost: how often it is looked whether what is being admitted is durable.
const PAUSE: Duration = Duration::from_millis(5);

/// When what was done last.
#[derive(Default)]
pub(super) struct Done {
    renewed: Option<Instant>,
    refreshed: Option<Instant>,
}

impl Redis {
    /// Admits from what is held. None: that is not enough.
    pub(super) async fn reserve_held(&self, reservation: &mut Reservation, now: i64) -> Option<Verdict> {
        if !self.leases.fits(reservation, now) {
            return None;
        }
        self.mark_used().await?;
        reservation.since = Instant::now();
        let standings = self.leases.take(reservation, now)?;
        metrics::counter(
            "perpetuo_usage_leased_admissions_total",
            "Attempts that were admitted from what this process held, without Redis.",
        )
        .inc();
        Some(Verdict::Reserved(standings))
    }

    /// Keeps the right to hold something, holds what is wanted, and gives back what others need. Called often.
    pub async fn tend_leases(&self) {
        let mut done = self.tending.lock().await;
        if let Err(error) = self.tend_held(&mut done).await {
            tracing::debug!(%error, "what is held of limits cannot be tended now");
        }
    }

    /// Gives everything back, because the process stops.
    pub async fn close_leases(&self) {
        let _done = self.tending.lock().await;
        let slots: Vec<_> = self.leases.state().slices.keys().cloned().collect();
        for slot in &slots {
            self.put_aside(slot);
        }
        if self.hand_back().await.is_err() {
            return;
        }
        let tenure = self.leases.state().tenure.take();
        if let Some(tenure) = tenure {
            drop(self.surrender(tenure).await);
        }
    }

    /// Gives back what this process holds of a slot. False: it holds nothing of it. Errors: [`Error::CountersAway`]; it
    /// is tried again.
    pub(super) async fn give_back(&self, slot: &Slot) -> Result<bool, Error> {
        if !self.put_aside(slot) {
            return Ok(false);
        }
        self.leases.state().pause(slot);
        let _done = self.tending.lock().await;
        self.hand_back().await?;
        Ok(true)
    }

    /// From now on nothing is admitted from it.
    fn put_aside(&self, slot: &Slot) -> bool {
        let mut state = self.leases.state();
        match state.slices.remove(slot) {
            Some(slice) => {
                state.returning.push((slot.clone(), slice));
                true
            }
            None => false,
        }
    }

    /// The first time that something is admitted without Redis, SQL has to know it before.
    async fn mark_used(&self) -> Option<()> {
        let used = |tenure: &Option<Tenure>| tenure.as_ref().map(|tenure| tenure.used);
        if used(&self.leases.state().tenure)? {
            return Some(());
        }
        let _done = self.tending.lock().await;
        let tenure = self.leases.state().tenure.clone()?;
        if !tenure.used {
            let renewed = self.renew(Tenure { used: true, ..tenure }).await.ok()??;
            self.leases.state().tenure = Some(renewed);
        }
        Some(())
    }

    async fn tend_held(&self, done: &mut Done) -> Result<(), Error> {
        let tenure = {
            let state = self.leases.state();
            if state.tenure.is_none() && !state.is_wanted() {
                return Ok(());
            }
            state.tenure.clone()
        };
        let Some(tenure) = tenure else { return self.begin(done).await };
        let is_current = self.known_epoch().is_none_or(|epoch| epoch.epoch == tenure.epoch);
        if !is_current || tenure.is_over() {
            return self.end(tenure).await;
        }
        if is_due(done.renewed, RENEWED) {
            match self.renew(tenure.clone()).await? {
                Some(renewed) => self.leases.state().tenure = Some(renewed),
                None => return self.end(tenure).await,
            }
            done.renewed = Some(Instant::now());
        }
        if self.is_away() {
            let mut manager = self.manager();
            return self.within("PING", 1, cmd("PING").query_async::<()>(&mut manager)).await;
        }
        self.give_back_recalled(&tenure).await?;
        self.hand_back().await?;
        self.mark_unused().await?;
        if is_due(done.refreshed, REFRESHED) {
            done.refreshed = Some(Instant::now());
            self.refresh(&tenure).await?;
        }
        Ok(())
    }

    async fn begin(&self, done: &mut Done) -> Result<(), Error> {
        let Some(tenure) = self.begin_tenure(&self.epoch().await?).await? else { return Ok(()) };
        self.forget_tenures().await?;
        self.leases.state().tenure = Some(tenure.clone());
        *done = Done { renewed: Some(Instant::now()), refreshed: Some(Instant::now()) };
        self.refresh(&tenure).await
    }

    /// The right has ended: data was lost, and what was held with it; or nobody could renew it.
    async fn end(&self, tenure: Tenure) -> Result<(), Error> {
        {
            let mut state = self.leases.state();
            (state.tenure, state.slices) = (None, std::collections::HashMap::new());
            state.returning.clear();
        }
        self.surrender(tenure).await
    }

    /// Says that nothing more will be admitted from what was held, once that is so.
    async fn surrender(&self, tenure: Tenure) -> Result<(), Error> {
        while Arc::strong_count(&tenure.admitting.0) > 1 {
            tokio::time::sleep(PAUSE).await;
        }
        let is_lost = self.known_epoch().is_some_and(|epoch| epoch.epoch != tenure.epoch);
        // Where Redis did not hear of what was admitted, the row has to say so to whoever comes next.
        if tenure.used && !is_lost { Ok(()) } else { self.end_tenure(&tenure.id).await }
    }

    async fn give_back_recalled(&self, tenure: &Tenure) -> Result<(), Error> {
        let mut manager = self.manager();
        let key = format!("{RECALLED}{}", tenure.id);
        let pop = cmd("SPOP").arg(key).arg(1_000).to_owned();
        let wanted: Vec<String> = self.within("SPOP", PATIENT, pop.query_async(&mut manager)).await?;
        for prefix in wanted {
            let known = {
                let state = self.leases.state();
                let returning = state.returning.iter().map(|(slot, _)| slot);
                state.slices.keys().chain(returning).find(|slot| slot.prefix() == prefix).cloned()
            };
            match known {
                Some(slot) => {
                    self.leases.state().shy_away(&slot);
                    self.put_aside(&slot);
                }
                // Redis gave it so late that nobody waited for it any more.
                None => drop(self.lease(&Slot::Named(prefix), &tenure.id, Some(tenure), NOTHING).await?),
            }
        }
        Ok(())
    }

    /// Redis hears of what was admitted from what is given back, and then has it back.
    async fn hand_back(&self) -> Result<(), Error> {
        loop {
            let (tenure, next) = {
                let state = self.leases.state();
                let Some(tenure) = &state.tenure else { return Ok(()) };
                (tenure.clone(), state.returning.first().map(|(slot, slice)| (slot.clone(), slice.grants.clone())))
            };
            let Some((slot, grants)) = next else { return Ok(()) };
            for grant in &grants {
                self.adopt(&slot, grant, &tenure).await?;
            }
            self.lease(&slot, &tenure.id, Some(&tenure), NOTHING).await?;
            let mut state = self.leases.state();
            if !state.returning.is_empty() {
                state.returning.remove(0);
            }
        }
    }

    /// Once Redis has heard of everything, SQL may say so.
    async fn mark_unused(&self) -> Result<(), Error> {
        let tenure = {
            let mut state = self.leases.state();
            let used: Vec<_> = state.slices.iter().filter(|(_, slice)| slice.is_used()).map(|s| s.0.clone()).collect();
            for slot in used {
                if let Some(slice) = state.slices.remove(&slot) {
                    state.returning.push((slot, slice));
                }
            }
            let is_idle = state.returning.is_empty();
            match state.tenure.as_mut().filter(|tenure| tenure.used && is_idle) {
                // From here on nothing is admitted until SQL knows again.
                Some(tenure) => {
                    tenure.used = false;
                    tenure.clone()
                }
                None => return Ok(()),
            }
        };
        match self.renew(tenure.clone()).await? {
            Some(renewed) => {
                self.leases.state().tenure = Some(renewed);
                Ok(())
            }
            None => self.end(tenure).await,
        }
    }

    /// Takes anew what is wanted.
    async fn refresh(&self, tenure: &Tenure) -> Result<(), Error> {
        let (plan, idle) = {
            let mut state = self.leases.state();
            let plan = state.plan();
            let idle = state.slices.keys().filter(|slot| !plan.iter().any(|planned| planned.slot == **slot));
            let idle: Vec<_> = idle.cloned().collect();
            (plan, idle)
        };
        for slot in &idle {
            self.put_aside(slot);
        }
        for Planned { slot, wants, is_alone } in plan {
            if !self.leases.state().is_free(&slot) {
                continue;
            }
            self.look_for_lost(&slot).await?;
            if let Some(amounts) = self.lease(&slot, &tenure.id, Some(tenure), (&wants, is_alone)).await? {
                let mut state = self.leases.state();
                if state.tenure.as_ref().is_some_and(|current| current.id == tenure.id) {
                    state.slices.insert(slot, Slice::of(&wants, &amounts));
                }
            }
        }
        self.hand_back().await
    }

    /// What `id` holds of a slot from now on. None: the slot is closed, or the right of `tenure` is of another epoch.
    pub(super) async fn lease(
        &self,
        slot: &Slot,
        id: &str,
        tenure: Option<&Tenure>,
        (wants, is_alone): (&[Want], bool),
    ) -> Result<Option<Vec<i64>>, Error> {
        let (epoch, now) = (self.epoch().await?, self.now());
        if tenure.is_some_and(|tenure| tenure.epoch != epoch.epoch) {
            return Ok(None);
        }
        let mut call = self.scripts.lease.prepare_invoke();
        call.key(slot.state()).key(slot.leases()).key(slot.last_lease(id));
        for want in wants {
            call.key(format!("{}:{}", slot.prefix(), counter(&want.limit)));
        }
        // For somebody who is no more nothing comes later.
        let number = tenure.map_or(LAST, |_| self.numbers.fetch_add(1, Ordering::Relaxed) + 1);
        call.arg(&epoch.epoch).arg(id).arg(number).arg(now).arg(epoch.lost(now)).arg(i64::from(is_alone));
        for want in wants {
            call.arg(letter(&want.limit.kind)).arg(want.limit.limit).arg(want.amount).arg(want.one);
        }
        let mut manager = self.manager();
        let mut answer = self.within("EVALSHA lease", PATIENT, call.invoke_async::<Vec<i64>>(&mut manager)).await?;
        let is_open = answer.first() == Some(&1);
        Ok(is_open.then(|| answer.split_off(1)))
    }

    async fn adopt(&self, slot: &Slot, grant: &Adopted, tenure: &Tenure) -> Result<(), Error> {
        let (epoch, now) = (self.epoch().await?, self.now());
        if tenure.epoch != epoch.epoch {
            // Data was lost, and is restored from SQL with it.
            return Err(Error::CountersAway);
        }
        let limits: Vec<_> = grant.limits.iter().collect();
        let mut call = self.scripts.adopt.prepare_invoke();
        for name in slot.keys(&grant.key, &limits) {
            call.key(name);
        }
        call.arg(grant.key.grant_id()).arg(now).arg(grant.expires_ms).arg(&epoch.epoch).arg(epoch.lost(now));
        call.arg(&grant.ticket);
        for limit in limits {
            call.arg(letter(&limit.kind)).arg(limit.limit).arg(limit.cost);
        }
        let mut manager = self.manager();
        match self.within("EVALSHA adopt", PATIENT, call.invoke_async::<i64>(&mut manager)).await? {
            -1 => {
                self.open(slot).await?;
                Err(Error::CountersAway)
            }
            _ => Ok(()),
        }
    }
}

fn is_due(last: Option<Instant>, every: Duration) -> bool {
    last.is_none_or(|at| at.elapsed() >= every)
}
