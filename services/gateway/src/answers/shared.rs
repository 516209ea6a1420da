//! Answers that the gateways share, in Redis. Each is sealed with a key of its workspace: whoever reads Redis reads none, and
//! once that key changes, because the workspace wants its answers erased, nobody does.
//!
//! Redis may be away, slow or empty at any time. Then nothing was kept.

use super::{
    Kept,
    key::AnswerKey,
    similar::{MOST, Meant},
};
use bytes::Bytes;
use host::{Tasks, config::Secret, redis::Redis};
use prost::Message as _;
use proto::id::WorkspaceId;
use redis::{AsyncCommands as _, RedisResult};
use std::{sync::Arc, time::Duration};
use store::seal::Sealer;

/// How long Redis may take. A model takes longer, and a request waits for neither.
const PATIENCE: Duration = Duration::from_millis(100);
/// Keys that are looked through at once to erase.
const BATCH: usize = 500;

pub(crate) struct Shared {
    redis: Redis,
    tasks: Tasks,
}

/// An answer as it is sealed.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct Sealed {
    #[prost(string, tag = "1")]
    provider_id: String,
    #[prost(string, tag = "2")]
    model: String,
    #[prost(string, tag = "3")]
    content_type: String,
    #[prost(bytes = "bytes", tag = "4")]
    body: Bytes,
}

/// Where something is kept, of which workspace.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub workspace: WorkspaceId,
    pub key: AnswerKey,
    pub sealer: &'a Sealer,
}

impl Place<'_> {
    /// Its name in Redis, which also keeps what is sealed from being moved elsewhere. The workspace is the hash tag.
    fn name(&self, kind: &str) -> String {
        format!("{}{kind}:{}", prefix(self.workspace), hex(&self.key))
    }
}

impl Shared {
    /// Connects when it is asked first. Errors: the address is none.
    pub(super) fn new(url: &Secret, tasks: Tasks) -> RedisResult<Self> {
        Ok(Self { redis: Redis::new(url, PATIENCE, "no answers are kept until it is back")?, tasks })
    }

    pub(super) async fn get(&self, place: &Place<'_>) -> Option<Arc<Kept>> {
        let name = place.name("answer");
        let at = name.as_str();
        let sealed =
            self.redis.ask("GET", |mut redis| async move { redis.get::<_, Option<Vec<u8>>>(at).await }).await?;
        let opened = place.sealer.open(&sealed?, name.as_bytes()).ok()?;
        let Sealed { provider_id, model, content_type, body } = Sealed::decode(opened.as_slice()).ok()?;
        Some(Arc::new(Kept { provider_id, model, content_type, body }))
    }

    pub(super) async fn keep(&self, place: &Place<'_>, kept: Kept, ttl: Duration) {
        let Kept { provider_id, model, content_type, body } = kept;
        let answer = Sealed { provider_id, model, content_type, body }.encode_to_vec();
        let name = place.name("answer");
        let sealed = place.sealer.seal(&answer, name.as_bytes());
        let (at, sealed, ttl) = (name.as_str(), sealed.as_slice(), millis(ttl));
        self.redis.ask("PSETEX", |mut redis| async move { redis.pset_ex::<_, _, ()>(at, sealed, ttl).await }).await;
    }

    pub(super) async fn similar(&self, place: &Place<'_>) -> Vec<Meant> {
        let name = place.name("similar");
        let at = name.as_str();
        let all =
            self.redis.ask("LRANGE", |mut redis| async move { redis.lrange::<_, Vec<Vec<u8>>>(at, 0, -1).await }).await;
        let open = |sealed: &Vec<u8>| {
            let opened = place.sealer.open(sealed, name.as_bytes()).ok()?;
            Meant::decode(opened.as_slice()).ok()
        };
        all.iter().flatten().filter_map(open).collect()
    }

    pub(super) async fn remember(&self, place: &Place<'_>, meant: &Meant, ttl: Duration) {
        let name = place.name("similar");
        let sealed = place.sealer.seal(&meant.encode_to_vec(), name.as_bytes());
        let last = isize::try_from(MOST - 1).unwrap_or(isize::MAX);
        let ttl = i64::try_from(millis(ttl)).unwrap_or(i64::MAX);
        let mut all = redis::pipe();
        all.lpush(&name, sealed.as_slice()).ignore().ltrim(&name, 0, last).ignore().pexpire(&name, ttl).ignore();
        self.redis.ask("PIPELINE", |mut redis| async move { all.query_async::<()>(&mut redis).await }).await;
    }

    /// Removes what a workspace has, in the background. Nobody can open it any more in any case.
    pub(super) fn erase(self: &Arc<Self>, workspace: WorkspaceId) {
        let shared = self.clone();
        self.tasks.tracker().spawn(async move {
            if let Err(error) = shared.remove(workspace).await {
                tracing::warn!(source = %error, "sealed answers of a workspace stay in Redis until their time has passed");
            }
        });
    }

    async fn remove(&self, workspace: WorkspaceId) -> RedisResult<()> {
        let mut redis = self.redis.connect().await?;
        let pattern = format!("{}*", prefix(workspace));
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(BATCH);
            let (next, names): (u64, Vec<String>) = scan.query_async(&mut redis).await?;
            if !names.is_empty() {
                redis.unlink::<_, ()>(names).await?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }
}

fn prefix(workspace: WorkspaceId) -> String {
    format!("perpetuo:{{{workspace}}}:answers:")
}

fn hex(key: &AnswerKey) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests;
