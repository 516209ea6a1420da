//! The counters that several processes share.

mod epoch;
mod link;
mod slot;

use super::Verdict;
use crate::{
    Error,
    grant::GrantKey,
    limit::{Limit, Reservation, Standing},
};
use ::redis::{Client, Script, aio::ConnectionManager};
use epoch::Epoch;
use host::{Ids, config::Secret};
use link::Link;
use proto::id::RequestId;
use slot::{Slot, by_slot, letter};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use store::Db;
use uuid::Uuid;

/// Releases that wait for Redis to come back. What falls out expires with its grant.
const MAX_WAITING: usize = 10_000;
/// How often a slot is opened for one call. Data may be lost again meanwhile.
const OPENINGS: u32 = 3;

pub(crate) struct Redis {
    client: Client,
    timeout: Duration,
    /// After data was lost, how long until every grant that had been reserved is in SQL or was refused.
    grace_ms: i64,
    link: Mutex<Link>,
    scripts: Scripts,
    waiting: Mutex<VecDeque<Release>>,
    db: Db,
    ids: Ids,
    epoch: Mutex<Option<Epoch>>,
    opening: tokio::sync::Mutex<()>,
}

struct Scripts {
    reserve: Script,
    release: Script,
    quota: Script,
    open: Script,
}

/// One call of release.lua, but for the epoch.
struct Release {
    slot: Slot,
    keys: Vec<String>,
    grant: String,
    at: i64,
    args: Vec<String>,
}

/// What reserve.lua answers.
enum Answer {
    Closed,
    Missing(Vec<usize>),
    /// Whether it fits; where limits stand; what was reserved of each.
    Standing(bool, Vec<(Standing, i64)>),
}

impl Redis {
    /// Connects when first used. Needs a runtime. Errors: [`Error::RedisUrl`].
    pub fn new(url: &Secret, timeout: Duration, grace: Duration, db: Db, ids: Ids) -> Result<Self, Error> {
        let client = Client::open(url.expose()).map_err(|_| Error::RedisUrl)?;
        let scripts = Scripts {
            reserve: Script::new(include_str!("reserve.lua")),
            release: Script::new(include_str!("release.lua")),
            quota: Script::new(include_str!("quota.lua")),
            open: Script::new(include_str!("open.lua")),
        };
        Ok(Self {
            link: Mutex::new(Link::new(&client, timeout)?),
            client,
            timeout,
            grace_ms: i64::try_from(grace.as_millis()).unwrap_or(i64::MAX),
            scripts,
            waiting: Mutex::default(),
            db,
            ids,
            epoch: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
        })
    }

