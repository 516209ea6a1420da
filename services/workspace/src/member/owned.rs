//! May somebody own one more workspace?
//!
//! The most generous plan of those that they own decides: who pays for one may have others beside it. Nothing is taken from whoever
//! has more than that, and the first one is everybody's. One that is deleted counts until the month ends: else whoever deletes and
//! makes workspaces has the allowances of a month any number of times.

use super::roles::Role;
use crate::{Workspace, error::Error};
use chrono::{Datelike as _, NaiveTime};
use proto::id::{UserId, WorkspaceId};
use store::{SystemTx, WorkspaceTx, sql};

store::row! {
    /// What they own on one plan.
    struct Owned {
        plan: String,
        used: i64,
        most: Option<i64>,
        has_this: i64,
    }
}

/// A transaction in the workspace `id`, in which `owner` may come to own it. Begun across all workspaces, so that two at once see each
/// other. Errors: [`Error::NoWorkspaceLeft`].
pub(crate) async fn begin(service: &Workspace, id: WorkspaceId, owner: UserId) -> Result<WorkspaceTx, Error> {
    let mut tx = SystemTx::begin(&service.db, "count workspaces of an owner").await?;
    room(service, &mut tx, id, owner).await?;
    Ok(tx.narrow(id).await?)
}

/// The same for somebody who is to have a role: only owners need room. Whether there is, whoever is asked says when all else is right:
/// a refusal tells that there is something to be had.
pub(crate) async fn begin_giving(
    service: &Workspace,
    id: WorkspaceId,
    person: UserId,
    role: &str,
) -> Result<(WorkspaceTx, Room), Error> {
    if role != Role::Owner.as_str() {
        return Ok((WorkspaceTx::begin(&service.db, id).await?, Room(None)));
    }
    let mut tx = SystemTx::begin(&service.db, "count workspaces of an owner").await?;
    let room = match room(service, &mut tx, id, person).await {
        Ok(()) => Room(None),
        Err(none @ Error::NoWorkspaceLeft { .. }) => Room(Some(none)),
        Err(other) => return Err(other),
    };
    Ok((tx.narrow(id).await?, room))
}

/// Whether somebody may own one more.
pub(crate) struct Room(Option<Error>);

impl Room {
    /// Errors: [`Error::NoWorkspaceLeft`].
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Goes on if `owner` may come to own `id`, and lets nobody else make them an owner until the transaction ends. Errors:
/// [`Error::NoWorkspaceLeft`].
pub(crate) async fn room(service: &Workspace, tx: &mut SystemTx, id: WorkspaceId, owner: UserId) -> Result<(), Error> {
    let now = service.clock.now();
    let month = now.with_day(1).unwrap_or(now).date_naive().and_time(NaiveTime::MIN).and_utc();
    let _: (String,) = tx.fetch_one(sql!(pair "member/owning"), &[owner.into()]).await?;
    let owned: Vec<Owned> = tx.fetch_all(sql!("member/owned"), &[owner.into(), id.into(), month.into()]).await?;
    judge(&owned)
}

fn judge(owned: &[Owned]) -> Result<(), Error> {
    let used = owned.iter().map(|owned| owned.used).sum();
    // A plan without a number allows any.
    let most = owned.iter().map(|owned| owned.most.unwrap_or(i64::MAX)).max();
    let best = owned.iter().find(|owned| owned.most == most);
    match best {
        Some(Owned { plan, most: Some(limit), .. }) if used >= *limit && owned.iter().all(|o| o.has_this == 0) => {
            Err(Error::NoWorkspaceLeft { plan: plan.clone(), limit: *limit, used })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(plan: &str, used: i64, most: Option<i64>) -> Owned {
        Owned { plan: plan.to_owned(), used, most, has_this: 0 }
    }

    fn refused(owned: &[Owned]) -> Option<(String, i64, i64)> {
        match judge(owned) {
            Err(Error::NoWorkspaceLeft { plan, limit, used }) => Some((plan, limit, used)),
            _ => None,
        }
    }

    #[test]
    fn the_most_generous_plan_decides_and_the_first_workspace_is_everybodys() {
        assert_eq!(refused(&[]), None);
        assert_eq!(refused(&[owned("free", 2, Some(3))]), None);
        assert_eq!(refused(&[owned("free", 3, Some(3))]), Some(("free".to_owned(), 3, 3)));
        assert_eq!(refused(&[owned("free", 3, Some(3)), owned("pro", 1, Some(9))]), None);
        let full = [owned("free", 8, Some(3)), owned("pro", 1, Some(9))];
        assert_eq!(refused(&full), Some(("pro".to_owned(), 9, 9)));
        assert_eq!(refused(&[owned("free", 8, Some(3)), owned("enterprise", 1, None)]), None);
    }

    #[test]
    fn who_owns_it_already_needs_no_room() {
        assert_eq!(refused(&[Owned { has_this: 1, ..owned("free", 3, Some(3)) }]), None);
    }
}
