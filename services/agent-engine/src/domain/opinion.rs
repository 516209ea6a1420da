//! What an agent thinks: typed, so that code can compare it.

use super::role::Role;
use serde::{Deserialize, Serialize};

/// One agent's view of the problem, written before it has seen any other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Whose it is.
    pub role: Role,
    /// To go on as proposed, not to, or only if.
    pub stance: Stance,
    /// In one sentence.
    pub headline: String,
    /// At most 10.
    pub claims: Vec<Claim>,
    /// At most 6.
    pub recommendations: Vec<Recommendation>,
    /// At most 6.
    pub assumptions: Vec<Assumption>,
    /// At most 5.
    pub risks: Vec<Risk>,
    /// What it would have to know to be surer.
    pub unknowns: Vec<String>,
    /// 0 to 1.
    pub confidence: f64,
}

/// Where an agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// Act.
    Support,
    /// Do not.
    Oppose,
    /// Act under conditions.
    Conditional,
    /// It is not its business.
    Abstain,
}

/// One statement that can be true or false.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// `<role>.c<n>`, in the order of the opinion.
    pub id: String,
    /// What kind of statement.
    pub kind: ClaimKind,
    /// A slug, such as `churn`.
    pub topic: String,
    /// A key of the registry, or `x_…`; of numbers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// From, most likely, to; of numbers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Interval>,
    /// As in facts, or one that the registry converts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// `now`, `month`, `quarter`, `year`, or `d<days>`: the value so many days from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Where it is going.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    /// At most 240 characters.
    pub statement: String,
    /// Why it should be believed; empty: no reason was given.
    pub evidence: Vec<Evidence>,
    /// 0 to 1.
    pub confidence: f64,
}

/// What kind of statement a claim is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// How much something is.
    Metric,
    /// What something comes from.
    Causal,
    /// How much something will be.
    Forecast,
    /// What cannot be done.
    Constraint,
}

/// Where a number is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// More.
    Up,
    /// Less.
    Down,
    /// Neither.
    Flat,
}

/// A number that is not known exactly: `low <= point <= high`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// It is hardly less.
    pub low: f64,
    /// Most likely.
    pub point: f64,
    /// It is hardly more.
    pub high: f64,
}

/// Why a claim should be believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Of which kind.
    pub kind: EvidenceKind,
    /// The key of a fact, or of an assumption.
    pub reference: String,
    /// Words of the problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// Of which kind evidence is, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A fact of the problem.
    Input,
    /// Computed by code.
    Tool,
    /// An assumption of the opinion.
    Assumption,
    /// What one knows.
    General,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// `<role>.r<n>`, in the order of the opinion.
    pub id: String,
    /// A slug.
    pub topic: String,
    /// What is moved: a key of the registry, or `x_…`.
    pub lever: String,
    /// Which way.
    pub direction: Direction,
    /// What it costs within the horizon, in the currency of the brief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Range>,
    /// Days from now.
    pub start_day: u32,
    /// Days from now; not before `start_day`.
    pub end_day: u32,
    /// Who does it, such as `CFO`.
    pub owner: String,
    /// Levers that must have been moved before.
    pub depends_on: Vec<String>,
    /// What it does to metrics.
    pub effects: Vec<Effect>,
    /// Whether it can be taken back.
    pub reversibility: Reversibility,
    /// How much it matters.
    pub priority: Priority,
    /// At most 240 characters.
    pub statement: String,
}

/// Which way a lever is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More of it.
    Increase,
    /// Less of it.
    Decrease,
    /// Begin with it.
    Start,
    /// End it.
    Stop,
    /// Leave it as it is.
    Keep,
}

/// From, to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

/// By how much a metric changes: in its base unit, of percentages in points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// A key of the registry.
    pub metric: String,
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
    /// When all of it is there.
    pub horizon_days: u32,
}

/// Whether a decision can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversibility {
    /// One can come back.
    TwoWay,
    /// One cannot.
    OneWay,
}

/// How much something matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Nothing works without.
    Must,
    /// It would be a mistake not to.
    Should,
    /// If there is room.
    Could,
    /// Not now.
    Wont,
}

/// A number that nobody knows and that something rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// A key of the registry, or `x_…`.
    pub key: String,
    /// In `unit`.
    pub value: f64,
    /// As in facts.
    pub unit: String,
    /// At most 240 characters.
    pub statement: String,
}

/// Something that may go wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// At most 240 characters.
    pub statement: String,
    /// 1 to 5.
    pub probability: u8,
    /// 1 to 5.
    pub impact: u8,
    /// What is done about it.
    pub mitigation: String,
    /// How one sees it coming.
    pub trigger: String,
    /// Who watches it.
    pub owner: String,
}
