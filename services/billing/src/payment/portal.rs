//! Opens the page of a provider on which a workspace looks after its cards.

use super::{
    Customer,
    customer::{account, keep},
    return_url,
};
use crate::{Billing, Error, customer::details, error::refused, peers};
use proto::{
    billing::{OpenPortalRequest, OpenPortalResponse},
    id::WorkspaceId,
};
use store::WorkspaceTx;

/// Errors: [`Error::NoPortal`], [`Error::Refused`], [`Error::Provider`].
pub(crate) async fn open(
    service: &Billing,
    workspace: WorkspaceId,
    request: OpenPortalRequest,
) -> Result<OpenPortalResponse, Error> {
    let provider = service.providers.iter().find(|provider| provider.has_portal()).ok_or(Error::NoPortal)?;
    let first = service.config.return_urls.first();
    let back = Some(request.return_url).filter(|url| !url.is_empty()).or_else(|| first.cloned());
    let back = back.ok_or_else(|| refused("return_url", "is needed: a browser goes there from that page"))?;
    return_url::check(service, "return_url", &back)?;
    let found = peers::workspace(service, workspace).await?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let known = account(&mut tx, provider.name()).await?;
    let payer = details::read(&mut tx, workspace).await?.payer(&found);
    tx.commit().await?;
    let wanted = Customer { workspace, known: known.clone(), payer, locale: found.locale };
    let customer = provider.customer(&wanted).await?;
    if known.as_ref() != Some(&customer) {
        keep(service, workspace, provider.name(), &customer).await?;
    }
    Ok(OpenPortalResponse { url: provider.portal(&customer, &back).await? })
}
