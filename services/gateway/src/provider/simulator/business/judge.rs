//! Do two statements contradict each other? By their words only: the same subject, and one of them denied, turned round
//! or explained by something else. What is found of `a` and `b` is found of `b` and `a`.

#[cfg(test)]
mod tests;
mod words;

use super::text;
use serde_json::{Value, json};
use words::Words;

const MOST: usize = 10;
/// From which part of shared words on two statements are about the same.
const SAME: f64 = 0.34;
const NEAR: f64 = 0.12;

/// A verdict on each pair; none if there are no pairs.
pub fn answer(data: &Value) -> Option<Value> {
    let pairs = data["pairs"].as_array()?;
    let verdicts: Vec<Value> = pairs.iter().take(MOST).filter_map(pair).collect();
    Some(json!({"verdicts": verdicts}))
}

fn pair(item: &Value) -> Option<Value> {
    let id = item["id"].as_str().map(str::to_owned).or_else(|| item["id"].as_i64().map(|n| n.to_string()))?;
    let (a, b) = (statement(&item["a"]), statement(&item["b"]));
    let verdict = verdict(a, b);
    Some(json!({"pair": id, "verdict": verdict, "quote_a": quote(a), "quote_b": quote(b)}))
}

fn statement(value: &Value) -> &str {
    value.as_str().or(value["statement"].as_str()).or(value["text"].as_str()).unwrap_or_default()
}

/// Words as they were said, up to where a sentence is cut off.
fn quote(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(200) {
        None => text.to_owned(),
        Some((end, _)) => {
            let short = &text[..end];
            short[..short.rfind(' ').unwrap_or(end)].to_owned()
        }
    }
}

fn verdict(a: &str, b: &str) -> &'static str {
    let (left, right) = (Words::of(a), Words::of(b));
    if left.content.is_empty() || right.content.is_empty() {
        return "insufficient";
    }
    let shared = left.overlap(&right);
    if opposed(&left, &right, shared) || other_cause(a, b) || instead(a, b) {
        return "contradiction";
    }
    if shared < NEAR { "different_scope" } else { "compatible" }
}

/// The same is said and denied, or moved both ways.
fn opposed(left: &Words, right: &Words, shared: f64) -> bool {
    let denied = left.denied != right.denied && shared >= SAME;
    let turned = left.turned(right) && shared >= NEAR + 0.08 && left.denied == right.denied;
    denied || turned
}

/// Both explain the same by something else.
fn other_cause(a: &str, b: &str) -> bool {
    let (Some(left), Some(right)) = (words::cause(a), words::cause(b)) else { return false };
    let same_effect = left.0.overlap(&right.0) >= SAME || left.0.content.is_empty() && right.0.content.is_empty();
    same_effect && left.1.overlap(&right.1) < 0.2
}

/// One wants instead of something what the other wants.
fn instead(a: &str, b: &str) -> bool {
    let refuses = |text: &str, other: &str| {
        let Some(refused) = words::refused(text) else { return false };
        let other = Words::of(other);
        !other.denied && refused.covered_by(&other) >= 0.6
    };
    refuses(a, b) && !text::fold(b).contains("instead of") && !text::fold(b).contains("em vez de")
        || refuses(b, a) && !text::fold(a).contains("instead of") && !text::fold(a).contains("em vez de")
}
