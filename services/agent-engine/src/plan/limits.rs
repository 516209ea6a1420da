//! How much may be asked at each depth. What the depths really use is in `README.md`.

use crate::domain::depth::Depth;
use serde::{Deserialize, Serialize};

/// What an execution may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Input and output tokens of all calls together.
    pub tokens: i64,
    /// Model calls, repairs included.
    pub calls: i64,
    /// Tokens of them that are kept for putting the decision into words.
    pub landing_tokens: i64,
    /// Calls of them that are kept for it.
    pub landing_calls: i64,
    /// From the beginning; then it ends with what is there.
    pub deadline_seconds: i64,
    /// Agents whose opinions there must be, the two mandatory ones among them.
    pub quorum: usize,
    /// Conflicts that are talked about at most.
    pub topics: usize,
    /// Choices that are adopted at most; others wait for their results.
    #[serde(default = "all")]
    pub measures: usize,
}

/// Plans of the first release had no such limit.
const fn all() -> usize {
    usize::MAX
}

impl Limits {
    pub(crate) const fn of(depth: Depth) -> Self {
        match depth {
            Depth::Quick => Self {
                tokens: 40_000,
                calls: 14,
                landing_tokens: 6_000,
                landing_calls: 2,
                deadline_seconds: 120,
                quorum: 2,
                topics: 0,
                measures: 5,
            },
            Depth::Standard => Self {
                tokens: 100_000,
                calls: 36,
                landing_tokens: 16_000,
                landing_calls: 4,
                deadline_seconds: 300,
                quorum: 3,
                topics: 3,
                measures: 6,
            },
            Depth::Deep => Self {
                tokens: 220_000,
                calls: 72,
                landing_tokens: 24_000,
                landing_calls: 5,
                deadline_seconds: 900,
                quorum: 4,
                topics: 6,
                measures: 8,
            },
        }
    }
}
