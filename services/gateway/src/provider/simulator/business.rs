//! What does a business analyst answer? A small expert system: the same request always has the same answer, and every
//! number in it comes from the request or is marked as an assumption.

mod ballot;
mod case;
mod choice;
mod claims;
mod condition;
mod facts;
mod family;
mod figures;
mod focus;
mod frame;
mod judge;
mod names;
mod number;
mod opinion;
mod phrases;
mod plays;
mod review;
mod risks;
mod slots;
mod stance;
mod tables;
mod text;
mod turn;
mod wording;

#[cfg(test)]
mod tests;

use case::Case;
use serde_json::Value;

/// The answer to a request for this schema; none if the schema is not known or there is nothing to answer from.
pub(super) fn answer(schema_name: &str, data: &Value) -> Option<Value> {
    if schema_name == "judge" {
        return judge::answer(data);
    }
    let case = Case::read(data)?;
    match schema_name {
        "frame" => Some(frame::answer(&case, data)),
        "opinion" => Some(opinion::answer(&case)),
        "ballot" => Some(ballot::answer(&case, data)),
        "turn" => Some(turn::answer(&case, data)),
        "review" => Some(review::answer(&case, data)),
        "wording" => Some(wording::answer(&case, data)),
        _ => None,
    }
}
