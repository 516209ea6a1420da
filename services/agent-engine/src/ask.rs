//! Asks a model for JSON of a schema, and does not give up at the first answer that is none: the repair ladder.
//!
//! Strict reading → repair without a model (fences, commas, a cut end) → asked again with what is wrong, twice → what is invalid
//! and may be missing is dropped → the step fails, and says so. A crash anywhere costs nothing twice: each call has a key of its
//! own, under which the gateway gives the same answer again.

pub(crate) mod budget;
mod call;
mod stream;

use crate::{
    domain::{locale::Locale, role::Role},
    plan::{Ask, Step},
    prose, read,
    run::Run,
};
use serde_json::{Value, json};

/// How often a model is asked again because of what it wrote.
const REPAIRS: usize = 2;
/// How much of a wrong answer it is shown, in characters.
const SHOWN: usize = 6_000;
/// How many problems it is told.
const TOLD: usize = 8;
/// What is wrong with an answer whose end is missing.
const CUT: (&str, &str) =
    ("the answer was cut off: think and write less", "a resposta foi cortada: pense e escreva menos");

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There is no room for the call.
    Budget,
    /// The time is over.
    Deadline,
    /// The provider or the gateway: a reason and a sentence.
    Provider(proto::Failure),
    /// It cannot be read.
    Invalid,
    /// Whatever room it was given, the model had more to say, or thought until there was none left: what came is no answer.
    Cut,
    /// The execution is to end now.
    Cancelled,
    /// The journal cannot be written.
    Journal(crate::Error),
}

impl From<crate::Error> for Stop {
    fn from(error: crate::Error) -> Self {
        Self::Journal(error)
    }
}

impl Stop {
    /// As reports name it.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::Deadline => "deadline",
            Self::Provider(_) | Self::Cancelled | Self::Journal(_) => "failed",
            Self::Invalid => "invalid_output",
            Self::Cut => "cut_off",
        }
    }
}

/// An answer, and what had to be done to it.
pub(crate) struct Answer {
    pub value: Value,
    /// It is not in the language that was asked for.
    pub is_foreign: bool,
}

/// What is asked of one role.
pub(crate) struct Question<'a> {
    pub step: &'a Step,
    pub ask: &'a Ask,
    pub data: &'a Value,
    pub locale: Locale,
}

/// Asks until there is an answer, or none is to be had.
pub(crate) async fn ask(run: &Run, question: &Question<'_>) -> Result<Answer, Stop> {
    let schema_text = run.text(&question.ask.schema);
    let schema: Value = serde_json::from_str(schema_text).unwrap_or_else(|_| json!({}));
    let mut messages = opening(run, question);
    let mut caller = call::Caller::new(run, question, &schema);
    let mut best: Option<Value> = None;
    let mut is_cut = false;
    for repair in 0..=REPAIRS {
        let reply = match caller.call(&messages).await {
            Ok(reply) => reply,
            // What was there before is better than nothing.
            Err(Stop::Budget | Stop::Deadline | Stop::Provider(_)) if best.is_some() => break,
            Err(stop) => return Err(stop),
        };
        is_cut = reply.is_cut;
        let problems = match looked_at(&reply, &schema, question, repair) {
            Ok(answer) => return Ok(answer),
            Err((value, problems)) => {
                // Half an answer is none, however well its end can be guessed.
                best = if is_cut { best } else { value.or(best) };
                problems
            }
        };
        if is_cut {
            caller.widen();
        }
        messages.push(json!({"role": "assistant", "content": shown(&reply.text)}));
        messages.push(json!({"role": "user", "content": again(&problems, question.locale)}));
    }
    last_rung(best, &schema, question).map_err(|stop| if is_cut { Stop::Cut } else { stop })
}

