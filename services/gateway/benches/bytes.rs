//! What does work on bytes cost: events, requests and answers in each provider's words, client's words, plans?
//! `cargo bench -p perpetuo-gateway --bench bytes` prints it. Inputs are the wire formats of the tests; there is no network.

#[path = "../tests/gateway/dialects/native.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod native;
#[path = "../tests/gateway/provider.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod provider;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount};
use gateway::probe::{Dialect, Plans, Surface, count_events, fuzz::KINDS};
use native::Native;
use provider::{DONE, HELLO, ROLE, STOP, USAGE, WORLD};

const CHUNKS: usize = 50;

fn main() {
    divan::main();
}

/// A stream of OpenAI's with so many chunks of content.
fn chunks() -> Vec<Bytes> {
    let content = vec![WORLD; CHUNKS];
    [&[ROLE, HELLO][..], &content, &[STOP, USAGE, DONE]].concat().into_iter().map(Bytes::from).collect()
}

/// The same events, as a network may cut them.
#[divan::bench(args = [16, 128, 1_460, 16_384])]
fn sse_events_in_pieces_of(bencher: Bencher<'_, '_>, piece: usize) {
    let whole = chunks().concat();
    let pieces: Vec<Bytes> = whole.chunks(piece).map(Bytes::copy_from_slice).collect();
    bencher.counter(BytesCount::new(whole.len())).bench(|| count_events(black_box(&pieces)));
}

fn native(kind: &str) -> Native {
    native::all().into_iter().find(|native| native.dialect == kind).expect("each dialect has an answer")
}

/// A request as agents send it: a system message, a turn with a tool, its result, and a tool that may be called.
fn request(stream: bool) -> Bytes {
    let turn = r#"{"role":"assistant","content":"I will look.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Lisboa\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"sunny, 21 degrees"}"#;
    let said = "Please summarise what was decided, and what is open. ".repeat(20);
    Bytes::from(format!(
        r#"{{"model":"m","stream":{stream},"max_tokens":512,"temperature":0.2,"messages":[{{"role":"system","content":"{said}"}},{{"role":"user","content":"{said}"}},{turn},{{"role":"user","content":"{said}"}}],"tools":[{{"type":"function","function":{{"name":"get_weather","description":"Weather of a city","parameters":{{"type":"object","properties":{{"city":{{"type":"string"}}}},"required":["city"]}}}}}}]}}"#
    ))
}

/// A request in the provider's words, and its whole answer in OpenAI's.
#[divan::bench(args = KINDS)]
fn whole_answer_of(bencher: Bencher<'_, '_>, kind: &str) {
    let (dialect, asked) = (Dialect::of(kind), request(false));
    dialect.say(200, "application/json", vec![Bytes::from(native(kind).whole)]);
    assert_eq!(dialect.ask(Surface::Chat, &asked).expect("an answer").fault, None);
    bencher.bench(|| dialect.ask(Surface::Chat, black_box(&asked)));
}

/// The same for a stream of 50 chunks, as the request path reads it.
#[divan::bench(args = KINDS)]
fn stream_of(bencher: Bencher<'_, '_>, kind: &str) {
    let (dialect, asked, native) = (Dialect::of(kind), request(true), native(kind));
    let (content, beginning) = native.beginning.split_last().expect("a beginning");
    let all = [beginning, &vec![content.clone(); CHUNKS], &native.rest].concat();
    dialect.say(200, native.content_type, all.into_iter().map(Bytes::from).collect());
    assert_eq!(dialect.ask(Surface::Chat, &asked).expect("an answer").fault, None);
    bencher.bench(|| dialect.ask(Surface::Chat, black_box(&asked)));
}

/// A stream of OpenAI's chunks told in the words of a client of another language.
#[divan::bench(args = Surface::ALL)]
fn stream_told_as(bencher: Bencher<'_, '_>, surface: Surface) {
    let dialect = Dialect::of("openai");
    dialect.say(200, "text/event-stream", chunks());
    let text = match surface {
        Surface::Chat | Surface::Ollama => r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true}"#,
        Surface::Messages => {
            r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],"stream":true}"#
        }
        Surface::Completions => r#"{"model":"m","prompt":"Hi","stream":true}"#,
        Surface::Responses => r#"{"model":"m","input":"Hi","stream":true}"#,
        Surface::Generate => r#"{"model":"m","contents":[{"role":"user","parts":[{"text":"Hi"}]}],"stream":true}"#,
    };
    let asked = Bytes::from(text);
    assert_eq!(dialect.ask(surface, &asked).expect("an answer").fault, None);
    bencher.bench(|| dialect.ask(surface, black_box(&asked)));
}

/// Who is asked in which order: a model that one of so many providers has, one that all have, and a virtual one.
#[divan::bench(args = [1, 10, 100], consts = [0, 1, 2])]
fn plan_among<const MODEL: usize>(bencher: Bencher<'_, '_>, providers: usize) {
    let (plans, model) = (Plans::of(providers), ["model-0-7", "shared", "virtual"][MODEL]);
    assert!(plans.plan(model, 1) > 0);
    let mut chance = 0;
    bencher.bench_local(|| {
        chance += 1;
        plans.plan(black_box(model), chance)
    });
}
