//! What does the client ask for? Reads the few fields that the gateway acts on; the rest goes to the provider unseen.

use crate::{
    Error,
    operation::{Events, Operation},
    wire::units,
};
use proto::usage::Units;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{borrow::Cow, ops::Range};

/// Nesting that no honest request comes near to, and that parsers behind us survive.
const MAX_DEPTH: usize = 128;
/// The longest name of a model, in bytes.
const MAX_MODEL_BYTES: usize = 256;

/// What is known of a request before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peek {
    /// `model` as the client wrote it, or the one that stands for none.
    pub model: String,
    /// What has to be replaced to ask for another model.
    pub model_at: Place,
    pub stream: bool,
    /// Whether the client wants to see the usage of a stream.
    pub include_usage: bool,
    /// Where `include_usage: true` would have to be written.
    pub usage_slot: Slot,
    /// Output tokens that the client allows for all choices together, where it says so.
    pub max_output: Option<i64>,
    /// Choices asked for.
    pub choices: i64,
    /// Our estimate of the input, in tokens.
    pub input_estimate: i64,
    /// What is asked for that may be billed by something else.
    pub units: Units,
}

/// Where the model stands in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Its JSON value, quotes included.
    Value(Range<usize>),
    /// Nowhere: a field would have to be written here.
    Field(usize),
    /// Its text in a form.
    Text(Range<usize>),
}

/// A place in the body, and what to write there to have the usage of a stream included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub at: Range<usize>,
    pub text: &'static str,
}

/// What any operation may have.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    model: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    messages: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    system: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    instructions: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    tools: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    input: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    prompt: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    query: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    documents: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    stream: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    stream_format: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    stream_options: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    max_tokens: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    max_completion_tokens: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    max_output_tokens: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    n: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    quality: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    size: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct StreamOptions<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    include_usage: Option<&'a RawValue>,
}

/// Keeps an explicit `null`, whose place matters to the splice.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// Reads the JSON of a request. Errors: `MALFORMED_REQUEST`, and `INVALID_ARGUMENT` with the field.
pub(crate) fn peek(operation: Operation, body: &[u8]) -> Result<Peek, Error> {
    let text = std::str::from_utf8(body).map_err(|e| Error::NotUtf8 { at: e.valid_up_to() })?;
    if crate::wire::depth::is_deeper_than(body, MAX_DEPTH) {
        return Err(Error::TooDeep { limit: MAX_DEPTH });
    }
    if text.trim_start().bytes().next().is_some_and(|b| b != b'{') {
        // Said first, because serde would take an array for a struct by position.
        serde_json::from_str::<&RawValue>(text).map_err(Error::malformed)?;
        return Err(Error::NotAnObject);
    }
    let fields: Body<'_> = serde_json::from_str(text).map_err(Error::malformed)?;
    let (model, model_at) = model(operation, body, text, fields.model)?;
    let stream = match operation {
        Operation::Speech => fields.stream_format.is_some_and(|format| format.get() == "\"sse\""),
        _ => typed::<bool>("stream", fields.stream, "must be true or false")?.unwrap_or(false),
    };
    // Only chunks have it; of others the usage is a part.
    let options = fields.stream_options.filter(|_| operation.events() == Events::Chunks);
    let (include_usage, usage_slot) = usage_slot(body, text, options)?;
    let choices = count("n", fields.n)?.unwrap_or(1).clamp(1, 128);
    let bytes = i64::try_from(input(operation, &fields)?).unwrap_or(i64::MAX);
    Ok(Peek {
        model,
        model_at,
        stream,
        include_usage,
        usage_slot,
        max_output: max_output(operation, &fields)?.map(|m| m.saturating_mul(choices)),
        choices,
        input_estimate: crate::meter::tokens_of_bytes(bytes),
        units: units::asked(operation, &said(&fields, choices)),
    })
}

/// What says what may be billed by something else than tokens.
const fn said<'a>(fields: &Body<'a>, choices: i64) -> units::Fields<'a> {
    let Body { input, documents, quality, size, .. } = *fields;
    units::Fields { choices, input, documents, quality, size }
}

