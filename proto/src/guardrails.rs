//! What guardrails may be, wherever they are set.

pub use crate::pb::guardrails::v1::{Action, Detector, Moderation, OnFailure, Rule, Settings, Stage};
use crate::routing::Known;

/// Rules of one workspace.
pub const MAX_RULES: usize = 32;
/// Regular expressions of one rule.
pub const MAX_PATTERNS: usize = 32;
/// Of one regular expression, in bytes.
pub const MAX_PATTERN_BYTES: usize = 1_000;
/// What a compiled expression may take, in bytes: it is in the memory of every gateway.
pub const MAX_COMPILED_BYTES: usize = 256 * 1024;
/// Words and phrases of one rule.
pub const MAX_WORDS: usize = 500;
/// Of one word or phrase, in bytes.
pub const MAX_WORD_BYTES: usize = 100;
/// The longest that a model may take to judge, in milliseconds.
pub const MAX_DEADLINE_MS: i32 = 30_000;
/// How long it may take where nothing is said, in milliseconds.
pub const DEADLINE_MS: i32 = 2_000;
const MAX_NAME_BYTES: usize = 32;
const MAX_REPLACEMENT_BYTES: usize = 64;
const MAX_THRESHOLDS: usize = 32;

/// Where something is wrong, as the HTTP API names the place, and what must be there instead.
pub type Problem = (String, String);

impl Settings {
    /// Everything that is wrong with these guardrails in a workspace with these providers, of which `serves` tells whether
    /// one of them answers to a model's name. `compile` says what is wrong with a regular expression.
    pub fn problems(
        &self,
        serves: impl Fn(&str) -> bool,
        compile: impl Fn(&str) -> Result<(), String>,
    ) -> Vec<Problem> {
        let mut problems = vec![];
        if self.rules.len() > MAX_RULES {
            problems.push(("rules".to_owned(), format!("must be at most {MAX_RULES}")));
        }
        for (at, rule) in self.rules.iter().enumerate() {
            let mut note = |field: &str, why: String| problems.push((format!("rules[{at}].{field}"), why));
            if self.rules[..at].iter().any(|other| other.name == rule.name) {
                note("name", "must be one that no other rule has".to_owned());
            }
            rule.itself(&mut note);
            rule.patterns(&compile, &mut note);
            rule.words(&mut note);
            if let Some(moderation) = &rule.moderation {
                moderation.itself(&serves, &mut note);
            }
        }
        problems
    }
}

impl Rule {
    fn itself(&self, note: &mut impl FnMut(&str, String)) {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if !(1..=MAX_NAME_BYTES).contains(&self.name.len()) || !self.name.chars().all(is_name) {
            note("name", format!("must be 1 to {MAX_NAME_BYTES} of the characters a-z, 0-9, - and _"));
        }
        if Action::try_from(self.action).is_ok_and(|action| action == Action::Unspecified)
            || Action::try_from(self.action).is_err()
        {
            note("action", "must be block, redact or flag".to_owned());
        }
        if self.on.iter().any(|stage| !matches!(Stage::try_from(*stage), Ok(Stage::Input | Stage::Output))) {
            note("on", "must be input, output or both".to_owned());
        }
        let kinds =
            [!self.detect.is_empty(), !self.patterns.is_empty(), !self.words.is_empty(), self.moderation.is_some()];
        if kinds.into_iter().filter(|is_set| *is_set).count() != 1 {
            note("detect", "must be set, or one of patterns, words and moderation, and only one of them".to_owned());
        }
        let known = |detector: &i32| !matches!(Detector::try_from(*detector), Ok(Detector::Unspecified) | Err(_));
        if !self.detect.iter().all(known) {
            note("detect", "must be of cpf, cnpj, email, card and phone".to_owned());
        }
        if self.moderation.is_some() && self.action() == Action::Redact {
            note("action", "must be block or flag: a model says that something is there, and not where".to_owned());
        }
        let breaks = |c: char| c.is_control() || matches!(c, '"' | '\\');
        if self.replacement.len() > MAX_REPLACEMENT_BYTES || self.replacement.chars().any(breaks) {
            let why = "bytes without quotation marks, backslashes and control characters";
            note("replacement", format!("must be at most {MAX_REPLACEMENT_BYTES} {why}"));
        }
        if !self.replacement.is_empty() && self.action() != Action::Redact {
            note("replacement", "must be left out: only redact replaces".to_owned());
        }
    }

    fn patterns(&self, compile: &impl Fn(&str) -> Result<(), String>, note: &mut impl FnMut(&str, String)) {
        if self.patterns.len() > MAX_PATTERNS {
            note("patterns", format!("must be at most {MAX_PATTERNS}"));
        }
        for (at, pattern) in self.patterns.iter().enumerate() {
            let field = format!("patterns[{at}]");
            if pattern.len() > MAX_PATTERN_BYTES {
                note(&field, format!("must be at most {MAX_PATTERN_BYTES} bytes"));
            } else if let Err(why) = compile(pattern) {
                note(&field, why);
            }
        }
    }

