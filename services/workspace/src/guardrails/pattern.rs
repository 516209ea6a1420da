//! Can every gateway keep and run this regular expression?

use proto::guardrails::MAX_COMPILED_BYTES;
use regex::RegexBuilder;

/// Errors: what must be there instead.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    let compiled = RegexBuilder::new(pattern).size_limit(MAX_COMPILED_BYTES).build();
    let regex = compiled.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "must be smaller: repeat less, or a smaller class".to_owned(),
        // What it says shows the pattern in several lines, of which the last says what is wrong.
        other => {
            let said = other.to_string();
            let why = said.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            format!("must be a regular expression without look-around and back-references: {why}")
        }
    })?;
    if regex.is_match("") {
        return Err("must not match the empty text: it would be everywhere".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_linear_time_and_little_room_is_kept() {
        assert_eq!(check(r"(?i)sk-[a-z0-9]{20,}"), Ok(()));
        assert!(check(r"(a)\1").is_err_and(|why| why.contains("back-references")));
        assert!(check("(?=a)").is_err() && check("(").is_err_and(|why| why.contains("unclosed")));
        assert!(check(r"(\w{100}){100}").is_err_and(|why| why.contains("smaller")));
        assert!(check("a*").is_err_and(|why| why.contains("empty")));
    }
}
