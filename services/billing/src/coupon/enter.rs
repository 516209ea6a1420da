//! What does a promotion code give that somebody entered?

use super::{Discount, code, discount::Off, list, redeem};
use crate::{Billing, Error};
use proto::{
    Reason,
    id::{InvoiceId, PromotionCodeId},
};
use store::WorkspaceTx;

/// A code that can be redeemed.
pub(crate) struct Entered {
    pub id: PromotionCodeId,
    pub discount: Discount,
}

/// What is wrong with a code. The texts are those of `why` in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Unknown,
    Expired,
    UsedUp,
    Redeemed,
    Plan,
    Currency,
    Nothing,
}

impl Wrong {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::UsedUp => "used_up",
            Self::Redeemed => "redeemed",
            Self::Plan => "plan",
            Self::Currency => "currency",
            Self::Nothing => "nothing_to_discount",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Unknown => "there is no such promotion code: check how it is written, or leave it out",
            Self::Expired => "the time of this promotion code is over: leave it out, or enter another one",
            Self::UsedUp => "this promotion code is used up: leave it out, or enter another one",
            Self::Redeemed => "this workspace has redeemed this promotion before: leave it out, or enter another one",
            Self::Plan => "this promotion code is for other plans: leave it out, or enter another one",
            Self::Currency => "this promotion code is for another currency: leave it out, or enter another one",
            Self::Nothing => "there is nothing to take off: leave the promotion code out",
        }
    }
}

/// The documented failure.
impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Self {
        let failure = Reason::PromotionCodeInvalid.with(wrong.sentence());
        Self::Refused(failure.fact("why", wrong.as_str()).field("promotion_code", wrong.sentence()))
    }
}

/// For what a code is entered.
pub(crate) struct For<'a> {
    pub plan: &'a str,
    pub currency: &'a str,
    /// An invoice that is replaced with it: what is reserved until that is paid can be entered again.
    pub instead_of: Option<InvoiceId>,
}

/// None where nothing was entered. Changes nothing: whether it is still there is found out when it is redeemed. Errors:
/// [`Error::Refused`].
pub(crate) async fn enter(
    service: &Billing,
    tx: &mut WorkspaceTx,
    text: &str,
    to: &For<'_>,
) -> Result<Option<Entered>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let code = code::normal(text).ok_or(Wrong::Unknown)?;
    let row = code::find(tx, &code).await?.filter(|row| row.is_active).ok_or(Wrong::Unknown)?;
    let coupon = list::newest(tx, &row.coupon_id).await?.ok_or(Error::Kept("the coupon of a promotion code"))?;
    let times = coupon.times();
    let (version, coupon) = coupon.read()?;
    let now = service.clock.now();
    if row.expires_at.into_iter().chain(coupon.redeem_by).any(|end| end <= now) {
        return Err(Wrong::Expired.into());
    }
    let own = match to.instead_of {
        Some(invoice) => redeem::reserved(tx, invoice).await?,
        None => vec![],
    };
    let own = own.into_iter().find(|own| own.coupon_id == row.coupon_id);
    if own.is_none() && redeem::is_redeemed(tx, &row.coupon_id).await? {
        return Err(Wrong::Redeemed.into());
    }
    // One's own is counted already.
    let of_coupon = times - i64::from(own.is_some());
    let of_code = row.times_redeemed - i64::from(own.is_some_and(|own| own.promotion_code_id == row.promotion_code_id));
    let is_used_up = |times: i64, most: Option<i64>| most.is_some_and(|most| times >= most);
    if is_used_up(of_coupon, coupon.max_redemptions) || is_used_up(of_code, row.max_redemptions) {
        return Err(Wrong::UsedUp.into());
    }
    let discount = coupon.discount(version, &code)?;
    if !discount.plans.is_empty() && !discount.plans.iter().any(|name| name == to.plan) {
        return Err(Wrong::Plan.into());
    }
    match &discount.off {
        Off::Amount { currency: of, .. } if of != to.currency => Err(Wrong::Currency.into()),
        Off::Amount { .. } | Off::Percent(_) => Ok(Some(Entered { id: row.promotion_code_id, discount })),
    }
}
