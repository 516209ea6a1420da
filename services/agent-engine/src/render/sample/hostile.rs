//! What does a report look like that nobody would write in good faith?

use super::{deep, money, quick};
use crate::domain::{
    brief, conflict,
    depth::Depth,
    locale::Locale,
    meeting, opinion,
    report::{Quality, Report},
    role::Role,
};
use serde::{
    Deserialize,
    de::{
        IntoDeserializer as _,
        value::{Error, StrDeserializer},
    },
};
use serde_json::Value;

/// Every text and number of a deep report replaced.
pub(in super::super) fn hostile(text: &str, number: f64) -> Report {
    of(deep(Locale::PtBr), text, number)
}

/// Every text and number of a quick report replaced: of very long texts that is enough.
pub(in super::super) fn hostile_quick(text: &str, number: f64) -> Report {
    of(quick(Locale::PtBr), text, number)
}

fn of(report: Report, text: &str, number: f64) -> Report {
    let mut value = serde_json::to_value(report).expect("a report is JSON");
    replace(&mut value, text);
    let mut report: Report = serde_json::from_value(value).expect("a report with other texts is one");
    numbers(&mut report, number);
    report
}

fn replace(value: &mut Value, text: &str) {
    match value {
        Value::String(old) if !is_member(old) => *old = text.to_owned(),
        Value::Array(all) => all.iter_mut().for_each(|one| replace(one, text)),
        Value::Object(all) => all.values_mut().for_each(|one| replace(one, text)),
        _ => {}
    }
}

/// Words that are members of enums stay: a report has no others.
fn is_member(text: &str) -> bool {
    let of_the_report = is::<Role>(text) || is::<Locale>(text) || is::<Depth>(text) || is::<Quality>(text);
    let of_the_brief = is::<brief::Source>(text) || is::<brief::ConstraintKind>(text);
    let of_conflicts = is::<conflict::Kind>(text) || is::<conflict::Severity>(text) || is::<conflict::Status>(text);
    let of_the_meeting = is::<meeting::Move>(text) || is::<meeting::Outcome>(text) || is::<meeting::Method>(text);
    of_the_report || of_the_brief || of_conflicts || of_the_meeting || is_of_opinions(text)
}

fn is_of_opinions(text: &str) -> bool {
    is::<opinion::Stance>(text)
        || is::<opinion::ClaimKind>(text)
        || is::<opinion::Trend>(text)
        || is::<opinion::EvidenceKind>(text)
        || is::<opinion::Direction>(text)
        || is::<opinion::Reversibility>(text)
        || is::<opinion::Priority>(text)
}

fn is<T: for<'de> Deserialize<'de>>(text: &str) -> bool {
    let text: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(text).is_ok()
}

fn numbers(report: &mut Report, number: f64) {
    for fact in &mut report.brief.facts {
        fact.value = number;
    }
    for decision in &mut report.meeting.decisions {
        (decision.margin, decision.confidence) = (number, -number);
        if let Some(value) = &mut decision.value {
            (value.low, value.point, value.high) = (number, -number, number);
        }
    }
    for action in &mut report.actions {
        (action.cost, action.baseline, action.target) = (Some(number), Some(number), Some(-number));
        (action.start_day, action.due_day) = (u32::MAX, 0);
    }
    for risk in &mut report.risks {
        (risk.probability, risk.impact, risk.exposure) = (0, 255, 255);
    }
    if let Some(scenarios) = &mut report.scenarios {
        money::poison(scenarios, number);
    }
    for cell in report.cells.values_mut() {
        cell.value = number;
    }
}
