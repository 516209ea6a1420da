//! What does an adopted choice do in a month?

use super::{known::bounded, start::Start};
use crate::{
    choice::number::ends,
    domain::{
        ballot::Choice,
        opinion::{Effect, Range},
        registry,
    },
};

/// Which end of what was told is reckoned with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// The middle.
    Base,
    /// Effects at their best, costs at their lowest.
    Best,
    /// Effects at their worst, costs at their highest.
    Worst,
}

/// A choice, without effects that nothing can be reckoned with or that are counted already.
pub(super) struct Act<'a> {
    choice: &'a Choice,
    effects: Vec<&'a Effect>,
}

/// What changes in a month. Rates are parts of one per month.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Push {
    pub churn: f64,
    pub growth: f64,
    pub margin: f64,
    pub revenue: f64,
    /// What goes out anyway.
    pub fixed: f64,
    /// Parts of what customers pay.
    pub price: f64,
    /// New customers.
    pub fresh: f64,
    /// Parts of new customers.
    pub conversion: f64,
    /// Days that customers take to pay: the change in this month.
    pub days: f64,
    /// Money that comes in once.
    pub once: f64,
    /// Money that comes in once and is owed.
    pub borrowed: f64,
    pub cost: f64,
}

/// What is made of what. Where a choice names both, only the second counts: agents tell the same effect in different words.
const MADE_OF: [(&str, &[&str]); 8] = [
    (
        "revenue",
        &["revenue_growth", "churn", "retention", "arpu", "price", "average_ticket", "new_customers", "conversion"],
    ),
    ("revenue_growth", &["churn", "retention", "arpu", "price", "average_ticket", "new_customers", "conversion"]),
    ("retention", &["churn"]),
    ("average_ticket", &["arpu", "price"]),
    ("price", &["arpu"]),
    ("conversion", &["new_customers"]),
    ("operating_costs", &["fixed_costs", "payroll", "marketing_spend"]),
    ("fixed_costs", &["payroll", "marketing_spend"]),
];
/// Levers whose cash is owed.
const BORROWING: [&str; 2] = ["financing", "debt_restructuring"];

impl<'a> Act<'a> {
    /// Leaves out what cannot be reckoned with: other metrics, prices and conversion without a value of today, new customers
    /// where none are counted; and what is made of other effects of the same choice.
    pub fn new(choice: &'a Choice, start: &Start) -> Self {
        let usable = |effect: &&Effect| match effect.metric.as_str() {
            "churn" | "retention" | "revenue" | "revenue_growth" | "gross_margin" | "operating_costs"
            | "fixed_costs" | "payroll" | "marketing_spend" | "receivables_days" | "cash" => true,
            "new_customers" => start.counted,
            other => start.bases.contains_key(other),
        };
        let usable: Vec<&Effect> =
            choice.effects.iter().filter(|e| e.low.is_finite() && e.high.is_finite()).filter(usable).collect();
        let names = |metric: &&str| usable.iter().any(|effect| effect.metric == **metric);
        let told = |effect: &&Effect| {
            let parts = MADE_OF.iter().find(|(whole, _)| *whole == effect.metric).map(|(_, parts)| parts);
            parts.is_some_and(|parts| parts.iter().any(names))
        };
        Self { choice, effects: usable.iter().filter(|effect| !told(effect)).copied().collect() }
    }

    /// Adds what it does in a month, counted from 1.
    pub fn push(&self, push: &mut Push, month: u32, months: u32, case: Case, start: &Start) {
        push.cost += self.cost(month, months, case);
        for effect in &self.effects {
            let value = value(effect, case);
            let (now, step) = (value * self.ripe(effect, month, 0.5), value * self.grown(effect, month));
            let relative = |key: &str| start.bases.get(key).map_or(0.0, |base| now / base);
            match effect.metric.as_str() {
                "churn" => push.churn += now / 100.0,
                "retention" => push.churn -= now / 100.0,
                "revenue" => push.revenue += now,
                "revenue_growth" => push.growth += now / 100.0,
                "gross_margin" => push.margin += now / 100.0,
                "operating_costs" | "fixed_costs" | "payroll" | "marketing_spend" => push.fixed += now,
                "new_customers" => push.fresh += now,
                "conversion" => push.conversion += relative("conversion"),
                "receivables_days" => push.days += step,
                "cash" if BORROWING.contains(&self.choice.lever.as_str()) => push.borrowed += step,
                "cash" => push.once += step,
                price => push.price += relative(price),
            }
        }
    }

    /// How much of an effect is there at a part of a month: it grows evenly from the first day of the choice.
    fn ripe(&self, effect: &Effect, month: u32, part: f64) -> f64 {
        let day = (f64::from(month) - 1.0 + part) * 30.0;
        let (from, to) = (f64::from(self.choice.start_day), f64::from(effect.horizon_days));
        if to > from { ((day - from) / (to - from)).clamp(0.0, 1.0) } else { f64::from(u8::from(day > from)) }
    }

    /// How much of it comes in a month.
    fn grown(&self, effect: &Effect, month: u32) -> f64 {
        self.ripe(effect, month, 1.0) - self.ripe(effect, month, 0.0)
    }

    /// The part of a month. What is told is what it costs within the horizon, so none of it is left for later.
    fn cost(&self, month: u32, months: u32, case: Case) -> f64 {
        let Some(Range { low, high }) = self.choice.cost.and_then(ends) else { return 0.0 };
        let sum = match case {
            Case::Base => low / 2.0 + high / 2.0,
            Case::Best => low,
            Case::Worst => high,
        };
        let first = self.choice.start_day / 30 + 1;
        let last = (self.choice.end_day.saturating_sub(1) / 30 + 1).clamp(first, months.max(first));
        if (first..=last).contains(&month) { bounded(sum) / f64::from(last - first + 1) } else { 0.0 }
    }
}

fn value(effect: &Effect, case: Case) -> f64 {
    let (low, high) = (effect.low.min(effect.high), effect.low.max(effect.high));
    let up_is_good = registry::metric(&effect.metric).is_some_and(|metric| metric.good == "up");
    bounded(match case {
        Case::Base => low / 2.0 + high / 2.0,
        Case::Best if up_is_good => high,
        Case::Worst if !up_is_good => high,
        Case::Best | Case::Worst => low,
    })
}
