//! Adds a provider with the workspace's own credential.

use super::{kinds, row::ProviderRow, validate};
use crate::{
    Workspace,
    audit::record::Record,
    credential::{self, seal},
    error::Error,
    problems::Problems,
};
use egress::Purpose;
use proto::{
    Call,
    id::{ProviderId, WorkspaceId},
    workspace::{CreateProviderRequest, CreateProviderResponse},
};
use serde_json::json;
use store::{
    WorkspaceTx,
    replay::{self, Claim},
    sql,
};
use zeroize::Zeroizing;

/// Adds it. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`, `EGRESS_REFUSED`, `CONFLICT` for a taken name,
/// `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    mut request: CreateProviderRequest,
) -> Result<CreateProviderResponse, Error> {
    let asked = replay::Request::of(call, "CreateProvider", Some(id), &request);
    let key = Zeroizing::new(request.api_key.take().unwrap_or_default());
    let (sealer, now) = (service.master.sealer(), service.clock.now());
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    // First of all: what was right when it was asked is not judged again.
    let place = match replay::claim(&mut tx, &sealer, asked, now).await? {
        Claim::Kept(answer) => return Ok(CreateProviderResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    let mut row = checked(service, request, &key, Problems::default())?;
    // One at a time: two that count at once would both find room for the last one.
    tx.execute(sql!("workspace/lock"), &[id.into()]).await?;
    let (count,): (i64,) = tx.fetch_one(sql!("provider/count"), &[id.into()]).await?;
    if count >= i64::from(service.config.max_providers) {
        return Err(Error::TooManyProviders(service.config.max_providers));
    }
    if !key.is_empty() {
        row.sealed_key = Some(seal::seal(service, &mut tx, row.provider_id, &key).await?);
        row.key_hint = credential::hint(&key);
    }
    insert(&mut tx, id, &row).await?;
    let payload = json!({ "provider": row.kind, "name": row.name, "base_url": row.base_url, "enabled": row.enabled });
    let event = Record { kind: "provider.created", subject: row.provider_id.to_string(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    let answer = CreateProviderResponse { provider: Some(row.into()), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// The row of a new provider, without its credential. `problems`: what is wrong with the request beside. Errors:
/// `INVALID_ARGUMENT`, `REFUSED_VALUE`, `EGRESS_REFUSED`.
pub(crate) fn checked(
    service: &Workspace,
    request: CreateProviderRequest,
    key: &str,
    mut problems: Problems,
) -> Result<ProviderRow, Error> {
    let kind = match request.provider.as_str() {
        "" => {
            problems.malformed("provider", "is required");
            None
        }
        name => problems.check("provider", kinds::find(name).map(Some)),
    };
    // What the other fields may be depends on the kind: without one they cannot be judged.
    let Some(kind) = kind else { return Err(Error::Refused(problems.into())) };
    let name = if request.name.is_empty() { kind.name } else { &request.name };
    let url = problems.check("base_url", validate::base_url(kind, &request.base_url));
    let models = problems.check("models", validate::models(request.models));
    problems.check("api_key", validate::api_key(kind, key));
    let now = service.clock.now();
    let row = ProviderRow {
        provider_id: ProviderId::from_uuid(service.ids.uuid()),
        kind: kind.name.to_owned(),
        name: problems.check("name", validate::name(name)),
        base_url: validate::stored(url.as_ref()),
        priority: problems.check("priority", validate::priority(request.priority.unwrap_or(0))).into(),
        weight: problems.check("weight", validate::weight(request.weight.unwrap_or(1))).into(),
        enabled: request.enabled.unwrap_or(true),
        models: json!(models).to_string(),
        options: validate::options(&request.options_json, &mut problems),
        sealed_key: None,
        key_hint: String::new(),
        created_at: now,
        updated_at: now,
    };
    problems.finish()?;
    if let Some(url) = url {
        service.guard.check_url(&url, Purpose::Provider).map_err(Error::Address)?;
    }
    Ok(row)
}

async fn insert(tx: &mut WorkspaceTx, id: WorkspaceId, row: &ProviderRow) -> Result<(), Error> {
    let values = [
        row.provider_id.into(),
        id.into(),
        row.kind.as_str().into(),
        row.name.as_str().into(),
        row.name.to_ascii_lowercase().into(),
        row.base_url.as_str().into(),
        row.priority.into(),
        row.weight.into(),
        row.enabled.into(),
        row.models.as_str().into(),
        row.options.as_str().into(),
        row.sealed_key.clone().into(),
        row.key_hint.as_str().into(),
        row.created_at.into(),
    ];
    match tx.execute(sql!("provider/insert"), &values).await {
        Err(error) if error.is_unique() => Err(Error::NameTaken(row.name.clone())),
        done => Ok(done.map(drop)?),
    }
}
