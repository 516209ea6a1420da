//! What was said about what is contested, and what was decided.

use super::{
    ballot::{Ballot, Choice},
    opinion::Interval,
    role::Role,
};
use serde::{Deserialize, Serialize};

/// A meeting, from the sealed ballots to the decisions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Meeting {
    /// Conflicts that were tabled, the gravest first.
    pub topics: Vec<String>,
    /// What was said, in order.
    pub rounds: Vec<Round>,
    /// What was voted on.
    pub choices: Vec<Choice>,
    /// As they were sealed.
    pub ballots_before: Vec<Ballot>,
    /// As they stand after the talk.
    pub ballots_after: Vec<Ballot>,
    /// What was decided: one for each choice, and one for each metric that was contested.
    pub decisions: Vec<Decision>,
    /// Who is against what was decided.
    pub dissent: Vec<Dissent>,
}

/// Everybody once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// In the order of the roster.
    pub turns: Vec<Turn>,
}

/// What one agent says about one conflict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Who.
    pub role: Role,
    /// About which conflict.
    pub conflict: String,
    /// What it does.
    pub action: Move,
    /// The key of a fact or the id of a claim that it had not seen before; none: nothing new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_evidence: Option<String>,
    /// The value that it gives now; of `revise` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revised: Option<Interval>,
    /// At most 240 characters.
    pub text: String,
}

/// What an agent does with its view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// It stays.
    Maintain,
    /// It changes.
    Revise,
    /// It goes.
    Concede,
}

/// What was decided about one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// A choice, or a metric.
    pub topic: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How it was decided.
    pub method: Method,
    /// Of a metric: the value that is reckoned with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Interval>,
    /// Confidence of those for it, and of those against.
    pub votes_for: f64,
    /// See `votes_for`.
    pub votes_against: f64,
    /// (for − against) / (for + against); 0 where nobody voted.
    pub margin: f64,
    /// Under which it holds.
    pub conditions: Vec<String>,
    /// 0 to 1.
    pub confidence: f64,
    /// Somebody gave in without a new reason: their sealed vote was counted.
    pub conformity_flag: bool,
}

/// What became of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is done.
    Adopted,
    /// It is not done.
    Rejected,
    /// It would be, if there were room: budget, time, or what excludes it.
    Deferred,
    /// A number was agreed on.
    Agreed,
}

/// How something was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Of numbers: the interval that weights of confidence and evidence give.
    Consensus,
    /// More for it than against.
    Approval,
    /// Of choices that exclude each other: the one with the most.
    Ranked,
    /// As many for as against, or a cap: what can be taken back first, then what costs less.
    ChairRule,
}

/// Somebody who is against what was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dissent {
    /// Who.
    pub role: Role,
    /// A choice.
    pub topic: String,
    /// Why.
    pub reason: String,
    /// What would change its mind.
    pub would_change_if: String,
}
