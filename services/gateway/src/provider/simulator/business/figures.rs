//! Which numbers follow from the facts? Each knows what it was computed from.

mod assume;
mod formulas;

use super::{case::Case, number};
use formulas::FORMULAS;
use std::collections::BTreeMap;

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// In `unit`.
    pub value: f64,
    /// Such as `money`.
    pub unit: String,
    /// The facts that it rests on; empty for limits.
    pub facts: Vec<String>,
    /// The assumptions that it rests on.
    pub assumed: Vec<String>,
}

/// All numbers that are known, by name.
#[derive(Clone, Debug, Default)]
pub struct Figures(BTreeMap<String, Figure>);

impl Figures {
    /// Everything that follows from the facts of a case.
    pub fn of(case: &Case) -> Self {
        let mut all = Self::default();
        for fact in &case.facts {
            let figure =
                Figure { value: fact.value, unit: fact.unit.clone(), facts: vec![fact.key.clone()], assumed: vec![] };
            all.0.insert(fact.key.clone(), figure);
        }
        all.put("cap", case.limits.cap, "money");
        all.put("deadline", case.limits.deadline, "days");
        all.put("facts", Some(f64::from(u32::try_from(case.facts.len()).unwrap_or(0))), "count");
        all.put("months_ahead", Some(f64::from(case.horizon) / 30.0), "months");
        all.derive();
        for (key, value, unit) in assume::missing(case, &all) {
            let figure = Figure { value, unit: unit.to_owned(), facts: vec![], assumed: vec![key.to_owned()] };
            all.0.entry(key.to_owned()).or_insert(figure);
        }
        all.derive();
        all
    }

    /// The figure of this name.
    pub fn get(&self, name: &str) -> Option<&Figure> {
        self.0.get(name)
    }

    /// Its value.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.0.get(name).map(|figure| figure.value)
    }

    /// Its value, if no assumption is in it.
    pub fn sure(&self, name: &str) -> Option<f64> {
        self.0.get(name).filter(|figure| figure.assumed.is_empty()).map(|figure| figure.value)
    }

    /// What costs are a part of: the revenue of a month.
    pub fn scale(&self) -> f64 {
        self.value("revenue").filter(|revenue| *revenue > 0.0).unwrap_or(100_000.0)
    }

    fn put(&mut self, name: &str, value: Option<f64>, unit: &str) {
        if let Some(value) = value {
            let figure = Figure { value, unit: unit.to_owned(), facts: vec![], assumed: vec![] };
            self.0.insert(name.to_owned(), figure);
        }
    }

    fn derive(&mut self) {
        for formula in FORMULAS {
            if self.0.contains_key(formula.name) {
                continue;
            }
            let inputs: Option<Vec<&Figure>> = formula.inputs.iter().map(|name| self.0.get(*name)).collect();
            let Some(inputs) = inputs else { continue };
            let values: Vec<f64> = inputs.iter().map(|figure| figure.value).collect();
            let value = (formula.compute)(&values);
            // Less than nothing is no cost, and more than a billion billions is no number.
            let fits = value.is_finite() && value.abs() < 1e15 && (formula.signed || value > 0.0);
            if !fits {
                continue;
            }
            let of = |part: fn(&Figure) -> &Vec<String>| {
                let mut keys: Vec<String> = inputs.iter().flat_map(|figure| part(figure).clone()).collect();
                keys.sort();
                keys.dedup();
                keys
            };
            let figure = Figure {
                value: number::round(value),
                unit: formula.unit.to_owned(),
                facts: of(|figure| &figure.facts),
                assumed: of(|figure| &figure.assumed),
            };
            self.0.insert(formula.name.to_owned(), figure);
        }
    }
}
