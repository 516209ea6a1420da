//! How do operators give credits away?

use super::super::{billing::credits::CreditGrantBody, repeat, time};
use crate::{app::Shared, auth::Operator, error::Result, json::Json, path::Target};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use proto::{billing::GrantCreditsRequest, id::WorkspaceId};
use serde::Deserialize;
use utoipa::ToSchema;

/// Credits to give.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 5000, "currency": "USD", "note": "Welcome"}))]
pub(crate) struct NewCredits {
    /// In the smallest unit of the currency.
    amount: i64,
    /// ISO 4217. Default: that of the workspace.
    currency: Option<String>,
    /// When what is left of them is gone. Default: never.
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Option<time::Instant>,
    /// What for; at most 500 characters.
    note: Option<String>,
}

/// Give credits to a workspace. For operators.
#[utoipa::path(post, path = "/admin/workspaces/{workspace_id}/credits", tag = "Operators", request_body = NewCredits,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEPT)),
    responses((status = 201, description = "The credits", body = CreditGrantBody,
        headers(("idempotent-replayed" = String, description = "`true` where they were given before"))),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "There is no such workspace"),
        (status = 409, description = repeat::MISMATCH)))]
pub(crate) async fn grant_credits(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<WorkspaceId>,
    Json(body): Json<NewCredits>,
) -> Result<impl IntoResponse> {
    let NewCredits { amount, currency, expires_at, note } = body;
    let request = GrantCreditsRequest {
        workspace_id: id.to_string(),
        amount,
        currency: currency.unwrap_or_default(),
        expires_at: expires_at.map(time::Instant::to_proto),
        note: note.unwrap_or_default(),
    };
    let granted = app.services.billing.grant_credits(&call, request).await?;
    let replayed = repeat::header(granted.replayed);
    Ok((StatusCode::CREATED, replayed, Json(CreditGrantBody::new(granted.grant)?)))
}
