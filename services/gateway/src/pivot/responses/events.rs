//! Chunks of a chat completion as the events of OpenAI's responses: numbered, each item begun and ended.

use super::answer::{Face, called, message, reasoning, refused, written};
use crate::{
    pivot::{
        Teller,
        chunk::{Call, Chunk, Delta},
    },
    provider::fault::Fault,
};
use proto::usage::Tokens;
use serde_json::{Value, json};

pub(in crate::pivot) struct Events {
    face: Face,
    model: Value,
    /// How many events were written.
    number: i64,
    /// What has been begun, in the order of the output.
    items: Vec<Item>,
    finish_reason: Option<String>,
}

/// One item of the output, as far as it has come.
struct Item {
    id: String,
    kind: Kind,
    text: String,
    is_open: bool,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Reasoning,
    Text,
    Refusal,
    /// Its index among the calls, its id and the function's name.
    Call(usize, String, String),
}

impl Teller for Events {
    fn chunk(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let chunk = Chunk::read(data)?;
        self.begin(chunk.model, out);
        for choice in chunk.choices.into_iter().filter(|choice| choice.index == 0) {
            self.said(choice.delta, out);
            self.finish_reason = choice.finish_reason.or(self.finish_reason.take());
        }
        Ok(())
    }

    fn end(&mut self, used: &Tokens, out: &mut Vec<u8>) {
        self.begin(None, out);
        for index in 0..self.items.len() {
            self.close(index, out);
        }
        let output = self.items.iter().map(|item| item.whole("completed")).collect();
        let response = self.face.ended(&self.model, self.finish_reason.as_deref(), output, used);
        let name = if response["status"] == "incomplete" { "response.incomplete" } else { "response.completed" };
        self.event(name, json!({"response": response}), out);
    }

    fn last_number(&self) -> Option<i64> {
        self.number.checked_sub(1)
    }
}

impl Events {
    pub(in crate::pivot) const fn new(face: Face) -> Self {
        Self { face, model: Value::Null, number: 0, items: vec![], finish_reason: None }
    }

    fn begin(&mut self, model: Option<String>, out: &mut Vec<u8>) {
        if self.number > 0 {
            return;
        }
        self.model = model.into();
        for name in ["response.created", "response.in_progress"] {
            let response = self.face.response(&self.model, "in_progress", vec![]);
            self.event(name, json!({"response": response}), out);
        }
    }

    fn said(&mut self, delta: Delta, out: &mut Vec<u8>) {
        self.more(Kind::Reasoning, delta.reasoning_content, out);
        self.more(Kind::Text, delta.content, out);
        self.more(Kind::Refusal, delta.refusal, out);
        for call in delta.tool_calls {
            self.called(call, out);
        }
    }

