//! The counters that several processes share.

mod amend;
mod epoch;
mod hold;
mod lease;
mod link;
mod recall;
mod release;
mod script;
mod slot;
mod tenure;
#[cfg(test)]
mod tests;

use super::{Begun, Reading, Verdict};
use crate::{
    Error,
    grant::GrantKey,
    limit::{Limit, Reservation, Standing},
};
use ::redis::{Client, aio::ConnectionManager};
use amend::Amend;
pub(super) use epoch::Epoch;
use host::{Clock, Ids, config::Secret, redis::span};
use lease::Leases;
use link::Link;
use proto::id::RequestId;
use recall::Recalls;
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
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;
use uuid::Uuid;

/// How often a slot is opened for one call. Data may be lost again meanwhile.
const OPENINGS: u32 = 3;
/// What is asked rarely, or for the second time, may take so many times as long.
const PATIENT: u32 = 10;
/// After so long without an answer nobody waits patiently any more.
const OUTAGE: Duration = Duration::from_secs(1);
/// How long a request waits altogether for Redis, and for others to give back what they hold.
const QUEUE: Duration = Duration::from_secs(3);
/// Before Redis is asked again that has not answered; twice as long each time.
const PAUSE: Duration = Duration::from_millis(20);
/// How long apart it is looked whether others have given back what they hold.
const RECALL_PAUSE: Duration = Duration::from_millis(40);

pub(crate) struct Redis {
    client: Client,
    timeout: Duration,
    /// After data was lost, how long until every grant that had been reserved is in SQL or was refused.
    grace_ms: i64,
    link: Mutex<Link>,
    scripts: Scripts,
    waiting: Mutex<VecDeque<Release>>,
    /// What was settled late, and Redis has yet to hear of.
    amends: Mutex<VecDeque<Amend>>,
    db: Db,
    clock: Clock,
    ids: Ids,
    epoch: Mutex<Option<Epoch>>,
    opening: tokio::sync::Mutex<()>,
    leases: Leases,
    /// Whoever changes what is held, and how far that is.
    tending: tokio::sync::Mutex<hold::Done>,
    recalls: Recalls,
    /// Tickets are this and a number.
    process: String,
    tickets: AtomicU64,
    /// The last of the calls that say what this process holds.
    numbers: AtomicU64,
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

/// An answer, and what was asked.
struct Answered {
    answer: Answer,
    /// The epoch in which it was asked.
    epoch: String,
    /// Not later than it was done.
    at: Instant,
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
            amends: Mutex::default(),
            db,
            clock,
            process: ids.uuid().simple().to_string(),
            ids,
            epoch: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            leases: Leases::default(),
            tending: tokio::sync::Mutex::default(),
            recalls: Recalls::default(),
            tickets: AtomicU64::new(0),
            numbers: AtomicU64::new(0),
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
        let (until, mut patience, mut pause) = (Instant::now() + QUEUE, 1, PAUSE);
        loop {
            // What Redis may still do with an earlier call belongs to its ticket.
            reservation.ticket = self.ticket();
            if self.is_away()
                && let Some(verdict) = self.reserve_held(reservation, now).await
            {
                return Ok(verdict);
            }
            let verdict = self.reserve_shared(reservation, now, (patience, until)).await;
            // A moment of silence is no outage yet.
            let is_silent = matches!(verdict, Err(Error::CountersAway)) && self.is_away() && !self.is_away_for(OUTAGE);
            if !is_silent || Instant::now() >= until {
                return verdict;
            }
            // Without a connection it fails at once.
            tokio::time::sleep(pause).await;
            (patience, pause) = (PATIENT, pause * 2);
        }
    }

