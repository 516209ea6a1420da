//! The counters that several processes share.

use super::Verdict;
use crate::{
    Error,
    grant::GrantKey,
    limit::{Kind, Limit, Owner, Reservation, Standing},
};
use ::redis::{
    Client, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use host::{config::Secret, metrics};
use proto::id::{KeyId, RequestId, WorkspaceId};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// Releases that wait for Redis to come back. What falls out expires with its grant.
const MAX_WAITING: usize = 10_000;
/// After so long without an answer the connection is taken for dead, even if TCP has not noticed.
const DEAD: Duration = Duration::from_secs(2);

pub(crate) struct Redis {
    client: Client,
    timeout: Duration,
    link: Mutex<Link>,
    reserve: Script,
    release: Script,
    waiting: Mutex<VecDeque<Release>>,
}

struct Link {
    manager: ConnectionManager,
    failing_since: Option<Instant>,
}

/// One call of release.lua.
struct Release {
    keys: Vec<String>,
    args: Vec<String>,
}

impl Redis {
    /// Connects when first used. Needs a runtime. Errors: [`Error::RedisUrl`].
    pub fn new(url: &Secret, timeout: Duration) -> Result<Self, Error> {
        let client = Client::open(url.expose()).map_err(|_| Error::RedisUrl)?;
        let manager = connect(&client, timeout)?;
        Ok(Self {
            client,
            timeout,
            link: Mutex::new(Link { manager, failing_since: None }),
            reserve: Script::new(include_str!("reserve.lua")),
            release: Script::new(include_str!("release.lua")),
            waiting: Mutex::default(),
        })
    }

    pub async fn reserve(&self, reservation: &Reservation, now: i64) -> Result<Verdict, Error> {
        let Reservation { key, limits, expires_ms } = reservation;
        match self.ask("reserve", key, limits, *expires_ms, now).await {
            Ok((true, standings)) => Ok(Verdict::Reserved(standings)),
            Ok((false, standings)) => Ok(Verdict::Refused(standings)),
            Err(error) => {
                // It may have been counted although nobody heard of it.
                self.later(Release::new(key, limits, Some(0), now, true));
                Err(error)
            }
        }
    }

    pub async fn peek(&self, workspace: Uuid, limits: &[Limit], now: i64) -> Result<Vec<Standing>, Error> {
        let nobody = GrantKey { workspace, request: Uuid::nil(), attempt: 0 };
        self.ask("look", &nobody, limits, now, now).await.map(|(_, standings)| standings)
    }

    pub async fn release(&self, key: &GrantKey, limits: &[Limit], used: Option<i64>, now: i64, undo: bool) {
        let release = Release::new(key, limits, used, now, undo);
        // While Redis is away nobody waits to find it away again: the next retry tells.
        if self.is_away() || self.send(&release).await.is_err() {
            self.later(release);
        }
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

    async fn ask(
        &self,
        what: &str,
        key: &GrantKey,
        limits: &[Limit],
        expires: i64,
        now: i64,
    ) -> Result<(bool, Vec<Standing>), Error> {
        let mut call = self.reserve.prepare_invoke();
        call.arg(what).arg(now).arg(expires).arg(RequestId::from_uuid(key.request).to_string()).arg(key.attempt);
        for name in keys(key, limits) {
            call.key(name);
        }
        for limit in limits {
            call.arg(letter(limit.kind)).arg(limit.limit).arg(limit.cost);
        }
        let mut manager = self.manager();
        let answer: Vec<i64> = self.within(call.invoke_async(&mut manager)).await?;
        let (fits, rest) = answer.split_first().ok_or(Error::CountersAway)?;
        let standings = rest.chunks_exact(3).map(|c| Standing { used: c[0], reset_ms: c[1], retry_ms: c[2] });
        Ok((*fits == 1, standings.collect()))
    }

    async fn send(&self, release: &Release) -> Result<(), Error> {
        let mut call = self.release.prepare_invoke();
        for name in &release.keys {
            call.key(name);
        }
        for arg in &release.args {
            call.arg(arg);
        }
        let mut manager = self.manager();
        self.within(call.invoke_async::<i64>(&mut manager)).await.map(drop)
    }

    fn later(&self, release: Release) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(release);
    }

    fn is_away(&self) -> bool {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).failing_since.is_some()
    }

    fn manager(&self) -> ConnectionManager {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).manager.clone()
    }

    /// Waits for Redis, but not long: a request that is turned away at once can be sent again.
    async fn within<T>(&self, answer: impl Future<Output = ::redis::RedisResult<T>>) -> Result<T, Error> {
        let answer = match tokio::time::timeout(self.timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        };
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let cause = match answer {
            Ok(answer) => {
                if link.failing_since.take().is_some() {
                    tracing::info!("redis is back: limits are counted again");
                }
                return Ok(answer);
            }
            Err(cause) => cause,
        };
        metrics::counter("perpetuo_usage_redis_failures_total", "Calls of Redis that failed or took too long.").inc();
        match link.failing_since {
            None => {
                tracing::warn!(cause, "redis is away: requests with limits are refused until it is back");
                link.failing_since = Some(Instant::now());
            }
            Some(since) if since.elapsed() > DEAD => {
                link.manager = connect(&self.client, self.timeout)?;
                link.failing_since = Some(Instant::now());
            }
            Some(_) => {}
        }
        Err(Error::CountersAway)
    }
}

impl Release {
    fn new(key: &GrantKey, limits: &[Limit], used: Option<i64>, now: i64, undo: bool) -> Self {
        let mut args = vec![key.grant_id(), now.to_string()];
        for limit in limits {
            let difference = match limit.kind {
                Kind::Tokens => used.map_or(0, |used| used - limit.cost),
                Kind::Requests if undo => -limit.cost,
                Kind::Requests | Kind::Concurrency => 0,
            };
            args.extend([letter(limit.kind).to_owned(), limit.limit.to_string(), difference.to_string()]);
        }
        Self { keys: keys(key, limits), args }
    }
}

fn connect(client: &Client, timeout: Duration) -> Result<ConnectionManager, Error> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(DEAD))
        .set_response_timeout(Some(timeout))
        .set_max_delay(Duration::from_millis(500));
    ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(|_| Error::RedisUrl)
}

/// The workspace is the hash tag: all keys of a request are on one node of a cluster.
fn keys(key: &GrantKey, limits: &[Limit]) -> Vec<String> {
    let tag = format!("perpetuo:{{{}}}", WorkspaceId::from_uuid(key.workspace));
    let mut keys = vec![format!("{tag}:grant:{}", key.grant_id())];
    keys.extend(limits.iter().map(|limit| match limit.owner {
        Owner::Workspace => format!("{tag}:limit:workspace:{}", letter(limit.kind)),
        Owner::ApiKey => format!("{tag}:limit:{}:{}", KeyId::from_uuid(limit.id), letter(limit.kind)),
    }));
    keys
}

const fn letter(kind: Kind) -> &'static str {
    match kind {
        Kind::Requests => "r",
        Kind::Tokens => "t",
        Kind::Concurrency => "c",
    }
}
