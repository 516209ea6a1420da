//! Does a record prove that a domain is a workspace's? Answers `VerifyDomain`.

use super::{
    Domain, absent, event, find,
    lost::{self, owners},
    name,
};
use crate::{Error, Parts, sso};
use chrono::TimeDelta;
use proto::{
    Call, Reason, Role,
    id::{UserId, WorkspaceId},
    identity as pb,
};
use store::{SystemTx, Tx, WorkspaceTx};

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
    let mut kept = keep(parts, call, workspace, &asked, &owners).await;
    if matches!(kept, Err(Error::DomainTaken)) && is_let_go(parts, call, &asked.domain).await? {
        kept = keep(parts, call, workspace, &asked, &owners).await;
    }
    Ok(pb::VerifyDomainResponse { domain: Some(kept?.to_proto()) })
}

/// The domain is the workspace's. Where it asks for single sign-on, sessions of people of it that began otherwise end, the first time.
async fn keep(
    parts: &Parts,
    call: &Call,
    workspace: WorkspaceId,
    asked: &Domain,
    owners: &[UserId],
) -> Result<Domain, Error> {
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let (proved, is_first) = prove(&mut tx, parts, call, asked).await?;
    let connection = sso::of_workspace(&mut tx, workspace).await?;
    let connection = connection.filter(|connection| connection.enforced && is_first);
    if let Some(connection) = &connection {
        sso::enforce::end_others(&mut tx, parts, call, connection, owners).await?;
    }
    tx.commit().await?;
    if let Some(connection) = &connection {
        sso::enforce::end_late(parts, call, connection, owners).await?;
    }
    Ok(proved)
}

/// Whether another workspace, which has proved the domain before, has it no more: whoever bought a domain does not wait for a week
/// until its last owner is no authority over their addresses any more. Name servers that do not answer take it from nobody.
async fn is_let_go(parts: &Parts, call: &Call, domain: &str) -> Result<bool, Error> {
    let mut tx = SystemTx::read(&parts.db, "find who has proved a domain").await?;
    let holder: Option<(WorkspaceId,)> = tx.fetch_optional(store::sql!("domain/owner"), &[domain.into()]).await?;
    tx.commit().await?;
    // They have let it go themselves, just now.
    let Some((holder,)) = holder else { return Ok(true) };
    let mut tx = WorkspaceTx::read(&parts.db, holder).await?;
    let held = find(&mut tx, domain).await?;
    tx.commit().await?;
    let Some(held) = held else { return Ok(true) };
    match is_proved(parts, &held).await {
        Ok(true) | Err(Error::NameServersAway(_)) => Ok(false),
        Ok(false) => {
            // Nobody of that workspace has done it, and it does not learn who of another one has.
            let service = Call::service(Role::Identity, call.request_id);
            lost::lose(parts, &service, holder, domain).await?;
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// Whether name servers have the record. Errors: [`Error::NameServersAway`].
pub(super) async fn is_proved(parts: &Parts, domain: &Domain) -> Result<bool, Error> {
    let found = parts.dns.texts(&domain.record()).await.map_err(|why| Error::NameServersAway(why.to_string()))?;
    let value = domain.value();
    Ok(found.iter().any(|text| text.trim() == value))
}

/// The domain, and whether it was not the workspace's before.
async fn prove(tx: &mut WorkspaceTx, parts: &Parts, call: &Call, asked: &Domain) -> Result<(Domain, bool), Error> {
    let workspace = tx.workspace();
    let before = find(tx, &asked.domain).await?.filter(|now| now.token == asked.token).ok_or_else(absent)?;
    let values = [workspace.into(), asked.domain.as_str().into(), parts.clock.now().into()];
    Tx::execute(tx, store::sql!("domain/verify"), &values).await.map_err(|error| match error {
        store::Error::Unique { .. } => Error::DomainTaken,
        other => other.into(),
    })?;
    let is_first = before.verified_at.is_none();
    if is_first {
        tx.emit(&event(parts, call, workspace, "domain.verified", &asked.domain));
    }
    Ok((find(tx, &asked.domain).await?.ok_or_else(absent)?, is_first))
}
