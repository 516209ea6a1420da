//! Settings of this service.

use serde::{Deserialize, Serialize};

/// Settings of the workspace service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How many providers one workspace may have. Routing opens all of them into one message of 32 MiB, and each may
    /// bring 500 model names and 16 KiB of options.
    pub max_providers: u32,
    /// `billing.default_plan`: the plan of a workspace that has chosen none.
    #[serde(skip)]
    pub default_plan: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_providers: 100, default_plan: "free".to_owned() }
    }
}
