//! Who is somebody? For a letter to them. Answers `FindPerson`.

use super::{User, email};
use crate::{Error, Parts};
use proto::{
    id::UserId,
    identity::{self as pb, find_person_request::By},
};
use store::GlobalTx;

/// Errors: `NOT_FOUND` where nobody has the address or the id, or their account is disabled.
pub(crate) async fn find(parts: &Parts, request: pb::FindPersonRequest) -> Result<pb::FindPersonResponse, Error> {
    let nobody = || Error::NotFound("person");
    let mut tx = GlobalTx::read(&parts.db).await?;
    let found: Option<User> = match request.by {
        None => None,
        Some(By::Email(address)) => {
            tx.fetch_optional(store::sql!("user/list_by_email"), &[email::normal(&address).into()]).await?
        }
        Some(By::UserId(id)) => {
            let id: UserId = id.parse().map_err(|_| nobody())?;
            tx.fetch_optional(store::sql!("user/by_id"), &[id.into()]).await?
        }
    };
    tx.commit().await?;
    let user = found.filter(|user| user.disabled_at.is_none()).ok_or_else(nobody)?;
    Ok(pb::FindPersonResponse { user: Some(user.to_proto()) })
}
