//! Domains of workspaces: who may speak for the addresses below them.
//!
//! A workspace says that a domain is its own (`add`) and proves it by a TXT record (`verify`). Of all workspaces one has proved
//! it. It is looked at again every day (`watch`), because domains change hands; one whose record is gone for a week, or
//! when another workspace proves it, is the workspace's no more.

pub(crate) mod add;
pub(crate) mod list;
pub(crate) mod lost;
pub(crate) mod name;
pub(crate) mod remove;
pub(crate) mod verify;
pub(crate) mod watch;

use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    Call,
    id::{EventId, WorkspaceId},
    identity as pb,
};
use serde_json::json;
use store::{Tx, WorkspaceTx, outbox::Event};

store::row! {
    /// One of them.
    #[derive(Clone, Debug)]
    pub(crate) struct Domain {
        domain: String,
        token: String,
        created_at: DateTime<Utc>,
        verified_at: Option<DateTime<Utc>>,
        checked_at: Option<DateTime<Utc>>,
        missing_since: Option<DateTime<Utc>>,
    }
}

impl Domain {
    /// The name of the record that proves it.
    fn record(&self) -> String {
        format!("_perpetuo-challenge.{}", self.domain)
    }

    /// What the record has to say.
    fn value(&self) -> String {
        format!("perpetuo-domain-verification={}", self.token)
    }

    fn to_proto(&self) -> pb::Domain {
        let time = |at: Option<DateTime<Utc>>| at.map(proto::time::to_proto);
        pb::Domain {
            domain: self.domain.clone(),
            verified: self.verified_at.is_some(),
            created_at: time(Some(self.created_at)),
            verified_at: time(self.verified_at),
            checked_at: time(self.checked_at),
            missing_since: time(self.missing_since),
            record_name: self.record(),
            record_value: self.value(),
        }
    }
}

/// Whether `workspace` has proved that the domain of this address is its own. A domain below or above it is another one. In a
/// transaction of that workspace, or of the system.
pub(crate) async fn verified_by(tx: &mut Tx, workspace: WorkspaceId, address: &str) -> Result<bool, Error> {
    let Some(domain) = name::of_address(address) else { return Ok(false) };
    let (verified,): (bool,) =
        tx.fetch_one(store::sql!("domain/is_verified"), &[workspace.into(), domain.into()]).await?;
    Ok(verified)
}

/// The same, and at the last look name servers had its record: where it is missing, the domain may be somebody else's by now.
pub(crate) async fn vouched_by(tx: &mut Tx, workspace: WorkspaceId, address: &str) -> Result<bool, Error> {
    let Some(domain) = name::of_address(address) else { return Ok(false) };
    let (vouches,): (bool,) = tx.fetch_one(store::sql!("domain/vouches"), &[workspace.into(), domain.into()]).await?;
    Ok(vouches)
}

/// The workspace that has proved that the domain of this address is its own. In a transaction of the system.
pub(crate) async fn owner(tx: &mut Tx, address: &str) -> Result<Option<WorkspaceId>, Error> {
    let Some(domain) = name::of_address(address) else { return Ok(None) };
    let owner: Option<(WorkspaceId,)> = tx.fetch_optional(store::sql!("domain/owner"), &[domain.into()]).await?;
    Ok(owner.map(|(workspace,)| workspace))
}

async fn find(tx: &mut WorkspaceTx, domain: &str) -> Result<Option<Domain>, Error> {
    let values = [tx.workspace().into(), domain.into()];
    Ok(Tx::fetch_optional(tx, store::sql!("domain/get"), &values).await?)
}

fn absent() -> Error {
    Error::NotFound("domain in this workspace")
}

/// Something happened to a domain.
fn event(parts: &Parts, call: &Call, workspace: WorkspaceId, kind: &'static str, domain: &str) -> Event {
    let id = EventId::from_uuid(parts.ids.uuid());
    Event {
        workspace: Some(workspace),
        payload: json!({ "domain": domain }),
        ..Event::of(call, id, parts.clock.now(), kind, domain)
    }
}
