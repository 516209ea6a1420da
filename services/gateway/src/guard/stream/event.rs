//! What does an event say, and of which text is it a piece?

use crate::{
    guard::{
        places::{self, Kind, Step},
        texts::{self, Text},
    },
    operation::Operation,
};
use std::ops::Range;

/// Fields that tell of which text, where several come at the same time.
const MARKS: &[&str] = &["index", "output_index", "content_index", "summary_index", "item_id", "thought"];

pub(super) struct Seen {
    /// The name of the text, where its piece stands in the data, and what kind of text it is.
    pub pieces: Vec<(String, Range<usize>, Text)>,
}

impl Seen {
    pub(super) fn of(operation: Operation, json: &str) -> Self {
        let (mut texts, mut marks, mut kind) = (vec![], vec![], "");
        places::visit(json, &mut |path, what, at| {
            match path {
                [Step::Field("type")] => kind = json.get(at.start + 1..at.end.saturating_sub(1)).unwrap_or_default(),
                [before @ .., Step::Field(name)] if MARKS.contains(name) => {
                    marks.push((before.to_vec(), &json[at.clone()]));
                }
                _ => {}
            }
            if what == Kind::Text {
                texts.push((path.to_vec(), at));
            }
        });
        let pieces = texts.into_iter().filter_map(|(path, at)| {
            let text = texts::piece(operation, kind, &path)?;
            Some((name(kind, &path, &marks), at, text))
        });
        Self { pieces: pieces.collect() }
    }
}

/// The same for each piece of one text: its way, with the numbers that the event gives in place of those of its arrays.
fn name(kind: &str, path: &[Step<'_>], marks: &[(Vec<Step<'_>>, &str)]) -> String {
    let mut name = kind.to_owned();
    let mark = |before: &[Step<'_>], name: &mut String| {
        for (_, value) in marks.iter().filter(|(of, _)| of == before) {
            name.push('#');
            name.push_str(value);
        }
    };
    mark(&[], &mut name);
    for (at, step) in path.iter().enumerate() {
        match step {
            Step::Field(field) => {
                name.push('.');
                name.push_str(field);
            }
            Step::Item(index) => {
                let before = &path[..=at];
                if marks.iter().any(|(of, _)| of == before) {
                    mark(before, &mut name);
                } else {
                    name.push_str(&format!("[{index}]"));
                }
            }
        }
    }
    name
}
