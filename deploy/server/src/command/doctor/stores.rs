//! Do the stores answer, are they up to date, and does the master key open what is in them?

use super::Findings;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::tables;
use chrono::{DateTime, TimeDelta, Utc};
use host::{Clock, config::Secret};
use proto::Role;
use std::time::Duration;
use store::seal::MasterKey;
use store::{Backend, Db, Schema};
use usage_metering::RedisMemory;
use workspace::Sealed;

const PATIENCE: Duration = Duration::from_secs(10);

/// By how much two clocks may differ: tokens of peers are good for five seconds more than they say.
const APART: TimeDelta = TimeDelta::seconds(2);

/// The database of each role, and Redis.
pub async fn check(settings: &Settings, roles: &Roles, master: Option<&MasterKey>, findings: &mut Findings) {
    let backend = settings.backend();
    for (role, schema) in tables::of(roles) {
        let name = format!("{role} database");
        match tokio::time::timeout(PATIENCE, database(&backend, role, &schema, master)).await {
            Ok(Ok(seen)) => findings.ok(&name, seen),
            Ok(Err(problem)) => findings.fail(&name, problem),
            Err(_) => findings.fail(&name, "it does not answer: see whether it is overloaded".to_owned()),
        }
    }
    if let Some(url) = settings.redis.url.as_ref().filter(|_| roles.has(Role::UsageMetering)) {
        match usage_metering::ping_redis(url, PATIENCE).await {
            Ok(()) => match memory(&backend, url).await {
                RedisMemory::Lost => findings.fail(
                    "redis",
                    "it has not what usage-metering has counted: if this is the right one (redis.url), hard limits wait until \
                     the next request has restored it from the database"
                        .to_owned(),
                ),
                RedisMemory::Kept => findings.ok("redis", "it answers, and has what was counted".to_owned()),
                RedisMemory::New => findings.ok("redis", "it answers".to_owned()),
            },
            Err(usage_metering::Error::RedisUrl) => {
                findings.fail("redis", usage_metering::Error::RedisUrl.to_string());
            }
            Err(_) => {
                findings.fail("redis", "it does not answer: start it, or correct redis.url (REDIS_URL)".to_owned());
            }
        }
    }
}

/// Whether Redis has what the database knows that was counted in it.
async fn memory(backend: &Backend, url: &Secret) -> RedisMemory {
    let Ok(db) = Db::open(backend, &usage_metering::SCHEMA) else { return RedisMemory::New };
    let seen = tokio::time::timeout(PATIENCE, usage_metering::redis_memory(&db, url, PATIENCE)).await;
    db.close().await;
    // What is wrong with the database has been told already.
    seen.ok().and_then(Result::ok).unwrap_or(RedisMemory::New)
}

async fn database(
    backend: &Backend,
    role: Role,
    schema: &Schema,
    master: Option<&MasterKey>,
) -> Result<String, String> {
    if let Backend::Sqlite { dir } = backend
        && !dir.join(format!("{}.db", schema.name)).exists()
    {
        return Ok("none yet: the first `perpetuo serve` makes it".to_owned());
    }
    let db = Db::open(backend, schema).map_err(|error| error.to_string())?;
    let outcome = state(&db, role, master, &Clock::system()).await;
    db.close().await;
    outcome
}

async fn state(db: &Db, role: Role, master: Option<&MasterKey>, clock: &Clock) -> Result<String, String> {
    let pending = db.pending().await.map_err(|error| error.to_string())?;
    if !pending.is_empty() {
        let next = if db.is_sqlite() { "`perpetuo serve` does it" } else { "run `perpetuo migrate`" };
        return Err(format!("it is not up to date ({} missing): {next}", pending.join(", ")));
    }
    db.ping().await.map_err(|error| error.to_string())?;
    let (before, theirs) = (clock.now(), db.clock().await.map_err(|error| error.to_string())?);
    if let Some(problem) = theirs.and_then(|theirs| is_elsewhen(before, theirs, clock.now())) {
        return Err(problem);
    }
    let Some(master) = master else { return Ok("it answers and is up to date".to_owned()) };
    let opens = match role {
        Role::Workspace => {
            let sealed = workspace::sealed_under(db, Some(master)).await.map_err(|error| error.to_string())?;
            sealed != Sealed::Locked
        }
        Role::Identity => identity::opens(db, master).await.map_err(|error| error.to_string())?,
        Role::Edge | Role::Gateway | Role::UsageMetering | Role::Billing | Role::AgentEngine => {
            return Ok("it answers and is up to date".to_owned());
        }
    };
    if opens {
        Ok("it answers, is up to date, and the master key opens it".to_owned())
    } else {
        Err("the master key does not open it: set keys.dir or keys.master_file to the key that the data was made with"
            .to_owned())
    }
}

/// What is wrong with a clock that said `theirs` at some time between `before` and `after`.
fn is_elsewhen(before: DateTime<Utc>, theirs: DateTime<Utc>, after: DateTime<Utc>) -> Option<String> {
    let (ahead, behind) = (theirs - after, before - theirs);
    let (apart, which) = if ahead > behind { (ahead, "ahead of") } else { (behind, "behind") };
    (apart > APART).then(|| {
        let seconds = apart.num_seconds();
        format!("its clock is {seconds} s {which} the one of this machine: start NTP on both")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_differs_is_told_and_a_slow_answer_is_no_difference() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        assert_eq!(is_elsewhen(at(0), at(0), at(0)), None);
        assert_eq!(is_elsewhen(at(0), at(4), at(9)), None, "asked for nine seconds");
        assert!(is_elsewhen(at(0), at(7), at(1)).unwrap().contains("6 s ahead of"));
        assert!(is_elsewhen(at(10), at(5), at(10)).unwrap().contains("5 s behind"));
    }
}
