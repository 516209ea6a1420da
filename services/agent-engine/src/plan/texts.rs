//! Prompts and schemas of this release. A plan refers to them by the hash of what they say, and the database keeps them under
//! it, so that a running plan never gets other ones.

use crate::domain::{locale::Locale, role::Role};
use sha2::{Digest as _, Sha256};

macro_rules! both {
    ($folder:literal, $name:literal) => {
        (
            $name,
            include_str!(concat!("../../prompts/", $folder, "/", $name, ".en.md")),
            include_str!(concat!("../../prompts/", $folder, "/", $name, ".pt-BR.md")),
        )
    };
}

/// Name, English, Portuguese.
const MANDATES: &[(&str, &str, &str)] = &[
    both!("role", "analyst"),
    both!("role", "commercial"),
    both!("role", "financial"),
    both!("role", "market"),
    both!("role", "operations"),
    both!("role", "risk_legal"),
    both!("role", "reviewer"),
    both!("role", "chair"),
];
const TASKS: &[(&str, &str, &str)] = &[
    both!("stage", "frame"),
    both!("stage", "opinion"),
    both!("stage", "judge"),
    both!("stage", "ballot"),
    both!("stage", "turn"),
    both!("stage", "review"),
    both!("stage", "wording"),
];
const SCHEMAS: &[(&str, &str)] = &[
    ("frame", include_str!("../../data/schema/frame.json")),
    ("opinion", include_str!("../../data/schema/opinion.json")),
    ("judge", include_str!("../../data/schema/judge.json")),
    ("ballot", include_str!("../../data/schema/ballot.json")),
    ("turn", include_str!("../../data/schema/turn.json")),
    ("review", include_str!("../../data/schema/review.json")),
    ("wording", include_str!("../../data/schema/wording.json")),
];

/// Who one is.
pub(crate) fn mandate(role: Role, locale: Locale) -> &'static str {
    find(MANDATES, role.as_str(), locale)
}

/// What one is to do.
pub(crate) fn task(task: &str, locale: Locale) -> &'static str {
    find(TASKS, task, locale)
}

/// In which form it is answered, a JSON schema.
pub(crate) fn schema(task: &str) -> &'static str {
    SCHEMAS.iter().find(|(name, _)| *name == task).map_or("{}", |(_, schema)| *schema)
}

fn find(texts: &[(&str, &'static str, &'static str)], name: &str, locale: Locale) -> &'static str {
    texts.iter().find(|(of, ..)| *of == name).map_or("", |(_, en, pt)| locale.pick(en, pt))
}

/// The name of a text: SHA-256 of what it says, hex.
pub(crate) fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_mandate_of_their_own_in_both_languages() {
        for locale in [Locale::En, Locale::PtBr] {
            let mut mandates: Vec<_> = Role::ALL.iter().map(|role| mandate(*role, locale)).collect();
            assert!(mandates.iter().all(|text| text.len() > 200));
            mandates.sort_unstable();
            mandates.dedup();
            assert_eq!(mandates.len(), Role::ALL.len());
        }
    }

    #[test]
    fn schemas_are_shallow() {
        fn depth(value: &serde_json::Value) -> usize {
            let inner = value["properties"].as_object().into_iter().flat_map(|p| p.values());
            let below = inner.map(depth).chain(value["items"].is_object().then(|| depth(&value["items"]))).max();
            usize::from(value["type"] == "object") + below.unwrap_or(0)
        }
        for (name, schema) in SCHEMAS {
            let schema: serde_json::Value = serde_json::from_str(schema).expect("JSON");
            assert!(depth(&schema) <= 3, "{name}");
            assert!(!schema.to_string().contains("oneOf") && !schema.to_string().contains("$ref"), "{name}");
        }
    }
}
