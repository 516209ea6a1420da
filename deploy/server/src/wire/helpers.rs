//! What is the process better off with?

use super::Base;
use host::redis::Redis;
use proto::Role;
use std::sync::Arc;
use std::time::Duration;

/// How long Redis may take to answer a probe.
const PATIENCE: Duration = Duration::from_millis(500);

/// A process goes on without Redis: limits are kept by shares that it took before, failed logins are counted here, kept
/// answers are asked for anew. Probes tell of it, and nobody is sent away for it.
///
/// # Errors
/// If `redis.url` is no address.
pub fn watch(base: &Base) -> anyhow::Result<()> {
    let uses = [Role::UsageMetering, Role::Identity, Role::Gateway].into_iter().any(|role| base.roles.has(role));
    let Some(url) = base.settings.redis.url.as_ref().filter(|_| uses) else { return Ok(()) };
    // Its error may show the password.
    let redis = Redis::new(url, PATIENCE, "").map_err(|_| anyhow::anyhow!("redis.url (REDIS_URL) is no address"))?;
    let redis = Arc::new(redis);
    base.readiness.check_helper("redis", move || {
        let redis = redis.clone();
        async move { if redis.answers().await { Ok(()) } else { Err("redis does not answer".to_owned()) } }
    });
    Ok(())
}
