//! Does a record prove that a domain is a workspace's? Answers `VerifyDomain`.

use super::{Domain, absent, event, find, lost::owners, name};
use crate::{Error, Parts, sso};
use chrono::TimeDelta;
use proto::{Call, Reason, identity as pb};
use store::{Tx, WorkspaceTx};

/// Name servers are not asked more often for one domain.
const PAUSE: TimeDelta = TimeDelta::seconds(2);

/// Errors: [`Error::NotFound`], [`Error::DomainUnproved`], [`Error::DomainTaken`], [`Error::NameServersAway`], `RATE_LIMITED`.
pub(crate) async fn verify(
    parts: &Parts,
    call: &Call,
    request: pb::VerifyDomainRequest,
) -> Result<pb::VerifyDomainResponse, Error> {
    let workspace = call.workspace().map_err(Error::caller)?;
    let domain = name::normal(&request.domain).ok_or_else(absent)?;
    let now = parts.clock.now();
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let asked = find(&mut tx, &domain).await?.ok_or_else(absent)?;
    let is_enforced = sso::of_workspace(&mut tx, workspace).await?.is_some_and(|connection| connection.enforced);
    let values = [workspace.into(), domain.as_str().into(), now.into(), (now - PAUSE).into()];
    if tx.execute(store::sql!("domain/asked"), &values).await? == 0 {
        let wait = std::time::Duration::from_secs(2);
        let why = "name servers were asked for this domain just now: try again in two seconds";
        return Err(Error::Input(Reason::RateLimited.with(why).fact("layer", "domain").retry_after(wait)));
    }
    tx.commit().await?;
    // No transaction waits for somebody else's name servers.
    if !is_proved(parts, &asked).await? {
        return Err(Error::DomainUnproved { record: asked.record(), value: asked.value() });
    }
    // Asked beforehand: owners keep what they have opened with a second factor.
    let owners = if is_enforced { owners(parts, call, workspace).await? } else { vec![] };
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let proved = prove(&mut tx, parts, call, &asked).await?;
    if let Some(connection) = sso::of_workspace(&mut tx, workspace).await?.filter(|connection| connection.enforced) {
        sso::enforce::end_others(&mut tx, parts, call, &connection, &owners).await?;
    }
    tx.commit().await?;
    Ok(pb::VerifyDomainResponse { domain: Some(proved.to_proto()) })
}

/// Whether name servers have the record. Errors: [`Error::NameServersAway`].
pub(super) async fn is_proved(parts: &Parts, domain: &Domain) -> Result<bool, Error> {
    let found = parts.dns.texts(&domain.record()).await.map_err(|why| Error::NameServersAway(why.to_string()))?;
    let value = domain.value();
    Ok(found.iter().any(|text| text.trim() == value))
}

async fn prove(tx: &mut WorkspaceTx, parts: &Parts, call: &Call, asked: &Domain) -> Result<Domain, Error> {
    let workspace = tx.workspace();
    let before = find(tx, &asked.domain).await?.filter(|now| now.token == asked.token).ok_or_else(absent)?;
    let values = [workspace.into(), asked.domain.as_str().into(), parts.clock.now().into()];
    Tx::execute(tx, store::sql!("domain/verify"), &values).await.map_err(|error| match error {
        store::Error::Unique { .. } => Error::DomainTaken,
        other => other.into(),
    })?;
    if before.verified_at.is_none() {
        tx.emit(&event(parts, call, workspace, "domain.verified", &asked.domain));
    }
    find(tx, &asked.domain).await?.ok_or_else(absent)
}
