//! Domains of which a workspace proves that they are its own.

use super::time;
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
use proto::identity::{AddDomainRequest, Domain, ListDomainsRequest, RemoveDomainRequest, VerifyDomainRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a workspace says is its own.
#[derive(Serialize, ToSchema)]
pub(crate) struct Domains {
    pub(super) data: Vec<DomainBody>,
}

/// A domain.
#[derive(Serialize, ToSchema)]
#[schema(as = Domain)]
pub(crate) struct DomainBody {
    /// As name servers write it.
    #[schema(example = "acme.example")]
    domain: String,
    /// Whether the workspace has proved that it is its own. Of all workspaces one has.
    verified: bool,
    created_at: DateTime<Utc>,
    verified_at: Option<DateTime<Utc>>,
    /// When name servers were last asked; of a verified domain once a day.
    checked_at: Option<DateTime<Utc>>,
    /// Since when the record of a verified domain is missing; after a week it is not verified any more.
    missing_since: Option<DateTime<Utc>>,
    /// What proves it.
    record: DnsRecord,
}

/// A record for name servers.
#[derive(Serialize, ToSchema)]
pub(crate) struct DnsRecord {
    #[schema(example = "TXT")]
    r#type: &'static str,
    #[schema(example = "_perpetuo-challenge.acme.example")]
    name: String,
    #[schema(example = "perpetuo-domain-verification=2Jm4x…")]
    value: String,
}

/// What a workspace says is its own from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"domain": "acme.example"}))]
pub(crate) struct NewDomain {
    /// Of the addresses of its people: `acme.example` for `ana@acme.example`. Domains below it are others.
    domain: String,
}

/// List the domains of a workspace, and the records that prove them.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/domains", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "In the order of the alphabet", body = Domains)))]
pub(crate) async fn list_domains(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Domains>> {
    let listed = app.services.identity.list_domains(&call, ListDomainsRequest {}).await?;
    Ok(Json(Domains { data: listed.domains.into_iter().map(DomainBody::try_from).collect::<Result<_>>()? }))
}

/// Say that a domain is the workspace's. The answer has the record that proves it: make it, then verify. Saying it again
/// changes nothing.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/domains", tag = "Workspaces", request_body = NewDomain,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The domain", body = DomainBody),
        (status = 409, description = "The workspace has 50 of them"),
        (status = 422, description = "No domain, or one under which everybody registers their own")))]
pub(crate) async fn add_domain(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewDomain>,
) -> Result<Json<DomainBody>> {
    let added = app.services.identity.add_domain(&call, AddDomainRequest { domain: body.domain }).await?;
    DomainBody::new(added.domain).map(Json)
}

/// Have name servers asked for the record of a domain.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/domains/{domain}/verify", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("domain" = String, Path, description = "`acme.example`")),
    responses((status = 200, description = "It is proved", body = DomainBody),
        (status = 404, description = "The workspace has not said that it is its own"),
        (status = 409, description = "The record is not there (`DOMAIN_UNPROVED`), or another workspace has proved it"),
        (status = 429, description = "Name servers were asked just now"),
        (status = 503, description = "Name servers do not answer")))]
pub(crate) async fn verify_domain(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(domain): Target<String>,
) -> Result<Json<DomainBody>> {
    let verified = app.services.identity.verify_domain(&call, VerifyDomainRequest { domain }).await?;
    DomainBody::new(verified.domain).map(Json)
}

/// Remove a domain. What stands on it ends: nobody has to sign in by the workspace's provider for its sake any more.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/domains/{domain}", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("domain" = String, Path, description = "`acme.example`")),
    responses((status = 204, description = "It is the workspace's no more"),
        (status = 403, description = "The second factor was not shown in the last ten minutes")))]
pub(crate) async fn remove_domain(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(domain): Target<String>,
) -> Result<StatusCode> {
    app.services.identity.remove_domain(&call, RemoveDomainRequest { domain }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl DomainBody {
    fn new(domain: Option<Domain>) -> Result<Self> {
        domain.ok_or_else(|| Error::incomplete("the domain"))?.try_into()
    }
}

impl TryFrom<Domain> for DomainBody {
    type Error = Error;

    fn try_from(of: Domain) -> Result<Self> {
        Ok(Self {
            domain: of.domain,
            verified: of.verified,
            created_at: time::always(of.created_at)?,
            verified_at: time::maybe(of.verified_at),
            checked_at: time::maybe(of.checked_at),
            missing_since: time::maybe(of.missing_since),
            record: DnsRecord { r#type: "TXT", name: of.record_name, value: of.record_value },
        })
    }
}
