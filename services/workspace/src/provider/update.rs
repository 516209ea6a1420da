//! Changes a provider of the call's workspace.

use super::{
    kinds,
    row::{self, ProviderRow},
    validate,
};
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
    id::WorkspaceId,
    provider::Kind,
    workspace::{UpdateProviderRequest, UpdateProviderResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};
use url::Url;
use zeroize::Zeroizing;

/// Changes the fields that are given. Errors: `NOT_FOUND`, `REFUSED_VALUE`, `EGRESS_REFUSED`, `CONFLICT`.
pub(crate) async fn update(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    mut request: UpdateProviderRequest,
) -> Result<UpdateProviderResponse, Error> {
    let provider = row::id(&request.provider_id)?;
    let key = request.api_key.take().map(Zeroizing::new);
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    let row: Option<ProviderRow> = tx.fetch_optional(sql!("provider/lock"), &[id.into(), provider.into()]).await?;
    let mut row = row.ok_or(Error::NotFound("provider"))?;
    let key_text = key.as_ref().map(|k| k.as_str());
    let mut changed = apply(service, &mut row, request, key_text, Problems::default())?;
    // Removing what is not there is no change.
    if let Some(key) = key.filter(|key| !key.is_empty() || row.sealed_key.is_some()) {
        replace_key(service, &mut tx, &mut row, &key).await?;
        changed.push("api_key");
    }
    if !changed.is_empty() {
        row.updated_at = service.clock.now();
        write(&mut tx, id, &row).await?;
        let payload = json!({ "changed": changed, "provider": row.kind, "name": row.name });
        let event = Record { kind: "provider.updated", subject: provider.to_string(), payload };
        event.emit(service, &mut tx, call, &call.actor()).await?;
    }
    tx.commit().await?;
    Ok(UpdateProviderResponse { provider: Some(row.into()) })
}

/// Applies everything but the credential, and names what it changed. `problems`: what is wrong with the request beside.
/// Errors: `REFUSED_VALUE`, `EGRESS_REFUSED`.
pub(crate) fn apply(
    service: &Workspace,
    row: &mut ProviderRow,
    request: UpdateProviderRequest,
    key: Option<&str>,
    mut problems: Problems,
) -> Result<Vec<&'static str>, Error> {
    let kind = problems.check("provider", kinds::find(&row.kind).map(Some));
    let Some(kind) = kind else { return Err(Error::Refused(problems.into())) };
    problems.check("api_key", validate::api_key(kind, key.unwrap_or_default()));
    let url = request.base_url.and_then(|given| address(kind, row, &given, key, &mut problems));
    let models = problems.check("models", request.models.map(|m| validate::models(m.names)).transpose());
    let mut changes = Changes::default();
    changes.set("name", &mut row.name, problems.check("name", request.name.as_deref().map(validate::name).transpose()));
    changes.set("base_url", &mut row.base_url, url.as_ref().map(|u| validate::stored(Some(u))));
    let priority = problems.check("priority", request.priority.map(validate::priority).transpose());
    changes.set("priority", &mut row.priority, priority.map(i64::from));
    let weight = problems.check("weight", request.weight.map(validate::weight).transpose());
    changes.set("weight", &mut row.weight, weight.map(i64::from));
    changes.set("enabled", &mut row.enabled, request.enabled);
    changes.set("models", &mut row.models, models.map(|m| json!(m).to_string()));
    let options = request.options_json.map(|given| validate::options(&given, &mut problems));
    changes.set("options", &mut row.options, options);
    problems.finish()?;
    if let Some(url) = url {
        service.guard.check_url(&url, Purpose::Provider).map_err(Error::Address)?;
    }
    Ok(changes.0)
}

/// The fields that a request really changes.
#[derive(Default)]
struct Changes(Vec<&'static str>);

impl Changes {
    fn set<T: PartialEq>(&mut self, field: &'static str, old: &mut T, new: Option<T>) {
        if let Some(new) = new.filter(|new| new != old) {
            *old = new;
            self.0.push(field);
        }
    }
}

/// The new address. A stored credential does not follow it to another server: whoever may change a provider must not
/// learn by that what its key is.
fn address(kind: &Kind, row: &ProviderRow, given: &str, key: Option<&str>, problems: &mut Problems) -> Option<Url> {
    let url = problems.check("base_url", validate::base_url(kind, given));
    let elsewhere =
        url.as_ref().is_some_and(|new| Url::parse(&row.base_url).ok().map(|old| old.origin()) != Some(new.origin()));
    if elsewhere && row.sealed_key.is_some() && key.is_none() {
        problems
            .refused("api_key", "must be sent again (or empty, to remove it) when base_url moves to another server");
    }
    url
}

async fn replace_key(service: &Workspace, tx: &mut WorkspaceTx, row: &mut ProviderRow, key: &str) -> Result<(), Error> {
    row.sealed_key = if key.is_empty() { None } else { Some(seal::seal(service, tx, row.provider_id, key).await?) };
    row.key_hint = credential::hint(key);
    Ok(())
}

async fn write(tx: &mut WorkspaceTx, id: WorkspaceId, row: &ProviderRow) -> Result<(), Error> {
    let values = [
        id.into(),
        row.provider_id.into(),
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
        row.updated_at.into(),
    ];
    match tx.execute(sql!("provider/update"), &values).await {
        Err(error) if error.is_unique() => Err(Error::NameTaken(row.name.clone())),
        done => Ok(done.map(drop)?),
    }
}
