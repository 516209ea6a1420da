//! Tells usage-metering that this instance lives, so that its open grants are not swept.

use host::{Ids, Tasks};
use proto::{
    Call, Role,
    id::RequestId,
    usage::{HeartbeatRequest, Usage},
};
use std::time::Duration;

/// A third of the 15 s after which an instance counts as dead.
const PERIOD: Duration = Duration::from_secs(5);

pub(crate) fn start(usage: &Usage, instance: &str, ids: &Ids, tasks: &Tasks) {
    let (usage, instance, ids) = (usage.clone(), instance.to_owned(), ids.clone());
    tasks.every("gateway lifeline", PERIOD, move || {
        let (usage, instance_id) = (usage.clone(), instance.clone());
        let call = Call::service(Role::Gateway, RequestId::from_uuid(ids.uuid()));
        async move {
            let call = call.until(tokio::time::Instant::now() + PERIOD);
            if let Err(status) = usage.heartbeat(&call, HeartbeatRequest { instance_id }).await {
                tracing::warn!(error = status.message(), "usage-metering does not hear that this gateway lives");
            }
        }
    });
}
