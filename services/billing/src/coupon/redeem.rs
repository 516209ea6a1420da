//! Who has redeemed what. A coupon is counted when it is redeemed, so that what waits for its payment is nobody else's, and given back
//! where nobody pays.

use super::enter::{Entered, Wrong};
use crate::{Billing, Error};
use proto::{
    Call,
    id::{EventId, InvoiceId, PromotionCodeId},
};
use serde_json::json;
use store::{WorkspaceTx, outbox, sql};
use uuid::Uuid;

store::row! {
    /// A coupon that waits for an invoice, and the code with which it was redeemed.
    pub(super) struct Reserved {
        pub coupon_id: String,
        pub promotion_code_id: PromotionCodeId,
    }
}

/// For good, or until an invoice that has to be paid first is paid or void. Whoever calls it holds the lock of the customer. Errors:
/// [`Error::Refused`] where somebody else has had the last one.
pub(crate) async fn redeem(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    entered: &Entered,
    invoice: Option<InvoiceId>,
) -> Result<(), Error> {
    let (workspace, now) = (tx.workspace(), service.clock.now());
    let (coupon, code) = (entered.discount.coupon.as_str(), entered.id);
    tx.execute(sql!("coupon/enter"), &[]).await?;
    if is_redeemed(tx, coupon).await? {
        return Err(Wrong::Redeemed.into());
    }
    let of_coupon = tx.execute(sql!("coupon/take"), &[coupon.into(), now.into()]).await?;
    let of_code = tx.execute(sql!("promotion/take"), &[code.into(), now.into()]).await?;
    if of_coupon == 0 || of_code == 0 {
        return Err(Wrong::UsedUp.into());
    }
    let status = if invoice.is_some() { "reserved" } else { "redeemed" };
    let values = [
        workspace.into(),
        service.ids.uuid().into(),
        coupon.into(),
        entered.discount.version.into(),
        code.into(),
        invoice.into(),
        status.into(),
        now.into(),
    ];
    tx.execute(sql!("coupon/redeem"), &values).await?;
    let event = EventId::from_uuid(service.ids.uuid());
    let payload = json!({
        "coupon_id": coupon,
        "version": entered.discount.version,
        "promotion_code": entered.discount.code,
        "invoice_id": invoice.map(String::from),
    });
    let event = outbox::Event::of(call, event, now, "coupon.redeemed", code);
    tx.emit(&outbox::Event { workspace: Some(workspace), payload, ..event });
    Ok(())
}

/// Whether the workspace has it, or has reserved it.
pub(super) async fn is_redeemed(tx: &mut WorkspaceTx, coupon: &str) -> Result<bool, Error> {
    let values = [tx.workspace().into(), coupon.into()];
    let known: Option<(Uuid,)> = tx.fetch_optional(sql!("coupon/redeemed"), &values).await?;
    Ok(known.is_some())
}

/// What waited for an invoice is redeemed: it is paid.
pub(crate) async fn settle(service: &Billing, tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<(), Error> {
    end(service, tx, invoice, "redeemed").await
}

/// What waited for an invoice can be redeemed again, by this workspace and by others: nobody has paid it.
pub(crate) async fn release(service: &Billing, tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<(), Error> {
    let reserved = reserved(tx, invoice).await?;
    if reserved.is_empty() {
        return Ok(());
    }
    tx.execute(sql!("coupon/enter"), &[]).await?;
    for Reserved { coupon_id, promotion_code_id } in reserved {
        tx.execute(sql!("coupon/give_back"), &[coupon_id.into()]).await?;
        tx.execute(sql!("promotion/give_back"), &[promotion_code_id.into()]).await?;
    }
    end(service, tx, invoice, "released").await
}

/// What waits for an invoice.
pub(super) async fn reserved(tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<Vec<Reserved>, Error> {
    let values = [tx.workspace().into(), invoice.into()];
    Ok(tx.fetch_all(sql!("coupon/reserved"), &values).await?)
}

async fn end(service: &Billing, tx: &mut WorkspaceTx, invoice: InvoiceId, status: &'static str) -> Result<(), Error> {
    let values = [tx.workspace().into(), invoice.into(), status.into(), service.clock.now().into()];
    tx.execute(sql!("coupon/end"), &values).await.map(drop).map_err(Error::from)
}
