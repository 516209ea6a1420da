//! What does a coupon that was redeemed take off, and of which periods?

use crate::money::{Anchor, Interval, Rate};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use proto::{billing, time::to_proto};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A coupon as it was agreed on: later versions of it change nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Discount {
    pub coupon: String,
    pub version: i32,
    pub titles: BTreeMap<String, String>,
    /// With what it was redeemed.
    pub code: String,
    pub off: Off,
    pub duration: Duration,
    /// Plans that it is for; none: all.
    pub plans: Vec<String>,
    /// When the first period that it took something off began.
    pub since: Option<DateTime<Utc>>,
}

/// How much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Off {
    Percent(Rate),
    Amount { amount: i64, currency: String },
}

/// For how long, as Stripe calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Duration {
    Once,
    Repeating { months: u32 },
    Forever,
}

/// What was taken off of the time from then to the end of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub amount: i64,
    pub from: DateTime<Utc>,
}

impl Duration {
    /// As Stripe calls it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Repeating { .. } => "repeating",
            Self::Forever => "forever",
        }
    }

    /// Of one that repeats; 0 for all others.
    const fn months(self) -> u32 {
        match self {
            Self::Repeating { months } => months,
            Self::Once | Self::Forever => 0,
        }
    }
}

impl Discount {
    /// How much it takes off of what a plan costs from then on: 0 to all of it. A part in percent is rounded by the largest
    /// remainder, so that it and what is left to pay sum to the whole.
    pub fn takes(&self, plan: &str, cost: i64, from: DateTime<Utc>, zone: Tz) -> i64 {
        let is_for = self.plans.is_empty() || self.plans.iter().any(|name| name == plan);
        if !is_for || cost <= 0 || self.is_over(from, zone) {
            return 0;
        }
        match &self.off {
            Off::Percent(rate) => rate.part_of(cost),
            Off::Amount { amount, .. } => (*amount).clamp(0, cost),
        }
    }

    /// The same discount after it has taken something off of the time from then on.
    pub fn used(&self, from: DateTime<Utc>) -> Self {
        Self { since: self.since.or(Some(from)), ..self.clone() }
    }

    /// Whether what begins then has it no more.
    pub fn is_over(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        match self.duration {
            Duration::Once => self.since.is_some(),
            Duration::Repeating { .. } => self.ends_at(zone).is_some_and(|end| at >= end),
            Duration::Forever => false,
        }
    }

    /// From when on periods have it no more, by the calendar of its customer. None where it has not begun or has no such time.
    pub fn ends_at(&self, zone: Tz) -> Option<DateTime<Utc>> {
        match self.duration {
            Duration::Repeating { months } => {
                Anchor { at: self.since?, zone, interval: Interval::Month }.end_of(months)
            }
            Duration::Once | Duration::Forever => None,
        }
    }
}

impl Discount {
    /// As clients see it, without what it has taken off.
    pub fn shown(&self, zone: Tz) -> billing::Discount {
        let (percent_off, amount_off, currency) = match &self.off {
            Off::Percent(rate) => (rate.to_string(), 0, String::new()),
            Off::Amount { amount, currency } => (String::new(), *amount, currency.clone()),
        };
        billing::Discount {
            coupon_id: self.coupon.clone(),
            coupon_version: self.version,
            titles: self.titles.clone(),
            promotion_code: self.code.clone(),
            percent_off,
            amount_off,
            currency,
            duration: self.duration.as_str().to_owned(),
            duration_in_months: i32::try_from(self.duration.months()).unwrap_or(i32::MAX),
            plans: self.plans.clone(),
            started_at: self.since.map(to_proto),
            ends_at: self.ends_at(zone).map(to_proto),
            period_amount: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{amount, discount, percent};
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn it_takes_a_part_or_an_amount_and_never_more_than_there_is() {
        let now = at("2027-01-31T00:00:00Z");
        let takes = |discount: &Discount, cost| discount.takes("pro", cost, now, Tz::UTC);
        let third = percent("33.3333", Duration::Forever);
        assert_eq!([takes(&third, 100), takes(&third, 1), takes(&third, 2), takes(&third, 0)], [33, 0, 1, 0]);
        assert_eq!(takes(&percent("100", Duration::Forever), 29_700), 29_700);
        let fifty = amount(5_000, Duration::Forever);
        assert_eq!([takes(&fifty, 29_700), takes(&fifty, 4_999), takes(&fifty, -1)], [5_000, 4_999, 0]);
        let basic = Discount { plans: vec!["basic".to_owned()], ..fifty };
        assert_eq!((takes(&basic, 29_700), basic.takes("basic", 29_700, now, Tz::UTC)), (0, 5_000));
    }

    #[test]
    fn three_months_from_a_31st_are_three_periods_by_the_calendar_of_the_customer() {
        let zone = Tz::America__Sao_Paulo;
        let anchor = Anchor { at: at("2027-01-31T15:00:00Z"), zone, interval: Interval::Month };
        let used = percent("20", Duration::Repeating { months: 3 }).used(anchor.at);
        let has = |n: u32| !used.is_over(anchor.end_of(n).expect("a time"), zone);
        assert_eq!([has(1), has(2), has(3), has(4)], [true, true, false, false]);
        let yearly = Anchor { interval: Interval::Year, ..anchor };
        assert!(used.is_over(yearly.end_of(1).expect("a time"), zone), "a year had it as a whole, the next has it not");
        let once = percent("20", Duration::Once);
        assert!(!once.is_over(anchor.at, zone) && once.used(anchor.at).is_over(anchor.at, zone));
        assert!(!percent("20", Duration::Forever).used(anchor.at).is_over(at("2199-01-01T00:00:00Z"), zone));
        let unused = percent("20", Duration::Repeating { months: 1 });
        assert!(!unused.is_over(at("2199-01-01T00:00:00Z"), zone), "it begins when it is used");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn what_is_taken_and_what_is_left_are_the_whole(cost in 0i64..1_000_000_000_000, millionths in 1i64..=1_000_000, off in 0i64..1_000_000_000_000) {
            let rate = Rate::parse(&format!("{}.{:04}", millionths / 10_000, millionths % 10_000)).expect("a rate");
            let now = DateTime::UNIX_EPOCH;
            let part = discount(Off::Percent(rate), Duration::Once).takes("pro", cost, now, Tz::UTC);
            // Within one unit of its exact value.
            let apart = i128::from(part) * 1_000_000 - i128::from(cost) * i128::from(millionths);
            prop_assert!(apart.abs() < 1_000_000 && (0..=cost).contains(&part), "{part} of {cost}");
            let amount = amount(off, Duration::Once).takes("pro", cost, now, Tz::UTC);
            prop_assert_eq!(amount, off.min(cost));
        }
    }
}
