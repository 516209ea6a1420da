//! The counters that several processes share.

mod epoch;
mod hold;
mod lease;
mod link;
mod recall;
mod release;
mod script;
mod slot;
mod tenure;

use super::{Begun, Verdict};
use crate::{
    Error,
    grant::GrantKey,
    limit::{Limit, Reservation, Standing},
};
use ::redis::{Client, aio::ConnectionManager};
use epoch::Epoch;
use host::{Clock, Ids, config::Secret};
use lease::Leases;
use link::Link;
use proto::id::RequestId;
use release::Release;
use script::Scripts;
use slot::{Slot, by_slot, letter};
use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use store::Db;
use uuid::Uuid;

/// How often a slot is opened for one call. Data may be lost again meanwhile.
const OPENINGS: u32 = 3;
/// What is asked rarely, or for the second time, may take so many times as long.
const PATIENT: u32 = 10;
/// After so long without an answer nobody waits patiently any more.
const OUTAGE: Duration = Duration::from_secs(1);
/// How often, and how long apart, it is looked again whether others have given back what they hold.
const RECALLS: u32 = 12;
const RECALL_PAUSE: Duration = Duration::from_millis(40);

pub(crate) struct Redis {
    client: Client,
    timeout: Duration,
    /// After data was lost, how long until every grant that had been reserved is in SQL or was refused.
    grace_ms: i64,
    link: Mutex<Link>,
    scripts: Scripts,
    waiting: Mutex<VecDeque<Release>>,
    db: Db,
    clock: Clock,
    ids: Ids,
    epoch: Mutex<Option<Epoch>>,
    opening: tokio::sync::Mutex<()>,
    leases: Leases,
    /// Whoever changes what is held, and how far that is.
    tending: tokio::sync::Mutex<hold::Done>,
    /// Tickets are this and a number.
    process: String,
    tickets: AtomicU64,
}

/// What reserve.lua answers.
enum Answer {
    Closed,
    Missing(Vec<usize>),
    /// It would fit, but for what processes hold.
    Held,
    /// Whether it fits; where limits stand; what was reserved of each.
    Standing(bool, Vec<(Standing, i64)>),
}

/// One call of reserve.lua, but for its slot.
struct Question<'a> {
    what: &'static str,
    key: &'a GrantKey,
    ticket: &'a str,
    expires: i64,
    now: i64,
    /// How many times as long as usual it may take.
    patience: u32,
}

impl Redis {
    /// Connects when first used. Needs a runtime. Errors: [`Error::RedisUrl`].
    pub fn new(
        url: &Secret,
        timeout: Duration,
        grace: Duration,
        db: Db,
        clock: Clock,
        ids: Ids,
    ) -> Result<Self, Error> {
        let client = Client::open(url.expose()).map_err(|_| Error::RedisUrl)?;
        Ok(Self {
            link: Mutex::new(Link::new(&client, timeout)?),
            client,
            timeout,
            grace_ms: i64::try_from(grace.as_millis()).unwrap_or(i64::MAX),
            scripts: Scripts::new(),
            waiting: Mutex::default(),
            db,
            clock,
            process: ids.uuid().simple().to_string(),
            ids,
            epoch: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            leases: Leases::default(),
            tending: tokio::sync::Mutex::default(),
            tickets: AtomicU64::new(0),
        })
    }

    /// From Redis; where it does not answer, from what this process holds.
    pub async fn reserve(&self, reservation: &mut Reservation, now: i64) -> Result<Verdict, Error> {
        let verdict = self.reserve_somewhere(reservation, now).await;
        if let Ok(Verdict::Reserved(standings)) = &verdict {
            self.leases.note(reservation, standings);
        }
        verdict
    }

    async fn reserve_somewhere(&self, reservation: &mut Reservation, now: i64) -> Result<Verdict, Error> {
        reservation.ticket = self.ticket();
        if self.is_away()
            && let Some(verdict) = self.reserve_held(reservation, now).await
        {
            return Ok(verdict);
        }
        match self.reserve_shared(reservation, now, 1).await {
            Err(Error::CountersAway) if self.is_away() => {
                // What Redis may still do with the first call belongs to its ticket.
                reservation.ticket = self.ticket();
                if let Some(verdict) = self.reserve_held(reservation, now).await {
                    return Ok(verdict);
                }
                // A moment of silence is no outage yet.
                let patience = if self.is_away_for(OUTAGE) { return Err(Error::CountersAway) } else { PATIENT };
                self.reserve_shared(reservation, now, patience).await
            }
            other => other,
        }
    }

