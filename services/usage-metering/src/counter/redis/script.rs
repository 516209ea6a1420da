//! What runs inside Redis, as one step.

use ::redis::Script;

pub(super) struct Scripts {
    pub reserve: Script,
    pub release: Script,
    pub quota: Script,
    pub open: Script,
    pub adopt: Script,
    pub lease: Script,
    pub close: Script,
    pub reap: Script,
}

/// A script with what all of them share before it.
macro_rules! script {
    ($name:literal) => {
        Script::new(concat!(include_str!("../common.lua"), include_str!(concat!("../", $name, ".lua"))))
    };
}

impl Scripts {
    pub fn new() -> Self {
        Self {
            reserve: script!("reserve"),
            release: script!("release"),
            quota: script!("quota"),
            open: script!("open"),
            adopt: script!("adopt"),
            lease: script!("lease"),
            close: script!("close"),
            reap: script!("reap"),
        }
    }
}
