//! Invitations to a workspace, by e-mail.

use super::{page::Page, repeat, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::{Paging, Query},
};
use axum::{extract::State, response::IntoResponse};
use chrono::{DateTime, Utc};
use http::{StatusCode, header};
use proto::{
    id::InvitationId,
    workspace::{
        AcceptInvitationRequest, CreateInvitationRequest, Invitation, ListInvitationsRequest, ResendInvitationRequest,
        RevokeInvitationRequest,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An invitation that was neither accepted nor withdrawn. What its link holds is in its letter only.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationBody {
    /// `invt_…`
    id: String,
    /// To whom it was sent.
    email: String,
    /// What whoever accepts it becomes.
    role: String,
    /// Of the letter: `en` or `pt-BR`.
    locale: String,
    /// `pending`, or `expired` once its link works no more.
    status: &'static str,
    /// Who invited: `usr_…` or `key_…`.
    invited_by: String,
    created_at: DateTime<Utc>,
    /// Until when its link works.
    expires_at: DateTime<Utc>,
    /// When its letter left; null while it waits.
    sent_at: Option<DateTime<Utc>>,
}

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "bob@example.com", "role": "member"}))]
pub(crate) struct NewInvitation {
    email: String,
    /// `owner`, `admin`, `member`, `viewer` or a role of the workspace's own. Never one that may do more than the caller.
    role: String,
    /// Of the letter: `en` or `pt-BR`. Default: the workspace's.
    locale: Option<String>,
}

/// What the link of a letter holds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "it_2Jm4…"}))]
pub(crate) struct Acceptance {
    token: String,
}

/// The workspace that one has joined.
#[derive(Serialize, ToSchema)]
pub(crate) struct Joined {
    /// `ws_…`
    id: String,
    name: String,
    /// What the caller is there.
    role: String,
}

/// List invitations that were neither accepted nor withdrawn.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/invitations", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Paging),
    responses((status = 200, description = "A page of them", body = Page<InvitationBody>)))]
pub(crate) async fn list_invitations(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<InvitationBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListInvitationsRequest { page_size, page_token };
    let listed = app.services.workspaces.list_invitations(&call, request).await?;
    Page::new(listed.invitations, listed.next_page_token, InvitationBody::try_from).map(Json)
}

/// Invite somebody by e-mail. The answer is the same whether the address has an account or not; whoever has it accepts, with
/// an account that they have or make: what the link holds lets this address sign up (`invitation`) where that needs an
/// invitation.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/invitations", tag = "Workspaces", request_body = NewInvitation,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The invitation; its letter is on its way", body = InvitationBody,
        headers(("Location" = String, description = "The invitation"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = "The address is a member's, or is invited already; or the Idempotency-Key was used with another request")))]
pub(crate) async fn create_invitation(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewInvitation>,
) -> Result<impl IntoResponse> {
    let request =
        CreateInvitationRequest { email: body.email, role: body.role, locale: body.locale.unwrap_or_default() };
    let answer = app.services.workspaces.create_invitation(&call, request).await?;
    let replayed = repeat::header(answer.replayed);
    let made = InvitationBody::new(answer.invitation)?;
    let workspace = call.workspace.map(|id| id.to_string()).unwrap_or_default();
    let location = format!("/api/v1/workspaces/{workspace}/invitations/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], replayed, Json(made)))
}

/// Send an invitation again, at most once in a minute. The link of the letter before works no more.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/invitations/{invitation_id}/resend", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("invitation_id" = String, Path, description = "`invt_…`")),
    responses((status = 200, description = "The invitation as it is now", body = InvitationBody)))]
pub(crate) async fn resend_invitation(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<InvitationId>,
) -> Result<Json<InvitationBody>> {
    let request = ResendInvitationRequest { invitation_id: id.to_string() };
    let resent = app.services.workspaces.resend_invitation(&call, request).await?;
    InvitationBody::new(resent.invitation).map(Json)
}

/// Withdraw an invitation: its link works no more.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/invitations/{invitation_id}", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("invitation_id" = String, Path, description = "`invt_…`")),
    responses((status = 204, description = "It is withdrawn")))]
pub(crate) async fn revoke_invitation(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<InvitationId>,
) -> Result<StatusCode> {
    let request = RevokeInvitationRequest { invitation_id: id.to_string() };
    app.services.workspaces.revoke_invitation(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Accept an invitation, logged in to the account with the address that was invited.
#[utoipa::path(post, path = "/invitations/accept", tag = "Workspaces", request_body = Acceptance,
    responses((status = 200, description = "The workspace that one has joined", body = Joined),
        (status = 404, description = "The invitation does not work, or not for this account")))]
pub(crate) async fn accept_invitation(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<Acceptance>,
) -> Result<Json<Joined>> {
    let request = AcceptInvitationRequest { token: body.token };
    let joined = app.services.workspaces.accept_invitation(&call, request).await?;
    Ok(Json(Joined { id: joined.workspace_id, name: joined.name, role: joined.role }))
}

impl InvitationBody {
    fn new(invitation: Option<Invitation>) -> Result<Self> {
        invitation.ok_or_else(|| Error::incomplete("the invitation"))?.try_into()
    }
}

impl TryFrom<Invitation> for InvitationBody {
    type Error = Error;

    fn try_from(invitation: Invitation) -> Result<Self> {
        Ok(Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            locale: invitation.locale,
            status: if invitation.expired { "expired" } else { "pending" },
            invited_by: invitation.invited_by,
            created_at: time::always(invitation.created_at)?,
            expires_at: time::always(invitation.expires_at)?,
            sent_at: time::maybe(invitation.sent_at),
        })
    }
}
