//! Fuzz targets: any bytes may come, and what is promised holds. Each is a plain function that panics where it does not.

use super::{Dialect, Surface, events};
use crate::{
    operation::Operation,
    wire::{form, request},
};
use bytes::Bytes;
use serde_json::Value;

/// The kinds of providers that have a language of their own, one for each dialect but the simulator's.
pub const KINDS: [&str; 8] = ["openai", "azure", "anthropic", "gemini", "cohere", "mistral", "deepseek", "ollama"];
/// The longest input that is looked at.
const MOST: usize = 64 * 1024;
/// Statuses that are tried.
const STATUSES: [u16; 4] = [200, 400, 429, 500];

/// Server-sent events: however a stream is cut, the same events are in it. The first byte says how it is cut.
pub fn sse(data: &[u8]) {
    let Some((cut, stream)) = data.split_first().filter(|(_, stream)| stream.len() <= MOST) else { return };
    let whole = events(stream, stream.len()).expect("it is short");
    assert_eq!(events(stream, usize::from(*cut)), Some(whole), "cut into pieces of {cut}");
}

/// An answer of a kind of provider. The first byte says how it is asked: whether for a stream, in which words, and with which
/// status it answers; the second into pieces of how many bytes the answer is cut; the rest is the answer.
pub fn answer(dialect: &Dialect, data: &[u8]) {
    let [how, cut, answer @ ..] = data else { return };
    if answer.len() > MOST {
        return;
    }
    let is_stream = how & 1 == 1;
    let status = STATUSES[usize::from(how >> 1) % STATUSES.len()];
    let surface = Surface::ALL[usize::from(how >> 3) % Surface::ALL.len()];
    let content_type = match (is_stream && status == 200, dialect.kind()) {
        (true, "ollama") => "application/x-ndjson",
        (true, _) => "text/event-stream",
        (false, _) => "application/json",
    };
    let asked = asked(surface, is_stream);
    let ask = |piece: usize| {
        dialect.say(status, content_type, answer.chunks(piece.max(1)).map(Bytes::copy_from_slice).collect());
        dialect.ask(surface, &asked).expect("a request that nobody refuses")
    };
    let (whole, cut) = (ask(answer.len()), ask(usize::from(*cut)));
    assert_eq!((plain(&whole.told), &whole.fault), (plain(&cut.told), &cut.fault), "{surface:?}, status {status}");
    if status == 200 && whole.fault.is_none() {
        well_told(surface, is_stream, &whole.told);
    }
}

/// What has ended well is read by whoever asked.
fn well_told(surface: Surface, is_stream: bool, told: &[u8]) {
    // What passes as it came is its provider's; what is told in other words is ours.
    if surface == Surface::Chat {
        assert!(!is_stream || memchr::memmem::find(told, b"[DONE]").is_some(), "{}", told.escape_ascii());
        return;
    }
    let text = std::str::from_utf8(told).expect("text");
    if !is_stream {
        let answer: Value = serde_json::from_str(text).expect("JSON");
        assert!(answer.is_object(), "{text}");
        return;
    }
    let all = events(told, told.len().max(1)).expect("events");
    let data: Vec<_> = all.iter().filter_map(|(_, data)| data.as_deref()).collect();
    assert!(surface != Surface::Completions || text.contains("[DONE]"), "{text}");
    for data in data.into_iter().filter(|data| *data != b"[DONE]" && !data.trim_ascii().is_empty()) {
        serde_json::from_slice::<Value>(data).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
}

/// Without ids and durations, which are others for each answer.
fn plain(told: &[u8]) -> String {
    let text = String::from_utf8_lossy(told);
    let (mut out, mut run) = (String::with_capacity(text.len()), String::new());
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_hexdigit() {
            run.push(c);
            continue;
        }
        // What ends a line may come after the event that it ends, or not any more.
        if matches!(c, '\r' | '\n') {
            continue;
        }
        // Ids are long, and what took how long is another time each time.
        if run.len() < 24 && !out.ends_with("_duration\":") {
            out.push_str(&run);
        }
        run.clear();
        out.push(c);
    }
    out
}

/// What is asked for on each surface.
fn asked(surface: Surface, is_stream: bool) -> Bytes {
    let text = match surface {
        Surface::Chat | Surface::Ollama => {
            r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":STREAM}"#
        }
        Surface::Messages => {
            r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],"stream":STREAM}"#
        }
        Surface::Completions => r#"{"model":"m","prompt":"Hi","stream":STREAM}"#,
        Surface::Responses => r#"{"model":"m","input":"Hi","stream":STREAM}"#,
        Surface::Generate => r#"{"model":"m","contents":[{"role":"user","parts":[{"text":"Hi"}]}],"stream":STREAM}"#,
    };
    Bytes::from(text.replace("STREAM", if is_stream { "true" } else { "false" }))
}

/// A request: it is read or refused, and what is told of it in other words can be read. The first byte says on which surface.
pub fn request(data: &[u8]) {
    let Some((how, body)) = data.split_first().filter(|(_, body)| body.len() <= MOST) else { return };
    let body = Bytes::copy_from_slice(body);
    let surface = usize::from(*how) % (Surface::ALL.len() + 1);
    let Some(surface) = Surface::ALL.get(surface) else {
        drop(form::peek("multipart/form-data; boundary=xy", &body));
        assert!(form::written("multipart/form-data; boundary=xy", &body).iter().all(|at| at.end <= body.len()));
        return;
    };
    for operation in
        [surface.operation(), Operation::Embeddings, Operation::Images, Operation::Speech, Operation::Rerank]
    {
        if !crate::pivot::is_needed(operation) {
            drop(request::peek(operation, &body));
        }
    }
    if let Ok(Some(pivot)) = surface.pivot(&body) {
        let chat = serde_json::from_slice::<Value>(&pivot.body).expect("a chat completion is JSON");
        assert!(chat["messages"].is_array(), "{chat}");
    }
}
