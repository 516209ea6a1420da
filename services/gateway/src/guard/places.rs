//! Where is which value in a JSON text? Values are replaced where they stand, so that everything else stays as it is.

use std::ops::Range;

/// The way to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A field, its name as it is written.
    Field(&'a str),
    Item(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Object,
    Array,
    /// true, false or null
    Word,
}

/// Hears of a value: the way to it, what it is, and where it stands.
type Visit<'a, 'v> = dyn FnMut(&[Step<'a>], Kind, Range<usize>) + 'v;

/// Tells `visit` every value of `json`, those within others first. What is no JSON is told as far as it looks like it.
pub(super) fn visit<'a>(json: &'a str, visit: &mut Visit<'a, '_>) {
    Scan { json, at: 0, visit }.value(&mut Vec::new());
}

struct Scan<'a, 'v> {
    json: &'a str,
    at: usize,
    visit: &'v mut Visit<'a, 'v>,
}

impl<'a> Scan<'a, '_> {
    fn value(&mut self, path: &mut Vec<Step<'a>>) {
        self.blanks();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => {
                self.members(path);
                Kind::Object
            }
            Some(b'[') => {
                self.items(path);
                Kind::Array
            }
            Some(b'"') => {
                self.text();
                Kind::Text
            }
            Some(byte) => {
                self.skip(|byte| !matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r'));
                if byte == b'-' || byte.is_ascii_digit() { Kind::Number } else { Kind::Word }
            }
            None => return,
        };
        (self.visit)(path, kind, start..self.at);
    }

    fn members(&mut self, path: &mut Vec<Step<'a>>) {
        self.at += 1;
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                break;
            }
            let name = self.at + 1;
            self.text();
            let name = self.json.get(name..self.at.saturating_sub(1)).unwrap_or_default();
            self.blanks();
            self.take(b':');
            path.push(Step::Field(name));
            self.value(path);
            path.pop();
            self.blanks();
            if !self.take(b',') {
                break;
            }
        }
        self.take(b'}');
    }

    fn items(&mut self, path: &mut Vec<Step<'a>>) {
        self.at += 1;
        for index in 0.. {
            self.blanks();
            if matches!(self.peek(), None | Some(b']' | b'}')) {
                break;
            }
            path.push(Step::Item(index));
            self.value(path);
            path.pop();
            self.blanks();
            if !self.take(b',') {
                break;
            }
        }
        self.take(b']');
    }

    /// Over a text, quotes included.
    fn text(&mut self) {
        let bytes = self.json.as_bytes();
        self.at += 1;
        while let Some(found) = bytes.get(self.at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            self.at += found;
            if bytes[self.at] == b'"' {
                self.at += 1;
                return;
            }
            self.at = (self.at + 2).min(bytes.len());
        }
        self.at = bytes.len();
    }

    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn blanks(&mut self) {
        self.skip(|byte| byte.is_ascii_whitespace());
    }

    fn skip(&mut self, is_over: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is_over) {
            self.at += 1;
        }
    }
}

/// Puts each new text in the place of what stands there. Places do not overlap.
pub(super) fn replace(json: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(at, _)| at.start);
    let mut out = String::with_capacity(json.len());
    let mut from = 0;
    for (at, new) in edits {
        out.push_str(&json[from..at.start]);
        out.push_str(&new);
        from = at.end;
    }
    out.push_str(&json[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn told(json: &str) -> Vec<String> {
        let mut all = vec![];
        visit(json, &mut |path, _, at| {
            let path: Vec<_> = path
                .iter()
                .map(|step| match step {
                    Step::Field(name) => (*name).to_owned(),
                    Step::Item(index) => index.to_string(),
                })
                .collect();
            all.push(format!("{}={}", path.join("."), &json[at]));
        });
        all
    }

    #[test]
    fn every_value_is_told_with_its_way_and_its_place() {
        let json = r#" {"a" : "x\"}", "b":[1, {"c":null}, []],"d":-2.5e3}"#;
        let expected = [
            r#"a="x\"}""#,
            "b.0=1",
            "b.1.c=null",
            r#"b.1={"c":null}"#,
            "b.2=[]",
            r#"b=[1, {"c":null}, []]"#,
            "d=-2.5e3",
        ];
        assert_eq!(told(json)[..7], expected);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\"\\\\é{}\\[\\],: ]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-z\"]{0,3}", inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn what_is_told_is_what_a_parser_reads(value in value(), pretty: bool) {
            let json = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let mut places = vec![];
            visit(&json, &mut |_, _, at| places.push(at));
            for at in &places {
                prop_assert!(serde_json::from_str::<Value>(&json[at.clone()]).is_ok());
            }
            let whole = places.last().expect("the value itself");
            prop_assert_eq!(serde_json::from_str::<Value>(&json[whole.clone()]).unwrap(), value);
        }

        #[test]
        fn what_is_no_json_ends_all_the_same(text in "[\\[\\]{}\",:a-z0-9\\\\ ]{0,40}") {
            visit(&text, &mut |_, _, at| assert!(at.end <= text.len()));
        }
    }
}
