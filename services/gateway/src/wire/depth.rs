//! How deeply is JSON nested?

/// Whether arrays and objects of `json` are nested more than `limit` deep. Text that is not JSON may say either.
pub(crate) fn is_deeper_than(json: &[u8], limit: usize) -> bool {
    // As long as fewer brackets are opened than levels are allowed, nobody needs to look at the strings.
    if memchr::memchr2_iter(b'{', b'[', json).nth(limit).is_none() {
        return false;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => at = after_string(json, at),
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// The position after the string whose first character is at `at`.
fn after_string(json: &[u8], mut at: usize) -> usize {
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        match json[at] {
            b'"' => return at + 1,
            _ => at += 2,
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_of_strings_are_text() {
        let json = format!("{{\"a\":\"{}\",\"b\":[[1]]}}", "[\\\"{".repeat(400));
        assert!(!is_deeper_than(json.as_bytes(), 128));
    }

    #[test]
    fn many_brackets_side_by_side_are_not_deep() {
        assert!(!is_deeper_than(format!("[{}]", "{},".repeat(1000)).as_bytes(), 128));
    }

    #[test]
    fn one_level_more_than_allowed_is_too_deep() {
        let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(!is_deeper_than(nested(128).as_bytes(), 128));
        assert!(is_deeper_than(nested(129).as_bytes(), 128));
    }
}
