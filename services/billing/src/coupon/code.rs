//! Promotion codes: texts with which customers redeem coupons.

use super::list;
use crate::{Billing, Error, error::refused};
use chrono::{DateTime, Utc};
use proto::{
    Call, Page,
    billing::{
        CreatePromotionCodeRequest, CreatePromotionCodeResponse, ListPromotionCodesRequest, ListPromotionCodesResponse,
        PromotionCode, UpdatePromotionCodeRequest,
    },
    id::{EventId, PromotionCodeId},
    time::{from_proto, to_proto},
};
use serde_json::json;
use store::{GlobalTx, Tx, outbox, platform_audit, sql};

const MAX_REDEMPTIONS: i64 = 1_000_000_000;

store::row! {
    /// One code.
    pub(super) struct Row {
        pub promotion_code_id: PromotionCodeId,
        pub code: String,
        pub coupon_id: String,
        pub is_active: bool,
        pub max_redemptions: Option<i64>,
        pub expires_at: Option<DateTime<Utc>>,
        pub times_redeemed: i64,
        created_at: DateTime<Utc>,
    }
}

impl Row {
    fn shown(self) -> PromotionCode {
        PromotionCode {
            id: self.promotion_code_id.to_string(),
            code: self.code,
            coupon_id: self.coupon_id,
            is_active: self.is_active,
            max_redemptions: self.max_redemptions.unwrap_or_default(),
            expires_at: self.expires_at.map(to_proto),
            times_redeemed: self.times_redeemed,
            created_at: Some(to_proto(self.created_at)),
        }
    }
}

/// A code as it is kept: customers write it as they like. None for what can be none.
pub(super) fn normal(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    let known = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    ((3..=40).contains(&text.len()) && text.bytes().all(known)).then_some(text)
}

/// The code with this text, in capital letters.
pub(super) async fn find(tx: &mut Tx, code: &str) -> Result<Option<Row>, Error> {
    Ok(tx.fetch_optional(sql!("promotion/find"), &[code.into()]).await?)
}

/// Errors: [`Error::NoCoupon`], [`Error::Refused`], [`Error::Conflict`].
pub(crate) async fn create(
    service: &Billing,
    call: &Call,
    request: CreatePromotionCodeRequest,
) -> Result<CreatePromotionCodeResponse, Error> {
    let CreatePromotionCodeRequest { code, coupon_id, max_redemptions, expires_at } = request;
    let code = normal(&code).ok_or_else(|| refused("code", "must be 3 to 40 letters, digits, - and _"))?;
    if !(0..=MAX_REDEMPTIONS).contains(&max_redemptions) {
        return Err(refused("max_redemptions", "must be 1 to 1000000000, or be left out"));
    }
    let most = Some(max_redemptions).filter(|most| *most > 0);
    let now = service.clock.now();
    let is_past = || refused("expires_at", "must be a time in the future");
    let expires_at = expires_at.map(|at| from_proto(at).ok_or_else(is_past)).transpose()?;
    let mut tx = GlobalTx::begin(&service.db).await?;
    list::newest(&mut tx, &coupon_id).await?.ok_or(Error::NoCoupon)?;
    let id = PromotionCodeId::from_uuid(service.ids.uuid());
    let known = find(&mut tx, &code).await?;
    if known.is_none() && expires_at.is_some_and(|at| at <= now) {
        return Err(is_past());
    }
    let values =
        [id.into(), code.as_str().into(), coupon_id.as_str().into(), most.into(), expires_at.into(), now.into()];
    let is_new = tx.execute(sql!("promotion/insert"), &values).await? > 0;
    let kept = find(&mut tx, &code).await?.ok_or(Error::Raced)?;
    if (kept.coupon_id.as_str(), kept.max_redemptions, kept.expires_at) != (coupon_id.as_str(), most, expires_at) {
        return Err(Error::Conflict("this code was given to something else: choose another one"));
    }
    if is_new {
        tell(service, call, &mut tx, &kept).await?;
    }
    tx.commit().await?;
    Ok(CreatePromotionCodeResponse { promotion_code: Some(kept.shown()), replayed: !is_new })
}

/// Switches one off or on. Errors: [`Error::NoPromotionCode`].
pub(crate) async fn update(
    service: &Billing,
    call: &Call,
    request: UpdatePromotionCodeRequest,
) -> Result<PromotionCode, Error> {
    let id: PromotionCodeId = request.promotion_code_id.parse().map_err(|_| Error::NoPromotionCode)?;
    let mut tx = GlobalTx::begin(&service.db).await?;
    let is_changed = tx.execute(sql!("promotion/switch"), &[id.into(), request.is_active.into()]).await? > 0;
    let kept: Option<Row> = tx.fetch_optional(sql!("promotion/get"), &[id.into()]).await?;
    let kept = kept.ok_or(Error::NoPromotionCode)?;
    if is_changed {
        tell(service, call, &mut tx, &kept).await?;
    }
    tx.commit().await?;
    Ok(kept.shown())
}

/// Newest first.
pub(crate) async fn list(
    service: &Billing,
    request: ListPromotionCodesRequest,
) -> Result<ListPromotionCodesResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let coupon = Some(request.coupon_id).filter(|id| !id.is_empty());
    let mut tx = GlobalTx::read(&service.db).await?;
    let values = [coupon.into(), page.after.into(), page.fetch().into()];
    let mut rows: Vec<Row> = tx.fetch_all(sql!("promotion/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.promotion_code_id.uuid());
    Ok(ListPromotionCodesResponse { promotion_codes: rows.into_iter().map(Row::shown).collect(), next_page_token })
}

async fn tell(service: &Billing, call: &Call, tx: &mut GlobalTx, code: &Row) -> Result<(), Error> {
    let event = EventId::from_uuid(service.ids.uuid());
    let event = outbox::Event {
        payload: json!({ "code": code.code, "coupon_id": code.coupon_id, "is_active": code.is_active }),
        workspace: None,
        ..outbox::Event::of(call, event, service.clock.now(), "promotion_code.changed", code.promotion_code_id)
    };
    Ok(platform_audit::record(tx, &event).await?)
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn customers_write_codes_as_they_like() {
        assert_eq!(normal(" launch-50 ").as_deref(), Some("LAUNCH-50"));
        for none in ["", "ab", "a b c", "ação", "x".repeat(41).as_str(), "abc\0"] {
            assert_eq!(normal(none), None, "{none:?}");
        }
    }
}
