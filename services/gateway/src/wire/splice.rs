//! The client's bytes with a few of them replaced: everything that nobody asked us to read stays as it was written.

use super::request::{Peek, Place};
use bytes::{Bytes, BytesMut};
use std::ops::Range;

/// What is to differ from what the client sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Changes<'a> {
    /// The model's name at the provider, where it is another one.
    pub model: Option<&'a str>,
    /// Ask for the usage of a stream.
    pub include_usage: bool,
}

/// The body to send. Without changes it is the client's own, not copied.
pub(crate) fn splice(body: &Bytes, peek: &Peek, changes: Changes<'_>) -> Bytes {
    let model = changes.model.map(|model| match &peek.model_at {
        Place::Value(at) => (at.clone(), serde_json::Value::from(model).to_string()),
        Place::Field(at) => (*at..*at, format!("\"model\":{},", serde_json::Value::from(model))),
        Place::Text(at) => (at.clone(), model.to_owned()),
    });
    let usage = changes.include_usage.then(|| (peek.usage_slot.at.clone(), peek.usage_slot.text.to_owned()));
    let mut edits: Vec<(Range<usize>, String)> = model.into_iter().chain(usage).collect();
    if edits.is_empty() {
        return body.clone();
    }
    edits.sort_by_key(|(at, _)| at.start);
    let mut out = BytesMut::with_capacity(body.len() + edits.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut from = 0;
    for (at, text) in edits {
        out.extend_from_slice(&body[from..at.start]);
        out.extend_from_slice(text.as_bytes());
        from = at.end;
    }
    out.extend_from_slice(&body[from..]);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{operation::Operation, wire::request::peek};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn spliced(body: &str, changes: Changes<'_>) -> String {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let peek = peek(Operation::Chat, &body).expect("a request");
        String::from_utf8(splice(&body, &peek, changes).to_vec()).expect("text")
    }

    #[test]
    fn only_the_model_changes_and_every_other_byte_stays() {
        let body = "{ \"x\" : 1.10e3,\n\"model\":\"p/m\" ,\"messages\":[ ],  \"y\":\"\\u00e9\" }";
        let changes = Changes { model: Some("m"), include_usage: false };
        assert_eq!(spliced(body, changes), body.replace("p/m", "m"));
    }

    #[test]
    fn a_model_that_is_not_named_is_written_down_only_to_be_another_one() {
        let body = Bytes::from_static(b" {\"input\":\"x\"}");
        let peek = peek(Operation::Moderations, &body).expect("a request");
        assert_eq!(peek.model, "omni-moderation-latest");
        assert_eq!(splice(&body, &peek, Changes::default()), body);
        let changes = Changes { model: Some("mine"), include_usage: false };
        assert_eq!(splice(&body, &peek, changes), " {\"model\":\"mine\",\"input\":\"x\"}");
    }

    #[test]
    fn usage_is_asked_for_whatever_the_client_wrote() {
        for options in [
            "",
            ",\"stream_options\":null",
            ",\"stream_options\":{ }",
            ",\"stream_options\":{\"x\":1}",
            ",\"stream_options\":{\"include_usage\":false,\"x\":1}",
            ",\"stream_options\":{\"include_usage\":null}",
        ] {
            let body = format!("{{\"model\":\"m\",\"messages\":[],\"stream\":true{options}}}");
            let sent: Value =
                serde_json::from_str(&spliced(&body, Changes { model: Some("q\"uote"), include_usage: true }))
                    .unwrap_or_else(|e| panic!("{options}: {e}"));
            assert_eq!(sent["stream_options"]["include_usage"], json!(true), "{options}");
            assert_eq!(sent["model"], json!("q\"uote"));
        }
    }

    proptest! {
        #[test]
        fn whatever_else_is_in_the_request_arrives_unchanged(
            before in "[a-l]{1,6}", after in "[o-z]{1,6}", text in "\\PC{0,20}", number: i64, strip: bool, usage: bool,
        ) {
            let mut body = serde_json::Map::new();
            body.insert(format!("_{before}"), json!([text.clone(), {"model": text.clone()}]));
            body.insert("model".into(), json!("name/model"));
            body.insert(format!("_{after}"), json!(number));
            body.insert("messages".into(), json!([{"role": "user", "content": text}]));
            let changes = Changes { model: strip.then_some("model"), include_usage: usage };
            let sent: Value = serde_json::from_str(&spliced(&Value::Object(body.clone()).to_string(), changes)).unwrap();
            if strip { body["model"] = json!("model"); }
            if usage { body.insert("stream_options".into(), json!({"include_usage": true})); }
            prop_assert_eq!(sent, Value::Object(body));
        }
    }
}
