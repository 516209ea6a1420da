//! Which requests are the same? Those that differ in blanks and in the order of fields only.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Stands for a request. It is a digest, so that nothing of the request can be read from it.
pub(crate) type AnswerKey = [u8; 32];

/// The key of a request; none for what is no JSON object.
pub(crate) fn of(operation: &str, body: &[u8]) -> Option<AnswerKey> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.is_object().then(|| of_value(operation, &body))
}

/// The same of a request that is read already.
pub(super) fn of_value(operation: &str, body: &Value) -> AnswerKey {
    let mut digest = Sha256::new_with_prefix(operation);
    add(body, &mut digest);
    digest.finalize().into()
}

/// Each value with its kind and length before it, so that two different ones never look alike.
fn add(value: &Value, digest: &mut Sha256) {
    let mut part = |kind: u8, bytes: &[u8]| {
        digest.update([kind]);
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    match value {
        Value::Null => part(b'n', &[]),
        Value::Bool(is) => part(b'b', &[u8::from(*is)]),
        Value::Number(number) => part(b'd', number.to_string().as_bytes()),
        Value::String(text) => part(b's', text.as_bytes()),
        Value::Array(values) => {
            part(b'a', &(values.len() as u64).to_le_bytes());
            for value in values {
                add(value, digest);
            }
        }
        Value::Object(fields) => {
            part(b'o', &(fields.len() as u64).to_le_bytes());
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            for (name, value) in fields {
                digest.update((name.len() as u64).to_le_bytes());
                digest.update(name.as_bytes());
                add(value, digest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(body: &str) -> Option<AnswerKey> {
        of("chat.completions", body.as_bytes())
    }

    #[test]
    fn blanks_and_the_order_of_fields_make_no_difference_and_everything_else_does() {
        let same = [
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"n":1}"#,
            r#" { "n" : 1, "messages" : [ {"content":"\u0068i","role":"user"} ], "model":"m" } "#,
        ];
        assert_eq!(key(same[0]), key(same[1]));
        let others = [
            r#"{"model":"m","messages":[{"role":"user","content":"hi "}],"n":1}"#,
            r#"{"model":"n","messages":[{"role":"user","content":"hi"}],"n":1}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"n":2}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"n":"1"}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"n":1,"stream":true}"#,
            r#"{"model":"m","messages":[{"role":"system","content":"hi"}],"n":1}"#,
            r#"{"model":"m","messages":[{"role":"user","content":["hi"]}],"n":1}"#,
            r#"{"model":"m","messages":[{"role":"user"},{"content":"hi"}],"n":1}"#,
        ];
        for other in others {
            assert_ne!(key(same[0]), key(other), "{other}");
        }
        assert_ne!(of("completions", same[0].as_bytes()), key(same[0]));
        assert_eq!((key("[]"), key("{")), (None, None));
    }
}
