//! Where does an attempt stand, by all of its rows, and what brings it to what it should be?

use super::ledger::{Counts, Found};
use crate::{
    fold::Late,
    price::{Rated, Subject},
    tokens,
    units::{UnitColumns, Used},
};
use proto::usage::{Tokens, Units};
use std::sync::Arc;

/// An attempt by the sum of its rows.
pub(crate) struct Standing<'a> {
    /// Its row of kind `usage`, which says everything that never changes.
    pub usage: &'a Found,
    /// The number that its next row gets.
    pub next: i64,
    /// By what its rows say of all but the class of pictures, which is that of the last row that has one.
    pub used: Used,
    /// How it ended, by the last row that says so.
    pub outcome: &'a str,
    /// Nobody has settled it: the sweep wrote its row, and there is no correction.
    pub guessed: bool,
    cost: Option<i64>,
    list: Option<i64>,
    currency: &'a str,
    version: &'a str,
}

/// What one more row says about money.
pub(crate) struct Money<'a> {
    pub cost: Option<i64>,
    pub list: Option<i64>,
    pub currency: Arc<str>,
    pub version: Arc<str>,
    pub(super) counts: Counts<'a>,
}

impl<'a> Standing<'a> {
    /// Of the rows of one attempt in their order. None without any.
    pub fn of(rows: &'a [Found]) -> Option<Self> {
        let usage = rows.first()?;
        let last = rows.iter().rev().find(|row| row.cost_nanos.is_some()).unwrap_or(usage);
        let same = || rows.iter().filter(|row| row.currency == last.currency);
        let settled = rows.iter().rev().find(|row| row.kind != "rerate").unwrap_or(usage);
        Some(Self {
            usage,
            next: rows.iter().map(|row| row.correction + 1).max()?,
            used: used(rows),
            outcome: &settled.outcome,
            guessed: usage.swept && !rows.iter().any(|row| row.kind == "correction"),
            cost: sum(same().map(|row| row.cost_nanos)),
            list: sum(same().map(|row| row.list_cost_nanos)),
            currency: &last.currency,
            version: &last.price_version,
        })
    }

    /// As whoever settles it late has to know it; without its quotas.
    pub fn late(&self) -> Late {
        let Subject { provider_kind, model, credential_owner, at, .. } = self.usage.subject();
        Late {
            quotas: vec![],
            guessed: self.used.clone(),
            provider_kind: provider_kind.to_owned(),
            model: model.to_owned(),
            credential_owner: credential_owner.to_owned(),
            created_at: at,
        }
    }

    /// What must be added so that the attempt costs what `rated` says: one row's worth, or two when the currency
    /// changes, because amounts of two currencies have no sum. Without a price it keeps the one that it has.
    pub fn towards(&self, rated: Option<Rated>) -> Vec<Money<'a>> {
        let counts = Counts::default();
        let Some(rated) = rated else {
            let (cost, list) = (self.cost.map(|_| 0), self.list.map(|_| 0));
            return vec![Money { cost, list, currency: self.currency.into(), version: self.version.into(), counts }];
        };
        let currency = if rated.currency.is_empty() { self.currency.into() } else { rated.currency };
        let version = rated.version;
        let Some(cost) = self.cost else {
            let counts = Counts { priced: 1, unpriced_before: Some(self.currency), ..counts };
            return vec![Money { cost: Some(rated.cost), list: rated.list, currency, version, counts }];
        };
        if *currency == *self.currency {
            let list = difference(rated.list, self.list);
            return vec![Money { cost: Some(rated.cost - cost), list, currency, version, counts }];
        }
        let back = Money {
            cost: Some(-cost),
            list: self.list.map(|list| -list),
            currency: self.currency.into(),
            version: version.clone(),
            counts: Counts { priced: -1, ..counts },
        };
        let counts = Counts { priced: 1, ..counts };
        vec![back, Money { cost: Some(rated.cost), list: rated.list, currency, version, counts }]
    }
}

impl Money<'_> {
    /// Whether it changes anything.
    pub fn is_nothing(&self) -> bool {
        self.cost.unwrap_or(0) == 0 && self.list.unwrap_or(0) == 0 && self.counts.unpriced_before.is_none()
    }
}

/// What the rows of an attempt come to.
fn used(rows: &[Found]) -> Used {
    let tokens = rows.iter().fold(Tokens::default(), |sum, row| tokens::plus(&sum, &row.tokens()));
    let units = rows.iter().fold(UnitColumns::default(), |sum, row| sum.plus(row.units()));
    let class = rows.iter().rev().map(|row| &row.image_class).find(|class| !class.is_empty());
    Used { tokens, units: Units { image_class: class.cloned().unwrap_or_default(), ..units.into() } }
}

/// None if none of them is known.
fn sum(amounts: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    amounts.flatten().reduce(|a, b| a + b)
}

fn difference(now: Option<i64>, before: Option<i64>) -> Option<i64> {
    (now.is_some() || before.is_some()).then(|| now.unwrap_or(0) - before.unwrap_or(0))
}
