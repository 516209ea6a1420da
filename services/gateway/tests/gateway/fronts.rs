//! Clients that speak Gemini's and Ollama's words, in front of providers that do not.

mod answers;
mod fields;

use crate::{
    provider::{DONE, HELLO, ROLE, STOP, Step, USAGE, WORLD, answer, piece, stream, stream_head},
    world::{World, one},
};
use proto::{
    Reason,
    gateway::Operation,
    usage::{Outcome, Tokens},
};
use serde_json::{Value, json};

const JSON: &str = "application/json";
const CALLED: &str = r#"{"id":"chatcmpl-7","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Wait.","reasoning_content":"hm","tool_calls":[{"id":"call_1","type":"function","function":{"name":"now","arguments":"{\"zone\":\"UTC\"}"}},{"id":"call_2","type":"function","function":{"name":"here","arguments":""}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":20,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":4}}}"#;

async fn ask(world: &World, operation: Operation, body: &Value) -> crate::ask::Answer {
    world.ask_of(operation, &body.to_string()).await.expect("an answer")
}

fn sent(provider: &crate::provider::Provider) -> Value {
    serde_json::from_slice(&provider.received().last().expect("a request").body).expect("JSON")
}

/// The data of a stream's events.
fn events(body: &str) -> Vec<Value> {
    let data = body.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).expect("JSON")).collect()
}

fn contents(text: &str) -> Value {
    json!({"model": "m", "stream": false, "contents": [{"role": "user", "parts": [{"text": text}]}]})
}

#[tokio::test]
async fn geminis_conversation_is_told_as_a_chat_completion_and_its_answer_in_geminis_words() {
    let (world, provider) = one(answer(200, JSON, CALLED)).await;
    let declared = json!([{"functionDeclarations": [
        {"name": "now", "description": "The time", "parameters": {"type": "OBJECT", "properties": {"zone": {"type": "STRING"}}}},
        {"name": "here", "parametersJsonSchema": {"type": "object"}},
    ]}]);
    let body = json!({
        "model": "m", "stream": false, "tools": declared, "safetySettings": [],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
        "generationConfig": {"temperature": 0.5, "maxOutputTokens": 99, "stopSequences": ["X"], "topK": 3,
            "responseMimeType": "application/json", "responseSchema": {"type": "OBJECT"}, "thinkingConfig": {"thinkingBudget": 4096}},
        "contents": [
            {"role": "user", "parts": [{"text": "See"}, {"inlineData": {"mimeType": "image/png", "data": "AA"}}]},
            {"role": "model", "parts": [
                {"text": "hm", "thought": true}, {"text": "I look."},
                {"functionCall": {"name": "now", "args": {}}, "thoughtSignature": "c2ln"},
            ]},
            {"role": "user", "parts": [{"functionResponse": {"name": "now", "response": {"result": "noon"}}}]},
        ],
    });
    let told = ask(&world, Operation::GenerateContent, &body).await;
    let sent = sent(&provider);
    let expected = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
        ]},
        {"role": "assistant", "content": "I look.", "tool_calls": [{
            "id": "call_0_2", "type": "function", "function": {"name": "now", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "c2ln"}},
        }]},
        {"role": "tool", "tool_call_id": "call_0_2", "content": "noon"},
    ]);
    assert_eq!(sent["messages"], expected);
    assert_eq!((&sent["max_completion_tokens"], &sent["stop"]), (&json!(99), &json!(["X"])));
    assert_eq!((&sent["tool_choice"], &sent["reasoning_effort"]), (&json!("required"), &json!("medium")));
    assert_eq!(sent["tools"][0]["function"]["parameters"]["properties"]["zone"]["type"], "string");
    assert_eq!(sent["response_format"]["json_schema"]["schema"]["type"], "object");
    assert_eq!(told.head.dropped, ["safetySettings", "contents.thought", "generationConfig.topK"]);

    let response: Value = serde_json::from_str(&told.body).expect("JSON");
    let candidate = &response["candidates"][0];
    let parts = json!([
        {"text": "hm", "thought": true}, {"text": "Wait."},
        {"functionCall": {"id": "call_1", "name": "now", "args": {"zone": "UTC"}}},
        {"functionCall": {"id": "call_2", "name": "here", "args": {}}},
    ]);
    assert_eq!((&candidate["content"]["parts"], &candidate["finishReason"]), (&parts, &json!("STOP")));
    let usage =
        json!({"promptTokenCount": 20, "candidatesTokenCount": 5, "thoughtsTokenCount": 4, "totalTokenCount": 29});
    assert_eq!(response["usageMetadata"], usage);
    assert_eq!(world.settled(1).await[0].tokens.map(|tokens| tokens.reasoning), Some(4));
    assert_eq!(world.book().admits[0].max_output_tokens, 99);
}

