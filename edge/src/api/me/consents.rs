//! What the calling person agreed to.

use super::super::{page::some, time};
use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::identity::{self, AcceptConsentsRequest, ListConsentsRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text in one version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "terms", "version": "2026-11"}))]
pub(crate) struct ConsentGiven {
    kind: String,
    version: String,
}

/// What is agreed to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentsGiven {
    consents: Vec<ConsentGiven>,
}

/// A text that is asked for and was not agreed to in the version of today.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConsentDue {
    kind: String,
    version: String,
    /// Where it can be read.
    url: String,
}

/// That somebody agreed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Consent {
    kind: String,
    version: String,
    /// Where the text could be read.
    url: String,
    accepted_at: DateTime<Utc>,
    /// From where.
    address: Option<String>,
}

/// What somebody agreed to, and what they still have to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Consents {
    /// Oldest first. They are never changed; when the account is erased they stay as the proof, without the address.
    data: Vec<Consent>,
    due: Vec<ConsentDue>,
}

/// See what one has agreed to.
#[utoipa::path(get, path = "/me/consents", tag = "Account",
    responses((status = 200, description = "Agreed, and due", body = Consents)))]
pub(crate) async fn list_consents(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Consents>> {
    let found = app.services.identity.list_consents(&call, ListConsentsRequest {}).await?;
    Consents::new(found.consents, found.due).map(Json)
}

/// Agree to texts, in the version that is asked for.
#[utoipa::path(post, path = "/me/consents", tag = "Account", request_body = ConsentsGiven,
    responses((status = 200, description = "Agreed, and due", body = Consents),
        (status = 422, description = "Nobody asks for that text in that version")))]
pub(crate) async fn accept_consents(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<ConsentsGiven>,
) -> Result<Json<Consents>> {
    let request = AcceptConsentsRequest { consents: body.consents.into_iter().map(Into::into).collect() };
    let done = app.services.identity.accept_consents(&call, request).await?;
    Consents::new(done.consents, done.due).map(Json)
}

impl Consents {
    pub(super) fn new(agreed: Vec<identity::Consent>, due: Vec<identity::ConsentText>) -> Result<Self> {
        let data = agreed.into_iter().map(Consent::try_from).collect::<Result<_>>()?;
        Ok(Self { data, due: due.into_iter().map(Into::into).collect() })
    }
}

impl TryFrom<identity::Consent> for Consent {
    type Error = crate::error::Error;

    fn try_from(consent: identity::Consent) -> Result<Self> {
        Ok(Self {
            kind: consent.kind,
            version: consent.version,
            url: consent.url,
            accepted_at: time::always(consent.accepted_at)?,
            address: some(consent.address),
        })
    }
}

impl From<identity::ConsentText> for ConsentDue {
    fn from(text: identity::ConsentText) -> Self {
        Self { kind: text.kind, version: text.version, url: text.url }
    }
}

impl From<ConsentGiven> for identity::ConsentText {
    fn from(given: ConsentGiven) -> Self {
        Self { kind: given.kind, version: given.version, url: String::new() }
    }
}
