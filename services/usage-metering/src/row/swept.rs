//! `swept_grants`

use super::hex;
use crate::{
    event::{Admitted, Id},
    grant::GrantKey,
    limit::{self, Limit},
};
use serde::Serialize;
use uuid::Uuid;

/// A grant that is swept, on its way into the table.
#[derive(Serialize)]
pub(crate) struct SweptRow {
    #[serde(serialize_with = "hex")]
    workspace_id: Id,
    #[serde(serialize_with = "hex")]
    request_id: Id,
    attempt: i64,
    reserved: String,
    swept_at: i64,
}

store::row! {
    /// A grant that was swept, on its way out of the table.
    pub(crate) struct StoredSwept {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
        reserved: String,
    }
}

impl SweptRow {
    /// None for what had reserved nothing of any quota. `now`: microseconds since 1970.
    pub fn of(grant: &Admitted, now: i64) -> Option<Self> {
        let quotas: Vec<Limit> =
            limit::from_text(&grant.reserved).into_iter().filter(|limit| limit.quota().is_some()).collect();
        (!quotas.is_empty()).then(|| Self {
            workspace_id: grant.workspace,
            request_id: grant.request,
            attempt: grant.attempt,
            reserved: limit::to_text(&quotas, ""),
            swept_at: now,
        })
    }
}

impl StoredSwept {
    /// Which grant it was, and the quotas of which it had reserved something.
    pub fn read(self) -> (GrantKey, Vec<Limit>) {
        let key = GrantKey { workspace: self.workspace_id, request: self.request_id, attempt: self.attempt };
        (key, limit::from_text(&self.reserved))
    }
}
