//! How is what was decided put in words? Every number stands in the prose as a mark only.

mod cells;
mod clean;
mod prose;

use super::case::Case;
use serde_json::{Value, json};

/// Two to five paragraphs.
pub fn answer(case: &Case, data: &Value) -> Value {
    let paragraphs = match data["document"].as_str() {
        Some("minutes") => prose::minutes(case, data),
        Some("memo") => prose::memo(case, data),
        _ => prose::summary(case, data),
    };
    json!({"paragraphs": paragraphs})
}
