//! Which accounts are there? For operators. Answers `ListUsers`.

use super::{User, email};
use crate::{Error, Parts};
use proto::{Page, identity as pb};
use store::GlobalTx;
use uuid::Uuid;

/// A page of all accounts, newest first, or the one that has an address.
pub(crate) async fn list(parts: &Parts, request: pb::ListUsersRequest) -> Result<pb::ListUsersResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token)?;
    let mut tx = GlobalTx::read(&parts.db).await?;
    let mut users: Vec<User> = if request.email.is_empty() {
        let values = [page.after.unwrap_or(Uuid::max()).into(), page.fetch().into()];
        tx.fetch_all(store::sql!("user/list"), &values).await?
    } else {
        tx.fetch_all(store::sql!("user/list_by_email"), &[email::normal(&request.email).into()]).await?
    };
    tx.commit().await?;
    let next_page_token = page.cut(&mut users, |user| user.id.uuid());
    let account = |user: User| pb::Account {
        platform_role: user.platform().map(|role| role.to_string()).unwrap_or_default(),
        disabled_at: user.disabled_at.map(proto::time::to_proto),
        user: Some(user.to_proto()),
    };
    Ok(pb::ListUsersResponse { users: users.into_iter().map(account).collect(), next_page_token })
}
