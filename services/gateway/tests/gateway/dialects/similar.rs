//! Servers that are OpenAI's but for something: Azure, DeepSeek, Mistral, and the kinds that are nothing but a file.

use super::{assembled, chunks, json, only, speaking, with_options};
use crate::provider::{COMPLETION, DONE, HELLO, STOP, answer, stream};
use proto::Reason;
use serde_json::json;

#[tokio::test]
async fn azure_gets_the_bytes_at_the_address_of_the_deployment() {
    let asked = "{ \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\n\"model\":\"my-gpt\", \"x\":1.50 }";
    let (world, provider) = speaking("azure", answer(200, "application/json", COMPLETION)).await;
    assert_eq!(world.ask(asked).await.expect("an answer").body, COMPLETION);
    let sent = only(&provider);
    assert!(sent.line.starts_with("POST /openai/v1/chat/completions HTTP"), "{}", sent.line);
    assert!(sent.headers.contains("api-key: sk-very-secret") && !sent.headers.contains("authorization"));
    assert_eq!(sent.body, asked.as_bytes());
    let options = r#"{"api_version":"2024-10-21","entra":true}"#;
    let (world, provider) = with_options("azure", options, answer(200, "application/json", COMPLETION)).await;
    world.ask(asked).await.expect("an answer");
    let sent = only(&provider);
    let line = "POST /openai/deployments/my-gpt/chat/completions?api-version=2024-10-21 HTTP";
    assert!(sent.line.starts_with(line), "{}", sent.line);
    assert!(sent.headers.contains("authorization: bearer sk-very-secret"));
}

#[tokio::test]
async fn kinds_that_are_a_file_get_the_bytes_as_they_are() {
    let asked = "{ \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\n\"model\":\"m\", \"x\":1.50, \"max_completion_tokens\" : 9 }";
    for kind in proto::provider::ALL.iter().filter(|kind| kind.dialect == "openai") {
        let (world, provider) = speaking(kind.name, answer(200, "application/json", COMPLETION)).await;
        assert_eq!(world.ask(asked).await.expect("an answer").body, COMPLETION, "{}", kind.name);
        let sent = only(&provider);
        assert!(sent.line.starts_with("POST /chat/completions "), "{}", sent.line);
        let expected = match kind.field("max_completion_tokens").note {
            "" => asked.to_owned(),
            to => asked.replace("max_completion_tokens", to),
        };
        assert_eq!(String::from_utf8_lossy(&sent.body), expected, "{}", kind.name);
    }
}

