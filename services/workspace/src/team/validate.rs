//! What may a field of a team be? Each check gives the value to store, or what the field must be instead.

use crate::problems::Problems;
use proto::limits::Limits;

/// In characters.
const LONGEST_DESCRIPTION: usize = 500;
/// In bytes.
const LONGEST_EXTERNAL_ID: usize = 255;

pub(super) use crate::workspace::validate::name;

/// What it is for, in people's words.
pub(super) fn description(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_plain = !text.chars().any(|c| c.is_control() && c != '\n');
    if is_plain && text.chars().count() <= LONGEST_DESCRIPTION {
        return Ok(text.to_owned());
    }
    Err("must be at most 500 characters, without control characters but line breaks")
}

/// What a directory calls it; None for an empty one.
pub(super) fn external_id(text: &str) -> Result<Option<String>, &'static str> {
    if text.len() <= LONGEST_EXTERNAL_ID && !text.chars().any(char::is_control) {
        return Ok((!text.is_empty()).then(|| text.to_owned()));
    }
    Err("must be at most 255 bytes, without control characters")
}

/// Notes what is wrong with limits, and gives them to store.
pub(super) fn limits(problems: &mut Problems, limits: Limits) -> Limits {
    for (field, problem) in limits.problems("limits") {
        problems.refused(field, problem);
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_directories_and_people_write_is_kept_as_it_is() {
        assert_eq!(external_id("").unwrap(), None);
        assert_eq!(external_id("8f2e:Group/ä").unwrap().as_deref(), Some("8f2e:Group/ä"));
        assert!(external_id(&"x".repeat(256)).is_err() && external_id("a\u{0}").is_err());
        assert_eq!(description(" a\nb ").as_deref(), Ok("a\nb"));
        assert!(description(&"é".repeat(500)).is_ok() && description(&"é".repeat(501)).is_err());
        assert!(description("a\u{7}b").is_err());
    }
}
