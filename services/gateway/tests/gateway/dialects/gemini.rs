//! Google's Gemini API. Shapes are those of its reference, as its official SDK has them.

use super::{assembled, chunks, json, only, speaking};
use crate::{
    ask::body,
    provider::{answer, stream},
};
use proto::{Reason, usage::Outcome};
use serde_json::json;

const RESPONSE: &str = r#"{"candidates":[{"content":{"parts":[{"text":"They greet.","thought":true},{"text":"Olá 日本","thoughtSignature":"c2ln"}],"role":"model"},
    "finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":120,"cachedContentTokenCount":50,"candidatesTokenCount":7,
    "thoughtsTokenCount":30,"toolUsePromptTokenCount":3,"totalTokenCount":160,"promptTokensDetails":[{"modality":"TEXT","tokenCount":100},
    {"modality":"AUDIO","tokenCount":20}]},"modelVersion":"gemini-2.5-flash","responseId":"r-1"}"#;

fn event(json: &str) -> String {
    format!("data: {json}\r\n\r\n")
}

#[tokio::test]
async fn a_conversation_with_everything_arrives_in_its_words() {
    let (world, provider) = speaking("gemini", answer(200, "application/json; charset=UTF-8", RESPONSE)).await;
    let asked = json!({
        "model": "gemini-2.5-flash", "max_tokens": 500, "temperature": 0.5, "top_p": 0.9, "n": 1, "stop": "END", "seed": 7,
        "presence_penalty": 0.1, "frequency_penalty": 0.2, "reasoning_effort": "low", "top_k": 40,
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object",
            "properties": {"a": {"type": "integer"}}, "additionalProperties": false}}},
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                {"type": "image_url", "image_url": {"url": "https://www.youtube.com/watch?v=x"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}}]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": ""},
                 "extra_content": {"google": {"thought_signature": "c2lnbmVk"}}},
                {"id": "c2", "type": "function", "function": {"name": "find", "arguments": "{\"q\":\"x\"}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
            {"role": "tool", "tool_call_id": "c2", "content": "{\"found\":0}"}],
        "tools": [{"type": "function", "function": {"name": "look"}},
            {"type": "function", "function": {"name": "find", "description": "Finds.", "parameters":
                {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"q": {"type": "string", "default": "y"}},
                 "required": ["q"], "additionalProperties": false}}}],
        "tool_choice": {"type": "function", "function": {"name": "find"}},
    });
    let answered = world.ask(&asked.to_string()).await.expect("an answer");
    let sent = only(&provider);
    assert!(sent.line.starts_with("POST /models/gemini-2.5-flash:generateContent HTTP"), "{}", sent.line);
    assert!(sent.headers.contains("x-goog-api-key: sk-very-secret") && !sent.line.contains("key="));
    assert_eq!(
        json(&sent.body),
        json!({
            "systemInstruction": {"parts": [{"text": "Be kind."}]},
            "contents": [
                {"role": "user", "parts": [
                    {"text": "What is this?"},
                    {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
                    {"fileData": {"fileUri": "https://www.youtube.com/watch?v=x"}},
                    {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
                    {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}}]},
                {"role": "model", "parts": [
                    {"functionCall": {"id": "c1", "name": "look", "args": {}}, "thoughtSignature": "c2lnbmVk"},
                    {"functionCall": {"id": "c2", "name": "find", "args": {"q": "x"}}}]},
                {"role": "user", "parts": [
                    {"functionResponse": {"id": "c1", "name": "look", "response": {"result": "a cat"}}},
                    {"functionResponse": {"id": "c2", "name": "find", "response": {"found": 0}}}]}],
            "tools": [{"functionDeclarations": [
                {"name": "look"},
                {"name": "find", "description": "Finds.", "parameters":
                    {"type": "OBJECT", "properties": {"q": {"type": "STRING"}}, "required": ["q"]}}]}],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["find"]}},
            "generationConfig": {"temperature": 0.5, "topP": 0.9, "topK": 40, "seed": 7, "candidateCount": 1, "maxOutputTokens": 500,
                "presencePenalty": 0.1, "frequencyPenalty": 0.2, "stopSequences": ["END"],
                "responseMimeType": "application/json",
                "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "INTEGER"}}},
                "thinkingConfig": {"thinkingBudget": 1024, "includeThoughts": true}},
        })
    );
    let body = json(&answered.body);
    let message = &body["choices"][0]["message"];
    assert_eq!((&message["content"], &message["reasoning_content"]), (&json!("Olá 日本"), &json!("They greet.")));
    assert_eq!(message["extra_content"]["google"]["thought_signature"], "c2ln");
    assert_eq!((&body["id"], &body["choices"][0]["finish_reason"]), (&json!("r-1"), &json!("stop")));
    assert_eq!(body["usage"]["prompt_tokens"], 123);
    let tokens = world.settled(1).await[0].tokens.expect("tokens");
    assert_eq!((tokens.input, tokens.cache_read, tokens.audio_input), (53, 50, 20));
    assert_eq!((tokens.output, tokens.reasoning), (37, 30));
}

