//! Changes the name of a key, its limits, and what it is bound to. Doors and gateways hear of it through the feed.

use super::{Key, absent, begin, bounds, create::MAX_NAME, limits, parse, policy, read_limits};
use crate::{Error, Parts, event, input::Problems};
use proto::{Call, identity as pb};
use serde_json::json;

/// Answers `UpdateApiKey`.
pub(crate) async fn update(
    parts: &Parts,
    call: &Call,
    request: pb::UpdateApiKeyRequest,
) -> Result<pb::UpdateApiKeyResponse, Error> {
    let id = parse(&request.key_id)?;
    let mut tx = begin(parts, call).await?;
    policy::behind(&mut tx, call).await?.unbound()?;
    let place = [tx.workspace().into(), id.into()];
    let found: Option<Key> = tx.fetch_optional(store::sql!("api_key/lock"), &place).await?;
    let mut key = found.ok_or_else(absent)?;
    let changed = apply(&mut key, request)?;
    if !changed.is_empty() {
        let values = [
            tx.workspace().into(),
            id.into(),
            key.name.as_str().into(),
            key.limits.clone().into(),
            key.allowed_models.clone().into(),
            key.allowed_ips.clone().into(),
        ];
        tx.execute(store::sql!("api_key/update"), &values).await?;
        let facts = json!({ "name": key.name, "prefix": key.prefix, "changed": changed });
        tx.emit(&event::of_key(parts, call, "api_key.updated", id, facts));
    }
    tx.commit().await?;
    Ok(pb::UpdateApiKeyResponse { api_key: Some(key.to_proto(parts.clock.now())?) })
}

/// Applies the request, and names what it changed.
fn apply(key: &mut Key, request: pb::UpdateApiKeyRequest) -> Result<Vec<&'static str>, Error> {
    let mut problems = Problems::default();
    let name = request.name.map(|name| problems.text("name", &name, MAX_NAME));
    let old = limits(&key.limits)?;
    let kept = match (&request.limits, &request.budgets) {
        (None, Some(_)) => Some(proto::limits::Limits { budgets: vec![], ..old.clone() }),
        (None, None) => Some(old.clone()),
        (Some(_), _) => request.limits,
    };
    let new = read_limits(&mut problems, kept, request.budgets);
    let models = request.allowed_models.map(|list| bounds::models(&mut problems, &list.names));
    let networks = request.allowed_ips.map(|list| bounds::networks(&mut problems, &list.names));
    problems.none()?;
    let mut changed = vec![];
    if let Some(name) = name.filter(|name| *name != key.name) {
        key.name = name;
        changed.push("name");
    }
    if new != old {
        key.limits = json!(new);
        changed.push("limits");
    }
    for (field, old, new) in
        [("allowed_models", &mut key.allowed_models, models), ("allowed_ips", &mut key.allowed_ips, networks)]
    {
        if let Some(new) = new.filter(|new| new != old) {
            *old = new;
            changed.push(field);
        }
    }
    Ok(changed)
}
