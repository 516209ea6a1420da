//! What is voted on, and how each has voted.

use super::{
    opinion::{Direction, Effect, Priority, Range, Reversibility},
    role::Role,
};
use serde::{Deserialize, Serialize};

/// One way to act: what several agents recommend, put together by code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// `o<n>`, in the order of levers and directions.
    pub id: String,
    /// What is moved.
    pub lever: String,
    /// Which way.
    pub direction: Direction,
    /// The recommendations that it was made from, sorted.
    pub recommendations: Vec<String>,
    /// Who proposes it, sorted.
    pub proposers: Vec<Role>,
    /// What it costs: the median of the ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Range>,
    /// When it begins, days from now: the median.
    pub start_day: u32,
    /// When it ends: the median.
    pub end_day: u32,
    /// The owner that most name; of as many the first in the alphabet.
    pub owner: String,
    /// Levers that must have been moved before.
    pub depends_on: Vec<String>,
    /// What it does, one of each metric: the medians.
    pub effects: Vec<Effect>,
    /// One way if anybody says so.
    pub reversibility: Reversibility,
    /// The highest that anybody gives it.
    pub priority: Priority,
    /// In the words of the first proposer.
    pub statement: String,
}

/// How one agent votes on every choice: sealed, before it has seen how the others do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ballot {
    /// Whose.
    pub role: Role,
    /// One of each choice; a choice that is missing is an abstention.
    pub votes: Vec<Vote>,
}

/// A vote on one choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// A choice.
    pub choice: String,
    /// For or against.
    pub approve: bool,
    /// 0 to 1.
    pub confidence: f64,
    /// At most 240 characters.
    pub reason: String,
    /// What it would have to see to vote otherwise.
    pub would_change_if: String,
}
