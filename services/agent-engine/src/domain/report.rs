//! All that came out of an analysis: the one document that every export is made from.

use super::{
    brief::Brief,
    conflict::Conflict,
    depth::Depth,
    finance::Scenarios,
    meeting::Meeting,
    opinion::{Opinion, Priority},
    role::Role,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the document.
pub const VERSION: u32 = 1;

/// A finished analysis. The same report becomes the same bytes in every format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// `exec_…`
    pub execution_id: String,
    /// How thoroughly.
    pub depth: Depth,
    /// RFC 3339, in whole seconds, UTC: when the analysis was begun. Day 0 of every plan.
    pub created_at: String,
    /// All that was planned is there, or not.
    pub quality: Quality,
    /// What is not there, and why.
    pub missing: Vec<Missing>,
    /// The problem, with all facts that were found or assumed.
    pub brief: Brief,
    /// In the order of the roster.
    pub opinions: Vec<Opinion>,
    /// The gravest first.
    pub conflicts: Vec<Conflict>,
    /// From the ballots to the decisions.
    pub meeting: Meeting,
    /// What an executive reads first.
    pub summary: Summary,
    /// Why it was decided so.
    pub memo: Vec<String>,
    /// What is done, in order.
    pub actions: Vec<Action>,
    /// The most exposed first.
    pub risks: Vec<RiskEntry>,
    /// None where nobody said what comes in and what goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenarios: Option<Scenarios>,
    /// What was said, put in words.
    pub minutes: Vec<String>,
    /// What the reviewer and the checks of code found.
    pub findings: Vec<Finding>,
    /// Every number that prose may use, by its id.
    pub cells: BTreeMap<String, Cell>,
}

/// Whether all that was planned is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// It is.
    Full,
    /// It is not: `missing` says what.
    Partial,
}

/// A step that did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Its key in the plan.
    pub step: String,
    /// `budget`, `failed`, `deadline`, `invalid_output` or `cut_off`.
    pub reason: String,
}

/// What an executive reads first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The decision in one sentence, made by code.
    pub headline: String,
    /// In words of the chair, numbers put in by code.
    pub paragraphs: Vec<String>,
}

/// Something that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// `a<n>`, in order.
    pub id: String,
    /// The choice that it carries out.
    pub choice: String,
    /// What is done.
    pub task: String,
    /// Who does it.
    pub owner: String,
    /// Days from `created_at`.
    pub start_day: u32,
    /// Days from `created_at`.
    pub due_day: u32,
    /// `YYYY-MM-DD`.
    pub start_date: String,
    /// `YYYY-MM-DD`.
    pub due_date: String,
    /// The metric by which one sees whether it works; none where nobody named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kpi: Option<String>,
    /// Of the metric now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// Of the metric when it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// In the currency of the brief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Actions that come before it.
    pub depends_on: Vec<String>,
    /// How much it matters.
    pub priority: Priority,
}

/// A risk of the register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskEntry {
    /// What may go wrong.
    pub risk: String,
    /// Who named it, sorted.
    pub named_by: Vec<Role>,
    /// 1 to 5.
    pub probability: u8,
    /// 1 to 5.
    pub impact: u8,
    /// `probability × impact`.
    pub exposure: u8,
    /// What is done about it.
    pub mitigation: String,
    /// How one sees it coming.
    pub trigger: String,
    /// Who watches it.
    pub owner: String,
}

/// Something that is worth knowing about the report itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `reviewer` or `check:<name>`.
    pub source: String,
    /// `info`, `warning` or `serious`.
    pub severity: String,
    /// What was found.
    pub text: String,
}

/// A number with its origin, and how it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// In base units.
    pub value: f64,
    /// As in facts.
    pub unit: String,
    /// How it stands in prose, such as `R$ 120 mil`.
    pub text: String,
    /// What it is, for people and models.
    pub label: String,
    /// `fact:<key>`, `claim:<id>`, `choice:<id>`, `decision:<topic>` or `computed:<what>`.
    pub origin: String,
}
