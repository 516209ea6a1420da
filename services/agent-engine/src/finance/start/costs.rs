//! What does it cost to make the revenue, and what does it cost anyway?

use super::{Found, Known, Value};

/// Per cent of revenue that is left after what it costs to make it, where nobody says so.
const MARGIN: f64 = 50.0;

/// Puts `gross_margin` and `fixed_costs` among what was found, with what they were derived from. None where neither revenue nor
/// costs are known.
///
/// All costs are revenue less net income, revenue and burn, or operating costs: the surest of them, and of as sure ones the
/// first. Of margin, fixed costs and all costs two are enough: where all are known, the least sure is left out, and of as
/// unsure ones all costs, then the margin. So there are:
/// 1. margin and fixed costs, as they are;
/// 2. margin and all costs: fixed is what is left of them (operating costs that are less than what the revenue costs to make do
///    not contain that, and are all fixed);
/// 3. fixed and all costs: the margin is what is left;
/// 4. all costs: the margin is the default, as far as costs go;
/// 5. fixed costs: the margin is the default;
/// 6. the margin, or nothing: fixed costs are such that nothing is earned and nothing is lost.
pub(super) fn find(known: &Known, revenue: Option<Value>, found: &mut Found) -> Option<()> {
    let income = revenue.unwrap_or(Value::default(0.0));
    let fixed = known.get("fixed_costs").map(|own| Value { value: own.value.max(0.0), ..own });
    let (total, excluded) = total(known, revenue, found);
    // Without revenue there must be something that goes out.
    if revenue.is_none() && fixed.is_none() && total.is_none_or(|total| total.value <= 0.0) {
        return None;
    }
    let margin = known.get("gross_margin").map(|own| Value { value: own.value.min(100.0), ..own });
    let (margin, fixed, total) = surest(margin, fixed, total);
    let making = |margin: Value| income.value * (1.0 - margin.value / 100.0);
    let assumed = Value::default(MARGIN);
    let (margin, fixed) = match (margin, fixed, total) {
        (Some(margin), Some(fixed), _) => (margin, fixed),
        (Some(margin), None, Some(total)) if total.value >= making(margin) => {
            (margin, Value::of(total.value - making(margin), &[total, margin, income]))
        }
        (Some(margin), None, Some(total)) if excluded => (margin, total),
        (Some(_), None, Some(total)) => (left(income, total.value, &[income, total]), Value::of(0.0, &[total])),
        (None, Some(fixed), Some(total)) => {
            (left(income, (total.value - fixed.value).max(0.0), &[income, total, fixed]), fixed)
        }
        (None, None, Some(total)) => {
            let made = making(assumed).min(total.value);
            (left(income, made, &[assumed]), Value::of(total.value - made, &[assumed]))
        }
        (None, Some(fixed), None) => (assumed, fixed),
        (margin, None, None) => {
            let margin = margin.unwrap_or(assumed);
            (margin, Value::of(income.value - making(margin), &[Value::default(0.0)]))
        }
    };
    found.insert("gross_margin", margin);
    found.insert("fixed_costs", Value { value: fixed.value.max(0.0), ..fixed });
    Some(())
}

/// Two of three.
fn surest(
    margin: Option<Value>,
    fixed: Option<Value>,
    total: Option<Value>,
) -> (Option<Value>, Option<Value>, Option<Value>) {
    let (Some(m), Some(f), Some(t)) = (margin, fixed, total) else { return (margin, fixed, total) };
    match m.source.max(f.source).max(t.source) {
        least if t.source == least => (margin, fixed, None),
        least if m.source == least => (None, fixed, total),
        _ => (margin, None, total),
    }
}

/// All that goes out, and whether it may be without what the revenue costs to make.
fn total(known: &Known, revenue: Option<Value>, found: &mut Found) -> (Option<Value>, bool) {
    let income = revenue.unwrap_or(Value::default(0.0));
    let all = [("net_income", -1.0), ("burn", 1.0), ("operating_costs", 0.0)];
    let surest = all.into_iter().filter_map(|(key, sign)| Some((key, sign, known.get(key)?)));
    let Some((key, sign, own)) = surest.min_by_key(|(_, _, own)| own.source) else { return (None, false) };
    found.insert(key, own);
    if key == "operating_costs" {
        return (Some(Value { value: own.value.max(0.0), ..own }), true);
    }
    let sources = if revenue.is_some() { vec![own, income] } else { vec![own] };
    (Some(Value::of((income.value + sign * own.value).max(0.0), &sources)), false)
}

/// The margin that is left where `made` is what the revenue costs to make. Without revenue it is the default.
fn left(income: Value, made: f64, sources: &[Value]) -> Value {
    if income.value > 0.0 {
        return Value::of((1.0 - made / income.value) * 100.0, sources);
    }
    Value::default(MARGIN)
}
