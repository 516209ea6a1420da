//! On which input does the end depend most?

use super::{
    course::course,
    effect::{Act, Case},
    start::Start,
    total::{cents, scenario},
};
use crate::domain::finance::Sensitivity;

/// What is changed: by so much of itself.
const BY: f64 = 0.1;

/// The inputs whose change by a tenth changes the total of the base scenario, the one with the widest span first.
pub(super) fn sensitivity(start: &Start, acts: &[Act], months: u32) -> Vec<Sensitivity> {
    let total = |start: &Start| scenario(start, &course(start, acts, months, Case::Base), &[]).total_net;
    let base = total(start);
    let changed = |key: &str| {
        let by = |factor: f64| scaled(start, key, factor).map(|start| cents(total(&start) - base));
        Some(Sensitivity { key: key.to_owned(), low: by(1.0 - BY)?, high: by(1.0 + BY)? })
    };
    let mut all: Vec<Sensitivity> = start.inputs.iter().filter_map(|input| changed(&input.key)).collect();
    all.retain(|one| one.low != 0.0 || one.high != 0.0);
    let span = |one: &Sensitivity| (one.high - one.low).abs();
    all.sort_by(|a, b| span(b).total_cmp(&span(a)).then_with(|| a.key.cmp(&b.key)));
    all
}

/// The same company with one number changed. None: it is not one that months are made of.
fn scaled(start: &Start, key: &str, factor: f64) -> Option<Start> {
    let mut other = start.clone();
    match key {
        "revenue" => {
            other.price *= factor;
            other.bases.entry("arpu").and_modify(|base| *base *= factor);
        }
        "gross_margin" => other.margin = (start.margin * factor).min(1.0),
        "fixed_costs" => other.fixed *= factor,
        "churn" => other.churn = start.churn.map(|churn| (churn * factor).min(1.0)),
        "new_customers" => other.fresh = start.fresh.map(|fresh| fresh * factor),
        "revenue_growth" => other.growth = start.growth.map(|growth| growth * factor),
        // Where customers are counted it is the revenue of one, which is changed already.
        "arpu" if start.counted => return None,
        key => *other.bases.get_mut(key)? *= factor,
    }
    Some(other)
}