#[tokio::test]
async fn geminis_stream_is_whole_responses_of_which_the_last_has_reason_and_usage() {
    let (world, _) = one(stream(&[ROLE, HELLO, WORLD, STOP, USAGE, DONE])).await;
    let mut body = contents("Hi");
    body["stream"] = true.into();
    let told = ask(&world, Operation::GenerateContent, &body).await;
    assert_eq!(told.failure, None);
    let events = events(&told.body);
    let text =
        |event: &Value| event["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap_or_default().to_owned();
    assert_eq!(events.iter().map(text).collect::<String>(), "Hello 日本 world");
    let (last, before) = events.split_last().expect("an end");
    assert_eq!(
        (&last["candidates"][0]["finishReason"], &last["usageMetadata"]["totalTokenCount"]),
        (&json!("STOP"), &json!(11))
    );
    assert!(before.iter().all(|event| event["candidates"][0].get("finishReason").is_none()));
    assert_eq!(world.settled(1).await[0].tokens, Some(Tokens { input: 9, output: 2, ..Tokens::default() }));
}

#[tokio::test]
async fn how_likely_tokens_were_is_told_where_it_was_asked_for() {
    let chances = r#"{"content":[{"token":"Hi","logprob":-0.5,"bytes":null,"top_logprobs":[{"token":"Hi","logprob":-0.5},{"token":"Ho","logprob":-1.5}]}]}"#;
    let whole = format!(
        r#"{{"id":"c","model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"Hi"}},"finish_reason":"stop","logprobs":{chances}}}]}}"#
    );
    let chunk = format!(
        "data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"Hi\"}},\"logprobs\":{chances}}}]}}\n\n"
    );
    let (world, provider) = one(vec![]).await;
    let google = json!({
        "chosenCandidates": [{"token": "Hi", "logProbability": -0.5}],
        "topCandidates": [{"candidates": [{"token": "Hi", "logProbability": -0.5}, {"token": "Ho", "logProbability": -1.5}]}],
    });
    let ollama = &serde_json::from_str::<Value>(chances).expect("JSON")["content"];
    for streams in [false, true] {
        provider.now(if streams { stream(&[&chunk, STOP, DONE]) } else { answer(200, JSON, &whole) });
        let mut body = contents("Hi");
        (body["stream"], body["generationConfig"]) = (streams.into(), json!({"responseLogprobs": true, "logprobs": 2}));
        let told = ask(&world, Operation::GenerateContent, &body).await;
        assert_eq!(sent(&provider)["top_logprobs"], 2);
        let first = events(&told.body).into_iter().next();
        let first = first.unwrap_or_else(|| serde_json::from_str(&told.body).expect("JSON"));
        assert_eq!(first["candidates"][0]["logprobsResult"], google, "{}", told.body);
        let body =
            json!({"model": "m", "stream": streams, "logprobs": true, "messages": [{"role": "user", "content": "Hi"}]});
        let told = ask(&world, Operation::OllamaChat, &body).await;
        let first = events(&told.body).into_iter().next();
        let first = first.unwrap_or_else(|| serde_json::from_str(&told.body).expect("JSON"));
        assert_eq!(&first["logprobs"], ollama, "{}", told.body);
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_has_no_end_in_either_words() {
    for (operation, body) in [
        (Operation::GenerateContent, json!({"model": "m", "stream": true, "contents": [{"parts": [{"text": "Hi"}]}]})),
        (Operation::OllamaChat, json!({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})),
    ] {
        let (world, _) = one(vec![stream_head(), piece(ROLE), piece(HELLO), Step::Close]).await;
        let told = ask(&world, operation, &body).await;
        assert_eq!(told.failure.map(|failure| failure.reason), Some(Reason::UpstreamIncomplete));
        assert!(!told.body.contains("finishReason") && !told.body.contains("\"done\":true"), "{}", told.body);
        assert_eq!(world.settled(1).await[0].outcome(), Outcome::Incomplete);
    }
}

#[tokio::test]
async fn what_geminis_clients_ask_and_nobody_else_can_do_is_refused_by_name() {
    let (world, provider) = one(answer(200, JSON, "{}")).await;
    for (more, field) in [
        (json!({"cachedContent": "cachedContents/x"}), "cachedContent"),
        (json!({"tools": [{"googleSearch": {}}]}), "tools[0].googleSearch"),
        (json!({"contents": [{"role": "user", "parts": [{"executableCode": {}}]}]}), "contents[0].parts[0]"),
        (
            json!({"contents": [{"parts": [{"functionResponse": {"name": "x", "response": {}}}]}]}),
            "contents[0].parts[0]",
        ),
        (json!({"contents": []}), "contents"),
    ] {
        let mut body = contents("Hi");
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let refused = world.ask_of(Operation::GenerateContent, &body.to_string()).await.expect_err("a refusal");
        assert_eq!((refused.reason, refused.fields[0].0.as_str()), (Reason::InvalidArgument, field), "{body}");
    }
    assert!(provider.received().is_empty());
}

#[tokio::test]
async fn ollamas_conversation_is_told_as_a_chat_completion_and_its_answer_in_ollamas_words() {
    let (world, provider) = one(answer(200, JSON, CALLED)).await;
    let body = json!({
        "model": "m", "stream": false, "think": "low", "format": {"type": "object"}, "keep_alive": "5m",
        "options": {"temperature": 0.5, "num_predict": 99, "num_ctx": 4096},
        "tools": [{"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}}],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "See", "images": ["/9j/AA"]},
            {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [{"function": {"name": "now", "arguments": {"zone": "UTC"}}}]},
            {"role": "tool", "tool_name": "now", "content": "noon"},
        ],
    });
    let told = ask(&world, Operation::OllamaChat, &body).await;
    let sent = sent(&provider);
    let expected = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/AA"}},
        ]},
        {"role": "assistant", "content": "", "reasoning_content": "hm", "tool_calls": [
            {"id": "call_0", "type": "function", "function": {"name": "now", "arguments": "{\"zone\":\"UTC\"}"}},
        ]},
        {"role": "tool", "tool_call_id": "call_0", "content": "noon"},
    ]);
    assert_eq!(sent["messages"], expected);
    assert_eq!((&sent["max_completion_tokens"], &sent["reasoning_effort"]), (&json!(99), &json!("low")));
    assert_eq!(told.head.dropped, ["keep_alive", "options.num_ctx"]);
    let told: Value = serde_json::from_str(&told.body).expect("JSON");
    let message = json!({"role": "assistant", "content": "Wait.", "thinking": "hm", "tool_calls": [
        {"function": {"name": "now", "arguments": {"zone": "UTC"}}}, {"function": {"name": "here", "arguments": {}}},
    ]});
    assert_eq!(told["message"], message);
    assert_eq!((&told["done"], &told["prompt_eval_count"], &told["eval_count"]), (&json!(true), &json!(20), &json!(9)));
}

