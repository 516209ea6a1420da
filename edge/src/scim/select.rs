//! Which attributes of a resource are shown (RFC 7644, 3.9)?

use super::error;
use proto::Failure;
use serde_json::{Map, Value};

/// What is shown whatever is asked for.
const ALWAYS: &[&str] = &["schemas", "id"];

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Select {
    #[default]
    All,
    Only(Vec<String>),
    But(Vec<String>),
}

impl Select {
    /// Names with commas between them. Errors: `invalidValue` where both are given.
    pub(super) fn new(only: &str, but: &str) -> Result<Self, Failure> {
        let names = |text: &str| -> Vec<String> {
            // The schema before a name says nothing else: names are not given twice.
            let name = |text: &str| text.trim().rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
            text.split(',').map(name).filter(|name| !name.is_empty()).collect()
        };
        match (names(only), names(but)) {
            (only, but) if only.is_empty() && but.is_empty() => Ok(Self::All),
            (only, but) if but.is_empty() => Ok(Self::Only(only)),
            (only, but) if only.is_empty() => Ok(Self::But(but)),
            _ => Err(error::value("excludedAttributes", "must not be given beside attributes")),
        }
    }

    /// What of a resource is shown.
    pub(super) fn of(&self, resource: &Value) -> Value {
        let (Self::Only(_) | Self::But(_), Some(members)) = (self, resource.as_object()) else {
            return resource.clone();
        };
        let shown = members.iter().filter_map(|(name, value)| Some((name.clone(), self.part(name, value)?)));
        Value::Object(shown.collect())
    }

    /// Whether an attribute is shown, or a part of it.
    pub(super) fn shows(&self, name: &str) -> bool {
        let names = |all: &[String]| {
            all.iter().any(|asked| asked.split('.').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))
        };
        match self {
            Self::All => true,
            Self::Only(only) => names(only),
            Self::But(but) => !but.iter().any(|asked| asked.eq_ignore_ascii_case(name)),
        }
    }

    fn part(&self, name: &str, value: &Value) -> Option<Value> {
        if ALWAYS.contains(&name) {
            return Some(value.clone());
        }
        let is = |asked: &str, path: &str| asked.eq_ignore_ascii_case(path);
        match self {
            Self::All => Some(value.clone()),
            Self::Only(only) if only.iter().any(|asked| is(asked, name)) => Some(value.clone()),
            Self::Only(only) => {
                let kept = |part: &str| only.iter().any(|asked| is(asked, &format!("{name}.{part}")));
                parts(value, &kept)
            }
            Self::But(but) if but.iter().any(|asked| is(asked, name)) => None,
            Self::But(but) => {
                let kept = |part: &str| !but.iter().any(|asked| is(asked, &format!("{name}.{part}")));
                if value.is_object() || value.is_array() { parts(value, &kept) } else { Some(value.clone()) }
            }
        }
    }
}

fn parts(value: &Value, kept: &impl Fn(&str) -> bool) -> Option<Value> {
    match value {
        Value::Object(members) => {
            let all: Map<_, _> =
                members.iter().filter(|(part, _)| kept(part)).map(|(p, v)| (p.clone(), v.clone())).collect();
            (!all.is_empty()).then_some(Value::Object(all))
        }
        Value::Array(items) => {
            let all: Vec<_> = items.iter().filter_map(|item| parts(item, kept)).collect();
            (!all.is_empty()).then_some(Value::Array(all))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ana() -> Value {
        json!({
            "schemas": ["u"], "id": "usr_1", "userName": "ana", "name": {"givenName": "Ana", "familyName": "Lima"},
            "emails": [{"value": "a", "type": "work"}], "active": true,
        })
    }

    fn of(only: &str, but: &str) -> Value {
        Select::new(only, but).expect("is taken").of(&ana())
    }

    #[test]
    fn what_is_asked_for_is_shown_and_what_a_resource_is() {
        assert_eq!(of("", ""), ana());
        assert_eq!(of("USERNAME", ""), json!({"schemas": ["u"], "id": "usr_1", "userName": "ana"}));
        let parts =
            json!({"schemas": ["u"], "id": "usr_1", "name": {"givenName": "Ana"}, "emails": [{"type": "work"}]});
        assert_eq!(of("name.givenName, emails.type", ""), parts);
        let urn = "urn:ietf:params:scim:schemas:core:2.0:User:userName";
        assert_eq!(of(urn, ""), json!({"schemas": ["u"], "id": "usr_1", "userName": "ana"}));
    }

    #[test]
    fn what_is_not_wanted_is_left_out_but_for_what_a_resource_is() {
        let without =
            json!({"schemas": ["u"], "id": "usr_1", "userName": "ana", "name": {"familyName": "Lima"}, "active": true});
        assert_eq!(of("", "id,emails,name.givenName"), without);
        assert!(!Select::new("", "members").expect("is taken").shows("members"));
        assert!(Select::new("members.value", "").expect("is taken").shows("members"));
        assert!(Select::new("a", "b").is_err());
    }
}
