//! Tells usage-metering how much a workspace may still use that is paid for beforehand: it lets in, without asking here, who is on a plan
//! with `usage_prepaid`.

use super::list;
use crate::{
    Billing, Error,
    customer::lock,
    invoice::charged_to,
    money::{Rate, digits},
    plan::current as plans,
    subscription::{current, state::Subscription},
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::{EventId, RequestId, WorkspaceId};
use proto::{Call, Role};
use serde_json::json;
use store::{SystemTx, WorkspaceTx, outbox, sql};

/// The form in which it is told: a higher number has it told again to everybody.
const TOLD: i64 = 2;

/// After which one that could not be told is tried again.
const PAUSE: TimeDelta = TimeDelta::minutes(5);

/// When it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tell {
    /// Credits have changed: it may be that none are left.
    Always,
    /// Something else has: who has no credits is told nothing of.
    IfAny,
}

/// What is left of its credits, as what that pays for, and since when usage has not been charged. Whoever calls it holds the lock of
/// the customer.
pub(crate) async fn tell(service: &Billing, tx: &mut WorkspaceTx, when: Tell) -> Result<(), Error> {
    let (workspace, now) = (tx.workspace(), service.clock.now());
    let grants = list::live(tx, workspace, now).await?;
    if grants.is_empty() && when == Tell::IfAny {
        return Ok(());
    }
    let subscription = current::kept(tx).await?;
    let live = subscription.as_ref().filter(|one| !one.is_over());
    let agreed = live.and_then(|live| live.price.as_ref()).map(|price| price.currency.clone());
    let currency = match agreed.or_else(|| grants.last().map(|grant| grant.currency.clone())) {
        Some(currency) => currency,
        None => last(tx).await?,
    };
    let balance: i64 = grants.iter().filter(|grant| grant.currency == currency).map(|grant| grant.remaining).sum();
    let allowance = paid_for(service, tx, live, i128::from(balance), &currency).await?;
    // One that is over has been charged as well, to its end.
    let charged_to = match &subscription {
        Some(one) => charged_to::of(tx, one.id, one.start).await?,
        None => DateTime::<Utc>::UNIX_EPOCH,
    };
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    let id = EventId::from_uuid(service.ids.uuid());
    let payload = json!({
        "currency": currency,
        "balance": balance,
        // In 10⁻⁹ of the currency, before anything is added.
        "allowance_nanos": allowance,
        "charged_to": charged_to,
    });
    let event = outbox::Event::of(&call, id, now, "credits.changed", workspace);
    tx.emit(&outbox::Event { workspace: Some(workspace), payload, ..event });
    Ok(())
}

/// The currency of what was granted last: nothing is left of anything.
async fn last(tx: &mut WorkspaceTx) -> Result<String, Error> {
    let workspace = tx.workspace();
    let (currency,): (String,) = tx.fetch_one(sql!("credit/currency"), &[workspace.into()]).await?;
    Ok(currency)
}

async fn paid_for(
    service: &Billing,
    tx: &mut WorkspaceTx,
    live: Option<&Subscription>,
    balance: i128,
    currency: &str,
) -> Result<i64, Error> {
    let default = service.config.default_plan.as_str();
    let plan = live.map_or(default, |live| live.effective(default));
    let terms = plans::newest(tx, plan).await?.and_then(|kept| kept.plan.usage);
    let markup = terms.and_then(|terms| Rate::markup(&terms.markup_percent));
    let nanos = balance * (digits(currency)..9).fold(1i128, |unit, _| unit * 10);
    let cost = markup.map_or(nanos, |markup| markup.without_markup(nanos));
    Ok(i64::try_from(cost).unwrap_or(i64::MAX))
}

/// Tells it of customers of whom it was not told in this form, at most a hundred at a time; of all of them again where how a plan charges
/// what is used has changed. One that fails waits for its turn. Errors: they could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    again(service).await?;
    let now = service.clock.now();
    let mut tx = SystemTx::read(&service.db, "find customers whose credits are to be told").await?;
    let rows: Vec<(WorkspaceId,)> = tx.fetch_all(sql!("customer/untold"), &[TOLD.into(), now.into()]).await?;
    tx.commit().await?;
    for (workspace,) in rows {
        if let Err(error) = one(service, workspace).await {
            tracing::warn!(error = &error as &dyn std::error::Error, %workspace, "what is left of credits was not told");
            later(service, workspace, now + PAUSE).await?;
        }
    }
    Ok(())
}

async fn one(service: &Billing, workspace: WorkspaceId) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    if tx.execute(sql!("customer/told"), &[workspace.into(), TOLD.into()]).await? > 0 {
        tell(service, &mut tx, Tell::IfAny).await?;
    }
    Ok(tx.commit().await?)
}

async fn later(service: &Billing, workspace: WorkspaceId, at: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    tx.execute(sql!("customer/later"), &[workspace.into(), at.into()]).await?;
    Ok(tx.commit().await?)
}

/// Has everybody's told again where there are versions of plans that nobody was told of. A version says itself whether that is so: it
/// is published in one transaction, and whoever dies before this one leaves it to the next round.
async fn again(service: &Billing) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "find plans of which customers with credits are to be told").await?;
    let versions: Vec<(String, i64)> = tx.fetch_all(sql!("plan/untold"), &[]).await?;
    tx.commit().await?;
    if versions.is_empty() {
        return Ok(());
    }
    let mut tx = SystemTx::begin(&service.db, "tell the credits of customers again").await?;
    for (name, version) in versions {
        tx.execute(sql!("plan/credits_told"), &[name.into(), version.into()]).await?;
    }
    tx.execute(sql!("customer/tell_again"), &[]).await?;
    Ok(tx.commit().await?)
}
