//! What people agreed to: which version of which text, when, and from where. Rows are only added.
//!
//! The texts are the operator's; the settings name them. A newer version is another text: whoever agreed to the one before is
//! shown that it is due, and is locked out of nothing.

use crate::{Error, Parts, config::Consent, input::Problems};
use chrono::{DateTime, Utc};
use proto::{Call, id::UserId, identity as pb};
use store::{GlobalTx, Tx};

store::row! {
    struct Agreed {
        kind: String,
        version: String,
        url: String,
        accepted_at: DateTime<Utc>,
        address: Option<String>,
    }
}

impl Agreed {
    fn into_proto(self) -> pb::Consent {
        pb::Consent {
            kind: self.kind,
            version: self.version,
            url: self.url,
            accepted_at: Some(proto::time::to_proto(self.accepted_at)),
            address: self.address.unwrap_or_default(),
        }
    }
}

/// What somebody who signs up agrees to. Errors: `REFUSED_VALUE`, which names what is missing and what nobody asked for.
pub(crate) fn asked(parts: &Parts, given: &[pb::ConsentText]) -> Result<Vec<Consent>, Error> {
    let mut problems = Problems::default();
    let found = known(parts, given, &mut problems);
    for text in parts.config.consents.iter().filter(|text| text.required && !found.contains(text)) {
        let Consent { kind, version, url, .. } = text;
        problems.refused("consents", format!("must hold {kind} in version {version}, which is at {url}"));
    }
    problems.none()?;
    Ok(found)
}

fn known(parts: &Parts, given: &[pb::ConsentText], problems: &mut Problems) -> Vec<Consent> {
    let mut found: Vec<Consent> = vec![];
    for pb::ConsentText { kind, version, .. } in given {
        match parts.config.consents.iter().find(|text| text.kind == *kind && text.version == *version) {
            Some(text) if found.contains(text) => {}
            Some(text) => found.push(text.clone()),
            None => problems.refused("consents", "must only hold what is asked for, in the version of today"),
        }
    }
    found
}

/// Writes down that they agree, with what was the reason. What they had agreed to before stays as it is.
pub(crate) async fn write(
    tx: &mut Tx,
    parts: &Parts,
    user: UserId,
    address: Option<String>,
    texts: &[Consent],
) -> Result<(), Error> {
    for Consent { kind, version, url, .. } in texts {
        let values = [
            parts.ids.uuid().into(),
            user.into(),
            kind.as_str().into(),
            version.as_str().into(),
            url.as_str().into(),
            parts.clock.now().into(),
            address.clone().into(),
        ];
        tx.execute(store::sql!("consent/insert"), &values).await?;
    }
    Ok(())
}

/// Answers `ListConsents`.
pub(crate) async fn list(parts: &Parts, call: &Call) -> Result<pb::ListConsentsResponse, Error> {
    let (user, _) = call.user().map_err(Error::caller)?;
    let agreed = read(parts, user).await?;
    let due = missing(parts, &agreed);
    Ok(pb::ListConsentsResponse { consents: agreed.into_iter().map(Agreed::into_proto).collect(), due })
}

/// Answers `AcceptConsents`. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`.
pub(crate) async fn accept(
    parts: &Parts,
    call: &Call,
    request: pb::AcceptConsentsRequest,
) -> Result<pb::AcceptConsentsResponse, Error> {
    let (user, _) = call.user().map_err(Error::caller)?;
    let mut problems = Problems::default();
    if request.consents.is_empty() {
        problems.missing("consents", "is required");
    }
    let texts = known(parts, &request.consents, &mut problems);
    problems.none()?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let here: Option<(UserId,)> = tx.fetch_optional(store::sql!(pair "user/hold"), &[user.into()]).await?;
    if here.is_none() {
        return Err(Error::SessionEnded);
    }
    write(&mut tx, parts, user, call.client.map(|client| client.to_string()), &texts).await?;
    tx.commit().await?;
    let pb::ListConsentsResponse { consents, due } = list(parts, call).await?;
    Ok(pb::AcceptConsentsResponse { consents, due })
}

/// What somebody has not agreed to in the version of today.
pub(crate) async fn due(parts: &Parts, user: UserId) -> Result<Vec<pb::ConsentText>, Error> {
    if parts.config.consents.is_empty() {
        return Ok(vec![]);
    }
    Ok(missing(parts, &read(parts, user).await?))
}

async fn read(parts: &Parts, user: UserId) -> Result<Vec<Agreed>, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let agreed = tx.fetch_all(store::sql!("consent/list"), &[user.into()]).await?;
    tx.commit().await?;
    Ok(agreed)
}

fn missing(parts: &Parts, agreed: &[Agreed]) -> Vec<pb::ConsentText> {
    let has = |text: &&Consent| agreed.iter().any(|a| a.kind == text.kind && a.version == text.version);
    let due = parts.config.consents.iter().filter(|text| text.required && !has(text)).cloned();
    due.map(|Consent { kind, version, url, .. }| pb::ConsentText { kind, version, url }).collect()
}
