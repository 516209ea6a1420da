//! Adds a provider with a credential of the platform.

use super::{
    access::{self, Access},
    row::{Parts, changing},
    seal, trail,
};
use crate::{
    Workspace, credential,
    error::Error,
    problems::Problems,
    provider::{self, row::ProviderRow},
};
use proto::{
    Call,
    workspace::{CreatePlatformProviderRequest, CreatePlatformProviderResponse},
};
use serde_json::json;
use store::{
    GlobalTx,
    replay::{self, Claim},
    sql,
};
use zeroize::Zeroizing;

/// Its requests are free for everybody, and it is built in: there is nothing to pay and nothing to add.
const SIMULATOR: &str = "simulator";

/// Adds it. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`, `EGRESS_REFUSED`, `CONFLICT` for a taken name,
/// `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    service: &Workspace,
    call: &Call,
    request: CreatePlatformProviderRequest,
) -> Result<CreatePlatformProviderResponse, Error> {
    let asked = replay::Request::of(call, "CreatePlatformProvider", None, &request);
    let CreatePlatformProviderRequest { provider, plans, workspaces } = request;
    let mut provider = provider.unwrap_or_default();
    let key = Zeroizing::new(provider.api_key.take().unwrap_or_default());
    let (sealer, now) = (service.master.sealer(), service.clock.now());
    let mut tx = GlobalTx::begin(&service.db).await?;
    // First of all: what was right when it was asked is not judged again.
    let place = match replay::claim(&mut tx, &sealer, asked, now).await? {
        Claim::Kept(answer) => return Ok(CreatePlatformProviderResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    let mut problems = Problems::default();
    let access = Access {
        plans: access::plans(plans, &mut problems),
        workspaces: access::workspaces(&workspaces, &mut problems),
    };
    if provider.provider == SIMULATOR {
        problems.refused("provider", "must be another kind: the simulator is built in, see simulator.enabled");
    }
    let mut row = provider::create::checked(service, provider, &key, problems)?;
    let (count,): (i64,) = tx.fetch_one(sql!("platform_provider/count"), &[]).await?;
    if count >= i64::from(service.config.max_providers) {
        return Err(Error::TooManyPlatformProviders(service.config.max_providers));
    }
    if !key.is_empty() {
        row.sealed_key = Some(seal::seal(service, row.provider_id, &key));
        row.key_hint = credential::hint(&key);
    }
    insert(&mut tx, &row, &access).await?;
    let facts = json!({
        "provider": row.kind, "name": row.name, "base_url": row.base_url, "enabled": row.enabled,
        "plans": access.plans, "workspaces": access.ids(),
    });
    trail::record(service, &mut tx, call, "platform_provider.created", row.provider_id, facts).await?;
    let made = Parts { provider: row, access: Some(access) };
    let answer = CreatePlatformProviderResponse { provider: Some(made.into()), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn insert(tx: &mut GlobalTx, row: &ProviderRow, access: &Access) -> Result<(), Error> {
    let mut values = vec![row.provider_id.into(), row.kind.as_str().into()];
    values.extend(changing(row, access));
    values.push(row.created_at.into());
    match tx.execute(sql!("platform_provider/insert"), &values).await {
        Err(error) if error.is_unique() => Err(Error::PlatformNameTaken(row.name.clone())),
        done => Ok(done.map(drop)?),
    }
}
