//! How much may go by e-mail?

use serde::{Deserialize, Serialize};

/// `usage.letters` in the configuration: exports that go to people.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LetterLimits {
    /// The largest file that is attached, in bytes; of a larger one its readers get a link. Mail servers take 10 to 25 MB, and
    /// a file grows by a third on its way.
    pub attachment_max_bytes: u64,
    /// Letters that a workspace may send on a day of UTC. 0: none go by e-mail.
    pub per_day: u32,
}

impl Default for LetterLimits {
    fn default() -> Self {
        Self { attachment_max_bytes: 5 * 1024 * 1024, per_day: 100 }
    }
}