/// The bytes of what is asked. Errors: it is missing, where nothing can be asked without.
fn input(operation: Operation, fields: &Body<'_>) -> Result<usize, Error> {
    let length = |raw: Option<&RawValue>| raw.map_or(0, |raw| raw.get().len());
    let needed = |field: &str, raw: Option<&RawValue>| match raw {
        Some(raw) if raw.get() != "null" => Ok(raw.get().len()),
        _ => Err(Error::field(field, "is required")),
    };
    Ok(match operation {
        Operation::Chat | Operation::Messages | Operation::CountTokens => {
            let messages = fields.messages.ok_or_else(|| Error::field("messages", "is required"))?;
            if !messages.get().starts_with('[') {
                return Err(Error::field("messages", "must be an array of messages"));
            }
            messages.get().len()
                + if operation.is_anthropic() { length(fields.system) + length(fields.tools) } else { 0 }
        }
        Operation::Responses => length(fields.input) + length(fields.instructions) + length(fields.tools),
        Operation::Completions => length(fields.prompt),
        Operation::Embeddings | Operation::Moderations | Operation::Speech => needed("input", fields.input)?,
        Operation::Images => needed("prompt", fields.prompt)?,
        Operation::Rerank => needed("query", fields.query)? + needed("documents", fields.documents)?,
        // Their own words are told as a chat completion before they are read.
        Operation::Transcriptions | Operation::Generate | Operation::Ollama => 0,
    })
}

/// Output tokens for each choice, where the client says so. Errors: it must say so and does not.
fn max_output(operation: Operation, fields: &Body<'_>) -> Result<Option<i64>, Error> {
    Ok(match operation {
        Operation::Chat => {
            let max = count("max_completion_tokens", fields.max_completion_tokens)?;
            max.or(count("max_tokens", fields.max_tokens)?)
        }
        Operation::Completions => count("max_tokens", fields.max_tokens)?,
        Operation::Responses => count("max_output_tokens", fields.max_output_tokens)?,
        Operation::Messages => {
            let max = count("max_tokens", fields.max_tokens)?;
            Some(max.ok_or_else(|| Error::field("max_tokens", "is required"))?)
        }
        _ if !operation.has_output() => Some(0),
        _ => None,
    })
}

/// The model, and where it stands.
fn model(operation: Operation, body: &[u8], text: &str, raw: Option<&RawValue>) -> Result<(String, Place), Error> {
    let Some(given) = raw.filter(|r| r.get() != "null") else {
        let model = operation.default_model().ok_or_else(|| Error::field("model", "is required"))?;
        let place = raw.map_or_else(|| Place::Field(open(text)), |null| Place::Value(span(body, null)));
        return Ok((model.to_owned(), place));
    };
    let model: Cow<'_, str> =
        serde_json::from_str(given.get()).map_err(|_| Error::field("model", "must be a string"))?;
    Ok((named(model.into_owned())?, Place::Value(span(body, given))))
}

/// The name of a model, if it can be one.
pub(super) fn named(model: String) -> Result<String, Error> {
    if model.is_empty() {
        return Err(Error::field("model", "must not be empty"));
    }
    if model.len() > MAX_MODEL_BYTES {
        return Err(Error::field("model", format!("must be at most {MAX_MODEL_BYTES} bytes long")));
    }
    Ok(model)
}

/// After the brace that opens an object.
fn open(text: &str) -> usize {
    text.find('{').map_or(0, |at| at + 1)
}

/// Whether usage is asked for, and where to ask for it.
fn usage_slot(body: &[u8], text: &str, options: Option<&RawValue>) -> Result<(bool, Slot), Error> {
    let Some(raw) = options else {
        let open = open(text);
        return Ok((false, Slot { at: open..open, text: "\"stream_options\":{\"include_usage\":true}," }));
    };
    let at = span(body, raw);
    if raw.get() == "null" {
        return Ok((false, Slot { at, text: "{\"include_usage\":true}" }));
    }
    if !raw.get().starts_with('{') {
        return Err(Error::field("stream_options", "must be an object"));
    }
    let options: StreamOptions<'_> =
        serde_json::from_str(raw.get()).map_err(|_| Error::field("stream_options", "must be an object"))?;
    let Some(asked) = options.include_usage else {
        let is_empty = raw.get()[1..].trim_start().starts_with('}');
        let text = if is_empty { "\"include_usage\":true" } else { "\"include_usage\":true," };
        return Ok((false, Slot { at: at.start + 1..at.start + 1, text }));
    };
    let include = typed::<bool>("stream_options.include_usage", Some(asked), "must be true or false")?.unwrap_or(false);
    Ok((include, Slot { at: span(body, asked), text: "true" }))
}

