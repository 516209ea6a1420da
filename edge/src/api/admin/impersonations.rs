//! Operators who act for somebody.

use super::super::{
    page::{Page, some},
    time,
};
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::{Query, page_size},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::{
    id::SessionId,
    identity::{EndImpersonationRequest, Impersonation, ListImpersonationsRequest, StartImpersonationRequest},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// For whom to act, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"user_id": "usr_01JZ8Q4T7WXYZ0123456789ABC", "reason": "Ticket 4711: the usage page stays empty"}))]
pub(crate) struct NewImpersonation {
    /// `usr_…`
    user_id: String,
    /// 10 to 500 characters. The person and the owners of the workspace read it.
    reason: String,
    /// One of that person's workspaces. Default: the one in which they would log in.
    workspace_id: Option<String>,
    /// For how long, 1 to 30. Default: 30.
    minutes: Option<i32>,
    /// Whether settings of the workspace may be changed, too. Default: false.
    write: Option<bool>,
}

/// Somebody who acts for somebody, now or earlier.
#[derive(Serialize, ToSchema)]
#[schema(as = Impersonation)]
pub(crate) struct ImpersonationBody {
    /// `ses_…`: the session of its token, as the person sees it among theirs.
    id: String,
    /// `usr_…` of who acts.
    operator_id: String,
    /// `usr_…` of the person for whom.
    user_id: String,
    /// Where, and nowhere else. Null for somebody who is in no workspace.
    workspace_id: Option<String>,
    reason: String,
    /// Whether settings of the workspace may be changed.
    write: bool,
    created_at: DateTime<Utc>,
    /// When it ends at the latest.
    expires_at: DateTime<Utc>,
    /// When it ended. Null: it goes on.
    ended_at: Option<DateTime<Utc>>,
    /// Why it ended: `ended`, `logout`, `expired`, `role_revoked`, `operator_left`, `account_changed`, or what ended the
    /// person's session.
    #[schema(example = "logout")]
    end_reason: Option<String>,
}

/// An impersonation that begins.
#[derive(Serialize, ToSchema)]
#[schema(as = BegunImpersonation)]
pub(crate) struct Begun {
    #[serde(flatten)]
    impersonation: ImpersonationBody,
    /// Goes into `Authorization: Bearer …`. Its `act` names the operator. Nothing renews it.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
}

/// Which ones.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichImpersonations {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `usr_…`: only those who acted for this person.
    user_id: Option<String>,
}

/// Act for somebody, for half an hour at most. For operators with the role `admin`.
///
/// The answer has a token of that person, in one of their workspaces, without a refresh token. It reads; with `write` it changes
/// settings of the workspace, its routing and its guardrails, and forgets kept answers. Never, whatever it began with: keys,
/// credentials of providers, webhooks, prices, the profile, passwords, addresses, second factors, linked accounts, sessions, members,
/// invitations, payment, inference and executions, streams, exports that leave, deletion, other workspaces, `/admin`. The second
/// factor was shown in the last ten minutes, also where operators need none for anything else. The person sees it among
/// their sessions and may end it, and hears of it by letter; it is in the audit trail of the workspace with its reason, and what is
/// done in it names the operator as `impersonator`. It ends at once with `DELETE`, `POST /auth/logout` with its token, the
/// operator's role or the session in which it began.
#[utoipa::path(post, path = "/admin/impersonations", tag = "Operators", request_body = NewImpersonation,
    responses((status = 201, description = "It begins", body = Begun),
        (status = 403, description = "The caller is no `admin`, or has not shown the second factor in the last ten minutes"),
        (status = 404, description = "There is no such account, or it has no such workspace"),
        (status = 409, description = "The account operates the platform, or is the caller's own"),
        (status = 422, description = "The reason or the minutes are not accepted")))]
pub(crate) async fn start_impersonation(
    State(app): State<Shared>,
    Operator(call): Operator,
    Json(body): Json<NewImpersonation>,
) -> Result<(StatusCode, Json<Begun>)> {
    let request = StartImpersonationRequest {
        user_id: body.user_id,
        reason: body.reason,
        workspace_id: body.workspace_id.unwrap_or_default(),
        // What is left out is the default; what is 0 is refused.
        minutes: body.minutes.map_or(0, |minutes| if minutes == 0 { -1 } else { minutes }),
        write: body.write.unwrap_or_default(),
    };
    let begun = app.services.identity.start_impersonation(&call, request).await?;
    let impersonation = begun.impersonation.ok_or_else(|| Error::incomplete("the impersonation"))?.try_into()?;
    let begun = Begun { impersonation, access_token: begun.access_token, token_type: "Bearer" };
    Ok((StatusCode::CREATED, Json(begun)))
}

/// List who acted for whom, and why, newest first. For operators.
#[utoipa::path(get, path = "/admin/impersonations", tag = "Operators", params(WhichImpersonations),
    responses((status = 200, description = "A page of them", body = Page<ImpersonationBody>),
        (status = 403, description = "The caller has no platform role"),
        (status = 404, description = "There is no such account")))]
pub(crate) async fn list_impersonations(
    State(app): State<Shared>,
    Operator(call): Operator,
    Query(which): Query<WhichImpersonations>,
) -> Result<Json<Page<ImpersonationBody>>> {
    let request = ListImpersonationsRequest {
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
        user_id: which.user_id.unwrap_or_default(),
    };
    let listed = app.services.identity.list_impersonations(&call, request).await?;
    Page::new(listed.impersonations, listed.next_page_token, ImpersonationBody::try_from).map(Json)
}

/// End an impersonation, whoever began it, within a second. For operators with the role `admin`.
#[utoipa::path(delete, path = "/admin/impersonations/{session_id}", tag = "Operators",
    params(("session_id" = String, Path, description = "`ses_…`")),
    responses((status = 204, description = "It has ended"),
        (status = 403, description = "The caller is no `admin`"),
        (status = 404, description = "There is none")))]
pub(crate) async fn end_impersonation(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<SessionId>,
) -> Result<StatusCode> {
    app.services.identity.end_impersonation(&call, EndImpersonationRequest { id: id.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl TryFrom<Impersonation> for ImpersonationBody {
    type Error = Error;

    fn try_from(one: Impersonation) -> Result<Self> {
        Ok(Self {
            id: one.id,
            operator_id: one.operator_id,
            user_id: one.user_id,
            workspace_id: some(one.workspace_id),
            reason: one.reason,
            write: one.write,
            created_at: time::always(one.created_at)?,
            expires_at: time::always(one.expires_at)?,
            ended_at: time::maybe(one.ended_at),
            end_reason: some(one.end_reason),
        })
    }
}
