//! What does a request ask last, and is everything else of it the same as of another one?

use super::key::{self, AnswerKey};
use crate::operation::Operation;
use serde_json::Value;

/// The longest message that is compared, in bytes.
const MOST_TEXT: usize = 2_000;
/// What tells callers apart, beside their key.
const WHOSE: [&str; 2] = ["user", "safety_identifier"];

/// A request, cut before its last message.
pub(crate) struct Tail {
    /// What the user says last.
    pub text: String,
    /// Stands for everything else: model, system prompt, tools, all that was said before, and who may share answers.
    pub group: AnswerKey,
}

/// None, where nothing is said last, or something that is not only text. `of`: what else has to be the same; `is_shared`:
/// whatever the request says about its user.
pub(crate) fn cut(operation: Operation, of: &str, is_shared: bool, body: &[u8]) -> Option<Tail> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    let last = match operation {
        Operation::Chat | Operation::Messages => asked(body.get_mut("messages")?.as_array_mut()?.last_mut()?)?,
        Operation::Responses => match body.get_mut("input")? {
            text @ Value::String(_) => text,
            items => asked(items.as_array_mut()?.last_mut()?)?,
        },
        _ => return None,
    };
    let Value::String(text) = last.take() else { return None };
    if text.trim().is_empty() || text.len() > MOST_TEXT {
        return None;
    }
    if is_shared && let Some(fields) = body.as_object_mut() {
        WHOSE.iter().for_each(|field| drop(fields.remove(*field)));
    }
    Some(Tail { text, group: key::of_value(&format!("{} like {of}", operation.name()), &body) })
}

/// Where the text of a message of the user is, if it has nothing else.
fn asked(message: &mut Value) -> Option<&mut Value> {
    if message.get("role").and_then(Value::as_str) != Some("user") {
        return None;
    }
    match message.get_mut("content")? {
        text @ Value::String(_) => Some(text),
        Value::Array(parts) => match parts.as_mut_slice() {
            [part] if part.get("cache_control").is_none() => part.get_mut("text").filter(|text| text.is_string()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(body: &str) -> Option<(String, AnswerKey)> {
        cut(Operation::Chat, "key_1", false, body.as_bytes()).map(|tail| (tail.text, tail.group))
    }

    const ASKED: &str =
        r#"{"model":"m","user":"ana","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]}"#;

    #[test]
    fn everything_but_the_last_message_has_to_be_the_same() {
        let (text, of) = group(ASKED).expect("a tail");
        assert_eq!(text, "hi");
        assert_eq!(group(&ASKED.replace("hi", "ho")).map(|(_, group)| group), Some(of));
        let others = [
            ("\"m\"", "\"n\""),
            ("\"s\"", "\"t\""),
            ("ana", "bob"),
            ("\"model\"", "\"tools\":[],\"model\""),
            ("\"model\"", "\"temperature\":1,\"model\""),
            ("\"model\"", "\"stream\":true,\"model\""),
            ("{\"role\":\"user\"", "{\"role\":\"assistant\",\"content\":\"x\"},{\"role\":\"user\""),
        ];
        for (from, to) in others {
            assert_ne!(group(&ASKED.replace(from, to)).expect("a tail").1, of, "{to}");
        }
        let shared = |body: &str| cut(Operation::Chat, "", true, body.as_bytes()).expect("a tail").group;
        assert_eq!(shared(ASKED), shared(&ASKED.replace("ana", "bob")));
    }

    #[test]
    fn what_is_not_only_text_of_the_user_has_no_tail() {
        for last in [
            r#"{"role":"tool","content":"hi"}"#,
            r#"{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"x"}}]}"#,
            r#"{"role":"user","content":" "}"#,
            r#"{"role":"assistant","content":"hi"}"#,
        ] {
            assert_eq!(group(&format!("{{\"messages\":[{last}]}}")), None, "{last}");
        }
        let parts = r#"{"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}"#;
        assert_eq!(group(parts).map(|(text, _)| text).as_deref(), Some("hi"));
        let plain = cut(Operation::Responses, "", false, br#"{"model":"m","input":"hi"}"#).map(|tail| tail.text);
        assert_eq!(plain.as_deref(), Some("hi"));
    }
}
