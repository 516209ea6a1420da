//! What do invoices say of who pays?

use super::super::page::some;
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::{Json, Object},
};
use axum::extract::State;
use proto::billing::{BillingDetails, GetBillingDetailsRequest, PostalAddress, PutBillingDetailsRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who pays for a workspace.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BillingDetails, example = json!({
    "name": "Padaria Aurora Ltda.", "email": "financeiro@example.com", "tax_id": "11.222.333/0001-81",
    "address": {"line1": "Rua Augusta, 100", "district": "Consolação", "city": "São Paulo", "state": "SP",
        "postal_code": "01304-000", "country": "BR"},
}))]
pub(crate) struct DetailsBody {
    /// At most 200 characters. Default: that of the workspace.
    name: Option<String>,
    email: Option<String>,
    /// CPF or CNPJ with or without punctuation, or another country's.
    tax_id: Option<String>,
    #[schema(value_type = Option<AddressBody>)]
    address: Option<Object<AddressBody>>,
}

/// Where they are.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PostalAddress)]
struct AddressBody {
    line1: Option<String>,
    line2: Option<String>,
    /// In Brazil: bairro.
    district: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
}

/// Get what invoices say of who pays.
#[utoipa::path(get, path = "/billing/details", tag = "Billing",
    responses((status = 200, description = "The details; null where nothing is known", body = DetailsBody)))]
pub(crate) async fn get_billing_details(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<DetailsBody>> {
    let found = app.services.billing.get_billing_details(&call, GetBillingDetailsRequest {}).await?;
    DetailsBody::new(found.details).map(Json)
}

/// Replace what invoices say of who pays, for those that are closed from now on. What is left out is not known any more.
#[utoipa::path(put, path = "/billing/details", tag = "Billing", request_body = DetailsBody,
    responses((status = 200, description = "The details as they are now", body = DetailsBody)))]
pub(crate) async fn put_billing_details(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<DetailsBody>,
) -> Result<Json<DetailsBody>> {
    let request = PutBillingDetailsRequest { details: Some(body.into()) };
    let put = app.services.billing.put_billing_details(&call, request).await?;
    DetailsBody::new(put.details).map(Json)
}

impl DetailsBody {
    fn new(details: Option<BillingDetails>) -> Result<Self> {
        let BillingDetails { name, email, tax_id, address } =
            details.ok_or_else(|| Error::incomplete("the billing details"))?;
        let address = address.filter(|address| *address != PostalAddress::default());
        let address = address.map(|address| Object(address.into()));
        Ok(Self { name: some(name), email: some(email), tax_id: some(tax_id), address })
    }
}

impl From<DetailsBody> for BillingDetails {
    fn from(body: DetailsBody) -> Self {
        Self {
            name: body.name.unwrap_or_default(),
            email: body.email.unwrap_or_default(),
            tax_id: body.tax_id.unwrap_or_default(),
            address: body.address.map(|Object(address)| address.into()),
        }
    }
}

impl From<PostalAddress> for AddressBody {
    fn from(address: PostalAddress) -> Self {
        Self {
            line1: some(address.line1),
            line2: some(address.line2),
            district: some(address.district),
            city: some(address.city),
            state: some(address.state),
            postal_code: some(address.postal_code),
            country: some(address.country),
        }
    }
}

impl From<AddressBody> for PostalAddress {
    fn from(body: AddressBody) -> Self {
        Self {
            line1: body.line1.unwrap_or_default(),
            line2: body.line2.unwrap_or_default(),
            district: body.district.unwrap_or_default(),
            city: body.city.unwrap_or_default(),
            state: body.state.unwrap_or_default(),
            postal_code: body.postal_code.unwrap_or_default(),
            country: body.country.unwrap_or_default(),
        }
    }
}
