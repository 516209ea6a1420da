//! Where somebody is logged in.

use super::super::{admin::impersonations::ImpersonationBody, page::some, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::Target,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::{
    id::SessionId,
    identity::{Device, EndSessionRequest, ListSessionsRequest},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A session on one device.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
pub(crate) struct DeviceBody {
    /// `ses_…`
    id: String,
    /// What the device called itself when it logged in.
    user_agent: Option<String>,
    /// The address from which it was last used.
    address: Option<String>,
    created_at: DateTime<Utc>,
    /// The last login or refresh.
    last_used_at: DateTime<Utc>,
    /// When it ends if it is not used again.
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
    /// An operator of the platform who acts for the person; they may end it like any other. Null: it is the person's own.
    impersonation: Option<ImpersonationBody>,
}

/// The sessions of a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Devices {
    /// Those that work, the one used last first.
    data: Vec<DeviceBody>,
}

/// List the devices on which one is logged in.
#[utoipa::path(get, path = "/me/sessions", tag = "Account",
    responses((status = 200, description = "All that work", body = Devices)))]
pub(crate) async fn list_sessions(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Devices>> {
    let listed = app.services.identity.list_sessions(&call, ListSessionsRequest {}).await?;
    let data = listed.sessions.into_iter().map(DeviceBody::try_from).collect::<Result<_>>()?;
    Ok(Json(Devices { data }))
}

/// Log a device out, within a second. `POST /auth/logout` with `all` does so for every device. For another device than the one that
/// asks, a second factor has to have been shown, or the session opened, in the last ten minutes; not for an operator's session.
#[utoipa::path(delete, path = "/me/sessions/{session_id}", tag = "Account",
    params(("session_id" = String, Path, description = "`ses_…`")),
    responses((status = 204, description = "It is logged out"),
        (status = 403, description = "The second factor was not shown, or the session not opened, in the last ten minutes"),
        (status = 404, description = "No session of the caller")))]
pub(crate) async fn end_session(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(session): Target<SessionId>,
) -> Result<StatusCode> {
    app.services.identity.end_session(&call, EndSessionRequest { session_id: session.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl TryFrom<Device> for DeviceBody {
    type Error = Error;

    fn try_from(device: Device) -> Result<Self> {
        Ok(Self {
            id: device.session_id,
            user_agent: some(device.user_agent),
            address: some(device.address),
            created_at: time::always(device.created_at)?,
            last_used_at: time::always(device.last_used_at)?,
            expires_at: time::always(device.expires_at)?,
            current: device.current,
            impersonation: device.impersonation.map(ImpersonationBody::try_from).transpose()?,
        })
    }
}
