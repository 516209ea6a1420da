//! Is there JSON in what a model wrote, and which?

use super::unfinished::{self, Scan};
use serde_json::Value;
use std::fmt;

/// Longer texts are not looked at.
pub const MAX_BYTES: usize = 1 << 20;
/// Each attempt may read all of the text: so many are enough for any prose before a document.
const MAX_ATTEMPTS: usize = 64;

/// A document that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// What it says.
    pub value: Value,
    /// It was not all of the text, or not all of it was there.
    pub repaired: bool,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// More than [`MAX_BYTES`].
    TooLong,
    /// No object and no array begins anywhere.
    NoJson,
    /// One begins, and cannot be read: where and why, in the words of the parser.
    Syntax(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "more than {MAX_BYTES} bytes"),
            Self::NoJson => f.write_str("there is no JSON object"),
            Self::Syntax(why) => write!(f, "not JSON: {why}"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// The document of a text: strictly, or without what stands around it, without trailing commas, and without the last item
/// where the text breaks off. Of several documents the longest. Errors: [`Unreadable`].
pub fn json(text: &str) -> Result<Read, Unreadable> {
    if text.len() > MAX_BYTES {
        return Err(Unreadable::TooLong);
    }
    let strict = serde_json::from_str(text.trim().trim_start_matches('\u{feff}'));
    match strict {
        Ok(value) => Ok(Read { value, repaired: false }),
        Err(error) => repaired(answer(text)).ok_or_else(|| {
            if text.contains(['{', '[']) { Unreadable::Syntax(error.to_string()) } else { Unreadable::NoJson }
        }),
    }
}

/// What is thought aloud before the answer may hold drafts of it.
fn answer(text: &str) -> &str {
    text.rsplit_once("</think>").map_or(text, |(_, answer)| answer)
}

fn repaired(text: &str) -> Option<Read> {
    let mut best: Option<(usize, Value)> = None;
    let mut at = 0;
    for _ in 0..MAX_ATTEMPTS {
        let Some(start) = text[at..].find(['{', '[']).map(|found| at + found) else { break };
        let found = unfinished::scan(&text[start..]).and_then(|Scan { text: document, used }| {
            serde_json::from_str::<Value>(&document).ok().map(|value| (used, value))
        });
        at = start + found.as_ref().map_or(1, |(used, _)| *used);
        if let Some(found) = found.filter(|(used, _)| best.as_ref().is_none_or(|(longest, _)| used > longest)) {
            best = Some(found);
        }
    }
    best.map(|(_, value)| Read { value, repaired: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json as value;

    fn read(text: &str) -> (Value, bool) {
        let Read { value, repaired } = json(text).expect("a document");
        (value, repaired)
    }

    #[test]
    fn what_stands_around_a_document_is_left_out() {
        let wanted = value!({"a": [1, 2], "b": "x } y"});
        assert_eq!(read(" {\"a\":[1,2],\"b\":\"x } y\"}\n"), (wanted.clone(), false));
        for text in [
            "```json\n{\"a\":[1,2],\"b\":\"x } y\"}\n```",
            "Here it is [1]: {\"a\": [1, 2,], \"b\": \"x } y\",} I hope it helps {or not}.",
            "<think>{\"a\":[1,2,3,4,5,6,7,8],\"b\":\"a longer draft\"}</think>{\"a\":[1,2],\"b\":\"x } y\"}",
        ] {
            assert_eq!(read(text), (wanted.clone(), true), "{text}");
        }
        assert_eq!(read("ok: {\"a\":\"two\nlines\"}").0, value!({"a": "two\nlines"}), "a raw line break in a string");
    }

    #[test]
    fn what_breaks_off_ends_with_its_last_whole_item() {
        for (text, wanted) in [
            (r#"{"a":1,"b":[{"x":1},{"x":2,"y"#, value!({"a": 1, "b": [{"x": 1}]})),
            (r#"{"a":1,"b":"half of a sen"#, value!({"a": 1})),
            (r#"{"a":1,"b":{"c":2,"d":tru"#, value!({"a": 1, "b": {"c": 2}})),
            (r#"{"a":[1,2,12"#, value!({"a": [1, 2]})),
            (r#"{"a":[1,2,"#, value!({"a": [1, 2]})),
            (r#"{"a":"\"#, value!({})),
            (r#"[[1],[2"#, value!([[1], []])),
            ("[", value!([])),
        ] {
            assert_eq!(read(text), (wanted, true), "{text}");
        }
    }

    #[test]
    fn what_is_no_document_is_told_why() {
        assert_eq!(json("I cannot help with that."), Err(Unreadable::NoJson));
        assert_eq!(json(&" ".repeat(MAX_BYTES + 1)), Err(Unreadable::TooLong));
        assert!(matches!(json("{not json}"), Err(Unreadable::Syntax(_))));
        assert!(json(&"[".repeat(100_000)).is_err(), "deeper than anything that is asked for");
        assert!(json(&"{\"a\":".repeat(100_000)).is_err());
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("[a-zé\"]{0,5}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}", brackets in "[{}\\[\\]\":,a1\\\\ \n]{0,80}") {
            let _ = (json(&text), json(&brackets));
        }

        #[test]
        fn no_truncation_panics_and_the_whole_is_what_was_written(inner in document(), key in "[a-z]{1,4}") {
            let whole = value!({ key: inner });
            let text = whole.to_string();
            prop_assert_eq!(json(&text).map(|read| read.value), Ok(whole.clone()));
            let padded = json(&format!("Sure!\n```json\n{text}\n```\nDone.")).map(|read| read.value);
            prop_assert_eq!(padded, Ok(whole));
            for (end, _) in text.char_indices().skip(1) {
                prop_assert!(json(&text[..end]).is_ok_and(|read| read.repaired), "{}", &text[..end]);
            }
        }
    }
}
