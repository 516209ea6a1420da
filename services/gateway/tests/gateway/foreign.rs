//! What is sent to providers of OpenAI's kind, and what our clients get, read with the types of the crate async-openai, which nobody
//! here wrote. They are OpenAI's specification as somebody else read it.

use crate::{
    dialects::native,
    provider::{DONE, HELLO, ROLE, STOP, USAGE},
};
use async_openai::types::{
    audio::CreateTranscriptionResponseJson,
    chat::{CreateChatCompletionRequest, CreateChatCompletionResponse, CreateChatCompletionStreamResponse},
    completions::CreateCompletionResponse,
    embeddings::CreateEmbeddingResponse,
    images::ImagesResponse,
    moderations::CreateModerationResponse,
    responses::{Response, ResponseStreamEvent},
};
use bytes::Bytes;
use gateway::probe::{Dialect, Surface, fuzz::KINDS};
use proto::gateway::Operation;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Kinds that speak OpenAI's language, in which everything that is sent is OpenAI's.
const OPENAI: [&str; 8] = ["openai", "azure", "groq", "openrouter", "xai", "together", "fireworks", "vllm"];
/// Kinds that speak it with words of their own, which their own SDKs read: `tests/conformance/python/dialects.py`.
const SIMILAR: [&str; 2] = ["mistral", "deepseek"];

fn read<T: DeserializeOwned>(what: &str, json: &[u8]) -> T {
    serde_json::from_slice(json).unwrap_or_else(|error| panic!("{what}: {error}: {}", String::from_utf8_lossy(json)))
}

/// The data of each event.
fn events(stream: &Bytes) -> Vec<Vec<u8>> {
    let events = gateway::probe::events(stream, stream.len()).expect("events");
    let data = events.into_iter().filter_map(|(_, data)| data);
    data.filter(|data| data != b"[DONE]" && !data.trim_ascii().is_empty()).collect()
}

/// Everything that `sent` says is in `again` as well: the types know every field of it.
fn is_known(what: &str, sent: &Value, again: &Value) {
    match (sent, again) {
        (Value::Object(sent), Value::Object(again)) => {
            for (name, value) in sent.iter().filter(|(_, value)| !value.is_null()) {
                let known = again.get(name).unwrap_or_else(|| panic!("{what}.{name} is no field of OpenAI's"));
                is_known(&format!("{what}.{name}"), value, known);
            }
        }
        (Value::Array(sent), Value::Array(again)) => {
            assert_eq!(sent.len(), again.len(), "{what}");
            sent.iter().zip(again).for_each(|(sent, again)| is_known(what, sent, again));
        }
        (Value::Number(sent), Value::Number(again)) => {
            let (sent, again) = (sent.as_f64().expect("a number"), again.as_f64().expect("a number"));
            assert!((sent - again).abs() < 1e-6, "{what}: {sent} {again}");
        }
        _ => assert_eq!(sent, again, "{what}"),
    }
}

