//! Coupons as operators publish them.

use super::super::{billing::discount::above_zero, time};
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    path::Target,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::billing::{Coupon, GetCouponRequest, ListCouponsRequest, PublishCouponRequest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A version of a coupon. One of `percent_off` and `amount_off`.
#[derive(Serialize, ToSchema)]
#[schema(as = Coupon)]
pub(crate) struct CouponBody {
    #[schema(example = "launch")]
    id: String,
    /// Rises with each change.
    version: i32,
    /// What people read, by language.
    titles: BTreeMap<String, String>,
    #[schema(example = "12.5")]
    percent_off: Option<String>,
    /// In the smallest unit of its currency, of each period.
    amount_off: Option<i64>,
    currency: Option<String>,
    /// `once`, `repeating` or `forever`.
    duration: String,
    duration_in_months: Option<i32>,
    /// By how many workspaces it can be redeemed; null: any number.
    max_redemptions: Option<i64>,
    redeem_by: Option<DateTime<Utc>>,
    /// Plans that it is for; none: all.
    plans: Vec<String>,
    /// By how many it was redeemed; what waits for its payment is among them.
    times_redeemed: i64,
    created_at: DateTime<Utc>,
}

/// Coupons.
#[derive(Serialize, ToSchema)]
pub(crate) struct CouponList {
    data: Vec<CouponBody>,
}

/// A coupon, or its next version. One of `percent_off` and `amount_off` with its `currency`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "launch", "titles": {"en": "Launch", "pt-BR": "Lançamento"}, "percent_off": "50", "duration": "repeating",
    "duration_in_months": 3, "max_redemptions": 100, "redeem_by": "2027-01-31T00:00:00Z", "plans": ["pro"],
}))]
pub(crate) struct NewCoupon {
    /// Lower-case letters, digits, - and _; 1 to 40 of them.
    id: String,
    /// What people read, by language. At least `en`.
    titles: BTreeMap<String, String>,
    /// Above 0, at most 100, with at most four decimals.
    percent_off: Option<String>,
    /// In the smallest unit of its currency, of each period; never more than the period costs.
    amount_off: Option<i64>,
    /// ISO 4217.
    currency: Option<String>,
    /// `once` (of the first invoice), `repeating` (of every period that begins within `duration_in_months`) or `forever`.
    duration: String,
    /// 1 to 120, for `repeating` only.
    duration_in_months: Option<i32>,
    /// By how many workspaces it can be redeemed. Default: any number.
    max_redemptions: Option<i64>,
    /// Until when. Default: always.
    #[schema(value_type = Option<DateTime<Utc>>)]
    redeem_by: Option<time::Instant>,
    /// Names of plans that it is for. Default: all.
    #[serde(default)]
    plans: Vec<String>,
}

/// List the newest version of every coupon, by id. For operators.
#[utoipa::path(get, path = "/admin/coupons", tag = "Operators",
    responses((status = 200, description = "The coupons", body = CouponList),
        (status = 403, description = "The caller has no platform role")))]
pub(crate) async fn list_coupons(State(app): State<Shared>, Operator(call): Operator) -> Result<Json<CouponList>> {
    let listed = app.services.billing.list_coupons(&call, ListCouponsRequest {}).await?;
    list(listed.coupons)
}

/// Get all versions of a coupon, the newest first. For operators.
#[utoipa::path(get, path = "/admin/coupons/{coupon_id}", tag = "Operators",
    params(("coupon_id" = String, Path, description = "Its id, such as `launch`")),
    responses((status = 200, description = "The versions", body = CouponList),
        (status = 403, description = "The caller has no platform role"),
        (status = 404, description = "There is no such coupon")))]
pub(crate) async fn get_coupon(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(coupon_id): Target<String>,
) -> Result<Json<CouponList>> {
    let found = app.services.billing.get_coupon(&call, GetCouponRequest { coupon_id }).await?;
    list(found.versions)
}

/// Publish a coupon, or its next version. For operators.
///
/// What differs from the newest version becomes a new one, for whoever redeems it from then on: what was agreed on before stays. The
/// same again changes nothing. Customers redeem it with a promotion code (`POST …/admin/promotion-codes`), each workspace once.
#[utoipa::path(post, path = "/admin/coupons", tag = "Operators", request_body = NewCoupon,
    responses((status = 200, description = "The coupon as it is now", body = CouponBody),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 409, description = "Somebody else publishes it at the same time, or there are too many coupons"),
        (status = 422, description = "A value is not accepted, or there is no such plan")))]
pub(crate) async fn publish_coupon(
    State(app): State<Shared>,
    Operator(call): Operator,
    Json(body): Json<NewCoupon>,
) -> Result<Json<CouponBody>> {
    let coupon = Coupon {
        id: body.id,
        titles: body.titles,
        percent_off: body.percent_off.unwrap_or_default(),
        amount_off: above_zero("amount_off", body.amount_off)?,
        currency: body.currency.unwrap_or_default(),
        duration: body.duration,
        duration_in_months: body.duration_in_months.unwrap_or_default(),
        max_redemptions: above_zero("max_redemptions", body.max_redemptions)?,
        redeem_by: body.redeem_by.map(time::Instant::to_proto),
        plans: body.plans,
        ..Coupon::default()
    };
    let published = app.services.billing.publish_coupon(&call, PublishCouponRequest { coupon: Some(coupon) }).await?;
    CouponBody::try_from(published.coupon.ok_or_else(|| Error::incomplete("the coupon"))?).map(Json)
}

fn list(coupons: Vec<Coupon>) -> Result<Json<CouponList>> {
    let data = coupons.into_iter().map(CouponBody::try_from).collect::<Result<_>>()?;
    Ok(Json(CouponList { data }))
}

impl TryFrom<Coupon> for CouponBody {
    type Error = Error;

    fn try_from(coupon: Coupon) -> Result<Self> {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let above = |number: i64| Some(number).filter(|number| *number > 0);
        Ok(Self {
            id: coupon.id,
            version: coupon.version,
            titles: coupon.titles,
            percent_off: some(coupon.percent_off),
            amount_off: above(coupon.amount_off),
            currency: some(coupon.currency),
            duration: coupon.duration,
            duration_in_months: Some(coupon.duration_in_months).filter(|months| *months > 0),
            max_redemptions: above(coupon.max_redemptions),
            redeem_by: time::maybe(coupon.redeem_by),
            plans: coupon.plans,
            times_redeemed: coupon.times_redeemed,
            created_at: time::always(coupon.created_at)?,
        })
    }
}