    /// Slot after slot; a later refusal gives back what earlier slots reserved.
    async fn reserve_shared(&self, reservation: &mut Reservation, now: i64, patience: u32) -> Result<Verdict, Error> {
        let Reservation { key, limits, expires_ms, ticket, .. } = reservation;
        let mut standings = vec![Standing::default(); limits.len()];
        let mut reserved: Vec<usize> = vec![];
        let mut first: Option<String> = None;
        for (slot, indices) in by_slot(key.workspace, limits) {
            let of_slot: Vec<_> = indices.iter().map(|index| &limits[*index]).collect();
            let question = Question { what: "reserve", key, ticket, expires: *expires_ms, now, patience };
            let verdict = match self.ask_and_recall(&question, &slot, &of_slot).await {
                Ok((Answer::Standing(true, found), epoch)) => {
                    for (index, (standing, taken)) in indices.iter().zip(found) {
                        (standings[*index], limits[*index].cost) = (standing, taken);
                    }
                    reserved.extend(indices);
                    // What an earlier slot had reserved is lost if data was lost since.
                    if first.get_or_insert_with(|| epoch.clone()) == &epoch {
                        continue;
                    }
                    Err(Error::CountersAway)
                }
                Ok((Answer::Standing(false, found), _)) => {
                    for (index, (standing, _)) in indices.iter().zip(found) {
                        standings[*index] = standing;
                    }
                    Ok(Verdict::Refused(standings))
                }
                Ok((Answer::Missing(missing), _)) => {
                    Ok(Verdict::Missing(missing.iter().map(|of| indices[*of]).collect()))
                }
                Ok((Answer::Closed | Answer::Held, _)) => Err(Error::CountersAway),
                Err(error) => {
                    // It may have been counted although nobody heard of it.
                    reserved.extend(indices);
                    Err(error)
                }
            };
            let taken: Vec<_> = reserved.iter().map(|index| limits[*index].clone()).collect();
            let corrections: Vec<_> = taken.iter().map(|limit| -limit.cost).collect();
            match &verdict {
                Ok(_) => self.release(key, &taken, &corrections, ticket, now).await,
                Err(_) => Release::all(key, &taken, &corrections, ticket, now).for_each(|release| self.later(release)),
            }
            return verdict;
        }
        Ok(Verdict::Reserved(standings))
    }

    pub async fn peek(&self, workspace: Uuid, limits: &[Limit], now: i64) -> Result<Verdict, Error> {
        let nobody = GrantKey { workspace, request: Uuid::nil(), attempt: 0 };
        let mut standings = vec![Standing::default(); limits.len()];
        let mut missing = vec![];
        for (slot, indices) in by_slot(workspace, limits) {
            let of_slot: Vec<_> = indices.iter().map(|index| &limits[*index]).collect();
            let question = Question { what: "look", key: &nobody, ticket: "", expires: now, now, patience: PATIENT };
            match self.ask(&question, &slot, &of_slot).await?.0 {
                Answer::Standing(_, found) => {
                    for (index, (standing, _)) in indices.iter().zip(found) {
                        standings[*index] = standing;
                    }
                }
                Answer::Missing(of) => missing.extend(of.iter().map(|of| indices[*of])),
                Answer::Closed | Answer::Held => return Err(Error::CountersAway),
            }
        }
        Ok(if missing.is_empty() { Verdict::Reserved(standings) } else { Verdict::Missing(missing) })
    }

    pub async fn begin_load(&self, workspace: Uuid, limit: &Limit) -> Result<Begun, Error> {
        let answer = self.quota(workspace, limit, &["begin".to_owned()]).await?;
        let at = |n: usize| answer.get(n).copied().unwrap_or(0);
        Ok(Begun { changes: at(1), missed: at(2) })
    }

    pub async fn install(
        &self,
        workspace: Uuid,
        limit: &Limit,
        used: i64,
        begun: Begun,
        must_be_exact: bool,
    ) -> Result<bool, Error> {
        let numbers = [used, i64::from(must_be_exact), begun.changes, begun.missed].map(|number| number.to_string());
        let args: Vec<_> = std::iter::once("install".to_owned()).chain(numbers).collect();
        Ok(self.quota(workspace, limit, &args).await?.first() == Some(&1))
    }

