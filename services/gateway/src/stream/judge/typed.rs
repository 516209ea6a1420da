//! Events that name their type: OpenAI's responses, and what it streams of images, transcripts and sound.

use super::{Verdict, chunks::error_text};
use crate::{
    meter::Meter,
    operation::Operation,
    provider::fault::{Fault, Kind},
    wire::{answer, sse::Event, units, usage},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The parts of an event that the gateway acts on.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    r#type: Option<Cow<'a, str>>,
    sequence_number: Option<i64>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<Response<'a>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    quality: Option<&'a RawValue>,
    #[serde(borrow)]
    size: Option<&'a RawValue>,
}

/// The end of each picture of a stream.
const PICTURE: &str = "image_generation.completed";

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

pub(crate) struct Typed {
    pub(super) content: bool,
    counts: bool,
    /// How many more ends there are: each image has its own.
    ends: i64,
    /// The number of the last event, where they are numbered.
    pub(super) last: Option<i64>,
}

impl Typed {
    pub(super) const fn new(operation: Operation, choices: i64) -> Self {
        let ends = if matches!(operation, Operation::Images) { choices } else { 1 };
        Self { content: false, counts: operation.is_text(), ends, last: None }
    }

    pub(super) fn look(&mut self, raw: &[u8], meter: &mut Meter) -> Verdict {
        let event = Event::parse(raw);
        let Some(data) = &event.data else { return Verdict::Pass };
        let text = std::str::from_utf8(data).ok().filter(|text| text.trim_start().starts_with('{'));
        let said = text.and_then(|text| serde_json::from_str::<Said<'_>>(text).ok());
        let Some(said) = said else {
            return Verdict::Fault(match event.name {
                b"error" => Fault::new(Kind::Reported(error_text(data))),
                _ => Fault::malformed("an event that cannot be read"),
            });
        };
        self.last = said.sequence_number.or(self.last);
        let kind = said.r#type.as_deref().unwrap_or_default();
        if kind == "error" || event.name == b"error" || said.error.is_some() {
            let text = said.error.or(said.message).map(answer::reported).unwrap_or_default();
            return Verdict::Fault(Fault::new(Kind::Reported(text)));
        }
        let response = said.response.as_ref();
        if kind == "response.failed" {
            let text = response.and_then(|response| response.error).map(answer::reported).unwrap_or_default();
            return Verdict::Fault(Fault::new(Kind::Reported(text)));
        }
        let counted = said.usage.or_else(|| response.and_then(|r| r.usage));
        if let Some(units) = counted.and_then(units::sound) {
            meter.told(units);
        } else if let Some(tokens) = counted.and_then(usage::read) {
            meter.reported(tokens);
        }
        if kind == PICTURE {
            meter.told(units::pictures(1, said.quality, said.size));
        }
        if kind.ends_with(".delta") {
            self.content = true;
            let bytes = said.delta.map_or(0, |delta| delta.get().len().saturating_sub(2));
            meter.content(if self.counts { bytes } else { 0 });
        }
        self.content |= kind == "response.output_item.done" || kind.ends_with(".partial_image");
        if is_end(kind) {
            meter.says(data);
            self.content = true;
            self.ends -= 1;
            if self.ends <= 0 {
                return Verdict::Done;
            }
        }
        Verdict::Pass
    }
}

/// Whether nothing follows an event of this type.
fn is_end(kind: &str) -> bool {
    const ENDS: &[&str] =
        &["response.completed", "response.incomplete", PICTURE, "transcript.text.done", "speech.audio.done"];
    ENDS.contains(&kind)
}
