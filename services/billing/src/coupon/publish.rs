//! How new versions of coupons come about.

use super::{document::Document, list, validate};
use crate::{Billing, Error, error::refused, plan::current};
use proto::{
    Call,
    billing::{PublishCouponRequest, PublishCouponResponse},
    id::EventId,
};
use serde_json::json;
use store::{GlobalTx, outbox, platform_audit, sql};

/// More than anybody tells apart.
const MAX_COUPONS: i64 = 1_000;

/// What says the same as the newest version changes nothing. Errors: [`Error::Refused`], [`Error::Raced`].
pub(crate) async fn publish(
    service: &Billing,
    call: &Call,
    request: PublishCouponRequest,
) -> Result<PublishCouponResponse, Error> {
    let coupon = Document::from(request.coupon.unwrap_or_default());
    validate::check(&coupon)?;
    let mut tx = GlobalTx::begin(&service.db).await?;
    for plan in &coupon.plans {
        if current::newest(&mut tx, plan).await?.is_none() {
            return Err(refused("plans", format!("has {plan:?}, which is no plan: GET /admin/plans has those")));
        }
    }
    let newest = list::newest(&mut tx, &coupon.id).await?;
    let is_changed = newest.as_ref().is_none_or(|newest| newest.digest != coupon.digest());
    if is_changed {
        let number = match newest {
            Some(newest) => newest.read()?.0.saturating_add(1),
            None => first(&mut tx).await?,
        };
        version(service, call, &mut tx, &coupon, number).await?;
    }
    let coupon = list::newest(&mut tx, &coupon.id).await?.ok_or(Error::NoCoupon)?.shown()?;
    tx.commit().await?;
    Ok(PublishCouponResponse { coupon: Some(coupon), is_changed })
}

async fn first(tx: &mut GlobalTx) -> Result<i32, Error> {
    let (n,): (i64,) = tx.fetch_one(sql!("coupon/count"), &[]).await?;
    if n >= MAX_COUPONS {
        return Err(Error::Conflict("there are a thousand coupons: publish a new version of one of them"));
    }
    Ok(1)
}

async fn version(
    service: &Billing,
    call: &Call,
    tx: &mut GlobalTx,
    coupon: &Document,
    number: i32,
) -> Result<(), Error> {
    let (id, now) = (coupon.id.as_str(), service.clock.now());
    let values = [id.into(), number.into(), coupon.digest().into(), json!(coupon).into(), now.into()];
    if tx.execute(sql!("coupon/insert_version"), &values).await? == 0 {
        return Err(Error::Raced);
    }
    let values = [id.into(), number.into(), coupon.max_redemptions.into(), coupon.redeem_by.into(), now.into()];
    tx.execute(sql!("coupon/put"), &values).await?;
    let event = EventId::from_uuid(service.ids.uuid());
    let event = outbox::Event {
        payload: json!({ "coupon_id": id, "version": number, "terms": coupon }),
        workspace: None,
        ..outbox::Event::of(call, event, now, "coupon.published", id)
    };
    Ok(platform_audit::record(tx, &event).await?)
}
