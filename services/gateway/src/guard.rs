//! What a workspace lets pass to providers and back: its guardrails, ready to be used.
//!
//! A request is looked at before anybody is asked, an answer before its client sees it. Where nothing is found, and where
//! there are no guardrails, the bytes pass as they are.

pub(crate) mod answer;
mod detect;
mod document;
mod moderate;
mod places;
mod request;
mod rule;
pub(crate) mod stream;
mod tally;
mod texts;
mod unescape;

pub(crate) use request::check;
pub(crate) use tally::Tally;

use proto::{
    Failure, Reason,
    guardrails::{Action, Settings, Stage},
};
use rule::Rule;
use std::sync::Arc;

/// The rules of a workspace, compiled.
pub(crate) struct Guards {
    input: Vec<Arc<Rule>>,
    output: Vec<Arc<Rule>>,
}

/// A rule does not let this pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocked {
    pub rule: String,
    pub stage: Stage,
    /// A model that has to judge did not answer.
    pub is_unjudged: bool,
}

impl Guards {
    /// None, if there are no rules. A rule that this release cannot compile blocks everything: nothing passes because of a
    /// mistake.
    pub(crate) fn new(settings: &Settings) -> Option<Arc<Self>> {
        if settings.rules.is_empty() {
            return None;
        }
        let rules: Vec<_> = settings.rules.iter().map(|rule| Arc::new(Rule::new(rule))).collect();
        let of = |stage| rules.iter().filter(|rule| rule.looks_at(stage)).cloned().collect();
        Some(Arc::new(Self { input: of(Stage::Input), output: of(Stage::Output) }))
    }

    fn rules(&self, stage: Stage) -> &[Arc<Rule>] {
        match stage {
            Stage::Output => &self.output,
            Stage::Input | Stage::Unspecified => &self.input,
        }
    }

    /// Whether answers are looked at.
    pub(crate) fn has_output(&self) -> bool {
        !self.output.is_empty()
    }
}

impl Blocked {
    fn by(rule: &Rule, stage: Stage) -> Self {
        Self { rule: rule.name.clone(), stage, is_unjudged: false }
    }
}

impl From<&Blocked> for Failure {
    fn from(blocked: &Blocked) -> Self {
        let Blocked { rule, stage, is_unjudged } = blocked;
        let what = if *stage == Stage::Input { "request" } else { "answer" };
        let (reason, text) = if *is_unjudged {
            let text = format!("the guardrail {rule:?} could not judge this {what}: its model did not answer");
            (Reason::GuardrailUnavailable, text)
        } else {
            (
                Reason::GuardrailBlocked,
                format!("the guardrail {rule:?} of this workspace does not let this {what} pass"),
            )
        };
        reason.with(text).fact("guardrail", rule).fact("stage", stage_name(*stage))
    }
}

/// As headers, logs and metrics name it.
const fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Output => "output",
        Stage::Input | Stage::Unspecified => "input",
    }
}

/// As headers, logs and metrics name it.
const fn action_name(action: Action) -> &'static str {
    match action {
        Action::Redact => "redact",
        Action::Flag => "flag",
        Action::Block | Action::Unspecified => "block",
    }
}