fn typed<T: DeserializeOwned>(field: &str, raw: Option<&RawValue>, problem: &str) -> Result<Option<T>, Error> {
    raw.map_or(Ok(None), |r| serde_json::from_str::<Option<T>>(r.get()).map_err(|_| Error::field(field, problem)))
}

fn count(field: &str, raw: Option<&RawValue>) -> Result<Option<i64>, Error> {
    let problem = "must be a whole number of at least 1";
    match typed::<i64>(field, raw, problem)? {
        Some(n) if n < 1 => Err(Error::field(field, problem)),
        n => Ok(n),
    }
}

/// Where a borrowed value stands in the text that it was read from.
fn span(body: &[u8], raw: &RawValue) -> Range<usize> {
    let start = raw.get().as_ptr() as usize - body.as_ptr() as usize;
    start..start + raw.get().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::{Failure, Reason};

    fn refusal(body: &[u8]) -> Failure {
        peek(Operation::Chat, body).expect_err("a refusal").into()
    }

    #[test]
    fn what_matters_is_read_and_its_place_is_known() {
        let body =
            br#"{"messages":[{"role":"user","content":"hi"}],"model":"a\u002fb","stream":true,"n":2,"max_tokens":10}"#;
        let peek = peek(Operation::Chat, body).expect("a request");
        assert_eq!((peek.model.as_str(), peek.stream, peek.choices, peek.max_output), ("a/b", true, 2, Some(20)));
        let Place::Value(at) = peek.model_at else { panic!("a value") };
        assert_eq!(&body[at], br#""a\u002fb""#);
    }

    #[test]
    fn malformed_json_is_refused_with_line_and_column() {
        let failure = refusal(b"{\"model\":\"a\",\n \"messages\":[}");
        assert_eq!(failure.reason, Reason::MalformedRequest);
        assert!(failure.message.contains("line 2 column 14"), "{failure}");
    }

    #[test]
    fn each_wrong_field_is_named() {
        let cases: &[(&str, &str)] = &[
            (r#"{"messages":[]}"#, "model"),
            (r#"{"model":null,"messages":[]}"#, "model"),
            (r#"{"model":5,"messages":[]}"#, "model"),
            (r#"{"model":"","messages":[]}"#, "model"),
            (r#"{"model":"m"}"#, "messages"),
            (r#"{"model":"m","messages":null}"#, "messages"),
            (r#"{"model":"m","messages":{}}"#, "messages"),
            (r#"{"model":"m","messages":[],"stream":"yes"}"#, "stream"),
            (r#"{"model":"m","messages":[],"stream_options":[]}"#, "stream_options"),
            (r#"{"model":"m","messages":[],"stream_options":{"include_usage":1}}"#, "stream_options.include_usage"),
            (r#"{"model":"m","messages":[],"max_tokens":-1}"#, "max_tokens"),
            (r#"{"model":"m","messages":[],"max_completion_tokens":1.5}"#, "max_completion_tokens"),
            (r#"{"model":"m","messages":[],"n":"2"}"#, "n"),
        ];
        for (body, field) in cases {
            let failure = refusal(body.as_bytes());
            assert_eq!(failure.reason, Reason::InvalidArgument, "{body}");
            assert_eq!(failure.fields[0].0, *field, "{body}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_refused_without_a_panic() {
        let deep = format!("{{\"model\":\"m\",\"messages\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        for body in [&b""[..], b"  ", b"[]", b"\"x\"", b"null", b"{\"model\":\"\xff\"}", deep.as_bytes(), b"{\"model\""]
        {
            assert_eq!(refusal(body).reason, Reason::MalformedRequest, "{body:?}");
        }
    }

    #[test]
    fn a_field_given_twice_is_refused_because_two_readers_could_disagree() {
        assert_eq!(refusal(br#"{"model":"a","model":"b","messages":[]}"#).reason, Reason::MalformedRequest);
    }
}
