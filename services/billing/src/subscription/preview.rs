//! What would another plan cost now?

use super::{
    current,
    judge::{self, Change, Wish},
    state::Subscription,
    status::Status,
};
use crate::{
    Billing, Error,
    coupon::{self, Entered},
    error::refused,
    money::Anchor,
    peers::{self, Workspace},
    plan::current as plans,
};
use proto::{
    billing::{Plan, PreviewChangeRequest, PreviewChangeResponse},
    id::WorkspaceId,
    time::to_proto,
};
use store::{Tx, WorkspaceTx};

/// A change that was judged, and what it is about.
pub(super) struct Judged {
    pub plan: Plan,
    pub anchor: Anchor,
    pub change: Change,
    /// The promotion code that is redeemed with it.
    pub entered: Option<Entered>,
}

/// What a request asks for.
pub(super) struct Asked<'a> {
    pub plan: &'a str,
    pub interval: &'a str,
    pub quantity: i64,
    pub promotion_code: &'a str,
}

/// Errors: [`Error::InForce`], [`Error::Refused`].
pub(crate) async fn preview(
    service: &Billing,
    workspace: WorkspaceId,
    request: PreviewChangeRequest,
) -> Result<PreviewChangeResponse, Error> {
    let found = peers::workspace(service, workspace).await?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let live = current::read(service, &mut tx, workspace).await?;
    let PreviewChangeRequest { plan, interval, quantity, promotion_code } = &request;
    let asked = Asked { plan, interval, quantity: *quantity, promotion_code };
    let Judged { change, .. } = judged(service, &mut tx, live.as_ref(), &found, &asked).await?;
    tx.commit().await?;
    let total = change.lines.iter().map(|line| line.amount).sum();
    Ok(PreviewChangeResponse {
        currency: change.price.currency,
        lines: change.lines,
        total,
        effective_at: Some(to_proto(change.at)),
    })
}

/// What it means. Errors: [`Error::InForce`], [`Error::Refused`].
pub(super) async fn judged(
    service: &Billing,
    tx: &mut WorkspaceTx,
    live: Option<&Subscription>,
    found: &Workspace,
    asked: &Asked<'_>,
) -> Result<Judged, Error> {
    let interval = judge::interval(asked.interval, live)?;
    let plan = named(tx, asked.plan).await?;
    // Who pays in one currency goes on in it, whatever the workspace counts in meanwhile.
    let agreed = live.filter(|live| !live.is_over() && live.status != Status::Incomplete);
    let currency = agreed.and_then(|live| live.price.as_ref()).map_or(found.currency.as_str(), |price| &price.currency);
    let zone = agreed.map_or(found.zone, |live| live.anchor.zone);
    let anchor = Anchor { at: service.clock.now(), zone, interval };
    let default = service.config.default_plan.as_str();
    // What an ended subscription left is the default plan; without one it is what the workspace has.
    let in_force = if live.is_some() { default } else { &found.plan };
    // What waits for its payment is replaced by what is asked for.
    let instead_of = live.and_then(|live| live.pending.as_ref()).map(|pending| pending.invoice);
    let to = coupon::For { plan: &plan.name, currency, instead_of };
    let entered = coupon::enter(service, tx, asked.promotion_code, &to).await?;
    let discount = entered.as_ref().map(|entered| &entered.discount);
    let quantity = asked.quantity;
    let change = judge::judge(live, &Wish { plan: &plan, quantity, discount, anchor, currency, default, in_force })?;
    Ok(Judged { plan, anchor, change, entered })
}

/// The plan of this name. Errors: [`Error::Refused`].
pub(super) async fn named(tx: &mut Tx, name: &str) -> Result<Plan, Error> {
    let kept = plans::newest(tx, name).await?;
    kept.map(|kept| kept.plan).ok_or_else(|| refused("plan", "is no plan: GET /api/v1/plans has those"))
}
