//! Anthropic's events: a message begins, its blocks come piece by piece, and it stops.

use super::Verdict;
use crate::{
    meter::Meter,
    provider::fault::{Fault, Kind},
    wire::{answer, sse::Event, usage},
};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use std::borrow::Cow;

/// The parts of an event that the gateway acts on.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    message: Option<Begun<'a>>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    content_block: Option<Block<'a>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Begun<'a> {
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
}

#[derive(Default)]
pub(crate) struct Messages {
    pub(super) content: bool,
    /// What was said of the usage; later numbers replace earlier ones, they are no additions.
    usage: Map<String, Value>,
}

impl Messages {
    pub(super) fn look(&mut self, raw: &[u8], meter: &mut Meter) -> Verdict {
        let event = Event::parse(raw);
        let Some(data) = &event.data else { return Verdict::Pass };
        let said = std::str::from_utf8(data).ok().and_then(|text| serde_json::from_str::<Said<'_>>(text).ok());
        let Some(said) = said else { return Verdict::Fault(Fault::malformed("an event that cannot be read")) };
        if said.r#type == "error" || said.error.is_some() {
            let text = said.error.map(answer::reported).unwrap_or_default();
            return Verdict::Fault(Fault::new(Kind::Reported(text)));
        }
        if let Some(usage) = said.usage.or_else(|| said.message.as_ref().and_then(|message| message.usage)) {
            self.count(usage, meter);
        }
        match said.r#type.as_ref() {
            "content_block_delta" => {
                self.content = true;
                meter.content(said.delta.map_or(0, written));
            }
            // Text and thinking begin empty; a call has a name from the beginning.
            "content_block_start" => {
                self.content |= said.content_block.is_some_and(|b| !matches!(b.r#type.as_ref(), "text" | "thinking"));
            }
            "message_start" => meter.says(data),
            "message_delta" => {
                self.content = true;
                meter.says(data);
            }
            "message_stop" => return Verdict::Done,
            _ => {}
        }
        Verdict::Pass
    }

    fn count(&mut self, usage: &RawValue, meter: &mut Meter) {
        let Ok(Value::Object(fields)) = serde_json::from_str(usage.get()) else { return };
        self.usage.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        let whole = serde_json::value::to_raw_value(&self.usage).ok();
        if let Some(tokens) = whole.and_then(|whole| usage::read(&whole)) {
            meter.reported(tokens);
        }
    }
}

/// Bytes of content in a delta: of all its texts but the name of its kind.
fn written(delta: &RawValue) -> usize {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Delta<'a> {
        #[serde(borrow)]
        text: Option<&'a RawValue>,
        #[serde(borrow)]
        partial_json: Option<&'a RawValue>,
        #[serde(borrow)]
        thinking: Option<&'a RawValue>,
    }
    let delta: Delta<'_> = serde_json::from_str(delta.get()).unwrap_or_default();
    let parts = [delta.text, delta.partial_json, delta.thinking];
    parts.into_iter().flatten().map(|part| part.get().len().saturating_sub(2)).sum()
}
