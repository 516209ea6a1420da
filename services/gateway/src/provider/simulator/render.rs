//! An answer in OpenAI's words: one object, or the events of a stream.

use super::{
    pieces::pieces,
    reply::{Call, Choice, Content, Reply},
    request::Request,
};
use bytes::Bytes;
use serde_json::{Value, json};

/// What every part of an answer says of itself.
pub(super) struct Face<'a> {
    /// Unix seconds.
    pub created: i64,
    pub model: &'a str,
    pub request: &'a Request,
}

/// `chat.completion`.
pub(super) fn whole(face: &Face<'_>, reply: &Reply) -> Bytes {
    let choices: Vec<Value> = reply
        .choices
        .iter()
        .enumerate()
        .map(|(index, choice)| {
            let mut message = json!({"role": "assistant", "content": null, "refusal": null, "annotations": []});
            match &choice.content {
                Content::Text(text) => message["content"] = json!(text),
                Content::Calls(calls) => message["tool_calls"] = calls.iter().map(call).collect(),
            }
            json!({"index": index, "message": message, "logprobs": null, "finish_reason": choice.finish_reason})
        })
        .collect();
    let mut answer = face.object("chat.completion");
    answer["choices"] = choices.into();
    answer["usage"] = face.usage(reply);
    answer.to_string().into()
}

/// The events of a stream: the role, the content piece by piece, the reason of the end, the usage, the end mark.
pub(super) fn events(face: &Face<'_>, reply: &Reply, include_usage: bool) -> Vec<Bytes> {
    let chunk = |choices: Value, usage: Option<Value>| {
        let mut chunk = face.object("chat.completion.chunk");
        chunk["choices"] = choices;
        if let Some(usage) = usage.or(include_usage.then_some(Value::Null)) {
            chunk["usage"] = usage;
        }
        Bytes::from(format!("data: {chunk}\n\n"))
    };
    let delta = |index: usize, delta: Value, reason: Option<&str>| {
        chunk(json!([{"index": index, "delta": delta, "logprobs": null, "finish_reason": reason}]), None)
    };
    let mut events = Vec::new();
    for (index, choice) in reply.choices.iter().enumerate() {
        events.extend(deltas(choice).into_iter().map(|d| delta(index, d, None)));
        events.push(delta(index, json!({}), Some(choice.finish_reason)));
    }
    events.push(chunk(json!([]), Some(face.usage(reply))));
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    events
}

fn deltas(choice: &Choice) -> Vec<Value> {
    match &choice.content {
        Content::Text(text) => {
            let open = json!({"role": "assistant", "content": "", "refusal": null});
            std::iter::once(open).chain(pieces(text).into_iter().map(|piece| json!({"content": piece}))).collect()
        }
        Content::Calls(calls) => {
            let open = json!({"role": "assistant", "content": null, "refusal": null});
            std::iter::once(open).chain(calls.iter().enumerate().flat_map(|(n, c)| call_deltas(n, c))).collect()
        }
    }
}

fn call_deltas(index: usize, call: &Call) -> Vec<Value> {
    let open = json!({"tool_calls": [{
        "index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""},
    }]});
    let part = |piece: &str| json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]});
    std::iter::once(open).chain(pieces(&call.arguments).into_iter().map(part)).collect()
}

fn call(call: &Call) -> Value {
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}})
}

impl Face<'_> {
    fn object(&self, kind: &str) -> Value {
        json!({
            "id": format!("chatcmpl-{:016x}", self.request.fingerprint),
            "object": kind,
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": null,
        })
    }

    fn usage(&self, reply: &Reply) -> Value {
        let (prompt, completion) = (self.request.prompt_tokens, reply.completion_tokens);
        json!({
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        })
    }
}
