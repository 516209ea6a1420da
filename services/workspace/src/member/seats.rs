//! Has a workspace room for one more member?
//!
//! Nobody is ever put out: whoever has more than their plan allows keeps them, and adds nobody.

use crate::{Workspace, error::Error};
use store::{WorkspaceTx, sql};

store::row! {
    struct Seats {
        plan: String,
        team_members: Option<i64>,
        is_scaled: Option<bool>,
        plan_quantity: i64,
        members: i64,
        invited: i64,
    }
}

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Members: somebody is about to be one.
    Members,
    /// Also those who are invited and may come.
    Invited,
}

/// Whoever calls it holds the lock of the members. Errors: [`Error::NoSeat`].
pub(crate) async fn room(service: &Workspace, tx: &mut WorkspaceTx, counted: Counted) -> Result<(), Error> {
    let values = [tx.workspace().into(), service.clock.now().into()];
    let seats: Seats = tx.fetch_one(sql!("member/seats"), &values).await?;
    let Some(limit) = seats.limit() else { return Ok(()) };
    let used = match counted {
        Counted::Members => seats.members,
        Counted::Invited => seats.members + seats.invited,
    };
    if used < limit { Ok(()) } else { Err(Error::NoSeat { plan: seats.plan, limit, used }) }
}

impl Seats {
    /// None where there is none, or where billing has not said anything of the plan.
    fn limit(&self) -> Option<i64> {
        let of_one = self.team_members?;
        Some(if self.is_scaled == Some(true) { of_one.saturating_mul(self.plan_quantity.max(1)) } else { of_one })
    }
}
