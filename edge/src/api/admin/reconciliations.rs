//! Have providers of payments received what the ledger says?

use super::super::{billing::credits::CreditBalanceBody, page::some, time};
use crate::{app::Shared, auth::Operator, error::Result, json::Json};
use axum::extract::State;
use proto::billing::{Difference, ReconcileRequest, ReconcileResponse, ReconciledProvider};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which time is compared.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "2026-10-01", "to": "2026-10-02"}))]
pub(crate) struct ReconciledTime {
    /// Default: a day before `to`.
    #[schema(value_type = Option<DateTime<Utc>>)]
    from: Option<time::Instant>,
    /// Exclusive. Default: now. At most 31 days after `from`.
    #[schema(value_type = Option<DateTime<Utc>>)]
    to: Option<time::Instant>,
}

/// What was compared, and what was found. Amounts are in the smallest unit of the currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub(crate) struct ReconciliationBody {
    providers: Vec<ReconciledProviderBody>,
    /// Every difference, with what became of it.
    differences: Vec<DifferenceBody>,
    /// Every difference is explained: nobody has to look at anything.
    balanced: bool,
}

/// What one provider and the ledger say of the time.
#[derive(Serialize, ToSchema)]
#[schema(as = ReconciledProvider)]
struct ReconciledProviderBody {
    #[schema(example = "stripe")]
    provider: String,
    /// How often the provider has received something.
    received_count: i64,
    /// What the provider says that it has received, by currency.
    received: Vec<CreditBalanceBody>,
    /// What the ledger says, by currency.
    ledger: Vec<CreditBalanceBody>,
}

/// Money that one of both has and the other has not, or with another amount.
#[derive(Serialize, ToSchema)]
#[schema(as = ReconciliationDifference)]
struct DifferenceBody {
    #[schema(example = "stripe")]
    provider: String,
    /// The provider's name for the money.
    reference: String,
    /// `missed` (it is written down now), `unknown` (the provider has it, and nobody knows what for), `amount` (both have it, with
    /// different amounts), `refund` (both have it, and differ in what was given back), `dispute` (they differ in what a dispute has
    /// taken, or how it stands) or `not_received` (the ledger has it, and the provider does not).
    kind: String,
    provider_amount: i64,
    ledger_amount: i64,
    /// ISO 4217.
    #[schema(example = "BRL")]
    currency: String,
    /// `inv_…`
    invoice_id: Option<String>,
    /// Nobody has to look at it.
    explained: bool,
}

/// Compare what providers of payments have received with the ledger, and write down what was missed. For operators.
///
/// The body may be left out.
#[utoipa::path(post, path = "/admin/reconciliations", tag = "Operators", request_body = Option<ReconciledTime>,
    responses((status = 200, description = "What was compared, and every difference", body = ReconciliationBody),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 503, description = "A provider of payments, or a part of Perpetuo, is unavailable")))]
pub(crate) async fn reconcile(
    State(app): State<Shared>,
    Operator(call): Operator,
    body: Option<Json<ReconciledTime>>,
) -> Result<Json<ReconciliationBody>> {
    let ReconciledTime { from, to } = body.map(|Json(body)| body).unwrap_or_default();
    let request = ReconcileRequest { from: from.map(time::Instant::to_proto), to: to.map(time::Instant::to_proto) };
    Ok(Json(app.services.billing.reconcile(&call, request).await?.into()))
}

impl From<ReconcileResponse> for ReconciliationBody {
    fn from(found: ReconcileResponse) -> Self {
        Self {
            balanced: found.differences.iter().all(|difference| difference.is_explained),
            providers: found.providers.into_iter().map(ReconciledProviderBody::from).collect(),
            differences: found.differences.into_iter().map(DifferenceBody::from).collect(),
        }
    }
}

impl From<ReconciledProvider> for ReconciledProviderBody {
    fn from(compared: ReconciledProvider) -> Self {
        let ReconciledProvider { provider, received_count, received, ledger } = compared;
        let sums = |sums: Vec<_>| sums.into_iter().map(CreditBalanceBody::from).collect();
        Self { provider, received_count, received: sums(received), ledger: sums(ledger) }
    }
}

impl From<Difference> for DifferenceBody {
    fn from(difference: Difference) -> Self {
        let Difference {
            provider,
            reference,
            kind,
            provider_amount,
            ledger_amount,
            currency,
            invoice_id,
            is_explained,
        } = difference;
        let (invoice_id, explained) = (some(invoice_id), is_explained);
        Self { provider, reference, kind, provider_amount, ledger_amount, currency, invoice_id, explained }
    }
}