/// The answer, or what could be read of it and what is wrong with it.
fn looked_at(
    reply: &call::Reply,
    schema: &Value,
    question: &Question<'_>,
    repair: usize,
) -> Result<Answer, (Option<Value>, Vec<String>)> {
    let cut = reply.is_cut.then(|| question.locale.pick(CUT.0, CUT.1).to_owned());
    let found = match read::json(&reply.text) {
        Ok(found) => found,
        Err(unreadable) => return Err((None, cut.into_iter().chain([unreadable.to_string()]).collect())),
    };
    let mut problems: Vec<String> = read::validate(&found.value, schema)
        .into_iter()
        .map(|problem| format!("{}: {}", problem.pointer, problem.message))
        .collect();
    problems.extend(cut);
    let is_foreign = !prose::speaks(&words(&found.value), question.locale);
    if problems.is_empty() && (!is_foreign || repair > 0) {
        return Ok(Answer { value: found.value, is_foreign });
    }
    if is_foreign {
        problems.push(question.locale.pick("write in English", "escreva em português do Brasil").to_owned());
    }
    Err((Some(found.value), problems))
}

/// What is valid of the best answer, if it is of use.
fn last_rung(best: Option<Value>, schema: &Value, question: &Question<'_>) -> Result<Answer, Stop> {
    let Some(best) = best else { return Err(Stop::Invalid) };
    let (value, dropped) = read::drop_invalid(best, schema);
    let left = read::validate(&value, schema);
    tracing::debug!(
        step = question.step.key,
        dropped = dropped.len(),
        left = left.len(),
        "an answer was cut to what is valid"
    );
    if left.is_empty() && has_content(&value) {
        let is_foreign = !prose::speaks(&words(&value), question.locale);
        return Ok(Answer { value, is_foreign });
    }
    Err(Stop::Invalid)
}

/// Whether any list of it has something in it.
fn has_content(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.values().any(|v| v.as_array().is_some_and(|list| !list.is_empty())))
}

fn opening(run: &Run, question: &Question<'_>) -> Vec<Value> {
    let task = run.text(&question.ask.task);
    // Fenced, so that it is seen where what was given ends.
    let content = format!("{}\n\n```json\n{}\n```", task.trim(), question.data);
    vec![
        json!({"role": "system", "content": run.text(&question.ask.mandate).trim()}),
        json!({"role": "user", "content": content}),
    ]
}

fn again(problems: &[String], locale: Locale) -> String {
    let mut text = locale
        .pick(
            "That cannot be used. Answer again, all of it, as JSON of the schema only. What is wrong:",
            "Isso não pode ser usado. Responda de novo, por inteiro, apenas com JSON do esquema. O que está errado:",
        )
        .to_owned();
    for problem in problems.iter().take(TOLD) {
        text.push_str("\n- ");
        text.extend(problem.chars().take(200));
    }
    text
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// The prose of an answer: fields that people read.
fn words(value: &Value) -> String {
    const PROSE: &[&str] =
        &["headline", "statement", "reason", "would_change_if", "text", "question", "mitigation", "paragraphs"];
    fn collect(value: &Value, is_prose: bool, into: &mut String) {
        match value {
            Value::String(text) if is_prose => {
                into.push_str(text);
                into.push('\n');
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, is_prose, into)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    collect(field, PROSE.contains(&name.as_str()), into);
                }
            }
            _ => {}
        }
    }
    let mut text = String::new();
    collect(value, false, &mut text);
    text
}

/// What every question says of itself.
pub(crate) fn about(role: Role, locale: Locale, brief: &crate::domain::brief::Brief) -> Value {
    let mut about = json!({
        "role": role,
        "locale": locale,
        "brief": {
            "problem_description": brief.problem_description,
            "business_type": brief.business_type,
            "currency": brief.currency,
            "horizon_days": brief.horizon_days,
            "facts": brief.facts,
            "constraints": brief.constraints,
        },
    });
    if !brief.unknown.is_empty() {
        about["brief"]["unknown"] = json!(brief.unknown);
    }
    about
}
