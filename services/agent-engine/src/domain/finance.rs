//! What the decision does to the money, month by month: computed by code from agreed numbers, never told by a model.

use serde::{Deserialize, Serialize};

/// The same company three times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenarios {
    /// What they are computed from.
    pub inputs: Vec<Input>,
    /// Effects and costs at their middle.
    pub base: Scenario,
    /// Effects at their best, costs at their lowest. Of deep analyses only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimistic: Option<Scenario>,
    /// Effects at their worst, costs at their highest. Of deep analyses only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pessimistic: Option<Scenario>,
    /// As if nothing were decided.
    pub unchanged: Scenario,
    /// What the end of the base scenario depends on most, the most first. Of deep analyses only.
    pub sensitivity: Vec<Sensitivity>,
}

/// A number that scenarios begin with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// A key of the registry.
    pub key: String,
    /// In the base unit of the registry.
    pub value: f64,
    /// `fact`, `agreed` (in the meeting), `assumed` (by agents: the median) or `default`.
    pub source: String,
}

/// One course of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// One of each month of the horizon.
    pub months: Vec<Month>,
    /// Sum of all months.
    pub total_net: f64,
    /// Cash after the last month; none where nobody said what there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_cash: Option<f64>,
    /// The first month in which there is no cash left, from 1; none: it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_out_month: Option<u32>,
    /// Months that the cash lasts at the pace of the last month; none where it does not shrink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runway_months: Option<f64>,
    /// The first month, from 1, after which what was decided has earned what it cost; none: not within the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payback_month: Option<u32>,
    /// Of the difference to the unchanged course, at the discount rate of the inputs.
    pub npv: f64,
}

/// One month, in the currency of the brief.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Month {
    /// From 1.
    pub month: u32,
    /// What comes in.
    pub revenue: f64,
    /// What it costs to make it.
    pub variable_costs: f64,
    /// What it costs anyway.
    pub fixed_costs: f64,
    /// What the decision costs.
    pub investment: f64,
    /// What is left.
    pub net: f64,
    /// At the end of the month; 0 where nobody said what there was.
    pub cash: f64,
}

/// What a change of one input by a tenth does to the end of the base scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// A key of the registry.
    pub key: String,
    /// Change of `total_net` with a tenth less.
    pub low: f64,
    /// And with a tenth more.
    pub high: f64,
}