#[tokio::test]
async fn ollamas_answer_streams_unless_it_is_told_not_to() {
    let (world, _) = one(stream(&[ROLE, HELLO, WORLD, STOP, USAGE, DONE])).await;
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "Hi"}]});
    let told = ask(&world, Operation::OllamaChat, &body).await;
    assert_eq!((told.failure, told.head.content_type.as_str()), (None, "text/event-stream"));
    let lines = events(&told.body);
    let text = |line: &Value| line["message"]["content"].as_str().unwrap_or_default().to_owned();
    assert_eq!(lines.iter().map(text).collect::<String>(), "Hello 日本 world");
    let done: Vec<bool> = lines.iter().map(|line| line["done"] == true).collect();
    assert_eq!(done, [false, false, true]);
    assert_eq!((&lines[2]["done_reason"], &lines[2]["eval_count"]), (&json!("stop"), &json!(2)));
}

#[tokio::test]
async fn a_providers_refusal_is_told_in_the_clients_words() {
    let refusal = r#"{"error":{"message":"too hot","type":"invalid_request_error","param":null,"code":null}}"#;
    let (world, _) = one(answer(400, JSON, refusal)).await;
    let told = ask(&world, Operation::GenerateContent, &contents("Hi")).await;
    let error = json!({"error": {"code": 400, "message": "too hot", "status": "INVALID_ARGUMENT"}});
    assert_eq!((told.head.status, serde_json::from_str::<Value>(&told.body).expect("JSON")), (400, error));
    let body = json!({"model": "m", "stream": false, "messages": [{"role": "user", "content": "Hi"}]});
    let told = ask(&world, Operation::OllamaChat, &body).await;
    assert_eq!((told.head.status, told.body.as_str()), (400, r#"{"error":"too hot"}"#));
}
