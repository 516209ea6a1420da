//! How guardrails are written.

use crate::json::Object;
use proto::guardrails::{Action, Detector, Moderation, OnFailure, Rule, Settings, Stage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a workspace lets pass to providers and back.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = Guardrails, example = json!({"rules": [
    {"name": "pii", "action": "redact", "detect": ["cpf", "cnpj", "email", "card", "phone"]},
    {"name": "keys", "on": ["output"], "action": "block", "patterns": ["sk-[A-Za-z0-9]{20,}"]},
    {"name": "rivals", "on": ["input"], "action": "flag", "words": ["acme"]},
    {"name": "judge", "on": ["input"], "action": "block", "moderation": {"model": "openai/omni-moderation-latest"}},
]}))]
pub(crate) struct GuardrailsBody {
    /// Looked at in their order. At most 32.
    #[schema(value_type = Vec<RuleBody>)]
    rules: Vec<Object<RuleBody>>,
}

/// What is looked for, where, and what is done about it. Exactly one of `detect`, `patterns`, `words` and `moderation`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GuardrailRule)]
struct RuleBody {
    /// As headers, logs and errors name it: a-z, 0-9, - and _.
    name: String,
    /// Where it looks. Empty: in both.
    #[serde(default)]
    on: Vec<StageBody>,
    action: ActionBody,
    /// Personal data, told by form and check digits.
    #[serde(default)]
    detect: Vec<DetectorBody>,
    /// Regular expressions without look-around and back-references. In streams a match is looked for in as many bytes as
    /// the longest one has, at most 4096; in 512, where there is no longest one.
    #[serde(default)]
    patterns: Vec<String>,
    /// Words and phrases, whatever their capitals.
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    #[schema(value_type = Option<ModerationBody>)]
    moderation: Option<Object<ModerationBody>>,
    /// What stands in the place of what is redacted. Null: `[CPF]`, `[CNPJ]`, `[EMAIL]`, `[CARD]`, `[PHONE]`, or the rule's name.
    #[serde(default)]
    replacement: Option<String>,
}

/// What the client sends, before the provider is called; what the provider answers, before the client sees it.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GuardrailStage)]
enum StageBody {
    Input,
    Output,
}

/// `block`: the request, or the rest of its answer, is refused. `redact`: what was found is replaced. `flag`: it passes, and
/// the log says so.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GuardrailAction)]
enum ActionBody {
    Block,
    Redact,
    Flag,
}

/// `cpf`, `cnpj` (also with letters), `email`, `card`, `phone` (Brazil's and international).
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GuardrailDetector)]
enum DetectorBody {
    Cpf,
    Cnpj,
    Email,
    Card,
    Phone,
}

/// A model that answers as `POST /v1/moderations` does, of a provider of this workspace: a server of your own is a provider of
/// kind `openai` with its address. Its calls are admitted and metered like every other, as `moderations.guardrail`. What it
/// judges of a stream is held back in pieces of about 1,000 bytes, unless it only flags.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GuardrailModeration)]
struct ModerationBody {
    #[schema(example = "openai/omni-moderation-latest")]
    model: String,
    /// How long it may take, in milliseconds. Default: 2000.
    #[serde(default)]
    deadline_ms: Option<i32>,
    /// What happens when it does not answer. Default: block.
    #[serde(default)]
    on_failure: Option<OnFailureBody>,
    /// By category: from which score on it counts. Empty: what the model itself flags.
    #[serde(default)]
    thresholds: BTreeMap<String, f64>,
}

/// `block`: the request is refused with a 503. `pass`: it passes, and the log says so.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GuardrailOnFailure)]
enum OnFailureBody {
    Block,
    Pass,
}

impl From<GuardrailsBody> for Settings {
    fn from(body: GuardrailsBody) -> Self {
        Self { rules: body.rules.into_iter().map(|Object(rule)| rule.into()).collect() }
    }
}

impl From<Settings> for GuardrailsBody {
    fn from(settings: Settings) -> Self {
        Self { rules: settings.rules.into_iter().map(|rule| Object(rule.into())).collect() }
    }
}

impl From<RuleBody> for Rule {
    fn from(body: RuleBody) -> Self {
        let stage = |stage: StageBody| match stage {
            StageBody::Input => Stage::Input.into(),
            StageBody::Output => Stage::Output.into(),
        };
        let action = match body.action {
            ActionBody::Block => Action::Block,
            ActionBody::Redact => Action::Redact,
            ActionBody::Flag => Action::Flag,
        };
        let detector = |detector: DetectorBody| {
            let detector = match detector {
                DetectorBody::Cpf => Detector::Cpf,
                DetectorBody::Cnpj => Detector::Cnpj,
                DetectorBody::Email => Detector::Email,
                DetectorBody::Card => Detector::Card,
                DetectorBody::Phone => Detector::Phone,
            };
            detector.into()
        };
        Self {
            name: body.name,
            on: body.on.into_iter().map(stage).collect(),
            action: action.into(),
            detect: body.detect.into_iter().map(detector).collect(),
            patterns: body.patterns,
            words: body.words,
            moderation: body.moderation.map(|Object(moderation)| moderation.into()),
            replacement: body.replacement.unwrap_or_default(),
        }
    }
}

impl From<Rule> for RuleBody {
    fn from(rule: Rule) -> Self {
        let stage = |stage| match stage {
            Stage::Output => StageBody::Output,
            Stage::Input | Stage::Unspecified => StageBody::Input,
        };
        let detector = |detector| {
            Some(match detector {
                Detector::Unspecified => return None,
                Detector::Cpf => DetectorBody::Cpf,
                Detector::Cnpj => DetectorBody::Cnpj,
                Detector::Email => DetectorBody::Email,
                Detector::Card => DetectorBody::Card,
                Detector::Phone => DetectorBody::Phone,
            })
        };
        Self {
            on: rule.on().map(stage).collect(),
            action: match rule.action() {
                Action::Redact => ActionBody::Redact,
                Action::Flag => ActionBody::Flag,
                Action::Block | Action::Unspecified => ActionBody::Block,
            },
            detect: rule.detect().filter_map(detector).collect(),
            name: rule.name,
            patterns: rule.patterns,
            words: rule.words,
            moderation: rule.moderation.map(|moderation| Object(moderation.into())),
            replacement: Some(rule.replacement).filter(|text| !text.is_empty()),
        }
    }
}

impl From<ModerationBody> for Moderation {
    fn from(body: ModerationBody) -> Self {
        let on_failure = match body.on_failure {
            None => OnFailure::Unspecified,
            Some(OnFailureBody::Block) => OnFailure::Block,
            Some(OnFailureBody::Pass) => OnFailure::Pass,
        };
        Self {
            model: body.model,
            // Zero stands for what is not set; one that somebody wrote is as wrong as a negative number.
            deadline_ms: body.deadline_ms.map_or(0, |ms| if ms == 0 { -1 } else { ms }),
            on_failure: on_failure.into(),
            thresholds: body.thresholds,
        }
    }
}

impl From<Moderation> for ModerationBody {
    fn from(moderation: Moderation) -> Self {
        let on_failure = match moderation.on_failure() {
            OnFailure::Unspecified => None,
            OnFailure::Block => Some(OnFailureBody::Block),
            OnFailure::Pass => Some(OnFailureBody::Pass),
        };
        Self {
            on_failure,
            model: moderation.model,
            deadline_ms: Some(moderation.deadline_ms).filter(|ms| *ms != 0),
            thresholds: moderation.thresholds,
        }
    }
}
