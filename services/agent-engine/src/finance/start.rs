//! Where does the company stand, as far as it is known or can be derived?

mod costs;

use super::known::{Known, Value, bounded};
use crate::domain::{ballot::Choice, finance::Input, registry};
use std::collections::BTreeMap;

/// Per cent a year, where nobody says what money costs.
const DISCOUNT: f64 = 15.0;

/// What scenarios begin with. Money is per month, rates are parts of one per month.
#[derive(Clone, Debug)]
pub(super) struct Start {
    /// Customers, if they are counted; else one.
    pub units: f64,
    /// What one unit brings.
    pub price: f64,
    /// Whether units are customers.
    pub counted: bool,
    /// What is left of revenue after what it costs to make it: at most 1.
    pub margin: f64,
    pub fixed: f64,
    pub cash: Option<f64>,
    pub churn: Option<f64>,
    /// New customers.
    pub fresh: Option<f64>,
    pub growth: Option<f64>,
    /// Per year.
    pub discount: f64,
    /// What relative effects are relative to: prices and conversion, of those that something acts on.
    pub bases: BTreeMap<&'static str, f64>,
    /// All that it was taken from, in the order of the registry.
    pub inputs: Vec<Input>,
}

/// Numbers under their keys, as they are found.
type Found = BTreeMap<&'static str, Value>;

/// Revenue is given, or customers times revenue per customer, whichever is surer; without it there must be costs, and it is
/// nothing. `costs` says how costs are found. Customers are given, or revenue through revenue per customer.
pub(super) fn start(known: &Known, adopted: &[&Choice]) -> Option<Start> {
    let mut found = Found::new();
    let product = || {
        let (customers, arpu) = (known.get("customers")?, known.get("arpu")?);
        Some(Value::of(customers.value * arpu.value, &[customers, arpu]))
    };
    // Of as sure ones the first is taken.
    let revenue = [known.get("revenue"), product()].into_iter().flatten().min_by_key(|own| own.source);
    let revenue = revenue.map(|own| Value { value: own.value.max(0.0), ..own });
    costs::find(known, revenue, &mut found)?;
    let revenue = revenue.unwrap_or(Value::default(0.0));
    found.insert("revenue", revenue);
    let (units, price) = units(known, revenue, &mut found);
    pace(known, units, &mut found);
    found.insert("discount_rate", known.get("discount_rate").unwrap_or(Value::default(DISCOUNT)));
    found.extend(known.get("cash").map(|cash| ("cash", cash)));
    let bases = bases(known, adopted, &mut found);
    let part = |key: &str| found.get(key).map(|found| found.value / 100.0);
    Some(Start {
        units: units.unwrap_or(1.0),
        price,
        counted: units.is_some(),
        margin: part("gross_margin").unwrap_or(0.0).min(1.0),
        fixed: found.get("fixed_costs").map_or(0.0, |fixed| fixed.value),
        cash: found.get("cash").map(|cash| cash.value),
        churn: part("churn"),
        fresh: found.get("new_customers").map(|fresh| fresh.value),
        growth: part("revenue_growth"),
        discount: part("discount_rate").unwrap_or(0.0).clamp(0.0, 10.0),
        bases,
        inputs: inputs(&found),
    })
}

/// How many customers there are, if that is known, and what each brings; else one unit that brings everything.
fn units(known: &Known, revenue: Value, found: &mut Found) -> (Option<f64>, f64) {
    let arpu = known.get("arpu").filter(|arpu| arpu.value > 0.0);
    let derived = || arpu.map(|arpu| Value::of(revenue.value / arpu.value, &[revenue, arpu]));
    let Some(customers) = known.get("customers").or_else(derived).filter(|customers| customers.value >= 0.0) else {
        return (None, revenue.value);
    };
    let each = match arpu {
        _ if customers.value > 0.0 => Value::of(revenue.value / customers.value, &[revenue, customers]),
        Some(arpu) => arpu,
        None => return (None, revenue.value),
    };
    found.insert("customers", customers);
    found.insert("arpu", each);
    (Some(customers.value), each.value)
}

/// How it goes on by itself: by churn and new customers; with one of them only, by it and by the growth that is known; with
/// neither, by growth; else it stays. New customers count where customers are counted.
fn pace(known: &Known, units: Option<f64>, found: &mut Found) {
    let churn = known.get("churn").or_else(|| {
        let kept = known.get("retention")?;
        Some(Value::of(100.0 - kept.value, &[kept]))
    });
    let churn = churn.map(|own| Value { value: own.value.clamp(0.0, 100.0), ..own });
    let fresh = known.get("new_customers").filter(|_| units.is_some());
    let fresh = fresh.map(|own| Value { value: own.value.max(0.0), ..own });
    let growth = known.get("revenue_growth").filter(|_| churn.is_none() || fresh.is_none());
    let growth = growth.map(|own| Value { value: own.value.clamp(-100.0, 100.0), ..own });
    match (churn, fresh, growth) {
        (Some(_), None, None) => drop(found.insert("new_customers", Value::default(0.0))),
        (None, Some(_), None) => drop(found.insert("churn", Value::default(0.0))),
        (None, None, None) => drop(found.insert("revenue_growth", Value::default(0.0))),
        _ => {}
    }
    found.extend(churn.map(|churn| ("churn", churn)));
    found.extend(fresh.map(|fresh| ("new_customers", fresh)));
    found.extend(growth.map(|growth| ("revenue_growth", growth)));
}

fn bases(known: &Known, adopted: &[&Choice], found: &mut Found) -> BTreeMap<&'static str, f64> {
    let mut bases = BTreeMap::new();
    for key in ["arpu", "price", "average_ticket", "conversion"] {
        let acted_on = adopted.iter().flat_map(|choice| &choice.effects).any(|effect| effect.metric == key);
        let base = found.get(key).copied().or_else(|| known.get(key)).filter(|base| acted_on && base.value > 0.0);
        if let Some(base) = base {
            found.insert(key, base);
            bases.insert(key, base.value);
        }
    }
    bases
}

fn inputs(found: &Found) -> Vec<Input> {
    let known = registry::registry().metrics.iter().filter_map(|metric| {
        let of = found.get(metric.key.as_str())?;
        let value = (bounded(of.value) * 1e6).round() / 1e6;
        Some(Input { key: metric.key.clone(), value: value + 0.0, source: of.source.as_str().to_owned() })
    });
    known.collect()
}
