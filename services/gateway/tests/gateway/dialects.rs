//! Each dialect against a provider that speaks it, in the words of its documentation.

mod anthropic;
mod cohere;
pub mod documented;
mod embeddings;
mod gemini;
mod golden;
pub mod native;
mod ollama;
mod pictures;
mod similar;
mod table;

use crate::{
    ask::Answer,
    provider::{self, Provider, Received, Step},
    world::{SECRET, World, quick},
};
use proto::workspace::OpenProvider;
use serde_json::Value;

/// A world with one provider of this kind, which answers like this.
pub async fn speaking(kind: &str, script: Vec<Step>) -> (World, Provider) {
    with_options(kind, "", script).await
}

pub async fn with_options(kind: &str, options: &str, script: Vec<Step>) -> (World, Provider) {
    let provider = Provider::start(script).await;
    let settings = settings(kind, options, &provider);
    let book = crate::fake::Book { providers: vec![settings], ..Default::default() };
    (World::with(quick(), book).await, provider)
}

pub fn settings(kind: &str, options: &str, provider: &Provider) -> OpenProvider {
    OpenProvider {
        id: format!("prov_{kind}"),
        provider: kind.to_owned(),
        name: kind.to_owned(),
        base_url: provider.root(),
        weight: 1,
        api_key: SECRET.to_owned(),
        options_json: options.to_owned(),
        ..OpenProvider::default()
    }
}

/// The only request that arrived.
pub fn only(provider: &Provider) -> Received {
    let received = provider.received();
    assert_eq!(received.len(), 1, "{received:?}");
    received[0].clone()
}

pub fn json(text: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(text.as_ref()).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(text.as_ref())))
}

/// The chunks of a stream, of which the last one was the end mark.
pub fn chunks(answer: &Answer) -> Vec<Value> {
    assert!(answer.failure.is_none(), "{answer:?}");
    let body = answer.body.replace("\r\n", "\n");
    let mut data: Vec<_> = body.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    assert_eq!(data.pop(), Some("[DONE]"), "{}", answer.body);
    data.into_iter().map(json).collect()
}

/// What a client makes of a stream: text, reasoning, names and arguments of the tool calls, the reason of its end.
pub fn assembled(chunks: &[Value]) -> (String, String, Vec<(String, String, String)>, String) {
    let (mut text, mut thought, mut finish) = (String::new(), String::new(), String::new());
    let mut calls: Vec<(String, String, String)> = vec![];
    for choice in chunks.iter().filter_map(|chunk| chunk["choices"].get(0)) {
        let delta = &choice["delta"];
        text.push_str(delta["content"].as_str().unwrap_or_default());
        thought.push_str(delta["reasoning_content"].as_str().unwrap_or_default());
        finish.push_str(choice["finish_reason"].as_str().unwrap_or_default());
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            let at = usize::try_from(call["index"].as_u64().expect("an index")).expect("a small one");
            if calls.len() <= at {
                calls.push(Default::default());
            }
            calls[at].0.push_str(call["id"].as_str().unwrap_or_default());
            calls[at].1.push_str(call["function"]["name"].as_str().unwrap_or_default());
            calls[at].2.push_str(call["function"]["arguments"].as_str().unwrap_or_default());
        }
    }
    (text, thought, calls, finish)
}

/// A stream of events with names.
pub fn events(events: &[(&str, &str)]) -> Vec<Step> {
    let events: Vec<String> = events.iter().map(|(name, data)| format!("event: {name}\ndata: {data}\n\n")).collect();
    provider::stream(&events.iter().map(String::as_str).collect::<Vec<_>>())
}
