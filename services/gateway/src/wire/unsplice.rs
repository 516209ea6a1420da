//! Where does a chunk show that usage was asked for? Providers add `"usage":null` to each one then, and a client that
//! did not ask is not to see what only the gateway wanted to know.

use serde_json::value::RawValue;
use std::ops::Range;

/// The part of the event `raw` to leave out: its `usage`, with one comma, if that is null.
///
/// `usage` is what the parser found, so this is the field of the chunk itself: the same text inside of a string or of
/// a nested object is never meant. None where it is anything but null, where its name is written with escapes, and
/// where the data of the event came in several lines, which the parser sees as a copy.
pub(crate) fn null_usage(raw: &[u8], usage: &RawValue) -> Option<Range<usize>> {
    let value = usage.get();
    if value != "null" || !raw.as_ptr_range().contains(&value.as_ptr()) {
        return None;
    }
    let at = value.as_ptr() as usize - raw.as_ptr() as usize;
    let (before, after) = (&raw[..at], &raw[at + value.len()..]);
    let before = before.trim_ascii_end().strip_suffix(b":")?;
    let before = before.trim_ascii_end().strip_suffix(b"\"usage\"")?.trim_ascii_end();
    if let Some(others) = before.strip_suffix(b",") {
        return Some(others.len()..at + value.len());
    }
    // It is the first field, so the comma to go is the one after it.
    let rest = after.trim_ascii_start().strip_prefix(b",").unwrap_or(after);
    Some(before.len()..raw.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{chunk::Chunk, sse::Event};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// The event without what is to be left out.
    fn shown(raw: &str) -> String {
        let event = Event::parse(raw.as_bytes());
        let data = event.data.as_deref().expect("data");
        let usage = Chunk::read(data).expect("a chunk").usage;
        match usage.and_then(|usage| null_usage(raw.as_bytes(), usage)) {
            Some(cut) => [&raw[..cut.start], &raw[cut.end..]].concat(),
            None => raw.to_owned(),
        }
    }

    #[test]
    fn it_is_found_wherever_it_stands_and_however_it_is_spaced() {
        for (raw, expected) in [
            ("data: {\"id\":\"c\",\"usage\":null}\n\n", "data: {\"id\":\"c\"}\n\n"),
            ("data:{\"id\":\"c\", \"usage\" : null, \"x\":1}\r\n\r\n", "data:{\"id\":\"c\", \"x\":1}\r\n\r\n"),
            ("data: { \"usage\": null , \"id\":\"c\"}\n\n", "data: { \"id\":\"c\"}\n\n"),
            ("data: {\"usage\":null}\n\n", "data: {}\n\n"),
            ("\u{feff}id: 4\ndata: {\"id\":\"日\",\"usage\":null}\r\r", "\u{feff}id: 4\ndata: {\"id\":\"日\"}\r\r"),
        ] {
            assert_eq!(shown(raw), expected);
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for raw in [
            "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"x\\\":1,\\\"usage\\\":null}\"}}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n",
            "data: {\"id\":\"c\",\"x_groq\":{\"id\":\"r\",\"usage\":null}}\n\n",
            "data: {\"id\":\"c\",\"my_usage\":null,\"usages\":null}\n\n",
            "data: {\"id\":\"c\",\"us\\u0061ge\":null}\n\n",
            "data: {\"id\":\"c\"\ndata: ,\"usage\":null}\n\n",
        ] {
            assert_eq!(shown(raw), raw);
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            "\\PC{0,12}".prop_map(Value::from),
            Just(json!(",\"usage\":null}")),
            Just(json!({"a": 1, "usage": null})),
            Just(json!([{"usage": null}, null, "\\"])),
            any::<f64>().prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn nothing_else_of_a_chunk_changes(
            values in prop::collection::vec(value(), 0..5), place: prop::sample::Index, space in "[ \t]{0,2}",
        ) {
            let mut fields: Vec<String> = values.iter().enumerate().map(|(n, v)| format!("\"f{n}\": {v}")).collect();
            let event = |fields: &[String]| format!("data: {{{}}}\n\n", fields.join(","));
            let expected = event(&fields);
            fields.insert(place.index(fields.len() + 1), format!("{space}\"usage\"{space}:{space}null"));
            prop_assert_eq!(shown(&event(&fields)), expected);
        }
    }
}
