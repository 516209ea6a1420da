//! What does this service ask others? What a workspace is, and what it has used; never on the way to a model.

use crate::{Billing, Error};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use proto::{
    Call, Permission, Reason, Role, Scopes,
    id::{RequestId, WorkspaceId},
    time::to_proto,
    usage::{
        CredentialOwner, LayerKind, LimitKind, LimitState, PeekLimitsRequest, PlatformCost, SumPlatformUsageRequest,
    },
    workspace::GetWorkspaceRequest,
};

/// What matters here of a workspace.
pub(crate) struct Workspace {
    pub name: String,
    pub plan: String,
    pub currency: String,
    pub zone: Tz,
    /// BCP 47.
    pub locale: String,
    /// It is closed, and goes when its days of grace are over.
    pub is_deleted: bool,
}

impl Workspace {
    /// One that is gone, as far as its books still need it.
    pub(crate) fn gone(id: WorkspaceId) -> Self {
        let (plan, currency, locale) = (String::new(), String::new(), "en".to_owned());
        Self { name: id.to_string(), plan, currency, zone: Tz::UTC, locale, is_deleted: true }
    }
}

/// Errors: [`Error::NoWorkspace`], [`Error::Peer`].
pub(crate) async fn workspace(service: &Billing, id: WorkspaceId) -> Result<Workspace, Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    let call = Call { workspace: Some(id), scopes: Scopes::NONE.with(Permission::WorkspaceRead), ..call };
    match service.workspaces.get_workspace(&call, GetWorkspaceRequest {}).await {
        Ok(found) => {
            let found = found.workspace.unwrap_or_default();
            let zone = found.time_zone.parse().unwrap_or(Tz::UTC);
            let proto::workspace::Workspace { name, plan, currency, locale, deleted_at, .. } = found;
            Ok(Workspace { name, plan, currency, zone, locale, is_deleted: deleted_at.is_some() })
        }
        Err(status) if Reason::of(&status) == Reason::NotFound => Err(Error::NoWorkspace),
        Err(status) => Err(Error::Peer(Box::new(status))),
    }
}

/// What models cost that were called with credentials of the platform. Errors: [`Error::Peer`].
pub(crate) async fn platform_usage(
    service: &Billing,
    id: WorkspaceId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    currency: &str,
) -> Result<Vec<PlatformCost>, Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    let call = Call { workspace: Some(id), ..call };
    let request =
        SumPlatformUsageRequest { from: Some(to_proto(from)), to: Some(to_proto(to)), currency: currency.to_owned() };
    let found = service.usage.sum_platform_usage(&call, request).await;
    found.map(|found| found.costs).map_err(|status| Error::Peer(Box::new(status)))
}

/// Where the quotas of a plan stand. Errors: [`Error::Peer`].
pub(crate) async fn quotas(service: &Billing, id: WorkspaceId, plan: &str, zone: Tz) -> Result<Vec<LimitState>, Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    let request = PeekLimitsRequest {
        workspace_id: id.to_string(),
        plan: plan.to_owned(),
        time_zone: zone.name().to_owned(),
        // What the platform pays for is what a plan limits of models.
        credential_owner: CredentialOwner::Platform.into(),
        ..PeekLimitsRequest::default()
    };
    let call = Call { workspace: Some(id), ..call };
    let found = service.usage.peek_limits(&call, request).await.map_err(|status| Error::Peer(Box::new(status)))?;
    let mut quotas = found.limits;
    quotas.retain(|state| state.kind() == LimitKind::Quota && state.layer() == LayerKind::Plan);
    Ok(quotas)
}