    /// Slot after slot; a later refusal gives back what earlier slots reserved.
    async fn reserve_shared(
        &self,
        reservation: &mut Reservation,
        now: i64,
        (patience, until): (u32, Instant),
    ) -> Result<Verdict, Error> {
        let Reservation { key, limits, expires_ms, ticket, since, .. } = reservation;
        let mut standings = vec![Standing::default(); limits.len()];
        let mut reserved: Vec<usize> = vec![];
        let mut first: Option<String> = None;
        for (slot, indices) in by_slot(key.workspace, limits) {
            let of_slot: Vec<_> = indices.iter().map(|index| &limits[*index]).collect();
            let question = Question { what: "reserve", key, ticket, expires: *expires_ms, now, patience };
            let verdict = match self.ask_and_recall(&question, &slot, &of_slot, until).await {
                Ok(Answered { answer: Answer::Standing(true, found), epoch, at }) => {
                    if first.is_none() {
                        *since = at;
                    }
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
                Ok(Answered { answer: Answer::Standing(false, found), .. }) => {
                    for (index, (standing, _)) in indices.iter().zip(found) {
                        standings[*index] = standing;
                    }
                    Ok(Verdict::Refused(standings))
                }
                Ok(Answered { answer: Answer::Missing(missing), .. }) => {
                    Ok(Verdict::Missing(missing.iter().map(|of| indices[*of]).collect()))
                }
                Ok(Answered { answer: Answer::Closed | Answer::Held, .. }) => Err(Error::CountersAway),
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
            match self.ask(&question, &slot, &of_slot).await?.answer {
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
        let (_, number) = self.ids.uuid().as_u64_pair();
        let answer = self.quota(workspace, limit, &["begin".to_owned(), (number >> 16).to_string()]).await?;
        Ok(Begun(answer.get(1).copied().unwrap_or(0)))
    }

    pub async fn install(
        &self,
        workspace: Uuid,
        limit: &Limit,
        begun: Begun,
        reading: &Reading,
    ) -> Result<bool, Error> {
        let mut args = vec!["install".to_owned(), begun.0.to_string(), reading.settled.to_string()];
        args.extend(reading.open.iter().flat_map(|(key, amount)| [key.grant_id(), amount.to_string()]));
        Ok(self.quota(workspace, limit, &args).await?.first() == Some(&1))
    }

    /// Asks; and if it would fit but for what processes hold, has them give it back and asks again. Of all who need
    /// something of one slot one does so at a time.
    async fn ask_and_recall(
        &self,
        question: &Question<'_>,
        slot: &Slot,
        limits: &[&Limit],
        until: Instant,
    ) -> Result<Answered, Error> {
        let first = self.ask(question, slot, limits).await?;
        if !matches!(first.answer, Answer::Held) {
            return Ok(first);
        }
        let turn = self.recalls.of(slot);
        let Ok(_turn) = timeout_at(until, turn.lock()).await else { return Ok(first) };
        let mut is_first = true;
        loop {
            let answered = self.ask(question, slot, limits).await?;
            if !matches!(answered.answer, Answer::Held) || Instant::now() >= until {
                return Ok(answered);
            }
            if !self.recall(slot, is_first).await? {
                tokio::time::sleep(RECALL_PAUSE).await;
            }
            is_first = false;
        }
    }

    /// Asks once, and again after having opened the slot.
    async fn ask(&self, question: &Question<'_>, slot: &Slot, limits: &[&Limit]) -> Result<Answered, Error> {
        let Question { what, key, ticket, expires, now, patience } = *question;
        for _ in 0..OPENINGS {
            let at = Instant::now();
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
            match Answer::read(
                &self.within("EVALSHA reserve", patience, call.invoke_async::<Vec<i64>>(&mut manager)).await?,
            )? {
                Answer::Closed => self.open(slot).await?,
                answer => return Ok(Answered { answer, epoch: epoch.epoch, at }),
            }
        }
        Ok(Answered { answer: Answer::Closed, epoch: String::new(), at: Instant::now() })
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
        let answer = self.within("EVALSHA quota", PATIENT, call.invoke_async::<Vec<i64>>(&mut manager)).await?;
        if answer.first() == Some(&-1) { Err(Error::CountersAway) } else { Ok(answer) }
    }

    #[cfg(test)]
    pub async fn forget(&self, workspace: Uuid, limit: &Limit) {
        let key = format!("{}:{}", Slot::of(workspace, limit).prefix(), slot::counter(limit));
        ::redis::cmd("DEL").arg(key).exec_async(&mut self.manager()).await.unwrap();
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

    /// Waits for Redis, but not long: a request that is turned away at once can be sent again. `command`: for traces.
    /// `patience`: so many times as long as usual.
    async fn within<T>(
        &self,
        command: &'static str,
        patience: u32,
        answer: impl Future<Output = ::redis::RedisResult<T>>,
    ) -> Result<T, Error> {
        let answer = match tokio::time::timeout(self.timeout * patience, answer).instrument(span(command)).await {
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
