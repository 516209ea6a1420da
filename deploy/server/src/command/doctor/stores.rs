//! Do the stores answer, are they up to date, and does the master key open what is in them?

use super::Findings;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::tables;
use proto::Role;
use std::time::Duration;
use store::seal::MasterKey;
use store::{Backend, Db, Schema};
use workspace::Sealed;

const PATIENCE: Duration = Duration::from_secs(10);

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
            Ok(()) => findings.ok("redis", "it answers".to_owned()),
            Err(usage_metering::Error::RedisUrl) => {
                findings.fail("redis", usage_metering::Error::RedisUrl.to_string());
            }
            Err(_) => {
                findings.fail("redis", "it does not answer: start it, or correct redis.url (REDIS_URL)".to_owned());
            }
        }
    }
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
    let outcome = state(&db, role, master).await;
    db.close().await;
    outcome
}

async fn state(db: &Db, role: Role, master: Option<&MasterKey>) -> Result<String, String> {
    let pending = db.pending().await.map_err(|error| error.to_string())?;
    if !pending.is_empty() {
        let next = if db.is_sqlite() { "`perpetuo serve` does it" } else { "run `perpetuo migrate`" };
        return Err(format!("it is not up to date ({} missing): {next}", pending.join(", ")));
    }
    db.ping().await.map_err(|error| error.to_string())?;
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
