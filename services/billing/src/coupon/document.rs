//! A coupon as tables have it.

use super::discount::{Discount, Duration, Off};
use crate::{Error, money::Rate};
use chrono::{DateTime, Utc};
use proto::{
    billing::Coupon,
    time::{from_proto, to_proto},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What a version of a coupon says, without its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Document {
    pub id: String,
    pub titles: BTreeMap<String, String>,
    pub percent_off: Option<String>,
    pub amount_off: Option<i64>,
    pub currency: Option<String>,
    pub duration: String,
    pub duration_in_months: Option<u32>,
    pub max_redemptions: Option<i64>,
    pub redeem_by: Option<DateTime<Utc>>,
    pub plans: Vec<String>,
}

impl Document {
    /// What tells two versions apart.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(serde_json::json!(self).to_string()))
    }

    /// What it gives to whoever redeems it with a code. Errors: [`Error::Kept`]: a release that is newer has written it.
    pub fn discount(self, version: i32, code: &str) -> Result<Discount, Error> {
        let kept = || Error::Kept("a coupon");
        let off = match (&self.percent_off, self.amount_off, self.currency) {
            (Some(text), None, _) => Off::Percent(Rate::parse(text).ok_or_else(kept)?),
            (None, Some(amount), Some(currency)) => Off::Amount { amount, currency },
            _ => return Err(kept()),
        };
        let duration = match (self.duration.as_str(), self.duration_in_months) {
            ("once", _) => Duration::Once,
            ("repeating", Some(months)) => Duration::Repeating { months },
            ("forever", _) => Duration::Forever,
            _ => return Err(kept()),
        };
        let (titles, plans) = (self.titles, self.plans);
        Ok(Discount { coupon: self.id, version, titles, code: code.to_owned(), off, duration, plans, since: None })
    }

    /// As clients see it.
    pub fn shown(self, version: i32, times_redeemed: i64, created_at: DateTime<Utc>) -> Coupon {
        Coupon {
            id: self.id,
            version,
            titles: self.titles,
            percent_off: self.percent_off.unwrap_or_default(),
            amount_off: self.amount_off.unwrap_or_default(),
            currency: self.currency.unwrap_or_default(),
            duration: self.duration,
            duration_in_months: self.duration_in_months.and_then(|months| months.try_into().ok()).unwrap_or_default(),
            max_redemptions: self.max_redemptions.unwrap_or_default(),
            redeem_by: self.redeem_by.map(to_proto),
            plans: self.plans,
            times_redeemed,
            created_at: Some(to_proto(created_at)),
        }
    }
}

/// Nothing of it is judged here: what is no number or time at all is nothing that a coupon may say.
impl From<Coupon> for Document {
    fn from(coupon: Coupon) -> Self {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let mut plans = coupon.plans;
        plans.sort();
        plans.dedup();
        Self {
            id: coupon.id,
            titles: coupon.titles,
            percent_off: some(coupon.percent_off),
            amount_off: Some(coupon.amount_off).filter(|amount| *amount != 0),
            currency: some(coupon.currency),
            duration: coupon.duration,
            duration_in_months: u32::try_from(coupon.duration_in_months).ok().filter(|months| *months > 0),
            max_redemptions: Some(coupon.max_redemptions).filter(|most| *most != 0),
            redeem_by: coupon.redeem_by.and_then(from_proto),
            plans,
        }
    }
}
