//! Which payments have customers disputed?

use super::super::{
    page::{Page, some},
    time,
};
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    query::{Query, page_size},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::billing::{Dispute, ListDisputesRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which disputes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichDisputes {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `ws_…`: only those of this workspace.
    workspace_id: Option<String>,
    /// `inquiry`, `needs_response`, `under_review`, `won` or `lost`. Default: all.
    status: Option<String>,
}

/// A customer has told their bank that they did not pay this.
#[derive(Serialize, ToSchema)]
#[schema(as = Dispute)]
pub(crate) struct DisputeBody {
    id: String,
    /// `ws_…`
    workspace_id: String,
    /// `inv_…`
    invoice_id: String,
    #[schema(example = "stripe")]
    provider: String,
    /// The provider's name for it.
    #[schema(example = "dp_1")]
    reference: String,
    /// The provider's name for the money.
    #[schema(example = "ch_1")]
    received: String,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    /// In the smallest unit of the currency.
    amount: i64,
    /// `inquiry` and `needs_response`: an answer is waited for, in the dashboard of the provider. `under_review`, `won`, `lost`.
    status: String,
    /// As the provider calls it.
    #[schema(example = "fraudulent")]
    reason: Option<String>,
    /// Until when an answer is taken.
    respond_by: Option<DateTime<Utc>>,
    opened_at: DateTime<Utc>,
}

/// List the disputes of payments of all workspaces or of one, newest first. For operators.
#[utoipa::path(get, path = "/admin/disputes", tag = "Operators", params(WhichDisputes),
    responses((status = 200, description = "A page of them", body = Page<DisputeBody>),
        (status = 403, description = "The caller has no platform role"),
        (status = 404, description = "There is no such workspace"),
        (status = 422, description = "There is no such status")))]
pub(crate) async fn list_disputes(
    State(app): State<Shared>,
    Operator(call): Operator,
    Query(which): Query<WhichDisputes>,
) -> Result<Json<Page<DisputeBody>>> {
    let request = ListDisputesRequest {
        workspace_id: which.workspace_id.unwrap_or_default(),
        status: which.status.unwrap_or_default(),
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
    };
    let listed = app.services.billing.list_disputes(&call, request).await?;
    Page::new(listed.disputes, listed.next_page_token, DisputeBody::try_from).map(Json)
}

impl TryFrom<Dispute> for DisputeBody {
    type Error = Error;

    fn try_from(dispute: Dispute) -> Result<Self> {
        Ok(Self {
            id: dispute.id,
            workspace_id: dispute.workspace_id,
            invoice_id: dispute.invoice_id,
            provider: dispute.provider,
            reference: dispute.reference,
            received: dispute.received,
            currency: dispute.currency,
            amount: dispute.amount,
            status: dispute.status,
            reason: some(dispute.reason),
            respond_by: time::maybe(dispute.respond_by),
            opened_at: time::always(dispute.opened_at)?,
        })
    }
}