/// Requests of each surface with as much in them as a chat completion has words for.
fn requests(stream: bool) -> Vec<(Surface, Value)> {
    let parameters = json!({"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]});
    let function = json!({"name": "find", "description": "Finds.", "parameters": parameters});
    let call = json!({"id": "call_1", "type": "function", "function": {"name": "find", "arguments": "{\"q\":\"x\"}"}});
    let chat = json!({
        "model": "m", "stream": stream, "temperature": 0.5, "top_p": 0.9, "max_completion_tokens": 64, "stop": ["END"], "seed": 7,
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]},
            {"role": "assistant", "content": "I look.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "found"},
            {"role": "user", "content": "Thanks"}],
        "tools": [{"type": "function", "function": function}], "tool_choice": "auto",
    });
    let messages = json!({
        "model": "m", "stream": stream, "max_tokens": 64, "temperature": 0.5, "stop_sequences": ["END"],
        "system": [{"type": "text", "text": "Be kind."}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}]},
            {"role": "assistant", "content": [{"type": "text", "text": "I look."}, {"type": "tool_use", "id": "call_1", "name": "find", "input": {"q": "x"}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "found"}, {"type": "text", "text": "Thanks"}]}],
        "tools": [{"name": "find", "description": "Finds.", "input_schema": parameters}], "tool_choice": {"type": "any"},
    });
    let responses = json!({
        "model": "m", "stream": stream, "instructions": "Be kind.", "max_output_tokens": 64, "temperature": 0.5, "reasoning": {"effort": "low"},
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}, {"type": "input_image", "image_url": "data:image/png;base64,aGk="}]},
            {"type": "function_call", "call_id": "call_1", "name": "find", "arguments": "{\"q\":\"x\"}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "found"},
            {"role": "user", "content": "Thanks"}],
        "tools": [{"type": "function", "name": "find", "description": "Finds.", "parameters": parameters, "strict": false}],
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object", "properties": {}, "additionalProperties": false}}},
    });
    let generate = json!({
        "model": "m", "stream": stream, "systemInstruction": {"parts": [{"text": "Be kind."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}, {"inlineData": {"mimeType": "image/png", "data": "aGk="}}]},
            {"role": "model", "parts": [{"functionCall": {"name": "find", "args": {"q": "x"}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "find", "response": {"found": true}}}]}],
        "tools": [{"functionDeclarations": [{"name": "find", "description": "Finds.", "parameters": {"type": "OBJECT", "properties": {"q": {"type": "STRING"}}}}]}],
        "generationConfig": {"maxOutputTokens": 64, "temperature": 0.5, "stopSequences": ["END"], "seed": 7},
    });
    let ollama = json!({
        "model": "m", "stream": stream,
        "messages": [
            {"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi", "images": ["iVBORw0KGgo="]},
            {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "find", "arguments": {"q": "x"}}}]},
            {"role": "tool", "tool_name": "find", "content": "found"}],
        "tools": [{"type": "function", "function": function}], "options": {"num_predict": 64, "temperature": 0.5, "stop": ["END"]},
    });
    let completions =
        json!({"model": "m", "stream": stream, "prompt": "Once", "max_tokens": 64, "stop": ["END"], "seed": 7});
    vec![
        (Surface::Chat, chat),
        (Surface::Messages, messages),
        (Surface::Responses, responses),
        (Surface::Generate, generate),
        (Surface::Ollama, ollama),
        (Surface::Completions, completions),
    ]
}

fn good(kind: &str, stream: bool) -> Dialect {
    let dialect = Dialect::of(kind);
    if stream {
        let pieces = [ROLE, HELLO, STOP, USAGE, DONE].map(Bytes::from);
        dialect.say(200, "text/event-stream", pieces.to_vec());
    } else {
        dialect.say(200, "application/json", vec![Bytes::from_static(crate::provider::COMPLETION.as_bytes())]);
    }
    dialect
}

#[test]
fn what_providers_of_openais_kind_are_sent_is_a_request_of_openais() {
    for stream in [false, true] {
        for kind in OPENAI {
            let dialect = good(kind, stream);
            for (surface, request) in requests(stream) {
                let what = format!("{kind} for {surface:?}");
                let answer =
                    dialect.ask(surface, &request.to_string().into()).unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_eq!(answer.fault, None, "{what}");
                let typed: CreateChatCompletionRequest = read(&what, &answer.sent);
                let (sent, again) = (read(&what, &answer.sent), serde_json::to_value(typed).expect("JSON"));
                is_known(&what, &sent, &again);
            }
        }
    }
}

/// A good answer of each dialect.
fn answering(native: &native::Native, stream: bool) -> Dialect {
    let dialect = Dialect::of(native.dialect);
    if stream {
        dialect.say(200, native.content_type, native.all().into_iter().map(Bytes::from).collect());
    } else {
        dialect.say(200, "application/json", vec![Bytes::from(native.whole.clone())]);
    }
    dialect
}

