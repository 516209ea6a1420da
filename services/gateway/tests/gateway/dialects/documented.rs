//! Answers as each provider documents them, with thinking, text, calls of tools and usage: whole and as a stream. What the gateway makes
//! of them is kept in files beside them; the SDKs of both sides decode both (`tests/conformance/python/dialects.py`).

use super::{chunks, json, settings};
use crate::{
    ask::body,
    fake::Book,
    provider::{DONE, Provider, Step, answer, end, piece},
    world::{World, quick},
};
use serde_json::{Value, json};

/// What a provider says.
#[derive(serde::Deserialize)]
struct Documented {
    /// A kind of provider.
    kind: String,
    whole: Value,
    /// The data of its events, in order.
    events: Vec<Value>,
}

/// The files that are not made by a test: from the providers' references.
fn all() -> Vec<Documented> {
    const FILES: &[&str] = &[
        include_str!("documented/anthropic.json"),
        include_str!("documented/cohere.json"),
        include_str!("documented/deepseek.json"),
        include_str!("documented/gemini.json"),
        include_str!("documented/mistral.json"),
        include_str!("documented/ollama.json"),
        include_str!("documented/openai.json"),
    ];
    FILES.iter().map(|file| serde_json::from_str(file).unwrap_or_else(|e| panic!("{e}: {file}"))).collect()
}

impl Documented {
    fn stream(&self) -> Vec<Step> {
        let is_lines = self.kind == "ollama";
        let kind = if is_lines { "application/x-ndjson" } else { "text/event-stream" };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
        let event = |data: &Value| match data["type"].as_str() {
            _ if is_lines => format!("{data}\n"),
            Some(name) => format!("event: {name}\ndata: {data}\n\n"),
            None => format!("data: {data}\n\n"),
        };
        let mut all: Vec<String> = self.events.iter().map(event).collect();
        all.extend(matches!(self.kind.as_str(), "openai" | "deepseek" | "mistral").then(|| DONE.to_owned()));
        let head = Step::Send(head.into_bytes());
        std::iter::once(head).chain(all.iter().map(piece)).chain([end()]).collect()
    }
}

/// Without ids and times, where they are ours.
pub fn lasting(mut told: Value) -> Value {
    const TIMES: [&str; 3] = ["created", "created_at", "completed_at"];
    match &mut told {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                let is_now = TIMES.contains(&name.as_str()) && value.as_i64().is_some_and(|at| at > 1_790_000_000);
                *value = match value.take() {
                    _ if is_now || name.ends_with("_duration") => 1.into(),
                    Value::String(_) if name == "created_at" => "2026-11-28T12:00:00+00:00".into(),
                    other => lasting(other),
                };
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| *one = lasting(one.take())),
        Value::String(id) => {
            let end = id.trim_end_matches(|c: char| c.is_ascii_hexdigit()).len();
            if id.len() - end >= 24 {
                id.replace_range(end.., "ours");
            }
        }
        _ => {}
    }
    told
}

#[tokio::test]
async fn documented_answers_become_what_the_files_say() {
    for documented in all() {
        let kind = documented.kind.as_str();
        let provider = Provider::start(answer(200, "application/json", &documented.whole.to_string())).await;
        let book = Book { providers: vec![settings(kind, "", &provider)], ..Book::default() };
        let world = World::with(quick(), book).await;
        let whole = world.ask(&body("m", "")).await.unwrap_or_else(|e| panic!("{kind}: {e:?}"));
        provider.now(documented.stream());
        let more = r#","stream":true,"stream_options":{"include_usage":true}"#;
        let streamed = world.ask(&body("m", more)).await.unwrap_or_else(|e| panic!("{kind}: {e:?}"));
        let chunks: Vec<Value> = chunks(&streamed).into_iter().map(lasting).collect();
        let told = json!({"whole": lasting(json(&whole.body)), "chunks": chunks});
        let settled = world.settled(2).await;
        assert!(
            settled.iter().all(|settle| !settle.estimated && settle.tokens == settled[0].tokens),
            "{kind}: {settled:?}"
        );
        let file = format!("{}/../../tests/conformance/dialects/answers/{kind}.json", env!("CARGO_MANIFEST_DIR"));
        // `GOLDEN=write cargo test …` writes them anew; then read what has changed.
        #[expect(clippy::disallowed_methods, reason = "how a person asks a test to write")]
        if std::env::var("GOLDEN").is_ok_and(|how| how == "write") {
            let text = serde_json::to_string_pretty(&told).expect("JSON") + "\n";
            std::fs::write(&file, text).expect("a file that can be written");
        }
        let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap_or_default()).unwrap_or_default();
        assert_eq!(told, kept, "{file}");
    }
}
