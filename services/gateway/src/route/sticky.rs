//! Which requests belong together? Those of one conversation go to the provider whose prompt cache knows it.

use super::policy::Sticky;
use memchr::memmem;
use moka::sync::Cache;
use proto::{id::WorkspaceId, routing::StickyBy};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    fmt,
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};
use tokio::time::Instant;

/// Conversations that are remembered in this process.
const MOST: u64 = 100_000;
/// No conversation is remembered longer.
const LONGEST: Duration = Duration::from_secs(86_400);
/// How many messages are looked at for the first ones: a conversation begins near its beginning.
const MOST_LOOKED_AT: usize = 16;

/// The field that names a conversation.
const KEY: &[u8] = b"prompt_cache_key";

/// Where conversations went.
pub(crate) struct Pins {
    pins: Cache<u64, Pin>,
    hasher: RandomState,
}

/// Where one went, and when.
#[derive(Clone, Copy)]
struct Pin {
    /// See [`super::health::Healths::key`].
    to: u64,
    at: Instant,
}

/// A conversation of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Conversation(u64);

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    prompt_cache_key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    role: Option<Cow<'a, str>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// The first message of the system and the first of the user, as they are written.
#[derive(Default)]
struct Beginning<'a> {
    system: Option<&'a str>,
    user: Option<&'a str>,
}

impl Pins {
    pub(crate) fn new() -> Self {
        let pins = Cache::builder().max_capacity(MOST).time_to_idle(LONGEST).build();
        Self { pins, hasher: RandomState::new() }
    }

    /// The conversation that a request belongs to, if it is to be kept together.
    pub(crate) fn conversation(
        &self,
        sticky: Sticky,
        workspace: WorkspaceId,
        model: &str,
        body: &[u8],
    ) -> Option<Conversation> {
        if sticky.by == StickyBy::Nothing {
            return None;
        }
        // Most requests have no key, and are not read again to learn that.
        if sticky.by != StickyBy::Conversation && memmem::find(body, KEY).is_none() {
            return None;
        }
        let body: Body<'_> = serde_json::from_slice(body).ok()?;
        let whose = (workspace.uuid(), model);
        if let Some(key) = body.prompt_cache_key.filter(|key| !key.is_empty()) {
            return Some(Conversation(self.hasher.hash_one((whose, "key", key))));
        }
        if sticky.by != StickyBy::Conversation {
            return None;
        }
        let Beginning { system, user } = serde_json::from_str(body.messages?.get()).ok()?;
        user?;
        Some(Conversation(self.hasher.hash_one((whose, "beginning", system, user))))
    }

    /// Where the conversation went last, unless that was too long ago.
    pub(crate) fn get(&self, conversation: Conversation, idle: Duration) -> Option<u64> {
        self.pins.get(&conversation.0).filter(|pin| pin.at.elapsed() < idle).map(|pin| pin.to)
    }

    /// The conversation went there.
    pub(crate) fn set(&self, conversation: Conversation, to: u64) {
        self.pins.insert(conversation.0, Pin { to, at: Instant::now() });
    }
}

impl<'de> Deserialize<'de> for Beginning<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct First;
        impl<'de> Visitor<'de> for First {
            type Value = Beginning<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("messages")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut messages: A) -> Result<Self::Value, A::Error> {
                let mut beginning = Beginning::default();
                for _ in 0..MOST_LOOKED_AT {
                    let Some(Message { role, content }) = messages.next_element()? else { return Ok(beginning) };
                    let content = content.map(RawValue::get);
                    match role.as_deref() {
                        Some("system" | "developer") => beginning.system = beginning.system.or(content),
                        Some("user") => beginning.user = beginning.user.or(content),
                        _ => {}
                    }
                    if beginning.user.is_some() {
                        break;
                    }
                }
                while messages.next_element::<IgnoredAny>()?.is_some() {}
                Ok(beginning)
            }
        }
        deserializer.deserialize_seq(First)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn of(pins: &Pins, by: StickyBy, body: &str) -> Option<Conversation> {
        let sticky = Sticky { by, idle: LONGEST };
        pins.conversation(sticky, WorkspaceId::from_uuid(Uuid::from_u128(1)), "m", body.as_bytes())
    }

    #[test]
    fn a_conversation_is_known_by_its_key_or_by_how_it_begins() {
        let pins = Pins::new();
        let chat = |rest: &str| {
            let begin = r#"{"role":"system","content":"be brief"},{"role":"user","content":"hello"}"#;
            of(&pins, StickyBy::Conversation, &format!("{{\"messages\":[{begin}{rest}]}}"))
        };
        let first = chat("");
        assert!(first.is_some());
        assert_eq!(first, chat(r#",{"role":"assistant","content":"hi"},{"role":"user","content":"and now?"}"#));
        let other = r#"{"messages":[{"role":"system","content":"be long"},{"role":"user","content":"hello"}]}"#;
        assert_ne!(first, of(&pins, StickyBy::Conversation, other));
        let keyed = |by, begin: &str| {
            let body = format!(r#"{{"prompt_cache_key":"k","messages":[{{"role":"user","content":"{begin}"}}]}}"#);
            of(&pins, by, &body)
        };
        assert_eq!(keyed(StickyBy::Unspecified, "a"), keyed(StickyBy::Conversation, "b"));
        assert!(keyed(StickyBy::PromptCacheKey, "a").is_some());
        assert_eq!(keyed(StickyBy::Nothing, "a"), None);
        assert_eq!(of(&pins, StickyBy::Unspecified, other), None, "only who sends a key asks for it");
    }

    #[test]
    fn other_workspaces_and_models_have_other_conversations() {
        let pins = Pins::new();
        let of = |workspace, model| {
            let (sticky, body) = (Sticky { by: StickyBy::Unspecified, idle: LONGEST }, br#"{"prompt_cache_key":"k"}"#);
            pins.conversation(sticky, WorkspaceId::from_uuid(Uuid::from_u128(workspace)), model, body)
        };
        assert!(of(1, "m") != of(2, "m") && of(1, "m") != of(1, "n") && of(1, "m") == of(1, "m"));
    }

    #[test]
    fn what_is_no_conversation_is_none() {
        let pins = Pins::new();
        for body in ["", "{", "[]", r#"{"messages":[]}"#, r#"{"messages":[{"role":"assistant"}]}"#, r#"{"messages":7}"#]
        {
            assert_eq!(of(&pins, StickyBy::Conversation, body), None, "{body}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_conversation_that_rests_is_forgotten_and_one_that_goes_on_is_not() {
        let (pins, idle) = (Pins::new(), Duration::from_secs(600));
        let talk = of(&pins, StickyBy::Unspecified, r#"{"prompt_cache_key":"k"}"#).expect("a conversation");
        pins.set(talk, 7);
        for _ in 0..3 {
            tokio::time::advance(idle / 2).await;
            assert_eq!(pins.get(talk, idle), Some(7));
            pins.set(talk, 7);
        }
        tokio::time::advance(idle).await;
        assert_eq!(pins.get(talk, idle), None);
    }
}
