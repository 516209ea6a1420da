//! Which version does a caller mean? Entity tags as RFC 7644, 3.14 has them: weak, as the same can be written in several ways.

use http::{
    HeaderMap, HeaderName,
    header::{IF_MATCH, IF_NONE_MATCH},
};
use proto::{Failure, Reason};

/// How often a change is made again that somebody else was faster than, where no version was asked for.
pub(super) const TRIES: u32 = 5;

/// The entity tag.
pub(super) fn of(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// The version that must be the one of now; None: whichever it is. Errors: `PRECONDITION_FAILED` for what is none of ours.
pub(super) fn wanted(headers: &HeaderMap) -> Result<Option<i64>, Failure> {
    match tags(headers, &IF_MATCH).as_deref() {
        None | Some("*") => Ok(None),
        Some(tag) => match parse(tag) {
            Some(version) => Ok(Some(version)),
            None => Err(Reason::PreconditionFailed.with("If-Match names no version that this server has given out")),
        },
    }
}

/// Whether the caller has this version already.
pub(super) fn is_known(headers: &HeaderMap, version: i64) -> bool {
    let tags = tags(headers, &IF_NONE_MATCH).unwrap_or_default();
    tags.split(',').any(|tag| tag.trim() == "*" || parse(tag) == Some(version))
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default().trim().to_owned())
}

fn parse(tag: &str) -> Option<i64> {
    let tag = tag.trim();
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    quoted.strip_prefix('"')?.strip_suffix('"')?.parse().ok().filter(|version| *version > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, tag: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, tag.parse().expect("a header"))])
    }

    #[test]
    fn versions_are_entity_tags() {
        for tag in [of(7).as_str(), "\"7\"", " W/\"7\" "] {
            assert_eq!(wanted(&headers(IF_MATCH, tag)), Ok(Some(7)), "{tag}");
        }
        assert_eq!(wanted(&headers(IF_MATCH, "*")), Ok(None));
        assert_eq!(wanted(&HeaderMap::new()), Ok(None));
        for tag in ["7", "\"x\"", "W/\"-1\"", "\"0\"", ""] {
            let refused = wanted(&headers(IF_MATCH, tag)).map_err(|failure| failure.reason);
            assert_eq!(refused, Err(Reason::PreconditionFailed), "{tag}");
        }
    }

    #[test]
    fn who_has_a_version_is_not_sent_it_again() {
        assert!(is_known(&headers(IF_NONE_MATCH, "W/\"6\", W/\"7\""), 7));
        assert!(!is_known(&headers(IF_NONE_MATCH, "W/\"6\""), 7) && !is_known(&HeaderMap::new(), 7));
    }
}
