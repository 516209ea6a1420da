//! Which fields of a request does a kind of provider not take? By the table of its kind, which is the one in the docs.

use super::{Fault, Kind};
use proto::provider::{FIELDS, How};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What every dialect reads by itself.
const READ: &[&str] = &["model", "messages", "stream", "stream_options", "response_format"];
/// What asks for nothing that would not happen anyway.
const DEFAULTS: &[(&str, &[&str])] = &[
    ("n", &["1"]),
    ("logprobs", &["false"]),
    ("top_logprobs", &["0"]),
    ("frequency_penalty", &["0", "0.0"]),
    ("presence_penalty", &["0", "0.0"]),
    ("logit_bias", &["{}"]),
    ("tools", &["[]"]),
    ("functions", &["[]"]),
    ("stop", &["[]"]),
    ("store", &["false"]),
    ("metadata", &["{}"]),
    ("modalities", &["[\"text\"]"]),
    ("service_tier", &["\"auto\""]),
    ("verbosity", &["\"medium\""]),
];

/// The names of the fields that the provider is not sent, as far as the table says it. Errors: a field without which the
/// answer would be another one than the client asked for.
pub(super) fn screen(kind: &'static Kind, body: &[u8]) -> Result<Vec<String>, Fault> {
    let fields: BTreeMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(|_| Fault::invalid("body", "must be a JSON object"))?;
    let mut dropped = Vec::new();
    for (name, value) in fields {
        if READ.contains(&name.as_str()) || is_default(&name, value.get()) {
            continue;
        }
        match kind.fields.iter().find(|field| field.name == name) {
            Some(field) if field.how == How::Refused => {
                return Err(Fault::unsupported(name, format!("is not taken by {}: {}", kind.title, field.note)));
            }
            Some(field) if field.how == How::Dropped => dropped.push(name),
            Some(_) => {}
            // A field that OpenAI does not know either is one of the provider's own, or nobody's.
            None if kind.passes_unknown || kind.also.contains(&name.as_str()) || FIELDS.contains(&name.as_str()) => {}
            None => dropped.push(shown(&name)),
        }
    }
    Ok(dropped)
}

/// A name that anybody may have invented, as a header and a log can show it.
fn shown(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && c != ',' { c } else { '_' };
    name.chars().take(64).map(plain).collect()
}

fn is_default(name: &str, value: &str) -> bool {
    let known = DEFAULTS.iter().find(|(field, _)| *field == name);
    value == "null" || known.is_some_and(|(_, values)| values.contains(&value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::FaultKind;

    fn screened(kind: &str, more: &str) -> Result<Vec<String>, FaultKind> {
        let kind = proto::provider::find(kind).expect("a kind");
        let body = format!(r#"{{"model":"m","messages":[]{more}}}"#);
        screen(kind, body.as_bytes()).map_err(|fault| fault.kind)
    }

    #[test]
    fn what_asks_for_nothing_is_no_loss() {
        for field in
            [r#""n":1"#, r#""seed":null"#, r#""logprobs":false"#, r#""modalities":["text"]"#, r#""store":false"#]
        {
            assert_eq!(screened("anthropic", &format!(",{field}")), Ok(vec![]), "{field}");
        }
    }

    #[test]
    fn a_field_that_nobody_knows_is_named_and_not_sent() {
        assert_eq!(screened("anthropic", r#","x_invented":1,"top_k":4"#), Ok(vec!["x_invented".to_owned()]));
        assert_eq!(screened("openai", r#","x_invented":1"#), Ok(vec![]));
    }

    #[test]
    fn a_field_that_changes_what_the_answer_is_is_refused() {
        let refused = screened("anthropic", r#","n":2"#);
        assert!(matches!(refused, Err(FaultKind::Unsupported(field, _)) if field == "n"));
    }
}