    fn words(&self, note: &mut impl FnMut(&str, String)) {
        if self.words.len() > MAX_WORDS {
            note("words", format!("must be at most {MAX_WORDS}"));
        }
        for (at, word) in self.words.iter().enumerate() {
            if !(1..=MAX_WORD_BYTES).contains(&word.len()) || word.trim() != word {
                let why = format!("must be 1 to {MAX_WORD_BYTES} bytes without blanks around them");
                note(&format!("words[{at}]"), why);
            }
        }
    }
}

impl Moderation {
    fn itself(&self, serves: &impl Fn(&str) -> bool, note: &mut impl FnMut(&str, String)) {
        if !serves(&self.model) {
            note("moderation.model", "is neither an alias nor served by a provider of this workspace".to_owned());
        }
        if !(0..=MAX_DEADLINE_MS).contains(&self.deadline_ms) {
            note("moderation.deadline_ms", format!("must be from 1 to {MAX_DEADLINE_MS}, or left out"));
        }
        if OnFailure::try_from(self.on_failure).is_err() {
            note("moderation.on_failure", "must be block or pass".to_owned());
        }
        let is_one =
            |(name, score): (&String, &f64)| !name.is_empty() && name.len() <= 100 && (0.0..=1.0).contains(score);
        if self.thresholds.len() > MAX_THRESHOLDS || !self.thresholds.iter().all(is_one) {
            let why = format!("must be scores from 0 to 1 of at most {MAX_THRESHOLDS} categories");
            note("moderation.thresholds", why);
        }
    }
}

/// Whether a request for this model would find one of `providers`, or the built-in simulator.
pub fn is_served(model: &str, settings: &crate::routing::Settings, providers: &[Known]) -> bool {
    settings.aliases.contains_key(model) || crate::routing::is_served(model, providers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(rules: Vec<Rule>) -> Vec<String> {
        let compile = |pattern: &str| if pattern == "(" { Err("must be closed".to_owned()) } else { Ok(()) };
        let problems = Settings { rules }.problems(|model| model == "judge", compile);
        problems.into_iter().map(|(place, _)| place).collect()
    }

    fn rule(name: &str, action: Action) -> Rule {
        Rule { name: name.to_owned(), action: action.into(), ..Rule::default() }
    }

    #[test]
    fn rules_that_can_be_kept_have_no_problems() {
        let detect = vec![Detector::Cpf.into(), Detector::Email.into()];
        let judge = Moderation { model: "judge".to_owned(), ..Moderation::default() };
        let rules = vec![
            Rule { detect, replacement: "[gone]".to_owned(), ..rule("pii", Action::Redact) },
            Rule { patterns: vec!["a+".to_owned()], on: vec![Stage::Input.into()], ..rule("re", Action::Block) },
            Rule { words: vec!["acme inc".to_owned()], ..rule("rivals", Action::Flag) },
            Rule { moderation: Some(judge), ..rule("judge", Action::Block) },
        ];
        assert_eq!(places(rules), Vec::<String>::new());
        assert_eq!(places(vec![]), Vec::<String>::new());
    }

    #[test]
    fn all_faults_are_found_at_once_and_named_by_their_place() {
        let judge = Moderation {
            model: "nobody".to_owned(),
            deadline_ms: -1,
            on_failure: 9,
            thresholds: [("violence".to_owned(), 2.0)].into(),
        };
        let rules = vec![
            Rule { action: 7, on: vec![0], ..rule("A b", Action::Flag) },
            Rule {
                patterns: vec!["(".to_owned(), "x".repeat(1001)],
                words: vec![" a".to_owned()],
                ..rule("b", Action::Block)
            },
            Rule { moderation: Some(judge), replacement: "\"".to_owned(), ..rule("b", Action::Redact) },
            Rule { detect: vec![99], replacement: "x".to_owned(), ..rule("c", Action::Flag) },
        ];
        let expected = [
            "rules[0].name",
            "rules[0].action",
            "rules[0].on",
            "rules[0].detect",
            "rules[1].detect",
            "rules[1].patterns[0]",
            "rules[1].patterns[1]",
            "rules[1].words[0]",
            "rules[2].name",
            "rules[2].action",
            "rules[2].replacement",
            "rules[2].moderation.model",
            "rules[2].moderation.deadline_ms",
            "rules[2].moderation.on_failure",
            "rules[2].moderation.thresholds",
            "rules[3].detect",
            "rules[3].replacement",
        ];
        assert_eq!(places(rules), expected);
    }
}