    /// Asks; and if it would fit but for what processes hold, has them give it back and asks again.
    async fn ask_and_recall(
        &self,
        question: &Question<'_>,
        slot: &Slot,
        limits: &[&Limit],
    ) -> Result<(Answer, String), Error> {
        for again in 0..RECALLS {
            let (answer, epoch) = self.ask(question, slot, limits).await?;
            if !matches!(answer, Answer::Held) {
                return Ok((answer, epoch));
            }
            if !self.recall(slot, again == 0).await? {
                tokio::time::sleep(RECALL_PAUSE).await;
            }
        }
        self.ask(question, slot, limits).await
    }

    /// Asks once, and again after having opened the slot. Answers with the epoch in which it was asked.
    async fn ask(&self, question: &Question<'_>, slot: &Slot, limits: &[&Limit]) -> Result<(Answer, String), Error> {
        let Question { what, key, ticket, expires, now, patience } = *question;
        for _ in 0..OPENINGS {
            let epoch = self.epoch().await?;
            let mut call = self.scripts.reserve.prepare_invoke();
            for name in slot.keys(key, limits) {
                call.key(name);
            }
            call.arg(what).arg(now).arg(expires).arg(RequestId::from_uuid(key.request).to_string()).arg(key.attempt);
            call.arg(&epoch.epoch).arg(epoch.lost(now)).arg(ticket);
            for limit in limits {
                let end = limit.quota().and_then(|quota| quota.span.end);
                let left = end.map_or(-1, |end| (end * 1000 - now).max(1_000));
                let soft = i64::from(limit.soft);
                call.arg(letter(&limit.kind)).arg(limit.limit).arg(limit.cost).arg(limit.least).arg(soft).arg(left);
            }
            let mut manager = self.manager();
            match Answer::read(&self.within(patience, call.invoke_async::<Vec<i64>>(&mut manager)).await?)? {
                Answer::Closed => self.open(slot).await?,
                answer => return Ok((answer, epoch.epoch)),
            }
        }
        Ok((Answer::Closed, String::new()))
    }

    async fn quota(&self, workspace: Uuid, limit: &Limit, args: &[String]) -> Result<Vec<i64>, Error> {
        let slot = Slot::of(workspace, limit);
        let epoch = self.epoch().await?;
        let mut call = self.scripts.quota.prepare_invoke();
        call.key(slot.state()).key(format!("{}:{}", slot.prefix(), slot::counter(limit))).arg(&epoch.epoch);
        for arg in args {
            call.arg(arg);
        }
        let mut manager = self.manager();
        let answer = self.within(PATIENT, call.invoke_async::<Vec<i64>>(&mut manager)).await?;
        if answer.first() == Some(&-1) { Err(Error::CountersAway) } else { Ok(answer) }
    }

    /// Milliseconds since 1970.
    fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    fn is_away(&self) -> bool {
        self.is_away_for(Duration::ZERO)
    }

    fn is_away_for(&self, time: Duration) -> bool {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).is_failing_for(time)
    }

    /// Names a reservation, for ever.
    fn ticket(&self) -> String {
        format!("{}.{}", self.process, self.tickets.fetch_add(1, Ordering::Relaxed))
    }

    fn manager(&self) -> ConnectionManager {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).manager()
    }

    /// Waits for Redis, but not long: a request that is turned away at once can be sent again. `patience`: so many
    /// times as long as usual.
    async fn within<T>(
        &self,
        patience: u32,
        answer: impl Future<Output = ::redis::RedisResult<T>>,
    ) -> Result<T, Error> {
        let answer = match tokio::time::timeout(self.timeout * patience, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        };
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(answer) => {
                link.works();
                Ok(answer)
            }
            Err(cause) => {
                link.fails(&cause, &self.client, self.timeout)?;
                Err(Error::CountersAway)
            }
        }
    }
}

impl Answer {
    fn read(numbers: &[i64]) -> Result<Self, Error> {
        let (first, rest) = numbers.split_first().ok_or(Error::CountersAway)?;
        Ok(match first {
            -1 => Self::Closed,
            3 => Self::Held,
            2 => Self::Missing(rest.iter().filter_map(|index| usize::try_from(*index).ok()).collect()),
            _ => {
                let standing = |c: &[i64]| {
                    let retry_ms = if c[2] < 0 { crate::limit::NEVER } else { c[2] };
                    (Standing { used: c[0], reset_ms: c[1], retry_ms }, c[3])
                };
                Self::Standing(*first == 1, rest.chunks_exact(4).map(standing).collect())
            }
        })
    }
}
