//! How thoroughly a problem is looked at.

use super::role::Role;
use serde::{Deserialize, Serialize};

/// How much is asked, and of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Three agents, a sealed ballot, no talk.
    Quick,
    /// Four agents, one round of talk about what is contested.
    Standard,
    /// Six agents, two samples of what is counted, up to two rounds.
    Deep,
}

impl Depth {
    /// Every depth.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Standard, Self::Deep];

    /// The name in documents and keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Deep => "deep",
        }
    }

    /// Those who give opinions and vote.
    pub const fn roster(self) -> &'static [Role] {
        const ALL: &[Role] =
            &[Role::Analyst, Role::Financial, Role::Commercial, Role::Market, Role::Operations, Role::RiskLegal];
        match self {
            Self::Quick => ALL.split_at(3).0,
            Self::Standard => ALL.split_at(4).0,
            Self::Deep => ALL,
        }
    }
}
