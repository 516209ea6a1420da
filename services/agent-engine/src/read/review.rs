//! What a judge, the reviewer and the chair wrote.

use super::field::{items, some_text, text};
use crate::{
    conflict::{Judgement, Verdict},
    domain::report::Finding,
    prose::line,
};
use serde::Deserialize as _;
use serde_json::Value;

const VERDICTS: usize = 10;
const FINDINGS: usize = 6;
const PARAGRAPHS: usize = 6;
const FINDING: usize = 600;
/// More than is printed: the marks in it are longer than the numbers that they stand for.
const PARAGRAPH: usize = 2_400;

/// What a judge says, one verdict for each pair: of several the first.
pub fn verdicts(value: &Value) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for verdict in items(value, "verdicts").filter_map(verdict) {
        if verdicts.iter().all(|other| other.pair != verdict.pair) && verdicts.len() < VERDICTS {
            verdicts.push(verdict);
        }
    }
    verdicts
}

fn verdict(item: &Value) -> Option<Verdict> {
    Some(Verdict {
        pair: some_text(item, "pair")?,
        verdict: Judgement::deserialize(item.get("verdict")?).ok()?,
        quote_a: text(item, "quote_a"),
        quote_b: text(item, "quote_b"),
    })
}

/// What the reviewer found.
pub fn findings(value: &Value) -> Vec<Finding> {
    items(value, "findings").filter_map(finding).take(FINDINGS).collect()
}

fn finding(item: &Value) -> Option<Finding> {
    let known = ["info", "warning", "serious"];
    let text = line(item.get("text")?.as_str()?, FINDING);
    let severity = some_text(item, "severity").filter(|severity| known.contains(&severity.as_str()))?;
    (!text.is_empty()).then(|| Finding { source: "reviewer".into(), severity, text })
}

/// What the chair wrote, with its `{{cell}}` marks.
pub fn paragraphs(value: &Value) -> Vec<String> {
    let texts = items(value, "paragraphs").filter_map(Value::as_str);
    let texts = texts.map(|text| text.trim().chars().take(PARAGRAPH).collect::<String>());
    texts.filter(|text| !text.is_empty()).take(PARAGRAPHS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_no_verdict_and_no_finding_is_left_out() {
        let said = json!({"verdicts": [
            {"pair": "p1", "verdict": "contradiction", "quote_a": "a", "quote_b": "b"},
            {"pair": "p1", "verdict": "compatible", "quote_a": "", "quote_b": ""},
            {"pair": "p2", "verdict": "maybe", "quote_a": "", "quote_b": ""},
        ]});
        let verdict =
            Verdict { pair: "p1".into(), verdict: Judgement::Contradiction, quote_a: "a".into(), quote_b: "b".into() };
        assert_eq!(verdicts(&said), [verdict]);
        let said =
            json!({"findings": [{"severity": "serious", "text": "A hole."}, {"severity": "bad", "text": "?"}, {}]});
        let finding = Finding { source: "reviewer".into(), severity: "serious".into(), text: "A hole.".into() };
        assert_eq!(findings(&said), [finding]);
        assert_eq!(paragraphs(&json!({"paragraphs": [" One. ", "", 3, "{{f_cash}}"]})), ["One.", "{{f_cash}}"]);
        assert!(verdicts(&Value::Null).is_empty() && paragraphs(&json!({"paragraphs": "x"})).is_empty());
    }
}
