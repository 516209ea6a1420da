//! Which part of a list is asked for?

use super::call::{Call, Reply};
use serde_json::{Value, json};

/// A page of what is shown, the newest first.
pub(super) fn page(call: &Call, newest_first: Vec<Value>) -> Reply {
    let limit = usize::try_from(call.number("limit").unwrap_or(10)).unwrap();
    if !(1..=100).contains(&limit) {
        return Reply::error(400, "invalid_request_error", "limit", "has to be 1 to 100");
    }
    let mut rest = newest_first.as_slice();
    if let Some(after) = call.get("starting_after") {
        let Some(at) = rest.iter().position(|shown| shown["id"] == after) else {
            return Reply::error(400, "invalid_request_error", "starting_after", "No such object");
        };
        rest = &rest[at + 1..];
    }
    let data = &rest[..limit.min(rest.len())];
    Reply::ok(json!({ "object": "list", "url": call.path, "data": data, "has_more": data.len() < rest.len() }))
}

/// Whether something was made in the time that is asked for.
pub(super) fn is_between(call: &Call, created: i64) -> bool {
    let is_after = call.number("created[gte]").is_none_or(|from| created >= from);
    is_after && call.number("created[lt]").is_none_or(|to| created < to)
}
