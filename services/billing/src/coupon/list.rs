//! The coupons that there are.

use super::document::Document;
use crate::{Billing, Error};
use chrono::{DateTime, Utc};
use proto::billing::{Coupon, GetCouponResponse};
use serde_json::Value;
use store::{GlobalTx, Tx, sql};

store::row! {
    /// One version of a coupon.
    pub(super) struct Row {
        coupon_id: String,
        version: i64,
        times_redeemed: i64,
        pub digest: String,
        data: Value,
        created_at: DateTime<Utc>,
    }
}

impl Row {
    /// By how many it was redeemed.
    pub const fn times(&self) -> i64 {
        self.times_redeemed
    }

    /// Its number, and what it says. Errors: [`Error::Kept`].
    pub fn read(self) -> Result<(i32, Document), Error> {
        let kept = || Error::Kept("a coupon");
        let version = i32::try_from(self.version).map_err(|_| kept())?;
        let document: Document = serde_json::from_value(self.data).map_err(|_| kept())?;
        Ok((version, Document { id: self.coupon_id, ..document }))
    }

    pub fn shown(self) -> Result<Coupon, Error> {
        let (times, created_at) = (self.times_redeemed, self.created_at);
        let (version, document) = self.read()?;
        Ok(document.shown(version, times, created_at))
    }
}

/// The newest version of each, by id.
pub(crate) async fn all(service: &Billing) -> Result<Vec<Coupon>, Error> {
    let mut tx = GlobalTx::read(&service.db).await?;
    let rows: Vec<Row> = tx.fetch_all(sql!("coupon/all"), &[]).await?;
    rows.into_iter().map(Row::shown).collect()
}

/// One with all of its versions. Errors: [`Error::NoCoupon`].
pub(crate) async fn one(service: &Billing, id: &str) -> Result<GetCouponResponse, Error> {
    let mut tx = GlobalTx::read(&service.db).await?;
    let rows: Vec<Row> = tx.fetch_all(sql!("coupon/versions"), &[id.into()]).await?;
    let versions: Vec<Coupon> = rows.into_iter().map(Row::shown).collect::<Result<_, _>>()?;
    if versions.is_empty() { Err(Error::NoCoupon) } else { Ok(GetCouponResponse { versions }) }
}

/// The newest version of one.
pub(super) async fn newest(tx: &mut Tx, id: &str) -> Result<Option<Row>, Error> {
    Ok(tx.fetch_optional(sql!("coupon/get"), &[id.into()]).await?)
}
