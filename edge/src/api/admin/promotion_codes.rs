//! Texts with which customers redeem coupons.

use super::super::{billing::discount::above_zero, page::Page, repeat, time};
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::{Query, page_size},
};
use axum::{extract::State, response::IntoResponse};
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::{
    billing::{CreatePromotionCodeRequest, ListPromotionCodesRequest, PromotionCode, UpdatePromotionCodeRequest},
    id::PromotionCodeId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A promotion code.
#[derive(Serialize, ToSchema)]
#[schema(as = PromotionCode)]
pub(crate) struct PromotionCodeBody {
    /// `promo_…`
    id: String,
    #[schema(example = "LAUNCH50")]
    code: String,
    coupon_id: String,
    /// Whether it can be redeemed.
    active: bool,
    /// By how many workspaces; null: as many as the coupon allows.
    max_redemptions: Option<i64>,
    expires_at: Option<DateTime<Utc>>,
    /// By how many it was redeemed; what waits for its payment is among them.
    times_redeemed: i64,
    created_at: DateTime<Utc>,
}

/// Which codes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only those of this coupon.
    coupon_id: Option<String>,
}

/// A new code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "LAUNCH50", "coupon_id": "launch", "max_redemptions": 50}))]
pub(crate) struct NewPromotionCode {
    /// Letters, digits, - and _; 3 to 40 of them. Kept in capital letters.
    code: String,
    coupon_id: String,
    /// By how many workspaces. Default: as many as the coupon allows.
    max_redemptions: Option<i64>,
    /// Default: when that of the coupon is over.
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Option<time::Instant>,
}

/// What changes of a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"active": false}))]
pub(crate) struct PromotionCodeChange {
    /// Whether it can be redeemed.
    active: bool,
}

/// List promotion codes, newest first. For operators.
#[utoipa::path(get, path = "/admin/promotion-codes", tag = "Operators", params(Which),
    responses((status = 200, description = "A page of them", body = Page<PromotionCodeBody>),
        (status = 403, description = "The caller has no platform role")))]
pub(crate) async fn list_promotion_codes(
    State(app): State<Shared>,
    Operator(call): Operator,
    Query(which): Query<Which>,
) -> Result<Json<Page<PromotionCodeBody>>> {
    let request = ListPromotionCodesRequest {
        coupon_id: which.coupon_id.unwrap_or_default(),
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
    };
    let listed = app.services.billing.list_promotion_codes(&call, request).await?;
    Page::new(listed.promotion_codes, listed.next_page_token, PromotionCodeBody::try_from).map(Json)
}

/// Create a promotion code for a coupon. For operators.
///
/// The same again is the same code.
#[utoipa::path(post, path = "/admin/promotion-codes", tag = "Operators", request_body = NewPromotionCode,
    responses((status = 201, description = "The code", body = PromotionCodeBody,
        headers(("idempotent-replayed" = String, description = "`true` where it was there before"))),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "There is no such coupon"),
        (status = 409, description = "The code was given to something else"),
        (status = 422, description = "A value is not accepted")))]
pub(crate) async fn create_promotion_code(
    State(app): State<Shared>,
    Operator(call): Operator,
    Json(body): Json<NewPromotionCode>,
) -> Result<impl IntoResponse> {
    let request = CreatePromotionCodeRequest {
        code: body.code,
        coupon_id: body.coupon_id,
        max_redemptions: above_zero("max_redemptions", body.max_redemptions)?,
        expires_at: body.expires_at.map(time::Instant::to_proto),
    };
    let created = app.services.billing.create_promotion_code(&call, request).await?;
    Ok((StatusCode::CREATED, repeat::header(created.replayed), Json(PromotionCodeBody::new(created.promotion_code)?)))
}

/// Switch a promotion code off, or on again. What was redeemed with it stays. For operators.
#[utoipa::path(patch, path = "/admin/promotion-codes/{promotion_code_id}", tag = "Operators",
    request_body = PromotionCodeChange, params(("promotion_code_id" = String, Path, description = "`promo_…`")),
    responses((status = 200, description = "The code as it is now", body = PromotionCodeBody),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "There is no such code")))]
pub(crate) async fn update_promotion_code(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<PromotionCodeId>,
    Json(body): Json<PromotionCodeChange>,
) -> Result<Json<PromotionCodeBody>> {
    let request = UpdatePromotionCodeRequest { promotion_code_id: id.to_string(), is_active: body.active };
    let updated = app.services.billing.update_promotion_code(&call, request).await?;
    PromotionCodeBody::new(updated.promotion_code).map(Json)
}

impl PromotionCodeBody {
    fn new(code: Option<PromotionCode>) -> Result<Self> {
        Self::try_from(code.ok_or_else(|| Error::incomplete("the promotion code"))?)
    }
}

impl TryFrom<PromotionCode> for PromotionCodeBody {
    type Error = Error;

    fn try_from(code: PromotionCode) -> Result<Self> {
        Ok(Self {
            id: code.id,
            code: code.code,
            coupon_id: code.coupon_id,
            active: code.is_active,
            max_redemptions: Some(code.max_redemptions).filter(|most| *most > 0),
            expires_at: time::maybe(code.expires_at),
            times_redeemed: code.times_redeemed,
            created_at: time::always(code.created_at)?,
        })
    }
}
