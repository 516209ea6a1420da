//! What an execution does, step by step: data, frozen when it is created, so that neither a crash nor a newer release changes it.

pub(crate) mod limits;
mod make;
pub(crate) mod texts;

use crate::domain::role::Role;
use serde::{Deserialize, Serialize};

pub(crate) use limits::Limits;
pub(crate) use make::{make, referred};

/// The newest version that is made. Plans of this version and of the one before it are understood.
pub(crate) const VERSION: u32 = 1;

/// A finite graph of steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// [`VERSION`] of the release that made it.
    pub version: u32,
    /// What it may use.
    pub limits: Limits,
    /// In an order in which each comes after those that it needs.
    pub steps: Vec<Step>,
}

/// One step. It begins once all that it needs have ended, however they have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Such as `opinion.financial`.
    pub key: String,
    /// What is done.
    pub kind: Kind,
    /// Keys of steps.
    pub needs: Vec<String>,
    /// What it adds to the progress.
    pub weight: u32,
    /// How a model is asked; none: code does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
}

/// How a model is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// Who is asked.
    pub role: Role,
    /// Which of several that are alike: of samples, batches and rounds. From 1.
    pub number: u32,
    /// Output tokens at most.
    pub max_output: u32,
    /// The part of the budget that is kept for the end may be used for it.
    pub is_landing: bool,
    /// The first to be left out when the budget is short.
    pub is_optional: bool,
    /// Hashes of the mandate, of the task and of the schema: see [`texts`].
    pub mandate: String,
    /// See `mandate`.
    pub task: String,
    /// See `mandate`.
    pub schema: String,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Reads facts out of the problem.
    Frame,
    /// Puts together what is known, and asks for what is missing.
    Intake,
    /// One agent's view.
    Opinion,
    /// Finds conflicts by rules, and what is voted on.
    Detect,
    /// Has pairs judged that rules cannot decide.
    Judge,
    /// All conflicts, and which of them are talked about.
    Table,
    /// One agent's sealed vote.
    Ballot,
    /// What one agent says in one round.
    Turn,
    /// Counts, decides, computes.
    Decide,
    /// Looks for holes.
    Review,
    /// Puts one document into words.
    Word,
    /// Makes the report.
    Finish,
}

impl Kind {
    /// The stage that people see.
    pub(crate) const fn stage(self) -> &'static str {
        match self {
            Self::Frame | Self::Intake => "framing",
            Self::Opinion => "opinions",
            Self::Detect | Self::Judge | Self::Table => "conflicts",
            Self::Ballot | Self::Turn => "meeting",
            Self::Decide => "decision",
            Self::Review => "review",
            Self::Word | Self::Finish => "artifacts",
        }
    }

    /// The text and the schema of its task.
    pub(crate) const fn task(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Opinion => "opinion",
            Self::Judge => "judge",
            Self::Ballot => "ballot",
            Self::Turn => "turn",
            Self::Review => "review",
            Self::Word => "wording",
            Self::Intake | Self::Detect | Self::Table | Self::Decide | Self::Finish => "",
        }
    }
}

impl Plan {
    /// Of all weights.
    pub(crate) fn weight(&self) -> u32 {
        self.steps.iter().map(|step| step.weight).sum::<u32>().max(1)
    }

    /// How many model calls come after each other on the longest way.
    pub(crate) fn hops(&self) -> usize {
        let mut longest: Vec<(&str, usize)> = vec![];
        for step in &self.steps {
            let before = longest.iter().filter(|(key, _)| step.needs.iter().any(|need| need == key));
            let before = before.map(|(_, hops)| *hops).max().unwrap_or(0);
            longest.push((&step.key, before + usize::from(step.ask.is_some())));
        }
        longest.iter().map(|(_, hops)| *hops).max().unwrap_or(0)
    }
}
