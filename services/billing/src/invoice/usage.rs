//! What is charged of models that were called with credentials of the platform?
//!
//! A period is charged with the invoice of the next one. What comes to be known of it later is a line of the invoice after
//! that, so that closed invoices stay as they are.

use super::document::{Kind, Line};
use crate::{
    Billing, Error,
    money::{Rate, digits, half_even},
    peers,
};
use chrono::{DateTime, Utc};
use proto::{
    id::{SubscriptionId, WorkspaceId},
    usage::PlatformCost,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{WorkspaceTx, sql};

/// A time, how it is charged, and, once that is done, what it cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Charged {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub markup_percent: String,
    pub included: BTreeMap<String, i64>,
    /// In 10⁻⁹ of each currency, as the ledger of usage had it.
    pub costs: BTreeMap<String, i64>,
}

/// What was found of a time and of the one before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    now: Vec<PlatformCost>,
    /// What the time before was charged with, and what it costs as is known now.
    before: Option<(Charged, Vec<PlatformCost>)>,
}

/// Asks usage-metering. Without a transaction: nobody waits for another service while holding a connection.
pub(super) async fn find(
    service: &Billing,
    workspace: WorkspaceId,
    subscription: Option<SubscriptionId>,
    charged: &Charged,
    currency: &str,
) -> Result<Found, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let values = [workspace.into(), subscription.into(), charged.from.into()];
    let row: Option<(serde_json::Value,)> = tx.fetch_optional(sql!("invoice/usage_before"), &values).await?;
    tx.commit().await?;
    let before: Option<Charged> =
        row.map(|(usage,)| serde_json::from_value(usage)).transpose().map_err(|_| Error::Kept("usage"))?;
    let now = peers::platform_usage(service, workspace, charged.from, charged.to, currency).await?;
    let before = match before {
        Some(before) => {
            let known = peers::platform_usage(service, workspace, before.from, before.to, currency).await?;
            Some((before, known))
        }
        None => None,
    };
    Ok(Found { now, before })
}

/// Its lines, and what is to be kept of it.
pub(super) fn lines(charged: &Charged, found: &Found, currency: &str) -> (Vec<Line>, Charged) {
    let mut lines = vec![];
    let cost = found.now.iter().map(|cost| priced(charged, cost, cost.cost_nanos)).sum();
    let included = charged.included.get(currency).copied().unwrap_or(0);
    lines.extend(line(Kind::Usage, charged, to_units(cost, currency).saturating_sub(included).max(0)));
    if let Some((before, known)) = &found.before {
        let owed = |costs: &BTreeMap<String, i64>| {
            let of = |cost: &PlatformCost| priced(before, cost, costs.get(&cost.currency).copied().unwrap_or(0));
            let included = before.included.get(currency).copied().unwrap_or(0);
            to_units(known.iter().map(of).sum(), currency).saturating_sub(included).max(0)
        };
        let late = owed(&costs(known)) - owed(&before.costs);
        lines.extend(line(Kind::LateUsage, before, late));
    }
    (lines, Charged { costs: costs(&found.now), ..charged.clone() })
}

/// What could be charged: what had no rate comes with the next invoice, if it has one by then.
fn costs(found: &[PlatformCost]) -> BTreeMap<String, i64> {
    let priced = found.iter().filter(|cost| cost.converted_nanos.is_some());
    priced.map(|cost| (cost.currency.clone(), cost.cost_nanos)).collect()
}

/// A part of a cost with the markup, in 10⁻⁹ of the currency of the bill. What has no rate is not charged yet: nobody could
/// say how much it is.
fn priced(charged: &Charged, cost: &PlatformCost, nanos: i64) -> i128 {
    let converted = match cost.converted_nanos {
        Some(converted) if cost.cost_nanos != 0 => {
            i128::from(converted) * i128::from(nanos) / i128::from(cost.cost_nanos)
        }
        Some(_) => 0,
        None => {
            tracing::error!(
                currency = cost.currency,
                "usage is not charged yet: there is no rate for its currency (usage.prices_file)"
            );
            0
        }
    };
    Rate::markup(&charged.markup_percent).map_or(converted, |markup| markup.marked_up(converted))
}

