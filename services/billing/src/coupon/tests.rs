//! Discounts for tests.

pub(crate) use super::discount::Duration;
use super::discount::{Discount, Off};
use crate::money::Rate;

/// One that nobody has used yet.
pub(crate) fn discount(off: Off, duration: Duration) -> Discount {
    Discount {
        coupon: "launch".to_owned(),
        version: 1,
        titles: [("en".to_owned(), "Launch".to_owned())].into(),
        code: "LAUNCH".to_owned(),
        off,
        duration,
        plans: vec![],
        since: None,
    }
}

pub(crate) fn percent(text: &str, duration: Duration) -> Discount {
    discount(Off::Percent(Rate::parse(text).expect("a rate")), duration)
}

pub(crate) fn amount(amount: i64, duration: Duration) -> Discount {
    discount(Off::Amount { amount, currency: "BRL".to_owned() }, duration)
}