    /// More text of the item that grows, or of a new one.
    fn more(&mut self, kind: Kind, text: Option<String>, out: &mut Vec<u8>) {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return };
        let last = self.items.len().checked_sub(1).filter(|last| self.items[*last].kind == kind);
        let index = last.filter(|last| self.items[*last].is_open).unwrap_or_else(|| {
            (0..self.items.len()).for_each(|index| self.close(index, out));
            self.open(kind.clone(), out)
        });
        let item = &mut self.items[index];
        item.text.push_str(&text);
        let mut delta = json!({"item_id": item.id, "output_index": index, "delta": text});
        let name = match kind {
            Kind::Reasoning => {
                delta["summary_index"] = 0.into();
                "response.reasoning_summary_text.delta"
            }
            Kind::Refusal => {
                delta["content_index"] = 0.into();
                "response.refusal.delta"
            }
            Kind::Text | Kind::Call(..) => {
                delta["content_index"] = 0.into();
                delta["logprobs"] = json!([]);
                "response.output_text.delta"
            }
        };
        self.event(name, delta, out);
    }

    fn called(&mut self, call: Call, out: &mut Vec<u8>) {
        let known = |item: &Item| matches!(&item.kind, Kind::Call(index, ..) if *index == call.index);
        let index = self.items.iter().position(known).unwrap_or_else(|| {
            let texts = (0..self.items.len()).filter(|n| !matches!(self.items[*n].kind, Kind::Call(..)));
            texts.collect::<Vec<_>>().into_iter().for_each(|index| self.close(index, out));
            let (id, name) = (call.id.unwrap_or_default(), call.function.name.unwrap_or_default());
            self.open(Kind::Call(call.index, id, name), out)
        });
        let Some(arguments) = call.function.arguments.filter(|text| !text.is_empty()) else { return };
        let item = &mut self.items[index];
        item.text.push_str(&arguments);
        let delta = json!({"item_id": item.id, "output_index": index, "delta": arguments});
        self.event("response.function_call_arguments.delta", delta, out);
    }

    fn open(&mut self, kind: Kind, out: &mut Vec<u8>) -> usize {
        let index = self.items.len();
        let prefix = match kind {
            Kind::Reasoning => "rs",
            Kind::Text | Kind::Refusal => "msg",
            Kind::Call(..) => "fc",
        };
        let item = Item { id: self.face.item(prefix, index), kind, text: String::new(), is_open: true };
        let mut begun = item.whole("in_progress");
        match item.kind {
            Kind::Reasoning => begun["summary"] = json!([]),
            Kind::Text | Kind::Refusal => begun["content"] = json!([]),
            Kind::Call(..) => begun["arguments"] = "".into(),
        }
        let id = item.id.clone();
        let part = item.part();
        self.items.push(item);
        self.event("response.output_item.added", json!({"output_index": index, "item": begun}), out);
        if let Some((_, part, place, added)) = part {
            let mut event = json!({"item_id": id, "output_index": index, "part": part});
            event[place] = 0.into();
            self.event(&format!("{added}.added"), event, out);
        }
        index
    }

    fn close(&mut self, index: usize, out: &mut Vec<u8>) {
        let item = &mut self.items[index];
        if !std::mem::replace(&mut item.is_open, false) {
            return;
        }
        let whole = item.whole("completed");
        let mut done = json!({"item_id": item.id, "output_index": index});
        if let Some((name, part, place, added)) = item.part() {
            done[place] = 0.into();
            let mut ended = done.clone();
            ended["part"] = part;
            let text = item.text.clone();
            match item.kind {
                Kind::Refusal => done["refusal"] = text.into(),
                Kind::Text => {
                    done["text"] = text.into();
                    done["logprobs"] = json!([]);
                }
                _ => done["text"] = text.into(),
            }
            self.event(&format!("{name}.done"), done, out);
            self.event(&format!("{added}.done"), ended, out);
        } else {
            done["arguments"] = whole["arguments"].clone();
            done["name"] = whole["name"].clone();
            self.event("response.function_call_arguments.done", done, out);
        }
        self.event("response.output_item.done", json!({"output_index": index, "item": whole}), out);
    }

    fn event(&mut self, name: &str, mut data: Value, out: &mut Vec<u8>) {
        data["type"] = name.into();
        data["sequence_number"] = self.number.into();
        self.number += 1;
        out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
    }
}

impl Item {
    /// The item with what it has.
    fn whole(&self, status: &str) -> Value {
        match &self.kind {
            Kind::Reasoning => reasoning(&self.id, &self.text),
            Kind::Text => message(&self.id, status, vec![written(&self.text)]),
            Kind::Refusal => message(&self.id, status, vec![refused(&self.text)]),
            Kind::Call(_, id, name) => {
                called(&self.id, id, name, if self.text.is_empty() { "{}" } else { &self.text }, status)
            }
        }
    }

    /// Of what is not a call: how its text is named, its part as it is, the field of the part's place, and how the part
    /// is named.
    fn part(&self) -> Option<(&'static str, Value, &'static str, &'static str)> {
        match self.kind {
            Kind::Reasoning => {
                let part = json!({"type": "summary_text", "text": self.text});
                let place = "summary_index";
                Some(("response.reasoning_summary_text", part, place, "response.reasoning_summary_part"))
            }
            Kind::Text => Some(("response.output_text", written(&self.text), "content_index", "response.content_part")),
            Kind::Refusal => Some(("response.refusal", refused(&self.text), "content_index", "response.content_part")),
            Kind::Call(..) => None,
        }
    }
}
