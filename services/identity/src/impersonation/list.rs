//! Who acted for whom, and why? Answers `ListImpersonations`.

use super::Impersonation;
use crate::{Error, Parts};
use proto::{Page, id::UserId, identity as pb};
use store::GlobalTx;
use uuid::Uuid;

/// A page of all, newest first, or of those of one person.
pub(crate) async fn list(
    parts: &Parts,
    request: pb::ListImpersonationsRequest,
) -> Result<pb::ListImpersonationsResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token)?;
    let mut values = vec![page.after.unwrap_or(Uuid::max()).into(), page.fetch().into()];
    let mut tx = GlobalTx::read(&parts.db).await?;
    let mut all: Vec<Impersonation> = if request.user_id.is_empty() {
        tx.fetch_all(store::sql!("impersonation/list"), &values).await?
    } else {
        let user: UserId = request.user_id.parse().map_err(|_| Error::NotFound("account"))?;
        values.push(user.into());
        tx.fetch_all(store::sql!("impersonation/list_of_user"), &values).await?
    };
    tx.commit().await?;
    let next_page_token = page.cut(&mut all, |one| one.id.uuid());
    Ok(pb::ListImpersonationsResponse {
        impersonations: all.iter().map(Impersonation::to_proto).collect(),
        next_page_token,
    })
}
