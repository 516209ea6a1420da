//! Complaint 42: encrypted reasoning fails on another account.

use crate::{
    dialects,
    fake::Book,
    provider::{Provider, Step, answer, stream},
    world::{World, quick, settings},
};
use proto::{Reason, gateway::Operation, workspace::OpenProvider};
use serde_json::{Value, json};

const JSON: &str = "application/json";

/// Two accounts that share equally what comes, the second of which goes on where the first does not.
async fn world(kind: &str, options: &str, scripts: [Vec<Step>; 2]) -> (World, [Provider; 2]) {
    let [first, second] = scripts;
    let accounts = [Provider::start(first).await, Provider::start(second).await];
    let account = |name: &str, priority: i32, provider: &Provider| {
        let base_url = if kind == "openai" { provider.base_url() } else { provider.root() };
        OpenProvider {
            provider: kind.to_owned(),
            options_json: options.to_owned(),
            ..settings(name, priority, base_url)
        }
    };
    let providers = vec![account("first", 0, &accounts[0]), account("second", 1, &accounts[1])];
    (World::with(quick(), Book { providers, ..Book::default() }).await, accounts)
}

/// Asks for `body`, and says who answered.
async fn answered_by(world: &World, operation: Operation, body: &Value) -> String {
    let answer = world.ask_of(operation, &body.to_string()).await.expect("an answer");
    assert_eq!(answer.failure, None);
    answer.head.provider
}

fn response(seal: &str) -> Vec<Step> {
    let response = json!({"id": "resp_1", "object": "response", "status": "completed", "error": null, "usage": null, "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": seal},
    ]});
    answer(200, JSON, &response.to_string())
}

fn with_reasoning(seal: &str) -> Value {
    let input = json!([
        {"role": "user", "content": "Hi"}, {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": seal},
        {"role": "user", "content": "Go on"},
    ]);
    json!({"model": "gpt", "store": false, "input": input})
}

#[tokio::test]
async fn encrypted_reasoning_goes_to_the_account_that_made_it_and_to_no_other() {
    let (theirs, others) = ("gAAAAABsealed-by-the-second", "gAAAAABsealed-by-nobody-here");
    let native = "{\"native\":[\"responses\"]}";
    let (world, [first, second]) = world("openai", native, [answer(500, JSON, "{}"), response(theirs)]).await;
    let plain = json!({"model": "gpt", "store": false, "input": "Hi"});
    assert_eq!(answered_by(&world, Operation::Responses, &plain).await, "second", "the first is down for now");
    first.now(response("gAAAAABsealed-by-the-first"));
    assert_eq!(answered_by(&world, Operation::Responses, &with_reasoning(theirs)).await, "second");
    assert_eq!(
        answered_by(&world, Operation::Responses, &with_reasoning(others)).await,
        "first",
        "nobody knows better"
    );
    // Where its account fails, nobody else is asked to open what they cannot.
    let before = first.received().len();
    second.now(answer(500, JSON, "{}"));
    let failed = world.ask_of(Operation::Responses, &with_reasoning(theirs).to_string()).await.expect_err("it fails");
    assert_eq!((failed.reason, first.received().len()), (Reason::UpstreamFailed, before));
}

#[tokio::test]
async fn so_it_is_with_streams() {
    let item = json!({"type": "response.output_item.done", "sequence_number": 0, "output_index": 0, "item":
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAABsealed-by-the-second"}});
    let said = json!({"type": "response.output_text.delta", "sequence_number": 1, "delta": "Hi"});
    let end = json!({"type": "response.completed", "sequence_number": 2, "response": {"id": "resp_1", "output": []}});
    let events: Vec<String> = [item, said, end].iter().map(|event| format!("data: {event}\n\n")).collect();
    let script = stream(&events.iter().map(String::as_str).collect::<Vec<_>>());
    let native = "{\"native\":[\"responses\"]}";
    let (world, [first, _]) = world("openai", native, [answer(500, JSON, "{}"), script]).await;
    let mut body = json!({"model": "gpt", "store": false, "stream": true, "input": "Hi"});
    assert_eq!(answered_by(&world, Operation::Responses, &body).await, "second");
    first.now(response("gAAAAABsealed-by-the-first"));
    body["input"] = with_reasoning("gAAAAABsealed-by-the-second")["input"].clone();
    assert_eq!(answered_by(&world, Operation::Responses, &body).await, "second");
}

fn message(signature: &str) -> Vec<Step> {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "end_turn",
        "content": [{"type": "thinking", "thinking": "Hm", "signature": signature}, {"type": "text", "text": "Hi"}],
        "usage": {"input_tokens": 3, "output_tokens": 2},
    });
    answer(200, JSON, &message.to_string())
}

#[tokio::test]
async fn signed_thinking_goes_to_the_account_that_signed_it_on_messages_and_on_chat_completions() {
    let signature = "ErUBsigned-by-the-second==";
    let (world, [first, _]) = world("anthropic", "", [answer(529, JSON, "{}"), message(signature)]).await;
    let chat = json!({"model": "claude", "messages": [{"role": "user", "content": "Hi"}]});
    assert_eq!(answered_by(&world, Operation::ChatCompletions, &chat).await, "second");
    first.now(message("ErUBsigned-by-the-first"));
    let turn = |block: Value| json!([{"role": "user", "content": "Hi"}, block, {"role": "user", "content": "Go on"}]);
    let block = json!({"type": "thinking", "thinking": "Hm", "signature": signature});
    let said = json!({"role": "assistant", "content": [block, {"type": "text", "text": "Hi"}]});
    let messages = json!({"model": "claude", "max_tokens": 9, "messages": turn(said)});
    assert_eq!(answered_by(&world, Operation::Messages, &messages).await, "second");
    let said = json!({"role": "assistant", "content": "Hi", "thinking_blocks": [block]});
    let chat = json!({"model": "claude", "messages": turn(said)});
    assert_eq!(answered_by(&world, Operation::ChatCompletions, &chat).await, "second");
    let plain = json!({"model": "claude", "messages": [{"role": "user", "content": "Hi"}]});
    assert_eq!(answered_by(&world, Operation::ChatCompletions, &plain).await, "first");
}

#[tokio::test]
async fn geminis_signature_of_a_call_goes_to_the_account_that_made_it() {
    let called = |signature: &str| {
        let answered = json!({"candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
            {"functionCall": {"name": "now", "args": {}}, "thoughtSignature": signature},
        ]}}], "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}});
        answer(200, JSON, &answered.to_string())
    };
    let (world, [first, _]) = world("gemini", "", [answer(503, JSON, "{}"), called("EsealedByTheSecond00")]).await;
    let tools = json!([{"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}}]);
    let mut body =
        json!({"model": "gemini", "tools": tools, "messages": [{"role": "user", "content": "What time is it?"}]});
    let answered = world.ask(&body.to_string()).await.expect("an answer");
    assert_eq!(answered.head.provider, "second");
    first.now(called("EsealedByTheFirst000"));
    let message = dialects::json(&answered.body)["choices"][0]["message"].clone();
    let id = message["tool_calls"][0]["id"].clone();
    let messages = body["messages"].as_array_mut().expect("messages");
    messages.extend([message, json!({"role": "tool", "tool_call_id": id, "content": "noon"})]);
    assert_eq!(answered_by(&world, Operation::ChatCompletions, &body).await, "second");
}
