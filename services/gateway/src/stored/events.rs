//! A kept response as the events of a stream: which of those that it was answered with, or which say the same as a whole answer.

use crate::wire::sse::{Event, Splitter};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

/// What an event says of its place.
#[derive(Deserialize)]
struct Numbered {
    sequence_number: Option<i64>,
}

/// Those of `events` that have a higher number than this. Where events have none their place is their number. None: they cannot
/// be read.
pub(super) fn after(events: Bytes, number: i64) -> Option<Bytes> {
    let mut splitter = Splitter::default();
    splitter.push(events.clone()).ok()?;
    let mut place = 0;
    while let Some(at) = splitter.next_event() {
        let Some(data) = Event::parse(splitter.get(&at)).data else { continue };
        let numbered: Numbered = serde_json::from_slice(&data).ok()?;
        if numbered.sequence_number.unwrap_or(place) > number {
            return Some(events.slice(at.start..));
        }
        place += 1;
    }
    Some(Bytes::new())
}

/// The events that say what a whole response does. The same response has the same events. None: it is none.
pub(super) fn of(response: &[u8]) -> Option<Bytes> {
    let response: Value = serde_json::from_slice(response).ok()?;
    let mut events = Events { number: 0, out: vec![] };
    let mut begun = response.clone();
    let fields = begun.as_object_mut()?;
    fields.remove("completed_at");
    for (name, value) in [
        ("status", json!("in_progress")),
        ("output", json!([])),
        ("usage", json!(null)),
        ("incomplete_details", json!(null)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    for name in ["response.created", "response.in_progress"] {
        events.add(name, json!({"response": begun}));
    }
    for (index, item) in response["output"].as_array()?.iter().enumerate() {
        events.item(index, item);
    }
    let is_cut = response["status"] == "incomplete";
    events.add(if is_cut { "response.incomplete" } else { "response.completed" }, json!({"response": response}));
    Some(events.out.into())
}

/// Events that are being written.
struct Events {
    number: i64,
    out: Vec<u8>,
}

impl Events {
    fn add(&mut self, name: &str, mut data: Value) {
        data["type"] = name.into();
        data["sequence_number"] = self.number.into();
        self.number += 1;
        self.out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
    }

    fn item(&mut self, index: usize, item: &Value) {
        let mut begun = item.clone();
        if begun.get("status").is_some() {
            begun["status"] = "in_progress".into();
        }
        for (name, empty) in
            [("content", json!([])), ("summary", json!([])), ("arguments", json!("")), ("input", json!(""))]
        {
            if begun.get(name).is_some_and(|value| !value.is_null()) {
                begun[name] = empty;
            }
        }
        self.add("response.output_item.added", json!({"output_index": index, "item": begun}));
        let place = json!({"item_id": item["id"], "output_index": index});
        for (field, place_of, part_is) in [
            ("summary", "summary_index", "response.reasoning_summary_part"),
            ("content", "content_index", "response.content_part"),
        ] {
            for (n, part) in item[field].as_array().into_iter().flatten().enumerate() {
                let mut place = place.clone();
                place[place_of] = n.into();
                self.part(&place, part, part_is);
            }
        }
        match item["type"].as_str() {
            Some("function_call") => {
                let (mut said, mut done) = (place.clone(), place);
                said["delta"] = item["arguments"].clone();
                (done["arguments"], done["name"]) = (item["arguments"].clone(), item["name"].clone());
                self.add("response.function_call_arguments.delta", said);
                self.add("response.function_call_arguments.done", done);
            }
            Some("custom_tool_call") => {
                let (mut said, mut done) = (place.clone(), place);
                said["delta"] = item["input"].clone();
                done["input"] = item["input"].clone();
                self.add("response.custom_tool_call_input.delta", said);
                self.add("response.custom_tool_call_input.done", done);
            }
            _ => {}
        }
        self.add("response.output_item.done", json!({"output_index": index, "item": item}));
    }

    /// A part of a message or of what was thought.
    fn part(&mut self, place: &Value, part: &Value, part_is: &str) {
        let (field, text_is) = match part["type"].as_str() {
            Some("output_text") => ("text", "response.output_text"),
            Some("refusal") => ("refusal", "response.refusal"),
            Some("reasoning_text") => ("text", "response.reasoning_text"),
            Some("summary_text") => ("text", "response.reasoning_summary_text"),
            _ => return,
        };
        let with = |more: &[(&str, Value)]| {
            let mut event = place.clone();
            more.iter().for_each(|(name, value)| event[*name] = value.clone());
            event
        };
        let mut begun = part.clone();
        begun[field] = "".into();
        if begun.get("annotations").is_some() {
            begun["annotations"] = json!([]);
        }
        self.add(&format!("{part_is}.added"), with(&[("part", begun)]));
        let text = &part[field];
        let logprobs = (field == "text" && text_is == "response.output_text").then(|| {
            ("logprobs", part.get("logprobs").filter(|given| given.is_array()).cloned().unwrap_or_else(|| json!([])))
        });
        if text.as_str().is_some_and(|text| !text.is_empty()) {
            let delta = [("delta", text.clone())].into_iter().chain(logprobs.clone()).collect::<Vec<_>>();
            self.add(&format!("{text_is}.delta"), with(&delta));
        }
        for (n, annotation) in part["annotations"].as_array().into_iter().flatten().enumerate() {
            let more = [("annotation_index", n.into()), ("annotation", annotation.clone())];
            self.add("response.output_text.annotation.added", with(&more));
        }
        let done = [(field, text.clone())].into_iter().chain(logprobs).collect::<Vec<_>>();
        self.add(&format!("{text_is}.done"), with(&done));
        self.add(&format!("{part_is}.done"), with(&[("part", part.clone())]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(events: &Bytes) -> Vec<Value> {
        let mut splitter = Splitter::default();
        splitter.push(events.clone()).expect("events");
        let mut all = vec![];
        while let Some(at) = splitter.next_event() {
            let Some(data) = Event::parse(splitter.get(&at)).data else { continue };
            all.push(serde_json::from_slice(&data).expect("JSON"));
        }
        all
    }

    #[test]
    fn a_whole_response_is_told_in_events_that_add_up_to_it() {
        let response = json!({
            "id": "resp_1", "status": "completed", "completed_at": 7, "usage": {"total_tokens": 3}, "output": [
                {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
                {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [
                    {"type": "output_text", "text": "Hi", "annotations": [{"type": "url_citation", "url": "u"}]},
                    {"type": "refusal", "refusal": "No."}]},
                {"id": "fc_1", "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "status": "completed"},
                {"id": "ws_1", "type": "web_search_call", "status": "completed"},
            ],
        });
        let events = of(response.to_string().as_bytes()).expect("events");
        let all = read(&events);
        assert!(all.iter().enumerate().all(|(n, event)| event["sequence_number"] == n));
        assert_eq!(all[0]["response"]["status"], "in_progress");
        assert_eq!((all[0]["type"].as_str(), all[0]["response"].get("completed_at")), (Some("response.created"), None));
        assert_eq!(all.last().expect("an end")["response"], response);
        let done = all.iter().filter(|event| event["type"] == "response.output_item.done").map(|event| &event["item"]);
        assert_eq!(done.collect::<Vec<_>>(), response["output"].as_array().expect("items").iter().collect::<Vec<_>>());
        let deltas = all.iter().filter(|event| event["type"].as_str().is_some_and(|name| name.ends_with(".delta")));
        let deltas: Vec<_> = deltas.map(|event| event["delta"].as_str().unwrap_or_default()).collect();
        assert_eq!(deltas, ["Hm.", "Hi", "No.", "{}"]);
        assert_eq!(of(response.to_string().as_bytes()), Some(events), "the same response has the same events");
        assert_eq!(of(b"[]"), None);
    }

    #[test]
    fn events_after_a_number_are_those_that_were_not_seen() {
        let events = Bytes::from_static(
            b"data: {\"sequence_number\":0}\n\n: keep-alive\n\ndata: {\"sequence_number\":4}\r\n\r\ndata: {\"sequence_number\":5}\n\n",
        );
        let numbers = |after| super::after(events.clone(), after).map(|rest| read(&rest).len());
        assert_eq!(
            (numbers(-1), numbers(0), numbers(3), numbers(4), numbers(5)),
            (Some(3), Some(2), Some(2), Some(1), Some(0))
        );
        let plain = Bytes::from_static(b"data: {\"n\":1}\n\ndata: {\"n\":2}\n\n");
        assert_eq!(super::after(plain, 0).as_deref(), Some(&b"data: {\"n\":2}\n\n"[..]), "by place");
        assert_eq!(super::after(Bytes::from_static(b"data: x\n\n"), 0), None);
    }
}