#[tokio::test]
async fn deepseeks_thinking_comes_back_with_the_tool_calls_it_led_to() {
    let thought = "data: {\"id\":\"d\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"I \"}}]}\n\n";
    let more = "data: {\"id\":\"d\",\"choices\":[{\"index\":0,\"delta\":{\"content\":null,\"reasoning_content\":\"look.\"}}]}\n\n";
    let call = "data: {\"id\":\"d\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_0_x\",\"type\":\"function\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]}}]}\n\n";
    let end = "data: {\"id\":\"d\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14,\"prompt_cache_hit_tokens\":6,\"prompt_cache_miss_tokens\":4,\"completion_tokens_details\":{\"reasoning_tokens\":3}}}\n\n";
    let (world, provider) = speaking("deepseek", stream(&[thought, more, ": keep-alive\n\n", call, end, DONE])).await;
    let answered = world
        .ask(&crate::ask::body("deepseek-chat", r#","stream":true,"max_completion_tokens":5,"seed":1"#))
        .await
        .expect("an answer");
    let (_, reasoning, calls, finish) = assembled(&chunks(&answered));
    assert_eq!((reasoning.as_str(), calls[0].1.as_str(), finish.as_str()), ("I look.", "now", "tool_calls"));
    let tokens = world.settled(1).await[0].tokens.expect("tokens");
    assert_eq!((tokens.input, tokens.cache_read, tokens.output, tokens.reasoning), (4, 6, 4, 3));
    let sent = json(&only(&provider).body);
    assert_eq!(
        (sent["max_tokens"].clone(), sent.get("max_completion_tokens"), sent.get("seed")),
        (json!(5), None, None)
    );
    let again = json!({"model": "deepseek-chat", "messages": [{"role": "developer", "content": "d"}, {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "call_0_x", "type": "function", "function": {"name": "now", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "call_0_x", "content": "noon"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}});
    provider.now(answer(200, "application/json", COMPLETION));
    world.ask(&again.to_string()).await.expect("an answer");
    let sent = json(&provider.received()[1].body);
    assert_eq!(sent["messages"][3]["reasoning_content"], "I look.");
    assert_eq!(
        (&sent["messages"][1]["role"], &sent["response_format"]),
        (&json!("system"), &json!({"type": "json_object"}))
    );
    assert!(sent["messages"][0]["content"].as_str().is_some_and(|text| text.contains(r#"{"type":"object"}"#)));
    let gave_up = end.replace("\"tool_calls\"", "\"insufficient_system_resource\"");
    provider.now(stream(&[&gave_up, DONE]));
    assert_eq!(
        world.refused(&crate::ask::body("deepseek-chat", r#","stream":true"#)).await.reason,
        Reason::UpstreamOverloaded
    );
}

#[tokio::test]
async fn mistral_gets_no_field_that_it_does_not_know_and_its_parts_become_text() {
    let parts = r#"{"id":"m","object":"chat.completion","created":5,"model":"magistral","choices":[{"index":0,"message":{"role":"assistant","content":[
        {"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"Olá"}],"tool_calls":null},"finish_reason":"model_length"}],
        "usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#;
    let (world, provider) = speaking("mistral", answer(200, "application/json", parts)).await;
    let asked = json!({
        "model": "magistral", "max_completion_tokens": 9, "seed": 7, "user": "u", "store": true, "tool_choice": "required", "stop": null,
        "messages": [
            {"role": "developer", "content": "d"},
            {"role": "user", "name": "Ana", "content": [{"type": "text", "text": "t"}, {"type": "image_url", "image_url": {"url": "https://e.com/a.png", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
                {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}}]},
            {"role": "assistant", "reasoning_content": "why", "content": "x", "tool_calls": [
                {"id": "call_abcdefghijklm", "type": "function", "function": {"name": "f", "arguments": ""}}]},
            {"role": "tool", "tool_call_id": "call_abcdefghijklm", "content": "r"}],
        "tools": [{"type": "function", "function": {"name": "f"}}],
    });
    let answered = world.ask(&asked.to_string()).await.expect("an answer");
    let sent = json(&only(&provider).body);
    let id = sent["messages"][3]["tool_call_id"].clone();
    assert!(id.as_str().is_some_and(|id| id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric())), "{id}");
    assert_eq!(
        sent,
        json!({
            "model": "magistral", "max_tokens": 9, "random_seed": 7, "tool_choice": "required",
            "messages": [
                {"role": "system", "content": "d"},
                {"role": "user", "content": [{"type": "text", "text": "t"}, {"type": "image_url", "image_url": "https://e.com/a.png"},
                    {"type": "input_audio", "input_audio": "AAAA"},
                    {"type": "document_url", "document_url": "data:application/pdf;base64,JVBERi0=", "document_name": "a.pdf"}]},
                {"role": "assistant", "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "why"}]}, {"type": "text", "text": "x"}],
                 "tool_calls": [{"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": id, "content": "r"}],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
        })
    );
    let body = json(&answered.body);
    assert_eq!(body["choices"][0]["message"]["content"], "Olá");
    assert_eq!(body["choices"][0]["message"]["reasoning_content"], "Hm");
    assert_eq!((&body["choices"][0]["finish_reason"], &body["created"]), (&json!("length"), &json!(5)));
}

#[tokio::test]
async fn usage_that_comes_with_the_last_words_is_a_chunk_of_its_own_or_nobodys() {
    let last = STOP.replace("}]}", "}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}");
    let (world, provider) = speaking("mistral", stream(&[HELLO, &last, DONE])).await;
    let more = r#","stream":true,"stream_options":{"include_usage":true}"#;
    let shown = chunks(&world.ask(&crate::ask::body("m", more)).await.expect("an answer"));
    assert_eq!(json(&only(&provider).body).get("stream_options"), None, "it would be refused");
    let (usage, before) = shown.split_last().expect("chunks");
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(7)));
    assert!(before.iter().all(|chunk| chunk["usage"].is_null() && chunk.get("usage").is_some()), "{before:?}");
    let hidden = world.ask(&crate::ask::body("m", r#","stream":true"#)).await.expect("an answer");
    assert!(!hidden.body.contains("usage"), "{}", hidden.body);
    let settled = world.settled(2).await;
    assert!(settled.iter().all(|s| s.tokens.is_some_and(|t| (t.input, t.output) == (3, 4)) && !s.estimated));
}
