//! Is this whole answer what was asked for, and what did it use?

use crate::{
    operation::{Answer, Operation},
    provider::fault::{Fault, Kind},
    wire::{units, usage},
};
use proto::usage::{Tokens, Units};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The parts of an answer that the gateway acts on, of any operation.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    choices: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    results: Option<&'a RawValue>,
    #[serde(borrow)]
    input_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// What a good answer says about itself.
#[derive(Debug, PartialEq)]
pub(crate) struct Facts {
    pub usage: Option<Tokens>,
    /// What was used that may be billed by something else than tokens.
    pub units: Option<Units>,
    /// Bytes of what was asked for, for our own count.
    pub bytes: usize,
}

/// Checks an answer with a good status. Errors: what it is instead.
pub(crate) fn read(operation: Operation, content_type: &str, body: &[u8]) -> Result<Facts, Fault> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::malformed("an empty body"));
    }
    match operation.answer() {
        // A form may ask for captions or plain text, of which nothing is known but that they are no web page.
        Answer::Text if !is_json(content_type) => return plain(content_type, body),
        Answer::Bytes => return Ok(Facts { usage: None, units: None, bytes: 0 }),
        _ => {}
    }
    if !content_type.is_empty() && !is_json(content_type) {
        return Err(Fault::malformed(format!("its content type is {}", brief(content_type))));
    }
    let text = std::str::from_utf8(body).map_err(|_| Fault::malformed("it is not UTF-8"))?;
    if !text.trim_start().starts_with('{') {
        return Err(Fault::malformed("it is no JSON object"));
    }
    let parts: Parts<'_> = serde_json::from_str(text).map_err(|_| Fault::malformed("it is not valid JSON"))?;
    if let Some(error) = parts.error {
        return Err(Fault::new(Kind::Reported(reported(error))));
    }
    let usage = parts.usage.and_then(|usage| usage::read_of(operation, usage));
    let bytes = match operation.answer() {
        // A transcription is an object or, in other formats, text.
        Answer::Text | Answer::Bytes => body.len(),
        Answer::Number(field) => {
            let number = parts.input_tokens.filter(|number| number.get().parse::<u64>().is_ok());
            number.ok_or_else(|| Fault::malformed(format!("it has no {field}"))).map(|_| 0)?
        }
        Answer::Array(field) => {
            let array = parts.array(field).filter(|array| array.get().starts_with('['));
            array.ok_or_else(|| Fault::malformed(format!("it has no {field}")))?.get().len()
        }
    };
    // Providers count for nothing.
    let usage = usage.or_else(|| matches!(operation.answer(), Answer::Number(_)).then(Tokens::default));
    // What is no text of a model is nothing that our count of tokens fits.
    let units = units::told(operation, text);
    Ok(Facts { usage, units, bytes: if operation.is_text() { bytes } else { 0 } })
}

impl<'a> Parts<'a> {
    fn array(&self, field: &str) -> Option<&'a RawValue> {
        match field {
            "choices" => self.choices,
            "output" => self.output,
            "content" => self.content,
            "data" => self.data,
            _ => self.results,
        }
    }
}

/// Text that is no JSON.
fn plain(content_type: &str, body: &[u8]) -> Result<Facts, Fault> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = essence.is_empty() || essence.starts_with("text/") || essence.starts_with("application/x-subrip");
    if !is_text || essence == "text/html" {
        return Err(Fault::malformed(format!("its content type is {}", brief(content_type))));
    }
    Ok(Facts { usage: None, units: None, bytes: body.len() })
}

/// `application/json`, `application/problem+json; charset=utf-8` and the like.
pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// What a provider's error object says, short enough for a sentence.
pub(crate) fn reported(error: &RawValue) -> String {
    #[derive(Deserialize)]
    struct Object {
        message: Option<String>,
    }
    let text = serde_json::from_str::<Object>(error.get()).ok().and_then(|o| o.message);
    let text = text.or_else(|| serde_json::from_str::<String>(error.get()).ok());
    brief(&text.unwrap_or_default())
}

/// Text of a provider, cut to a length that a message can hold.
pub(crate) fn brief(text: &str) -> String {
    const MOST: usize = 300;
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = clean.take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(content_type: &str, body: &str) -> String {
        read(Operation::Chat, content_type, body.as_bytes()).expect_err("a fault").to_string()
    }

    #[test]
    fn a_completion_is_accepted_with_its_usage() {
        let body = br#"{"choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":3,"completion_tokens":1},"error":null}"#;
        let usage = Some(Tokens { input: 3, output: 1, ..Tokens::default() });
        assert_eq!(
            read(Operation::Chat, "application/json; charset=utf-8", body),
            Ok(Facts { usage, units: None, bytes: 30 })
        );
    }

    #[test]
    fn nothing_that_only_looks_like_success_passes() {
        assert!(fault("text/html", "<html>").contains("text/html"));
        assert!(fault("application/json", " \n").contains("empty"));
        assert!(fault("application/json", "<html>").contains("no JSON object"));
        assert!(fault("application/json", "{\"choices\":[").contains("not valid JSON"));
        assert!(fault("", "{\"ok\":true}").contains("no choices"));
        assert_eq!(fault("", r#"{"error":{"message":"out of\ncoffee"}}"#), "reported an error: out of coffee");
    }
}