/// 10⁻⁹ as smallest units of a currency, rounded half to even.
fn to_units(nanos: i128, currency: &str) -> i64 {
    let per_unit = (digits(currency)..9).fold(1i128, |unit, _| unit * 10);
    half_even(nanos, per_unit)
}

fn line(kind: Kind, charged: &Charged, amount: i64) -> Option<Line> {
    (amount != 0).then(|| Line {
        kind,
        titles: BTreeMap::new(),
        period_start: Some(charged.from),
        period_end: Some(charged.to),
        quantity: 1,
        unit_amount: None,
        amount,
        note: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn charged(markup: &str, included: i64) -> Charged {
        Charged {
            from: DateTime::UNIX_EPOCH,
            to: DateTime::UNIX_EPOCH,
            markup_percent: markup.to_owned(),
            included: [("BRL".to_owned(), included)].into(),
            costs: BTreeMap::new(),
        }
    }

    fn cost(currency: &str, cost_nanos: i64, converted: i64) -> PlatformCost {
        PlatformCost { currency: currency.to_owned(), cost_nanos, converted_nanos: Some(converted) }
    }

    fn amounts(lines: &[Line]) -> Vec<(Kind, i64)> {
        lines.iter().map(|line| (line.kind, line.amount)).collect()
    }

    #[test]
    fn cost_has_its_markup_and_what_is_included_is_for_nothing() {
        let found = Found { now: vec![cost("USD", 10_000_000_000, 55_000_000_000), cost("BRL", 5, 5)], before: None };
        let (lines, kept) = lines(&charged("20", 1_000), &found, "BRL");
        assert_eq!(amounts(&lines), [(Kind::Usage, 5_600)]);
        assert_eq!(kept.costs, [("USD".to_owned(), 10_000_000_000), ("BRL".to_owned(), 5)].into());
        let no_rate = PlatformCost { currency: "EUR".to_owned(), cost_nanos: 7, converted_nanos: None };
        let (_, kept) = super::lines(&charged("", 0), &Found { now: vec![no_rate], before: None }, "BRL");
        assert!(kept.costs.is_empty(), "it is charged when there is a rate");
        let (none, _) = super::lines(&charged("20", 6_600), &found, "BRL");
        assert!(none.is_empty(), "{none:?}");
    }

    #[test]
    fn what_came_late_is_a_line_of_the_next_invoice_and_only_what_was_not_charged() {
        let before = Charged { costs: [("BRL".to_owned(), 20_000_000_000)].into(), ..charged("", 1_000) };
        let known = vec![cost("BRL", 23_000_000_000, 23_000_000_000)];
        let found = Found { now: vec![], before: Some((before.clone(), known)) };
        assert_eq!(amounts(&lines(&charged("", 1_000), &found, "BRL").0), [(Kind::LateUsage, 300)]);
        // A correction downwards is given back, and what was covered by the included amount was never charged.
        let known = vec![cost("BRL", 5_000_000_000, 5_000_000_000)];
        let found = Found { now: vec![], before: Some((before, known)) };
        assert_eq!(amounts(&lines(&charged("", 1_000), &found, "BRL").0), [(Kind::LateUsage, -1_000)]);
    }

    proptest! {
        #[test]
        fn however_late_usage_comes_the_sum_of_both_invoices_is_the_same(
            first in 0i64..1_000_000_000_000, late in 0i64..1_000_000_000_000, markup in 0i64..100, included in 0i64..100_000,
        ) {
            let charged = charged(&markup.to_string(), included);
            let all = cost("BRL", first + late, first + late);
            let (at_once, _) = lines(&charged, &Found { now: vec![all.clone()], before: None }, "BRL");
            let now = vec![cost("BRL", first, first)];
            let (one, kept) = lines(&charged, &Found { now, before: None }, "BRL");
            let (two, _) = lines(&charged, &Found { now: vec![], before: Some((kept, vec![all])) }, "BRL");
            let sum = |lines: &[Line]| lines.iter().map(|line| line.amount).sum::<i64>();
            prop_assert_eq!(sum(&at_once), sum(&one) + sum(&two));
        }
    }
}
