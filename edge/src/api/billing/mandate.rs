//! Are the invoices of a workspace taken from its account by themselves?

use super::super::{page::some, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::billing::{CancelMandateRequest, CreateMandateRequest, GetMandateRequest, Mandate};
use serde::Serialize;
use utoipa::ToSchema;

/// That somebody has allowed once to be charged for each invoice (PIX Automático).
#[derive(Serialize, ToSchema)]
#[schema(as = Mandate)]
pub(crate) struct MandateBody {
    /// `mdt_…`
    id: String,
    #[schema(example = "efi")]
    provider: String,
    /// `pending` (nobody has allowed it yet), `active` or `ended`.
    status: String,
    /// `month` or `year`
    interval: String,
    /// ISO 4217.
    #[schema(example = "BRL")]
    currency: String,
    /// What is pasted into the application of the bank, or shown as a QR code, to allow it; null once it is not `pending`.
    pix_copy_paste: Option<String>,
    created_at: DateTime<Utc>,
}

/// Ask to have each invoice of the subscription taken from an account of the workspace's (PIX Automático).
///
/// Somebody allows it with `pix_copy_paste` in the application of their bank, which makes it `active`. Invoices are then ordered some
/// days before they are due; where there was too little in the account, three more times within seven days. Until it is taken, an
/// invoice can be paid in any other way. The same again is the same mandate, while it is not ended.
#[utoipa::path(post, path = "/billing/mandate", tag = "Billing",
    responses((status = 200, description = "The mandate", body = MandateBody),
        (status = 409, description = "The workspace has no subscription with invoices, or a mandate for another interval"),
        (status = 422, description = "The billing details lack the name, or the CPF or CNPJ"),
        (status = 503, description = "It is not offered here (`PAYMENTS_NOT_CONFIGURED`); or the provider, or a part of Perpetuo, is \
            unavailable")))]
pub(crate) async fn create_mandate(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<MandateBody>> {
    told(app.services.billing.create_mandate(&call, CreateMandateRequest {}).await?.mandate)
}

/// Get the newest mandate of the workspace.
#[utoipa::path(get, path = "/billing/mandate", tag = "Billing",
    responses((status = 200, description = "The mandate", body = MandateBody),
        (status = 404, description = "There is none")))]
pub(crate) async fn get_mandate(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<MandateBody>> {
    told(app.services.billing.get_mandate(&call, GetMandateRequest {}).await?.mandate)
}

/// End the mandate: invoices are paid otherwise from now on. What was ordered already is cancelled, unless its day has come.
#[utoipa::path(delete, path = "/billing/mandate", tag = "Billing",
    responses((status = 200, description = "The mandate, which has ended", body = MandateBody),
        (status = 404, description = "There is none"),
        (status = 503, description = "The provider, or a part of Perpetuo, is unavailable")))]
pub(crate) async fn cancel_mandate(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<MandateBody>> {
    told(app.services.billing.cancel_mandate(&call, CancelMandateRequest {}).await?.mandate)
}

fn told(mandate: Option<Mandate>) -> Result<Json<MandateBody>> {
    let mandate = mandate.ok_or_else(|| Error::incomplete("the mandate"))?;
    Ok(Json(MandateBody {
        id: mandate.id,
        provider: mandate.provider,
        status: mandate.status,
        interval: mandate.interval,
        currency: mandate.currency,
        pix_copy_paste: some(mandate.pix_copy_paste),
        created_at: time::always(mandate.created_at)?,
    }))
}
