//! A workspace says that a domain is its own. Answers `AddDomain`.

use super::{absent, event, find, name};
use crate::{Error, Parts, input::Problems};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::{Call, identity as pb};
use store::WorkspaceTx;

/// Domains of a workspace, proved or not.
const MOST: i64 = 50;

/// Whether others say or have proved the same is not told. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`,
/// [`Error::TooManyDomains`].
pub(crate) async fn add(
    parts: &Parts,
    call: &Call,
    request: pb::AddDomainRequest,
) -> Result<pb::AddDomainResponse, Error> {
    let domain = read(&request.domain)?;
    let workspace = call.workspace().map_err(Error::caller)?;
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let values = [workspace.into(), domain.as_str().into(), token.into(), parts.clock.now().into()];
    if tx.execute(store::sql!("domain/insert"), &values).await? > 0 {
        let (all,): (i64,) = tx.fetch_one(store::sql!("domain/count"), &[workspace.into()]).await?;
        if all > MOST {
            return Err(Error::TooManyDomains);
        }
        tx.emit(&event(parts, call, workspace, "domain.added", &domain));
    }
    let added = find(&mut tx, &domain).await?.ok_or_else(absent)?;
    tx.commit().await?;
    Ok(pb::AddDomainResponse { domain: Some(added.to_proto()) })
}

/// The domain in a request.
fn read(text: &str) -> Result<String, Error> {
    let mut problems = Problems::default();
    let domain = name::normal(text);
    match &domain {
        _ if text.trim().is_empty() => problems.missing("domain", "is required"),
        None => problems.refused("domain", "must be a domain such as acme.example, without a protocol or a path"),
        Some(name) => {
            if let Some(why) = name::refusal(name) {
                problems.refused("domain", why);
            }
        }
    }
    problems.none()?;
    domain.ok_or_else(absent)
}
