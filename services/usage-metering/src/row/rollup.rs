//! `usage_minutes` and `usage_quarters`: what do new ledger rows add to the sums that people read?

#[cfg(test)]
mod tests;

use super::{LedgerRow, hex, hex_option};
use crate::{
    daily::Daily,
    event::Id,
    tokens::{self, TokenColumns},
    units::UnitColumns,
};
use proto::usage::Tokens;
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// In microseconds.
const MINUTE: i64 = 60_000_000;
/// Every time zone is a multiple of it away from UTC.
const QUARTER: i64 = 15 * MINUTE;

/// A row on its way into one of the tables.
#[derive(Serialize)]
pub(crate) struct RollupRow<'a> {
    #[serde(flatten)]
    key: Key<'a>,
    requests: i64,
    attempts: i64,
    failed: i64,
    #[serde(flatten)]
    tokens: TokenColumns,
    #[serde(flatten)]
    units: UnitColumns,
    cost_nanos: i64,
    list_cost_nanos: i64,
    priced: i64,
    unpriced: i64,
    /// Follows from the key, which is of one team for good.
    #[serde(serialize_with = "hex_option")]
    team_id: Option<Id>,
}

/// By what people may ask. Ordered, so that everybody adds to rows in the same order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Key<'a> {
    #[serde(serialize_with = "hex")]
    workspace_id: Id,
    at: i64,
    provider: &'a str,
    model: &'a str,
    #[serde(serialize_with = "hex")]
    api_key_id: Id,
    #[serde(serialize_with = "hex")]
    user_id: Id,
    credential_owner: &'a str,
    plan: &'a str,
    operation: &'a str,
    currency: &'a str,
}

#[derive(Default)]
struct Sums {
    requests: i64,
    attempts: i64,
    failed: i64,
    tokens: Tokens,
    units: UnitColumns,
    cost: i64,
    list_cost: i64,
    priced: i64,
    unpriced: i64,
    team: Option<Id>,
}

/// Sums of ledger rows that are being gathered.
#[derive(Default)]
pub(crate) struct Rollup<'a> {
    minutes: BTreeMap<Key<'a>, Sums>,
    costs: Costs,
    rows: Rows,
}

/// How many rows are new in the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    pub usage: u64,
    pub corrections: u64,
}

/// Nano-units by currency and by whose credential was used: for operators, who see no workspace in it.
pub(crate) type Costs = HashMap<(Arc<str>, &'static str), i64>;

impl<'a> Rollup<'a> {
    /// Adds a row that is new in the ledger.
    pub fn add(&mut self, row: &'a LedgerRow<'a>) {
        let count = if row.correction == 0 { &mut self.rows.usage } else { &mut self.rows.corrections };
        *count += 1;
        // Without a model a provider was only asked what it has: in the ledger like every call, and no use of a model.
        if row.model.is_empty() {
            return;
        }
        if let (Some(cost), Some(paid_by)) = (row.cost_nanos, paid_by(row.credential_owner)) {
            *self.costs.entry((row.currency.clone(), paid_by)).or_default() += cost;
        }
        let key = Key {
            workspace_id: row.workspace_id,
            at: row.created_at - row.created_at.rem_euclid(MINUTE),
            provider: row.provider,
            model: row.model,
            api_key_id: row.api_key_id.unwrap_or_default(),
            user_id: row.user_id.unwrap_or_default(),
            credential_owner: row.credential_owner,
            plan: row.plan,
            operation: row.operation,
            currency: &row.currency,
        };
        let usage = i64::from(row.correction == 0);
        self.minutes.entry(key).or_default().add(&Sums {
            requests: usage * i64::from(row.attempt == 1),
            attempts: usage,
            failed: row.counts.failed,
            tokens: row.tokens.into(),
            units: row.units,
            cost: row.cost_nanos.unwrap_or_default(),
            list_cost: row.list_cost_nanos.unwrap_or_default(),
            priced: row.counts.priced,
            unpriced: row.counts.unpriced,
            team: row.team_id,
        });
        if let Some(currency) = row.counts.unpriced_before {
            self.minutes.entry(Key { currency, ..key }).or_default().unpriced -= 1;
        }
    }

    /// How many rows these are.
    pub fn rows(&self) -> Rows {
        self.rows
    }

    /// What these rows cost.
    pub fn costs(&self) -> Costs {
        self.costs.clone()
    }

    /// What these rows add to the daily counters.
    pub fn daily(&self) -> Daily {
        let mut daily = Daily::default();
        for (key, sums) in &self.minutes {
            daily.add(key.workspace_id.into(), key.at, sums.requests, &sums.tokens, (key.currency, sums.cost));
        }
        daily
    }

    /// Rows for `usage_minutes`, in order.
    pub fn minutes(&self) -> Vec<RollupRow<'a>> {
        self.minutes.iter().map(|(key, sums)| RollupRow::of(*key, sums)).collect()
    }

    /// Rows for `usage_quarters`, in order.
    pub fn quarters(&self) -> Vec<RollupRow<'a>> {
        let mut quarters: BTreeMap<Key<'a>, Sums> = BTreeMap::new();
        for (key, sums) in &self.minutes {
            let at = key.at - key.at.rem_euclid(QUARTER);
            quarters.entry(Key { at, ..*key }).or_default().add(sums);
        }
        quarters.iter().map(|(key, sums)| RollupRow::of(*key, sums)).collect()
    }
}

/// Nobody pays the simulator.
fn paid_by(credential_owner: &str) -> Option<&'static str> {
    ["workspace", "platform"].into_iter().find(|owner| *owner == credential_owner)
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.attempts += other.attempts;
        self.failed += other.failed;
        self.tokens = tokens::plus(&self.tokens, &other.tokens);
        self.units = self.units.plus(other.units);
        self.cost += other.cost;
        self.list_cost += other.list_cost;
        self.priced += other.priced;
        self.unpriced += other.unpriced;
        self.team = self.team.or(other.team);
    }
}

impl<'a> RollupRow<'a> {
    fn of(key: Key<'a>, sums: &Sums) -> Self {
        Self {
            key,
            requests: sums.requests,
            attempts: sums.attempts,
            failed: sums.failed,
            tokens: sums.tokens.into(),
            units: sums.units,
            cost_nanos: sums.cost,
            list_cost_nanos: sums.list_cost,
            priced: sums.priced,
            unpriced: sums.unpriced,
            team_id: sums.team,
        }
    }
}
