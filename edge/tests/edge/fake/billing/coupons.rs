//! What the fake says of discounts.

use crate::fake::{PROMOTION_CODE, at};
use proto::{Reason, billing::*};
use tonic::Status;

pub fn coupon() -> Coupon {
    Coupon {
        id: "launch".into(),
        version: 2,
        titles: [("en".to_owned(), "Launch".to_owned())].into(),
        percent_off: "50".into(),
        duration: "repeating".into(),
        duration_in_months: 3,
        max_redemptions: 100,
        plans: vec!["pro".into()],
        times_redeemed: 7,
        created_at: at(1_790_000_000),
        ..Coupon::default()
    }
}

pub fn code() -> PromotionCode {
    PromotionCode {
        id: PROMOTION_CODE.into(),
        code: "LAUNCH50".into(),
        coupon_id: "launch".into(),
        is_active: true,
        times_redeemed: 7,
        created_at: at(1_790_000_000),
        ..PromotionCode::default()
    }
}

pub fn discount() -> Discount {
    Discount {
        coupon_id: "launch".into(),
        coupon_version: 2,
        titles: coupon().titles,
        promotion_code: "LAUNCH50".into(),
        percent_off: "50".into(),
        duration: "repeating".into(),
        duration_in_months: 3,
        plans: vec!["pro".into()],
        started_at: at(1_790_000_000),
        period_amount: 1450,
        ..Discount::default()
    }
}

pub fn known(coupon_id: &str) -> Result<(), Status> {
    if coupon_id == "launch" { Ok(()) } else { Err(Reason::NotFound.with("there is no such coupon").into()) }
}