#[tokio::test]
async fn a_stream_becomes_chunks_and_ends_with_its_reason() {
    let script = [
        event(
            r#"{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":5,"totalTokenCount":9,"thoughtsTokenCount":4},"modelVersion":"g","responseId":"r"}"#,
        ),
        event(r#"{"candidates":[{"content":{"parts":[{"text":"Olá "}],"role":"model"},"index":0}]}"#),
        event(
            r#"{"candidates":[{"content":{"parts":[{"text":"日本"},{"functionCall":{"name":"now","args":{}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"f2","name":"find","args":{"q":"x"}}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":6,"totalTokenCount":15,"thoughtsTokenCount":4}}"#,
        ),
    ];
    let (world, provider) = speaking("gemini", stream(&script.each_ref().map(String::as_str))).await;
    let more = r#","stream":true,"stream_options":{"include_usage":true}"#;
    let answered = world.ask(&crate::ask::body("gemini-3-pro", more)).await.expect("an answer");
    assert!(
        only(&provider).line.contains("/models/gemini-3-pro:streamGenerateContent?alt=sse"),
        "{:?}",
        only(&provider)
    );
    let chunks = chunks(&answered);
    let (text, thought, calls, finish) = assembled(&chunks);
    assert_eq!((text.as_str(), thought.as_str(), finish.as_str()), ("Olá 日本", "Hm", "tool_calls"));
    assert_eq!(
        calls.iter().map(|c| (c.1.as_str(), c.2.as_str())).collect::<Vec<_>>(),
        [("now", "{}"), ("find", r#"{"q":"x"}"#)]
    );
    assert!(calls[0].0.starts_with("call_") && calls[1].0 == "f2", "{calls:?}");
    assert_eq!(chunks.last().map(|c| c["usage"]["completion_tokens"].clone()), Some(json!(10)));

    // The story of signatures: a client that loses them, and one that never had them.
    let again = |id: &str| {
        json!({"model": "gemini-3-pro", "messages": [{"role": "user", "content": "hi"},
            {"role": "assistant", "tool_calls": [{"id": id, "type": "function", "function": {"name": "now", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": id, "content": "noon"}]})
        .to_string()
    };
    provider.now(answer(200, "application/json", RESPONSE));
    world.ask(&again(&calls[0].0)).await.expect("an answer");
    world.ask(&again("call_of_another_model")).await.expect("an answer");
    let signature =
        |at: usize| json(&provider.received()[at].body)["contents"][1]["parts"][0]["thoughtSignature"].clone();
    assert_eq!((signature(1), signature(2)), (json!("c2ln"), json!("skip_thought_signature_validator")));
}

#[tokio::test]
async fn a_stream_that_ends_before_it_says_why_is_incomplete() {
    let half = event(r#"{"candidates":[{"content":{"parts":[{"text":"Half"}],"role":"model"},"index":0}]}"#);
    let (world, _provider) = speaking("gemini", stream(&[&half])).await;
    let answered = world.ask(&crate::ask::body("gemini-2.5-pro", r#","stream":true"#)).await.expect("a beginning");
    assert!(answered.body.contains("Half") && !answered.body.contains("[DONE]"));
    assert_eq!(answered.failure.map(|f| f.reason), Some(Reason::UpstreamIncomplete));
    assert_eq!(world.settled(1).await[0].outcome(), Outcome::Incomplete);
}

#[tokio::test]
async fn errors_have_the_status_that_they_mean() {
    let wrong_key = r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#;
    let (world, provider) = speaking("gemini", answer(400, "application/json", wrong_key)).await;
    let ask = crate::ask::body("gemini-2.5-pro", "");
    assert_eq!(world.ask(&ask).await.expect("an answer").head.status, 401);
    let limited = r#"{"error":{"code":429,"message":"Quota exceeded.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}"#;
    provider.now(answer(429, "application/json", limited));
    let refused = world.ask(&ask).await.expect("an answer");
    assert_eq!((refused.head.status, refused.head.retry_after), (429, Some(35)));
    assert_eq!(json(&refused.body)["error"]["code"], "RESOURCE_EXHAUSTED");
    let within = event(r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#);
    provider.now(stream(&[&within]));
    let refused = world.refused(&crate::ask::body("gemini-2.5-pro", r#","stream":true"#)).await;
    assert_eq!(refused.reason, Reason::UpstreamOverloaded);
    provider.now(answer(200, "application/json", &RESPONSE.replace("\"STOP\"", "\"MALFORMED_FUNCTION_CALL\"")));
    assert_eq!(world.refused(&ask).await.reason, Reason::UpstreamFailed);
}

#[tokio::test]
async fn every_reason_for_an_end_has_its_word() {
    let (world, provider) = speaking("gemini", vec![]).await;
    for (native, expected) in [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SPII", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("OTHER", "stop"),
    ] {
        provider.now(answer(200, "application/json", &RESPONSE.replace("\"STOP\"", &format!("\"{native}\""))));
        let answered = world.ask(&crate::ask::body("gemini-2.5-pro", "")).await.expect("an answer");
        assert_eq!(json(&answered.body)["choices"][0]["finish_reason"], expected, "{native}");
    }
    provider.now(answer(
        200,
        "application/json",
        r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":4}}"#,
    ));
    let blocked = json(world.ask(&crate::ask::body("gemini-2.5-pro", "")).await.expect("an answer").body);
    assert_eq!(blocked["choices"][0]["finish_reason"], "content_filter");
    assert!(blocked["choices"][0]["message"]["refusal"].as_str().is_some_and(|r| r.contains("PROHIBITED_CONTENT")));
}

#[tokio::test]
async fn a_picture_at_an_address_of_this_machine_is_never_read() {
    let (world, provider) = speaking("gemini", answer(200, "application/json", RESPONSE)).await;
    for url in
        [provider.root(), "http://169.254.169.254/latest".to_owned(), "http://[::ffff:10.0.0.1]/a.png".to_owned()]
    {
        let asked = json!({"model": "gemini-2.5-pro", "messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": url}}]}]});
        let refused = world.refused(&asked.to_string()).await;
        assert_eq!(refused.reason, Reason::InvalidArgument, "{url}");
        assert_eq!(refused.fields[0].0, "messages[0].content[0].image_url.url");
    }
    assert_eq!(provider.received().len(), 0);
}

/// A picture of a few megabytes is one event.
#[tokio::test]
async fn a_picture_of_six_mebibytes_arrives_whole_in_one_event() {
    let picture = "QUJD".repeat(6 * 1024 * 1024 / 4);
    let event = serde_json::json!({"candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
        {"text": "Here."}, {"inlineData": {"mimeType": "image/png", "data": picture}},
    ]}}], "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 1290}});
    let event = format!("data: {event}\r\n\r\n");
    // As the network brings it: in pieces.
    let pieces = event.as_bytes().chunks(64 * 1024).map(crate::provider::piece);
    let script = std::iter::once(crate::provider::stream_head()).chain(pieces).chain([crate::provider::end()]);
    let (world, _) = speaking("gemini", script.collect()).await;
    let answered = world.ask(&body("gemini-image", ",\"stream\":true")).await.expect("an answer");
    let chunks = chunks(&answered);
    let images = chunks.iter().find_map(|chunk| chunk["choices"][0]["delta"]["images"].as_array()).expect("a picture");
    let url = images[0]["image_url"]["url"].as_str().expect("a URL");
    assert!(url == format!("data:image/png;base64,{picture}"), "{} bytes arrived", url.len());
    assert_eq!(world.settled(1).await[0].tokens.map(|tokens| tokens.output), Some(1290));
}
