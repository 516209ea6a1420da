//! Which credits has a workspace, and how does it get more?

use super::{
    super::{page::some, repeat, time},
    checkout::{self, CheckoutBody, CreditsCheckout},
};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
};
use axum::{extract::State, response::IntoResponse};
use chrono::{DateTime, Utc};
use proto::billing::{BuyCreditsRequest, CreditBalance, CreditGrant, GetCreditsRequest};
use serde::Serialize;
use utoipa::ToSchema;

/// Credits of a workspace. Amounts are in the smallest unit of the currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Credits)]
pub(crate) struct CreditsBody {
    /// One of each currency that there are credits in.
    balances: Vec<CreditBalanceBody>,
    /// Those that something is left of, in the order in which they are used.
    grants: Vec<CreditGrantBody>,
}

/// How much there is.
#[derive(Serialize, ToSchema)]
#[schema(as = CreditBalance)]
pub(crate) struct CreditBalanceBody {
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    amount: i64,
}

/// Credits that were bought or given.
#[derive(Serialize, ToSchema)]
#[schema(as = CreditGrant)]
pub(crate) struct CreditGrantBody {
    /// `crgr_…`
    id: String,
    /// `paid` or `promotional`.
    category: String,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    amount: i64,
    remaining: i64,
    /// What for.
    note: Option<String>,
    created_at: DateTime<Utc>,
    /// When what is left of it is gone; null: never.
    expires_at: Option<DateTime<Utc>>,
}

/// Get the credits of the workspace. They pay invoices before anything else does.
#[utoipa::path(get, path = "/billing/credits", tag = "Billing",
    responses((status = 200, description = "What there is, and what it consists of", body = CreditsBody)))]
pub(crate) async fn get_credits(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<CreditsBody>> {
    let found = app.services.billing.get_credits(&call, GetCreditsRequest {}).await?;
    let balances = found.balances.into_iter().map(CreditBalanceBody::from).collect();
    let grants = found.grants.into_iter().map(CreditGrantBody::try_from).collect::<Result<_>>()?;
    Ok(Json(CreditsBody { balances, grants }))
}

/// Buy credits: an invoice for them, and a way to pay it. They are there as soon as it is paid.
///
/// Without an `Idempotency-Key` each request is another invoice; those that nobody pays are void after a while.
#[utoipa::path(post, path = "/billing/credits/checkout", tag = "Billing", request_body = CreditsCheckout,
    params(("Idempotency-Key" = Option<String>, Header, description = repeat::KEPT)),
    responses((status = 200, description = "How to pay; `complete` where the invoice of this key is paid already", body = CheckoutBody,
        headers(("idempotent-replayed" = String, description = "`true` where the invoice was made before"))),
        (status = 409, description = "The invoice of this key is not open any more, or the Idempotency-Key was used with another \
            request"),
        (status = 503, description = "This installation takes no payments; or the provider of payments, or a part of Perpetuo, is \
            unavailable")))]
pub(crate) async fn check_out_credits(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<CreditsCheckout>,
) -> Result<impl IntoResponse> {
    let payment = Some(body.clone().choice());
    let request =
        BuyCreditsRequest { amount: body.amount, currency: body.currency.clone().unwrap_or_default(), payment };
    let bought = app.services.billing.buy_credits(&call, request).await?;
    let invoice = bought.invoice.ok_or_else(|| Error::incomplete("the invoice"))?;
    let replayed = repeat::header(bought.replayed);
    // Who repeats a request does not know how far the first one came.
    if invoice.status == "paid" {
        return Ok((replayed, Json(CheckoutBody::paid(invoice.id))));
    }
    Ok((replayed, checkout::open(&app, &call, body.of(invoice.id)).await?))
}

impl From<CreditBalance> for CreditBalanceBody {
    fn from(balance: CreditBalance) -> Self {
        let CreditBalance { currency, amount } = balance;
        Self { currency, amount }
    }
}

impl CreditGrantBody {
    /// What a service answered with.
    pub(crate) fn new(grant: Option<CreditGrant>) -> Result<Self> {
        grant.ok_or_else(|| Error::incomplete("the credits"))?.try_into()
    }
}

impl TryFrom<CreditGrant> for CreditGrantBody {
    type Error = Error;

    fn try_from(grant: CreditGrant) -> Result<Self> {
        let CreditGrant { id, category, currency, amount, remaining, note, created_at, expires_at } = grant;
        let (note, created_at, expires_at) = (some(note), time::always(created_at)?, time::maybe(expires_at));
        Ok(Self { id, category, currency, amount, remaining, note, created_at, expires_at })
    }
}
