//! Changes one's own profile.

use super::{MAX_NAME, User, locale, memberships};
use crate::{Error, Parts, consent, event, input::Problems};
use proto::{Call, identity as pb};
use store::GlobalTx;

/// Answers `UpdateMe`: changes what is given and leaves the rest.
pub(crate) async fn update(
    parts: &Parts,
    call: &Call,
    request: pb::UpdateMeRequest,
) -> Result<pb::UpdateMeResponse, Error> {
    let (id, _) = call.user().map_err(Error::caller)?;
    let mut problems = Problems::default();
    let name = request.name.as_deref().map(|name| problems.text("name", name, MAX_NAME));
    let locale = request.locale.as_deref().map(locale::parse);
    if locale == Some(None) {
        problems.refused("locale", "must be en or pt-BR");
    }
    problems.none()?;

    let mut tx = GlobalTx::begin(&parts.db).await?;
    let found = tx.fetch_optional::<User>(store::sql!("user/by_id"), &[id.into()]).await?;
    let before = found.ok_or(Error::SessionEnded)?;
    let mut after = before.clone();
    if let Some(name) = name {
        after.name = name;
    }
    if let Some(locale) = locale.flatten() {
        after.locale = locale.to_owned();
    }
    if (&after.name, &after.locale) != (&before.name, &before.locale) {
        let values = [id.into(), after.name.as_str().into(), after.locale.as_str().into()];
        if tx.execute(store::sql!("user/update_profile"), &values).await? == 0 {
            // They were erased meanwhile: nobody hears of them any more.
            return Err(Error::SessionEnded);
        }
        tx.emit(&event::of_user(parts, call, "user.updated", &after));
    }
    tx.commit().await?;

    let workspaces = memberships::of(parts, call, id).await?;
    let consents_due = consent::due(parts, id).await?;
    Ok(pb::UpdateMeResponse { user: Some(after.to_proto()), workspaces, consents_due })
}
