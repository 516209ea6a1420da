//! Which letters are written to who pays.

use serde::{Deserialize, Serialize};

const MOST: usize = 10;

/// `billing.letters` in the configuration. Letters leave where the process has a way for them (`mail`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Letters {
    /// Whether invoices, reminders and receipts are sent to the address of the billing details.
    pub enabled: bool,
    /// On which days an open invoice is reminded of, counted from the one on which it is due: at most ten, -60 to 90. These
    /// and no others; empty: never.
    pub reminders_days: Vec<i32>,
}

impl Default for Letters {
    fn default() -> Self {
        Self { enabled: true, reminders_days: vec![-3, 0, 3, 7] }
    }
}

impl Letters {
    /// The days of reminders, the earliest first.
    pub(crate) fn days(&self) -> Vec<i64> {
        let mut days: Vec<i64> = self.reminders_days.iter().copied().map(i64::from).collect();
        days.sort_unstable();
        days
    }

    pub(super) fn problem(&self) -> Option<&'static str> {
        let mut distinct = self.days();
        distinct.dedup();
        if self.reminders_days.len() > MOST || distinct.len() < self.reminders_days.len() {
            return Some("billing.letters.reminders_days must be at most ten days, each of them once");
        }
        let is_near = distinct.iter().all(|day| (-60..=90).contains(day));
        (!is_near).then_some("billing.letters.reminders_days must be -60 to 90 each")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_few_near_distinct_and_in_order() {
        let of = |days: &[i32]| Letters { reminders_days: days.to_vec(), ..Letters::default() };
        assert_eq!((Letters::default().problem(), of(&[]).problem()), (None, None));
        assert_eq!(of(&[7, -60, 90, 0]).days(), [-60, 0, 7, 90]);
        assert_eq!(of(&[7, -60, 90, 0]).problem(), None);
        for wrong in [&[-61][..], &[91], &[3, 0, 3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] {
            assert!(of(wrong).problem().is_some(), "{wrong:?}");
        }
    }
}
