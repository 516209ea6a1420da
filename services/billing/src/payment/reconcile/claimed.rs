//! Does the ledger know of the money that customers have got or want back?

use super::{compared as compared_money, difference, in_ledger, make_up_for};
use crate::{
    Billing, Error,
    payment::{
        Claims, Dispute,
        dispute::{Written, agrees},
    },
};
use proto::{billing::Difference, id::WorkspaceId};
use store::{SystemTx, sql};

/// What it does not know, after what was missed was made up for. What is about money that is none of ours was named when that came.
pub(super) async fn compared(service: &Billing, provider: &str, claims: &Claims) -> Result<Vec<Difference>, Error> {
    let mut differences = vec![];
    for money in &claims.received {
        if money.reference.is_some() || in_ledger(service, provider, &money.id).await?.is_some() {
            differences.extend(compared_money(service, provider, money).await?);
        }
    }
    for dispute in claims.disputes.iter().filter(|dispute| dispute.paid.is_some()) {
        differences.extend(disputed(service, provider, dispute).await?);
    }
    Ok(differences)
}

async fn disputed(service: &Billing, provider: &str, dispute: &Dispute) -> Result<Option<Difference>, Error> {
    let of = |kind: &str, is_explained| Difference {
        kind: kind.to_owned(),
        provider_amount: dispute.withdrawn,
        is_explained,
        ..difference(provider, &dispute.reference, &dispute.currency)
    };
    if is_known(service, provider, dispute).await?.is_ok() {
        return Ok(None);
    }
    make_up_for(service, provider, dispute.paid.as_deref()).await?;
    Ok(Some(match is_known(service, provider, dispute).await? {
        Ok(ledger_amount) => Difference { ledger_amount, ..of("missed", true) },
        Err(ledger_amount) => Difference { ledger_amount, ..of("dispute", false) },
    }))
}

/// What the ledger says was taken because of it; an error where that or its state is not what the provider says.
async fn is_known(service: &Billing, provider: &str, dispute: &Dispute) -> Result<Result<i64, i64>, Error> {
    let mut tx = SystemTx::read(&service.db, "compare the ledger with providers of payments").await?;
    let values = [provider.into(), dispute.reference.as_str().into()];
    let found: Option<(WorkspaceId, String)> = tx.fetch_optional(sql!("dispute/find"), &values).await?;
    let Some((workspace, status)) = found else { return Ok(Err(0)) };
    let prefix = format!("dispute:{provider}:{}:", dispute.reference);
    let written: Written = tx.fetch_one(sql!("ledger/disputed"), &[workspace.into(), prefix.into()]).await?;
    let amount = written.withdrawn();
    Ok(if agrees(dispute, &status, &written) { Ok(amount) } else { Err(amount) })
}
