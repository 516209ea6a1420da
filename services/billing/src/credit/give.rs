//! Gives credits away, as operators may.

use super::{Category, New, grant, list};
use crate::{
    Billing, Error,
    customer::lock,
    error::refused,
    ledger::{Account, Posting, post},
    money, peers,
};
use proto::{
    Call,
    billing::{GrantCreditsRequest, GrantCreditsResponse},
    id::{CreditGrantId, EventId, WorkspaceId},
    time::from_proto,
};
use serde_json::json;
use store::{WorkspaceTx, outbox, sql};

const MAX_NOTE: usize = 500;

/// The same idempotency key again is the same credits. Errors: [`Error::NoWorkspace`], [`Error::Refused`], [`Error::Conflict`].
pub(crate) async fn give(
    service: &Billing,
    call: &Call,
    request: GrantCreditsRequest,
) -> Result<GrantCreditsResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NoWorkspace)?;
    let found = peers::workspace(service, workspace).await?;
    let currency = if request.currency.is_empty() { found.currency } else { request.currency };
    money::check(&currency, request.amount)?;
    let expires_at = request.expires_at.map(|at| from_proto(at).ok_or_else(|| refused("expires_at", "is no time")));
    let expires_at = expires_at.transpose()?;
    let now = service.clock.now();
    if expires_at.is_some_and(|at| at <= now) {
        return Err(refused("expires_at", "must be in the future"));
    }
    if request.note.chars().count() > MAX_NOTE {
        return Err(refused("note", "must be at most 500 characters"));
    }
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let source = format!("given:{}", super::buy::source(service, call));
    if let Some(kept) = given(&mut tx, &source).await? {
        let grant = list::one(&mut tx, kept).await?;
        if grant.amount != request.amount || grant.currency != currency {
            return Err(Error::Conflict("other credits were given under this idempotency key"));
        }
        return Ok(GrantCreditsResponse { grant: Some(grant), replayed: true });
    }
    let new = New {
        category: Category::Promotional,
        currency: &currency,
        amount: request.amount,
        note: request.note.clone(),
        invoice: None,
        expires_at,
    };
    let posting = Posting::new("credits_given", source, now).noted(request.note);
    let (posting, id) = grant(service, &mut tx, posting, &Account::Promotion, new).await?;
    post(service, &mut tx, posting).await?;
    let facts = json!({ "amount": request.amount, "currency": currency, "expires_at": expires_at });
    let event = outbox::Event::of(call, EventId::from_uuid(service.ids.uuid()), now, "credits.granted", id);
    tx.emit(&outbox::Event { workspace: Some(workspace), payload: facts, ..event });
    let grant = Some(list::one(&mut tx, id).await?);
    tx.commit().await?;
    Ok(GrantCreditsResponse { grant, replayed: false })
}

/// What was given under a source.
async fn given(tx: &mut WorkspaceTx, source: &str) -> Result<Option<CreditGrantId>, Error> {
    let values = [tx.workspace().into(), source.into()];
    let row: Option<(String,)> = tx.fetch_optional(sql!("ledger/given"), &values).await?;
    let Some((account,)) = row else { return Ok(None) };
    let id = account.strip_prefix("credits:").and_then(|id| id.parse().ok());
    id.map(Some).ok_or(Error::Kept("an account of credits"))
}
