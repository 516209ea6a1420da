//! What was found in one request: names and numbers, never what it was.

use super::{action_name, rule::Rule, stage_name};
use proto::{
    guardrails::{Action, Stage},
    usage::Guarded,
};
use std::sync::{Mutex, PoisonError};

/// As a moderation is noted that did not answer.
const FAILED: &str = "failed";

/// Counts what the guardrails find in one request and its answer.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    all: Mutex<Vec<Guarded>>,
    is_silent: bool,
}

impl Tally {
    /// One that counts nothing.
    pub(super) fn silent() -> Self {
        Self { is_silent: true, ..Self::default() }
    }

    pub(super) fn found(&self, rule: &Rule, stage: Stage, what: &'static str) {
        if self.is_silent {
            return;
        }
        rule.metrics.found(what, stage_name(stage), action_name(rule.action));
        self.add(&rule.name, stage, action_name(rule.action));
    }

    pub(super) fn failed(&self, rule: &Rule, stage: Stage) {
        rule.metrics.found("moderation", stage_name(stage), FAILED);
        self.add(&rule.name, stage, FAILED);
    }

    fn add(&self, name: &str, stage: Stage, action: &str) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let stage = stage_name(stage);
        match all.iter_mut().find(|one| one.name == name && one.stage == stage && one.action == action) {
            Some(one) => one.count = one.count.saturating_add(1),
            None => {
                all.push(Guarded {
                    name: name.to_owned(),
                    stage: stage.to_owned(),
                    action: action.to_owned(),
                    count: 1,
                });
            }
        }
    }

    /// All of it, so far.
    pub(crate) fn all(&self) -> Vec<Guarded> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether what is found is taken out or stops everything, so that nothing may leave before it was looked at.
pub(super) const fn holds_back(action: Action) -> bool {
    !matches!(action, Action::Flag)
}
