//! Changes a provider of the platform.

use super::{
    access,
    get::id,
    row::{Parts, PlatformRow, changing},
    seal, trail,
};
use crate::{Workspace, credential, error::Error, problems::Problems, provider};
use proto::{
    Call,
    workspace::{UpdatePlatformProviderRequest, UpdatePlatformProviderResponse},
};
use serde_json::json;
use store::{GlobalTx, Value, sql};
use zeroize::Zeroizing;

/// Changes the fields that are given. Errors: `NOT_FOUND`, `REFUSED_VALUE`, `EGRESS_REFUSED`, `CONFLICT`.
pub(crate) async fn update(
    service: &Workspace,
    call: &Call,
    request: UpdatePlatformProviderRequest,
) -> Result<UpdatePlatformProviderResponse, Error> {
    let UpdatePlatformProviderRequest { provider, plans, workspaces } = request;
    let mut change = provider.unwrap_or_default();
    let id = id(&change.provider_id)?;
    let key = change.api_key.take().map(Zeroizing::new);
    let mut tx = GlobalTx::begin(&service.db).await?;
    let row: Option<PlatformRow> = tx.fetch_optional(sql!("platform_provider/lock"), &[id.into()]).await?;
    let Parts { provider: mut row, access } = row.ok_or(Error::NoPlatformProvider)?.into();
    let before = access.unwrap_or_default();
    let (mut access, mut problems) = (before.clone(), Problems::default());
    if let Some(plans) = plans {
        access.plans = access::plans(plans.names, &mut problems);
    }
    if let Some(workspaces) = workspaces {
        access.workspaces = access::workspaces(&workspaces.names, &mut problems);
    }
    let mut changed = provider::update::apply(service, &mut row, change, key.as_ref().map(|k| k.as_str()), problems)?;
    if let Some(key) = key.filter(|key| !key.is_empty() || row.sealed_key.is_some()) {
        row.sealed_key = if key.is_empty() { None } else { Some(seal::seal(service, id, &key)) };
        row.key_hint = credential::hint(&key);
        changed.push("api_key");
    }
    changed.extend((access.plans != before.plans).then_some("plans"));
    changed.extend((access.workspaces != before.workspaces).then_some("workspaces"));
    if !changed.is_empty() {
        row.updated_at = service.clock.now();
        let mut values: Vec<Value> = vec![id.into()];
        values.extend(changing(&row, &access));
        values.push(row.updated_at.into());
        match tx.execute(sql!("platform_provider/update"), &values).await {
            Err(error) if error.is_unique() => return Err(Error::PlatformNameTaken(row.name.clone())),
            done => done.map(drop)?,
        }
        let facts = json!({
            "changed": changed, "provider": row.kind, "name": row.name,
            "plans": access.plans, "workspaces": access.ids(),
        });
        trail::record(service, &mut tx, call, "platform_provider.updated", id, facts).await?;
    }
    tx.commit().await?;
    let parts = Parts { provider: row, access: Some(access) };
    Ok(UpdatePlatformProviderResponse { provider: Some(parts.into()) })
}
