//! What clients of each surface get from a provider of another language, kept as files: the SDKs' own types decode them in
//! `tests/conformance/python/fronts.py`. In each answer there is thinking, text, two calls of tools and usage.

use crate::{
    dialects::{documented::lasting, json, settings},
    fake::Book,
    provider::{DONE, Provider, Step, answer, stream},
    world::{World, quick},
};
use proto::gateway::Operation;
use serde_json::{Value, json};

/// Kind of provider, a whole answer, the data of a stream.
fn natives() -> Vec<(&'static str, Value, Vec<Value>)> {
    let chunk = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        json!({"id": "chatcmpl-7", "object": "chat.completion.chunk", "created": 7, "model": "m", "choices": [choice]})
    };
    let call = |index: usize, id: &str, name: &str, arguments: &str| {
        let function = json!({"name": name, "arguments": arguments});
        json!({"index": index, "id": id, "type": "function", "function": function})
    };
    let usage = json!({"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 5}, "completion_tokens_details": {"reasoning_tokens": 4}});
    let calls = [call(0, "call_1", "now", ""), call(1, "call_2", "add", "{\"a\":1}")];
    let said = json!({"role": "assistant", "content": "Wait.", "reasoning_content": "hm", "tool_calls": calls});
    let mut last = chunk(json!({}), Value::Null);
    (last["choices"], last["usage"]) = (json!([]), usage.clone());
    let openai = (
        "openai",
        json!({"id": "chatcmpl-7", "object": "chat.completion", "created": 7, "model": "m", "usage": usage,
            "choices": [{"index": 0, "message": said, "finish_reason": "tool_calls"}]}),
        vec![
            chunk(json!({"role": "assistant", "reasoning_content": "h"}), Value::Null),
            chunk(json!({"reasoning_content": "m"}), Value::Null),
            chunk(json!({"content": "Wa"}), Value::Null),
            chunk(json!({"content": "it."}), Value::Null),
            chunk(json!({"tool_calls": [calls[0]]}), Value::Null),
            chunk(json!({"tool_calls": [call(1, "call_2", "add", "{\"a\"")]}), Value::Null),
            chunk(json!({"tool_calls": [{"index": 1, "function": {"arguments": ":1}"}}]}), Value::Null),
            chunk(json!({}), json!("tool_calls")),
            last,
        ],
    );
    let response = |parts: Value, reason: Value| {
        json!({"responseId": "r7", "modelVersion": "m", "candidates": [
            {"index": 0, "content": {"role": "model", "parts": parts}, "finishReason": reason}],
            "usageMetadata": {"promptTokenCount": 20, "cachedContentTokenCount": 5, "candidatesTokenCount": 5,
                "thoughtsTokenCount": 4, "totalTokenCount": 29}})
    };
    let thought = json!({"text": "hm", "thought": true});
    let called = [
        json!({"functionCall": {"name": "now", "args": {}}, "thoughtSignature": "c2ln"}),
        json!({"functionCall": {"name": "add", "args": {"a": 1}}}),
    ];
    let gemini = (
        "gemini",
        response(json!([thought, {"text": "Wait."}, called[0], called[1]]), json!("STOP")),
        vec![
            response(json!([thought]), Value::Null),
            response(json!([{"text": "Wa"}]), Value::Null),
            response(json!([{"text": "it."}]), Value::Null),
            response(json!(called), json!("STOP")),
        ],
    );
    vec![openai, gemini]
}

fn events(kind: &str, data: &[Value]) -> Vec<Step> {
    let mut events: Vec<String> = data.iter().map(|data| format!("data: {data}\n\n")).collect();
    events.extend((kind == "openai").then(|| DONE.to_owned()));
    stream(&events.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What clients with tools, pictures, thinking and marks for the cache send, without and with a stream.
fn fronts() -> [(&'static str, Operation, Value); 4] {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let picture = json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}});
    let mark = json!({"type": "ephemeral"});
    let messages = json!({"model": "m", "max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 2048},
        "system": [{"type": "text", "text": "Be brief.", "cache_control": mark}],
        "tools": [{"name": "now", "input_schema": schema}, {"name": "add", "input_schema": schema, "cache_control": mark}],
        "messages": [
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "tool_use", "id": "t1", "name": "now", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content":
                [{"type": "text", "text": "here"}, picture], "cache_control": mark}]}]});
    let function = |name: &str| json!({"type": "function", "name": name, "parameters": schema, "strict": false});
    let responses =
        json!({"model": "m", "store": false, "input": "Look.", "tools": [function("now"), function("add")]});
    let declared =
        json!([{"functionDeclarations": [{"name": "now"}, {"name": "add", "parameters": {"type": "OBJECT"}}]}]);
    let generate =
        json!({"model": "m", "tools": declared, "contents": [{"role": "user", "parts": [{"text": "Look."}]}]});
    let tool = |name: &str| json!({"type": "function", "function": {"name": name, "parameters": schema}});
    let ollama =
        json!({"model": "m", "tools": [tool("now"), tool("add")], "messages": [{"role": "user", "content": "Look."}]});
    [
        ("messages", Operation::Messages, messages),
        ("responses", Operation::Responses, responses),
        ("generate", Operation::GenerateContent, generate),
        ("ollama", Operation::OllamaChat, ollama),
    ]
}

#[tokio::test]
async fn the_files_are_what_clients_get() {
    for (front, operation, asked) in fronts() {
        let mut told = vec![];
        for (kind, whole, data) in natives() {
            let provider = Provider::start(vec![]).await;
            let book = Book { providers: vec![settings(kind, "{}", &provider)], ..Book::default() };
            let world = World::with(quick(), book).await;
            for streams in [false, true] {
                let mut asked = asked.clone();
                asked["stream"] = streams.into();
                let good = answer(200, "application/json", &whole.to_string());
                provider.now(if streams { events(kind, &data) } else { good });
                let answer = world.ask_of(operation, &asked.to_string()).await;
                let answer = answer.unwrap_or_else(|e| panic!("{front} before {kind}: {e:?}"));
                assert_eq!(answer.failure, None, "{front} before {kind}");
                let said: Vec<Value> = match streams {
                    true => answer.body.lines().filter_map(|line| line.strip_prefix("data: ")).map(json).collect(),
                    false => vec![json(&answer.body)],
                };
                let said: Vec<Value> = said.into_iter().map(lasting).collect();
                told.push(json!({"from": kind, "stream": streams, "dropped": answer.head.dropped, "said": said}));
            }
        }
        let file = format!("{}/../../tests/conformance/fronts/answers/{front}.json", env!("CARGO_MANIFEST_DIR"));
        // `GOLDEN=write cargo test …` writes them anew; then read what has changed.
        #[expect(clippy::disallowed_methods, reason = "how a person asks a test to write")]
        if std::env::var("GOLDEN").is_ok_and(|how| how == "write") {
            let text = serde_json::to_string_pretty(&told).expect("JSON") + "\n";
            std::fs::write(&file, text).expect("a file that can be written");
        }
        let kept: Vec<Value> = serde_json::from_slice(&std::fs::read(&file).unwrap_or_default()).unwrap_or_default();
        assert_eq!(told, kept, "{file}");
    }
}
