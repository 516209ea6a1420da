//! On which devices is somebody logged in? Answers `ListSessions` and `EndSession`.

use super::{end, idle};
use crate::{Error, Parts, impersonation, mfa};
use chrono::{DateTime, Utc};
use proto::{Call, id::SessionId, identity as pb};
use store::GlobalTx;

store::row! {
    struct Device {
        id: SessionId,
        user_agent: Option<String>,
        address: Option<String>,
        created_at: DateTime<Utc>,
        last_used_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    }
}

/// The caller's sessions that work: those of operators who act for them, then their own, the one used last first.
pub(crate) async fn list(parts: &Parts, call: &Call) -> Result<pb::ListSessionsResponse, Error> {
    let (user, current) = call.user().map_err(Error::caller)?;
    let now = parts.clock.now();
    let mut tx = GlobalTx::read(&parts.db).await?;
    let values = [user.into(), now.into(), (now - idle(parts)).into()];
    let devices: Vec<Device> = tx.fetch_all(store::sql!("session/list"), &values).await?;
    let mut acting = impersonation::of_user(&mut tx, user).await?;
    tx.commit().await?;
    let show = |device: Device| {
        let acting = acting.remove(&device.id);
        // One of an operator is used as long as it lasts.
        let (last_used_at, until) = match &acting {
            Some(one) => (one.created_at, one.expires_at),
            None => (device.last_used_at, device.expires_at.min(device.last_used_at + idle(parts))),
        };
        pb::Device {
            session_id: device.id.to_string(),
            user_agent: device.user_agent.unwrap_or_default(),
            address: device.address.unwrap_or_default(),
            created_at: Some(proto::time::to_proto(device.created_at)),
            last_used_at: Some(proto::time::to_proto(last_used_at)),
            expires_at: Some(proto::time::to_proto(until)),
            current: device.id == current,
            impersonation: acting.map(|one| one.to_proto()),
        }
    };
    Ok(pb::ListSessionsResponse { sessions: devices.into_iter().map(show).collect() })
}

/// Ends one of the caller's sessions. For another one than their own they have to have said just now who they are: whoever
/// finds a device that is logged in puts its owner out nowhere else. An operator who acts for them is put out at once.
pub(crate) async fn end(
    parts: &Parts,
    call: &Call,
    request: pb::EndSessionRequest,
) -> Result<pb::EndSessionResponse, Error> {
    let (user, current) = call.user().map_err(Error::caller)?;
    let absent = || Error::NotFound("session among yours");
    let id: SessionId = request.session_id.parse().map_err(|_| absent())?;
    let found = super::find(parts, id).await?.filter(|found| found.user_id == user).ok_or_else(absent)?;
    if found.check(parts).is_err() {
        return Err(absent());
    }
    if id != current && found.impersonator_id.is_none() {
        mfa::signed_in_just_now(parts, current).await?;
    }
    end::end(parts, call, id, user, "revoked").await?;
    Ok(pb::EndSessionResponse {})
}
