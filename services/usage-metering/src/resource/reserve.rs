//! May so much of a resource be used by what is about to be done?

use super::{
    enforce::{self, Use, check},
    event::{Name, resource_name},
};
use crate::{Error, grant, service::Inner};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    id::WorkspaceId,
    usage::{ReleaseUsageRequest, ReleaseUsageResponse, ReserveUsageRequest, ReserveUsageResponse},
};
use store::{Sql, SystemTx, Tx, WorkspaceTx, sql};

const INSERT: Sql = sql!("reservation/insert");
const GET: Sql = sql!("reservation/get");
const DELETE: Sql = sql!("reservation/delete");
const EXPIRED: Sql = sql!("reservation/expired");

/// How long a reservation holds whose owner does not say.
const LIFE: TimeDelta = TimeDelta::hours(1);
const LONGEST: TimeDelta = TimeDelta::days(31);
/// As of events.
const MOST: i64 = 1_000_000_000_000_000;

store::row! {
    /// A reservation that is there.
    struct Reserved {
        resource: String,
        quantity: i64,
        at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    }
}

impl Inner {
    /// Errors: `QUOTA_EXCEEDED`, `EVENT_CONFLICT`, `INVALID_ARGUMENT`, `REFUSED_VALUE`, `SERVICE_UNAVAILABLE`.
    pub async fn reserve_usage(&self, request: ReserveUsageRequest) -> Result<ReserveUsageResponse, Error> {
        let workspace = WorkspaceId::from_uuid(grant::workspace(&request.workspace_id)?);
        let ReserveUsageRequest { source, id, resource, quantity, at, expires_at, limits, .. } = request;
        let (name, now) = (Name::read(source, id)?, self.clock.now());
        resource_name(&resource)?;
        if !(1..=MOST).contains(&quantity) {
            return Err(Error::Event("quantity", format!("must be from 1 to {MOST}")));
        }
        let at = at.and_then(proto::time::from_proto).unwrap_or(now);
        let expires_at = expires_at.and_then(proto::time::from_proto).unwrap_or(now + LIFE);
        if expires_at <= now || expires_at > now + LONGEST {
            return Err(Error::Event("expires_at", "must be later than now, and at most in 31 days".to_owned()));
        }
        let rules = limits.unwrap_or_default();
        let mut tx = WorkspaceTx::begin(&self.db, workspace).await?;
        enforce::pass_gate(&mut tx, workspace).await?;
        let before = self.known(&mut tx, workspace, &name, (&resource, quantity)).await?;
        // The same again counts where it did, and only as far as it does not count already.
        let at = before.as_ref().map_or(at, |before| before.at);
        let counts = before.as_ref().is_some_and(|before| before.expires_at > now);
        let asked = Use { resource: &resource, quantity: if counts { 0 } else { quantity }, at };
        let fits = check(self, &mut tx, workspace, &rules, &[asked]).await?;
        let values = [
            workspace.into(),
            name.source.as_str().into(),
            name.id.as_str().into(),
            resource.as_str().into(),
            quantity.into(),
            at.into(),
            expires_at.into(),
        ];
        tx.execute(INSERT, &values).await?;
        tx.commit().await?;
        self.warnings.look(workspace.uuid(), &fits.limits, &fits.standings);
        let states = fits.limits.iter().zip(fits.standings);
        let now_ms = now.timestamp_millis();
        Ok(ReserveUsageResponse { limits: states.map(|(limit, standing)| limit.state(standing, now_ms)).collect() })
    }

    /// Errors: `INVALID_ARGUMENT`, `SERVICE_UNAVAILABLE`.
    pub async fn release_usage(&self, request: ReleaseUsageRequest) -> Result<ReleaseUsageResponse, Error> {
        let workspace = WorkspaceId::from_uuid(grant::workspace(&request.workspace_id)?);
        let name = Name::read(request.source, request.id)?;
        let mut tx = WorkspaceTx::begin(&self.db, workspace).await?;
        tx.execute(DELETE, &[workspace.into(), name.source.as_str().into(), name.id.as_str().into()]).await?;
        tx.commit().await?;
        Ok(ReleaseUsageResponse {})
    }

    /// Removes what has expired; it no longer counts anyway. Errors: the database cannot be used.
    pub async fn forget_reservations(&self) -> Result<(), Error> {
        let mut tx = SystemTx::begin(&self.db, "forget reservations").await?;
        tx.execute(EXPIRED, &[self.clock.now().into()]).await?;
        Ok(tx.commit().await?)
    }

    /// The reservation of this name. Errors: `EVENT_CONFLICT` if it says something else, or was recorded.
    async fn known(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        name: &Name,
        (resource, quantity): (&str, i64),
    ) -> Result<Option<Reserved>, Error> {
        let conflict = |recorded: String| Error::EventConflict {
            from: name.source.clone(),
            id: name.id.clone(),
            recorded,
            sent: format!("{quantity} {resource}"),
        };
        if let Some(event) = super::record::find(tx, workspace, &[name]).await?.first() {
            return Err(conflict(format!("{} {}, recorded", event.quantity, event.resource)));
        }
        let values = [workspace.into(), name.source.as_str().into(), name.id.as_str().into()];
        let before: Option<Reserved> = tx.fetch_optional(GET, &values).await?;
        match before {
            Some(other) if other.resource != resource || other.quantity != quantity => {
                Err(conflict(format!("{} {}", other.quantity, other.resource)))
            }
            before => Ok(before),
        }
    }
}