#[test]
fn answers_of_every_dialect_are_openais() {
    for native in native::all() {
        let kind = native.dialect;
        assert!(KINDS.contains(&kind), "{kind}");
        let dialect = answering(&native, false);
        for (surface, request) in requests(false) {
            let told = dialect.ask(surface, &request.to_string().into()).expect("an answer").told;
            match surface {
                // Some pass as their provider wrote them, and some providers take no pictures.
                Surface::Chat if OPENAI.contains(&kind) => {}
                _ if SIMILAR.contains(&kind) => {}
                Surface::Chat => {
                    let answer: CreateChatCompletionResponse = read(kind, &told);
                    assert_eq!(answer.choices[0].message.content.as_deref(), Some("Hello 日本"), "{kind}");
                    assert!(answer.usage.is_some_and(|usage| usage.total_tokens == 5), "{kind}");
                }
                Surface::Responses => {
                    let answer: Response = read(kind, &told);
                    assert!(answer.output_text().is_some_and(|text| text.ends_with("日本")), "{kind}");
                }
                Surface::Completions => {
                    let answer: CreateCompletionResponse = read(kind, &told);
                    assert!(answer.choices[0].text.ends_with("日本"), "{kind}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn streams_of_every_dialect_are_openais() {
    for native in native::all() {
        let kind = native.dialect;
        let dialect = answering(&native, true);
        for (surface, request) in requests(true) {
            let told = dialect.ask(surface, &request.to_string().into()).expect("an answer").told;
            match surface {
                Surface::Chat if OPENAI.contains(&kind) => {}
                _ if SIMILAR.contains(&kind) => {}
                Surface::Chat => {
                    let chunks =
                        events(&told).into_iter().map(|data| read::<CreateChatCompletionStreamResponse>(kind, &data));
                    let text =
                        chunks.filter_map(|chunk| chunk.choices.first()?.delta.content.clone()).collect::<String>();
                    assert_eq!(text, "Hello 日本", "{kind}");
                }
                Surface::Responses => {
                    let all: Vec<ResponseStreamEvent> = events(&told).iter().map(|data| read(kind, data)).collect();
                    assert!(matches!(all.first(), Some(ResponseStreamEvent::ResponseCreated(_))), "{kind}");
                    assert!(matches!(all.last(), Some(ResponseStreamEvent::ResponseCompleted(_))), "{kind}");
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn so_is_what_the_simulator_answers_on_every_other_surface() {
    let world = crate::world::World::new(vec![]).await;
    let ask = async |operation, body: Value| {
        let answer = world.ask_of(operation, &body.to_string()).await.expect("an answer");
        answer.body.into_bytes()
    };
    let embedded = ask(Operation::Embeddings, json!({"model": "simulator/embed", "input": ["a", "b"]})).await;
    assert_eq!(read::<CreateEmbeddingResponse>("embeddings", &embedded).data.len(), 2);
    let judged = ask(Operation::Moderations, json!({"model": "simulator/moderation", "input": "Hi"})).await;
    assert_eq!(read::<CreateModerationResponse>("moderations", &judged).results.len(), 1);
    let drawn = ask(Operation::Images, json!({"model": "simulator/image", "prompt": "A lighthouse", "n": 2})).await;
    assert_eq!(read::<ImagesResponse>("images", &drawn).data.len(), 2);
    let (content_type, body) = crate::wires::form_of("simulator/transcribe", &[], b"RIFF\0\0\0\0WAVE");
    let request = proto::gateway::CompleteRequest { content_type, body: body.into(), ..Default::default() };
    let request = proto::gateway::CompleteRequest { operation: Operation::Transcriptions.into(), ..request };
    let (head, parts) = world.send(&world.call(), request).await.expect("an answer");
    let heard = crate::ask::read(head, parts).await.body;
    assert!(!read::<CreateTranscriptionResponseJson>("transcriptions", heard.as_bytes()).text.is_empty());
}