    /// Slot after slot; a later refusal gives back what earlier slots reserved.
    pub async fn reserve(&self, reservation: &mut Reservation, now: i64) -> Result<Verdict, Error> {
        let Reservation { key, limits, expires_ms } = reservation;
        let mut standings = vec![Standing::default(); limits.len()];
        let mut reserved: Vec<usize> = vec![];
        for (slot, indices) in by_slot(key.workspace, limits) {
            let of_slot: Vec<_> = indices.iter().map(|index| &limits[*index]).collect();
            let answer = self.ask("reserve", &slot, key, &of_slot, *expires_ms, now).await;
            let verdict = match answer {
                Ok(Answer::Standing(true, found)) => {
                    for (index, (standing, taken)) in indices.iter().zip(found) {
                        (standings[*index], limits[*index].cost) = (standing, taken);
                    }
                    reserved.extend(indices);
                    continue;
                }
                Ok(Answer::Standing(false, found)) => {
                    for (index, (standing, _)) in indices.iter().zip(found) {
                        standings[*index] = standing;
                    }
                    Ok(Verdict::Refused(standings))
                }
                Ok(Answer::Missing(missing)) => Ok(Verdict::Missing(missing.iter().map(|of| indices[*of]).collect())),
                Ok(Answer::Closed) => Err(Error::CountersAway),
                Err(error) => {
                    // It may have been counted although nobody heard of it.
                    reserved.extend(indices);
                    Err(error)
                }
            };
            let taken: Vec<_> = reserved.iter().map(|index| limits[*index].clone()).collect();
            let corrections: Vec<_> = taken.iter().map(|limit| -limit.cost).collect();
            match &verdict {
                Ok(_) => self.release(key, &taken, &corrections, now).await,
                Err(_) => Release::all(key, &taken, &corrections, now).for_each(|release| self.later(release)),
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
            match self.ask("look", &slot, &nobody, &of_slot, now, now).await? {
                Answer::Standing(_, found) => {
                    for (index, (standing, _)) in indices.iter().zip(found) {
                        standings[*index] = standing;
                    }
                }
                Answer::Missing(of) => missing.extend(of.iter().map(|of| indices[*of])),
                Answer::Closed => return Err(Error::CountersAway),
            }
        }
        Ok(if missing.is_empty() { Verdict::Reserved(standings) } else { Verdict::Missing(missing) })
    }

    pub async fn release(&self, key: &GrantKey, limits: &[Limit], corrections: &[i64], now: i64) {
        for release in Release::all(key, limits, corrections, now) {
            // While Redis is away nobody waits to find it away again: the next retry tells.
            if self.is_away() || self.send(&release).await.is_err() {
                self.later(release);
            }
        }
    }

    pub async fn begin_load(&self, workspace: Uuid, limit: &Limit) -> Result<(), Error> {
        self.quota(workspace, limit, &["begin".to_owned()]).await.map(drop)
    }

    pub async fn install(&self, workspace: Uuid, limit: &Limit, used: i64, must_be_exact: bool) -> Result<bool, Error> {
        let args = ["install".to_owned(), used.to_string(), i64::from(must_be_exact).to_string()];
        Ok(self.quota(workspace, limit, &args).await? == 1)
    }

    /// Sends what could not be sent. Stops at the first that fails again.
    pub async fn retry(&self) {
        loop {
            let release = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(release) = release else { return };
            if self.send(&release).await.is_err() {
                self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_front(release);
                return;
            }
        }
    }

    /// Asks once, and again after having opened the slot.
    async fn ask(
        &self,
        what: &str,
        slot: &Slot,
        key: &GrantKey,
        limits: &[&Limit],
        expires: i64,
        now: i64,
    ) -> Result<Answer, Error> {
        for _ in 0..OPENINGS {
            let epoch = self.epoch(now).await?;
            let mut call = self.scripts.reserve.prepare_invoke();
            for name in slot.keys(key, limits) {
                call.key(name);
            }
            call.arg(what).arg(now).arg(expires).arg(RequestId::from_uuid(key.request).to_string()).arg(key.attempt);
            call.arg(&epoch.epoch).arg(epoch.lost(now));
            for limit in limits {
                let end = limit.quota().and_then(|quota| quota.span.end);
                let left = end.map_or(-1, |end| (end * 1000 - now).max(1_000));
                let soft = i64::from(limit.soft);
                call.arg(letter(&limit.kind)).arg(limit.limit).arg(limit.cost).arg(limit.least).arg(soft).arg(left);
            }
            let mut manager = self.manager();
            match Answer::read(&self.within(call.invoke_async::<Vec<i64>>(&mut manager)).await?)? {
                Answer::Closed => self.open(slot, now).await?,
                answer => return Ok(answer),
            }
        }
        Ok(Answer::Closed)
    }

    async fn send(&self, release: &Release) -> Result<(), Error> {
        let epoch = self.epoch(release.at).await?;
        let mut call = self.scripts.release.prepare_invoke();
        for name in &release.keys {
            call.key(name);
        }
        call.arg(&release.grant).arg(release.at).arg(&epoch.epoch);
        for arg in &release.args {
            call.arg(arg);
        }
        let mut manager = self.manager();
        if self.within(call.invoke_async::<i64>(&mut manager)).await? >= 0 {
            return Ok(());
        }
        // Once it is open, what SQL had as open has its mark again, and what SQL had as settled has none.
        self.open(&release.slot, release.at).await?;
        Err(Error::CountersAway)
    }

    async fn quota(&self, workspace: Uuid, limit: &Limit, args: &[String]) -> Result<i64, Error> {
        let slot = Slot::of(workspace, limit);
        let epoch = self.epoch(0).await?;
        let mut call = self.scripts.quota.prepare_invoke();
        call.key(slot.state()).key(format!("{}:{}", slot.prefix(), slot::counter(limit))).arg(&epoch.epoch);
        for arg in args {
            call.arg(arg);
        }
        let mut manager = self.manager();
        match self.within(call.invoke_async::<i64>(&mut manager)).await? {
            -1 => Err(Error::CountersAway),
            answer => Ok(answer),
        }
    }

    fn later(&self, release: Release) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(release);
    }

    fn is_away(&self) -> bool {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).is_failing()
    }

    fn manager(&self) -> ConnectionManager {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).manager()
    }

    /// Waits for Redis, but not long: a request that is turned away at once can be sent again.
    async fn within<T>(&self, answer: impl Future<Output = ::redis::RedisResult<T>>) -> Result<T, Error> {
        let answer = match tokio::time::timeout(self.timeout, answer).await {
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

impl Release {
    /// One for each slot of the limits.
    fn all(key: &GrantKey, limits: &[Limit], corrections: &[i64], now: i64) -> impl Iterator<Item = Self> {
        by_slot(key.workspace, limits).into_iter().map(move |(slot, indices)| {
            let of_slot: Vec<_> = indices.iter().map(|index| &limits[*index]).collect();
            let mut args = vec![];
            for index in &indices {
                let limit = &limits[*index];
                args.extend([letter(&limit.kind).to_owned(), limit.limit.to_string(), corrections[*index].to_string()]);
            }
            Self { keys: slot.keys(key, &of_slot), slot, grant: key.grant_id(), at: now, args }
        })
    }
}

impl Answer {
    fn read(numbers: &[i64]) -> Result<Self, Error> {
        let (first, rest) = numbers.split_first().ok_or(Error::CountersAway)?;
        Ok(match first {
            -1 => Self::Closed,
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
