//! Where opinions cannot all be right.

use serde::{Deserialize, Serialize};

/// Two statements that do not go together, or one that does not hold by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// `k<n>`, the gravest first.
    pub id: String,
    /// What is wrong.
    pub kind: Kind,
    /// The metric, lever or slug that it is about.
    pub topic: String,
    /// Ids of claims and recommendations, sorted.
    pub parties: Vec<String>,
    /// How grave.
    pub severity: Severity,
    /// What the severity was taken from, 0 to 1.
    pub score: f64,
    /// `rule:<name>` or `judge`.
    pub detector: String,
    /// What was said, word for word.
    pub quotes: Vec<String>,
    /// What has become of it.
    pub status: Status,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Intervals of the same metric and period that do not touch.
    MetricMismatch,
    /// The same lever, moved both ways.
    DirectionOpposition,
    /// All together costs more than there is.
    ResourceContention,
    /// Something begins before what it needs has ended.
    TimelineClash,
    /// A recommendation breaks a constraint.
    ConstraintViolation,
    /// The same assumption with other values.
    AssumptionConflict,
    /// Must and must not.
    PriorityConflict,
    /// What cannot be taken back, against one without whom nothing is decided.
    ReversibilityVeto,
    /// A grave claim without a reason.
    EvidenceGap,
    /// Numbers that cannot be.
    ArithmeticError,
    /// Two explanations that exclude each other: a judge said so.
    Contradiction,
    /// The same metric in units or currencies that nobody can convert.
    Incomparable,
}

/// How grave a conflict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth a note.
    Info,
    /// Hardly matters.
    Low,
    /// Is talked about.
    Medium,
    /// Changes the decision.
    High,
    /// Nothing is decided against it.
    Critical,
}

/// What has become of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has talked about it.
    Open,
    /// It was talked about, and stays.
    Debated,
    /// It is none any more.
    Resolved,
    /// A decision was taken with somebody against it.
    AcceptedDissent,
}
