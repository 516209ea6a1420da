//! Who thought this? What a model thought in secret comes back sealed, and nobody can open it but the account that it was
//! made in: a request that brings such a seal goes there, and nowhere else.
//!
//! Known per process, like everything about providers that is learned from their answers.

use crate::{operation::Operation, plan::Candidate};
use memchr::memmem::Finder;
use moka::sync::Cache;
use proto::id::WorkspaceId;
use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, LazyLock},
    time::Duration,
};

/// Seals that are remembered in this process.
const MOST: u64 = 100_000;
/// No conversation pauses longer.
const LONGEST: Duration = Duration::from_secs(86_400);
/// Shorter ones are none.
const SHORTEST: usize = 16;
/// How much of one is looked at: it is random from its beginning on, but for a head that all have.
const LOOKED_AT: usize = 512;

/// The fields that hold them: OpenAI's, Anthropic's, and Gemini's in a chat completion.
static FIELDS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["\"encrypted_content\"", "\"signature\"", "\"thought_signature\""].map(Finder::new));
/// Anthropic's thoughts that are not shown at all are sealed in a field of another name.
static REDACTED: LazyLock<(Finder<'static>, Finder<'static>)> =
    LazyLock::new(|| (Finder::new("\"redacted_thinking\""), Finder::new("\"data\"")));

/// Which provider sealed what.
pub(crate) struct Owners {
    seals: Cache<u64, Arc<str>>,
    hasher: RandomState,
}

impl Owners {
    pub(crate) fn new() -> Self {
        let seals = Cache::builder().max_capacity(MOST).time_to_idle(LONGEST).build();
        Self { seals, hasher: RandomState::new() }
    }

    /// This provider answered this, or a part of it in which no field is cut.
    pub(crate) fn note(&self, workspace: WorkspaceId, provider: &str, answer: &[u8]) {
        for seal in seals(answer) {
            self.seals.insert(self.hasher.hash_one((workspace.uuid(), seal)), provider.into());
        }
    }

    /// The provider that sealed the last of what a request brings, as far as that is known.
    pub(crate) fn of(&self, workspace: WorkspaceId, request: &[u8]) -> Option<Arc<str>> {
        let mut all: Vec<&[u8]> = seals(request).collect();
        // They are found field by field; the last one is the one that stands last.
        all.sort_unstable_by_key(|seal| std::cmp::Reverse(seal.as_ptr()));
        all.into_iter().find_map(|seal| self.seals.get(&self.hasher.hash_one((workspace.uuid(), seal))))
    }
}

/// Whether an answer to this may bring seals. In chat completions only those do that are told in other words.
pub(crate) fn is_of_use(operation: Operation, candidates: &[Candidate]) -> bool {
    let translates = |candidate: &Candidate| {
        proto::provider::find(candidate.provider.kind)
            .is_some_and(|kind| matches!(kind.dialect, "anthropic" | "gemini"))
    };
    match operation {
        Operation::Responses | Operation::Messages => true,
        Operation::Chat => candidates.iter().any(translates),
        _ => false,
    }
}

/// What is sealed in a JSON text.
fn seals(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (redacted, data) = &*REDACTED;
    let more = redacted.find(text).map(|_| data);
    let fields = FIELDS.iter().chain(more);
    fields.flat_map(move |field| field.find_iter(text).filter_map(move |at| value(&text[at + field.needle().len()..])))
}

/// The beginning of the text that follows a field's name. What encoders write differently, ends it: an escape, or padding.
fn value(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    let end = rest.iter().take(LOOKED_AT).position(|byte| matches!(byte, b'"' | b'\\' | b'=')).unwrap_or(rest.len());
    let seal = &rest[..end.min(LOOKED_AT)];
    (seal.len() >= SHORTEST).then_some(seal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_somebody_sealed_leads_back_to_them_in_their_workspace_only() {
        let owners = Owners::new();
        let (ours, theirs) = (WorkspaceId::from_uuid(Uuid::from_u128(1)), WorkspaceId::from_uuid(Uuid::from_u128(2)));
        let of = |text: &str| owners.of(ours, text.as_bytes()).map(|owner| owner.to_string());
        owners.note(ours, "a", br#"data: {"type":"reasoning","encrypted_content":"gAAAAABsealed+by/a0001=="}"#);
        owners.note(ours, "b", br#"{"type":"signature_delta","signature": "ErUBsealed+by/b00001=="}"#);
        owners.note(ours, "c", br#"{"type":"redacted_thinking","data":"EmwKsealed+by/c0000001"}"#);
        assert_eq!(of(r#"{"input":[{"encrypted_content" : "gAAAAABsealed+by/a0001\u003d\u003d"}]}"#), Some("a".into()));
        let two = r#"[{"signature":"ErUBsealed+by/b00001=="},{"encrypted_content":"gAAAAABsealed+by/a0001=="}]"#;
        assert_eq!(of(two), Some("a".into()), "the last one counts");
        assert_eq!(of(r#"[{"data":"EmwKsealed+by/c0000001","type":"redacted_thinking"}]"#), Some("c".into()));
        for unknown in [r#"{"signature":"of nobody that we know"}"#, r#"{"signature":null}"#, r#"{"signature""#, "{}"] {
            assert_eq!(of(unknown), None, "{unknown}");
        }
        assert_eq!(owners.of(theirs, two.as_bytes()), None);
    }
}
