//! What does one chunk of a streamed chat completion say? Read without copying: this runs once for every chunk.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// The parts of a chunk that the gateway acts on.
#[derive(Debug, Deserialize)]
pub(crate) struct Chunk<'a> {
    #[serde(borrow)]
    pub id: Option<Cow<'a, str>>,
    pub created: Option<i64>,
    #[serde(borrow)]
    pub model: Option<Cow<'a, str>>,
    #[serde(default)]
    pub choices: Option<Choices>,
    /// An explicit `null` is there, and stands where it was written.
    #[serde(borrow, default, deserialize_with = "present")]
    pub usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// All choices of a chunk, summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choices {
    pub count: usize,
    /// Something that a reader would see: text, a call, a refusal, anything but a role.
    pub content: bool,
    /// Some choice says why it ended.
    pub finished: bool,
    /// Bytes of content as written in JSON, for our own count of tokens.
    pub bytes: usize,
}

impl<'a> Chunk<'a> {
    /// Reads the data of an event. None: it is not a JSON object, or not of this form.
    pub(crate) fn read(data: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(data).ok()?;
        // Serde would also take an array for a struct.
        if !text.trim_start().starts_with('{') {
            return None;
        }
        serde_json::from_str(text).ok()
    }

    /// Whether this chunk is there for the usage only.
    pub(crate) fn is_only_usage(&self) -> bool {
        self.usage.is_some_and(|u| u.get() != "null") && self.choices.is_none_or(|c| c.count == 0)
    }
}

fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Sum;
        impl<'de> Visitor<'de> for Sum {
            type Value = Choices;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of choices")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Choices, A::Error> {
                let mut sum = Choices::default();
                while let Some(choice) = seq.next_element::<Choice<'de>>()? {
                    let delta = choice.delta.unwrap_or_default();
                    sum.count += 1;
                    sum.finished |= choice.finish_reason.is_some();
                    // What a completion of a prompt says is no delta.
                    let text = choice.text.map_or("", RawValue::get);
                    let has_text = !matches!(text, "" | "null" | "\"\"");
                    sum.content |= delta.content || has_text;
                    sum.bytes += delta.bytes + if has_text { text.len().saturating_sub(2) } else { 0 };
                }
                Ok(sum)
            }
        }
        from.deserialize_seq(Sum)
    }
}

#[derive(Deserialize)]
struct Choice<'a> {
    delta: Option<Delta>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    finish_reason: Option<&'a RawValue>,
}

#[derive(Clone, Copy, Default)]
struct Delta {
    content: bool,
    bytes: usize,
}

impl<'de> Deserialize<'de> for Delta {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Delta;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a delta")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Delta, A::Error> {
                let mut delta = Delta::default();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    let value = map.next_value::<&RawValue>()?.get();
                    // Providers open a stream with a role and an empty text. Anything else is an answer.
                    if key != "role" && !matches!(value, "null" | "\"\"" | "[]" | "{}") {
                        delta.content = true;
                        delta.bytes += value.len().saturating_sub(2);
                    }
                }
                Ok(delta)
            }
        }
        from.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(json: &str) -> Choices {
        Chunk::read(json.as_bytes()).expect("a chunk").choices.expect("choices")
    }

    #[test]
    fn a_role_is_no_content_and_everything_else_is() {
        let open = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}]}"#;
        assert_eq!(choices(open), Choices { count: 1, ..Choices::default() });
        for delta in [r#"{"content":"x"}"#, r#"{"tool_calls":[{"index":0}]}"#, r#"{"reasoning_content":"x"}"#] {
            assert!(choices(&format!(r#"{{"choices":[{{"delta":{delta}}}]}}"#)).content, "{delta}");
        }
    }

    #[test]
    fn what_a_completion_says_is_content_and_counts() {
        assert_eq!(
            choices(r#"{"choices":[{"index":0,"text":" word","finish_reason":null}]}"#),
            Choices { count: 1, content: true, finished: false, bytes: 5 }
        );
        assert!(!choices(r#"{"choices":[{"index":0,"text":"","finish_reason":null}]}"#).content);
    }

    #[test]
    fn the_end_of_one_of_several_choices_is_seen() {
        let json = r#"{"choices":[{"delta":{}},{"delta":{},"finish_reason":"stop"}]}"#;
        assert_eq!(choices(json), Choices { count: 2, finished: true, ..Choices::default() });
    }

    #[test]
    fn a_chunk_for_the_usage_is_told_from_one_with_content() {
        let read = |json: &'static str| Chunk::read(json.as_bytes()).expect("a chunk").is_only_usage();
        assert!(read(r#"{"choices":[],"usage":{"prompt_tokens":1}}"#));
        assert!(read(r#"{"usage":{"prompt_tokens":1}}"#));
        assert!(!read(r#"{"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":1}}"#));
        assert!(!read(r#"{"choices":[],"usage":null}"#));
    }

    #[test]
    fn what_is_no_chunk_is_none() {
        for data in [&b"{\"choices\":[{"[..], b"[]", b"hello", b"", b"{\"choices\":5}", b"{\"id\":\"\xff\"}"] {
            assert!(Chunk::read(data).is_none(), "{data:?}");
        }
    }
}
