//! Looks at a whole text, alone or within JSON, and takes out what has to go.

use super::{
    Blocked, Guards, Tally,
    places::{self, Kind, Step},
    rule::Rule,
    tally::holds_back,
    texts::Text,
    unescape::Unescaped,
};
use proto::guardrails::{Action, Stage};
use std::{borrow::Cow, ops::Range};

/// Numbers with fewer signs are none of what anybody looks for.
const SHORTEST_NUMBER: usize = 9;

/// Fields of this name that are nested deeper are somebody's own.
const MOST_NESTED: usize = 8;

/// What is done about a match.
pub(super) struct Cut {
    pub at: Range<usize>,
    pub replacement: String,
}

impl Cut {
    /// A cut that is given by its place in `text`, by where that stands as it is written.
    pub(super) fn written(self, text: &Unescaped) -> Self {
        let (from, to) = (self.at.start + text.base(), self.at.end + text.base());
        let replacement = text.replacement(self.at.start, &self.replacement);
        Self { at: text.written(from)..text.written(to), replacement }
    }
}

/// Looks at the texts of a document, which are those for which `is_text` says so. None: it may pass as it is. Errors: a rule
/// does not let it pass.
pub(super) fn look(
    guards: &Guards,
    stage: Stage,
    json: &str,
    is_text: impl Fn(&[Step<'_>]) -> Option<Text>,
    tally: &Tally,
) -> Result<Option<String>, Blocked> {
    let (mut edits, mut blocked) = (vec![], None);
    places::visit(json, &mut |path, kind, at| {
        if blocked.is_some() || !matches!(kind, Kind::Text | Kind::Number) {
            return;
        }
        let Some(text) = is_text(path) else { return };
        match edited(guards, stage, &json[at.clone()], kind, text, tally) {
            Ok(Some(new)) => edits.push((at, new)),
            Ok(None) => {}
            Err(error) => blocked = Some(error),
        }
    });
    if let Some(blocked) = blocked {
        return Err(blocked);
    }
    if edits.is_empty() {
        return Ok(None);
    }
    Ok(Some(with_edits(json, edits)))
}

/// The document with these texts changed. Chances of tokens, which repeat a text token by token, are not told any more.
pub(super) fn with_edits(json: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    places::visit(json, &mut |path, kind, at| {
        let is_told = matches!(kind, Kind::Array | Kind::Object);
        if is_told
            && matches!(path.last(), Some(Step::Field("logprobs" | "logprobsResult")))
            && path.len() < MOST_NESTED
        {
            edits.push((at, if kind == Kind::Array { "[]" } else { "null" }.to_owned()));
        }
    });
    places::replace(json, edits)
}

/// The value with what has to go taken out. None: it may stay as it is.
fn edited(
    guards: &Guards,
    stage: Stage,
    raw: &str,
    kind: Kind,
    text: Text,
    tally: &Tally,
) -> Result<Option<String>, Blocked> {
    if kind == Kind::Number {
        let cuts = if raw.len() < SHORTEST_NUMBER { vec![] } else { cuts(guards, stage, raw, Text::Plain, tally)? };
        return Ok((!cuts.is_empty()).then(|| quoted(&apply(raw, &cuts))));
    }
    let written = decoded(raw);
    // Pictures and sound within an address.
    if written.starts_with("data:") && written.contains(";base64,") {
        return Ok(None);
    }
    let cuts = cuts(guards, stage, &written, text, tally)?;
    Ok((!cuts.is_empty()).then(|| quoted(&apply(&written, &cuts))))
}

/// What the rules find in a whole text, in order and without overlaps. Errors: a rule does not let it pass.
pub(super) fn cuts(guards: &Guards, stage: Stage, text: &str, kind: Text, tally: &Tally) -> Result<Vec<Cut>, Blocked> {
    let meant = (kind == Text::Json).then(|| Unescaped::whole(text));
    let searched = meant.as_ref().map_or(text, Unescaped::text);
    let mut found = vec![];
    for rule in guards.rules(stage) {
        for finder in &rule.finders {
            let mut from = 0;
            while let Some(at) = finder.find(searched, from) {
                from = at.end;
                tally.found(rule, stage, finder.what);
                judge(rule, stage)?;
                if holds_back(rule.action) {
                    let cut = Cut { at, replacement: finder.replacement.clone() };
                    found.push(match &meant {
                        Some(meant) => cut.written(meant),
                        None => cut,
                    });
                }
            }
        }
    }
    Ok(merged(found))
}

/// Errors: the rule stops whatever it finds something in.
pub(super) fn judge(rule: &Rule, stage: Stage) -> Result<(), Blocked> {
    match rule.action {
        Action::Redact | Action::Flag => Ok(()),
        Action::Block | Action::Unspecified => Err(Blocked::by(rule, stage)),
    }
}

/// In order, those that overlap as one.
pub(super) fn merged(mut cuts: Vec<Cut>) -> Vec<Cut> {
    cuts.sort_by_key(|cut| (cut.at.start, std::cmp::Reverse(cut.at.end)));
    let mut all: Vec<Cut> = Vec::with_capacity(cuts.len());
    for cut in cuts {
        match all.last_mut() {
            Some(last) if cut.at.start < last.at.end => last.at.end = last.at.end.max(cut.at.end),
            _ => all.push(cut),
        }
    }
    all
}

fn apply(text: &str, cuts: &[Cut]) -> String {
    places::replace(text, cuts.iter().map(|cut| (cut.at.clone(), cut.replacement.clone())).collect())
}

/// The whole text with what has to go taken out. None: it may pass as it is.
pub(super) fn plain(guards: &Guards, stage: Stage, text: &str, tally: &Tally) -> Result<Option<String>, Blocked> {
    let cuts = cuts(guards, stage, text, Text::Plain, tally)?;
    Ok((!cuts.is_empty()).then(|| apply(text, &cuts)))
}

/// What a JSON text says.
pub(super) fn decoded(raw: &str) -> Cow<'_, str> {
    let plain = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    if plain.contains('\\') {
        Cow::Owned(serde_json::from_str(raw).unwrap_or_else(|_| plain.to_owned()))
    } else {
        Cow::Borrowed(plain)
    }
}

/// As a JSON text.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
