//! Anthropic's messages, in front of a provider that has chat completions only, and of one that has messages.

use crate::{
    provider::{DONE, HELLO, ROLE, STOP, Step, USAGE, WORLD, answer, piece, stream, stream_head},
    world::{World, eventually, one},
};
use proto::{
    Reason,
    gateway::Operation,
    usage::{Outcome, Tokens},
};
use serde_json::{Value, json};

const ASK: &str = "{\"model\":\"gpt\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

async fn ask(world: &World, more: &str) -> crate::ask::Answer {
    world.ask_of(Operation::Messages, &format!("{ASK}{more}}}")).await.expect("an answer")
}

/// The events of a stream: name and data.
fn events(body: &str) -> Vec<(String, Value)> {
    let event = |text: &str| {
        let (name, data) = text.split_once('\n').expect("two lines");
        let data = serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON");
        (name.strip_prefix("event: ").expect("a name").to_owned(), data)
    };
    body.split("\n\n").filter(|text| !text.is_empty()).map(event).collect()
}

#[tokio::test]
async fn a_conversation_with_tools_and_pictures_is_told_as_a_chat_completion() {
    let call = r#"{"id":"chatcmpl-7","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"Let me look.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"now","arguments":""}},{"id":"call_2","type":"function","function":{"name":"add","arguments":"{\"a\":1}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":5}}}"#;
    let (world, provider) = one(answer(200, "application/json", call)).await;
    let request = json!({
        "model": "gpt", "max_tokens": 99, "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "stop_sequences": ["END"], "temperature": 0.5, "top_k": 3,
        "tools": [{"name": "now", "description": "The time", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
        "messages": [
            {"role": "user", "content": "What time is it?"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "t1", "name": "now", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "noon"}]},
                {"type": "text", "text": "And this?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
            ]},
        ],
    });
    let told = world.ask_of(Operation::Messages, &request.to_string()).await.expect("an answer");
    let sent: Value = serde_json::from_slice(&provider.received()[0].body).expect("JSON");
    assert_eq!(provider.received()[0].line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What time is it?"},
            {"role": "assistant", "content": "I look.", "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "now", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "t1", "content": "noon"},
            {"role": "user", "content": [
                {"type": "text", "text": "And this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            ]},
        ])
    );
    assert_eq!((&sent["max_completion_tokens"], &sent["stop"]), (&json!(99), &json!(["END"])));
    assert_eq!((&sent["tool_choice"], &sent["parallel_tool_calls"]), (&json!("required"), &json!(false)));
    assert_eq!(sent["tools"][0]["function"]["parameters"], json!({"type": "object"}));
    assert!(sent.get("stream").is_none() && sent.get("top_k").is_none(), "no key that was not sent: {sent}");
    assert_eq!(told.head.dropped, ["top_k", "cache_control", "thinking"]);

    let message: Value = serde_json::from_str(&told.body).expect("JSON");
    assert_eq!((&message["type"], &message["stop_reason"]), (&json!("message"), &json!("tool_use")));
    assert_eq!(
        message["content"],
        json!([
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "call_1", "name": "now", "input": {}},
            {"type": "tool_use", "id": "call_2", "name": "add", "input": {"a": 1}},
        ])
    );
    let used = &message["usage"];
    assert_eq!((&used["input_tokens"], &used["cache_read_input_tokens"]), (&json!(15), &json!(5)));
    assert_eq!(used["output_tokens"], 9);
    let tokens = Tokens { input: 15, cache_read: 5, output: 9, ..Tokens::default() };
    assert_eq!(world.settled(1).await[0].tokens, Some(tokens));
}

#[tokio::test]
async fn a_stream_is_told_in_anthropics_events() {
    let (world, _) = one(stream(&[ROLE, HELLO, WORLD, STOP, USAGE, DONE])).await;
    let told = ask(&world, ",\"stream\":true").await;
    assert_eq!((told.failure.as_ref(), told.head.content_type.as_str()), (None, "text/event-stream"));
    let events = events(&told.body);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(names, expected);
    assert!(events.iter().all(|(name, data)| data["type"] == name.as_str()));
    assert_eq!(events[2].1["delta"], json!({"type": "text_delta", "text": "Hello 日本"}));
    assert_eq!(events[5].1["delta"]["stop_reason"], "end_turn");
    assert_eq!(events[5].1["usage"]["output_tokens"], 2);
    let settle = &world.settled(1).await[0];
    assert_eq!(
        (settle.outcome(), settle.tokens),
        (Outcome::Completed, Some(Tokens { input: 9, output: 2, ..Tokens::default() }))
    );
}

/// A call of a tool in a stream, as it begins or goes on.
fn call(index: usize, more: &str) -> String {
    format!(
        "data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":{index},{more}}}]}}}}]}}\n\n"
    )
}

#[tokio::test]
async fn parallel_calls_become_one_block_after_the_other_however_they_are_mixed() {
    let begin = |n: usize| {
        call(n, &format!("\"id\":\"t{n}\",\"type\":\"function\",\"function\":{{\"name\":\"f{n}\",\"arguments\":\"\"}}"))
    };
    let more = |n: usize, text: &str| call(n, &format!("\"function\":{{\"arguments\":{}}}", json!(text)));
    let pieces = [begin(0), begin(1), more(0, "{\"a\""), more(1, "{\"b\":2}"), more(0, ":1}"), begin(2)];
    let mut pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    pieces.extend([STOP, USAGE, DONE]);
    let (world, _) = one(stream(&pieces)).await;
    let events = events(&ask(&world, ",\"stream\":true").await.body);
    for (index, input) in ["{\"a\":1}", "{\"b\":2}", ""].iter().enumerate() {
        let of_block = events.iter().filter(|(_, data)| data["index"] == index);
        let parts: Vec<&Value> = of_block.map(|(_, data)| data).collect();
        assert_eq!(
            parts[0]["content_block"],
            json!({"type": "tool_use", "id": format!("t{index}"), "name": format!("f{index}"), "input": {}})
        );
        assert_eq!(parts.last().expect("an end")["type"], "content_block_stop");
        let text: String = parts.iter().filter_map(|data| data["delta"]["partial_json"].as_str()).collect();
        assert_eq!(&text, input, "without arguments none are told, which SDKs read as {{}}");
    }
    let end = events.iter().find(|(name, _)| name == "message_delta").expect("an end");
    assert_eq!(end.1["delta"]["stop_reason"], "tool_use", "though the provider said stop");
}

#[tokio::test]
async fn every_reason_of_an_end_has_its_word() {
    for (reason, expected) in
        [("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal"), ("other", "end_turn")]
    {
        let chat = format!(
            "{{\"id\":\"c\",\"choices\":[{{\"index\":0,\"message\":{{\"content\":\"x\"}},\"finish_reason\":\"{reason}\"}}]}}"
        );
        let (world, _) = one(answer(200, "application/json", &chat)).await;
        let told: Value = serde_json::from_str(&ask(&world, "").await.body).expect("JSON");
        assert_eq!(told["stop_reason"], expected);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_never_ends_like_a_good_one() {
    let (world, _) = one(vec![stream_head(), piece(ROLE), piece(HELLO), Step::Close]).await;
    let told = ask(&world, ",\"stream\":true").await;
    assert_eq!(told.failure.expect("a failure").reason, Reason::UpstreamIncomplete);
    assert!(!told.body.contains("message_stop") && told.body.contains("content_block_delta"), "{}", told.body);
    assert_eq!(world.settled(1).await[0].outcome(), Outcome::Incomplete);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_providers_call() {
    for (steps, more) in [
        (vec![Step::Hang], ""),
        (vec![Step::Hang], ",\"stream\":true"),
        (vec![stream_head(), piece(ROLE), Step::Hang], ",\"stream\":true"),
        (vec![stream_head(), piece(ROLE), piece(HELLO), Step::Hang], ",\"stream\":true"),
    ] {
        let (world, provider) = one(steps).await;
        let body = format!("{ASK}{more}}}");
        let left = tokio::time::timeout(std::time::Duration::from_millis(400), async {
            let (_, mut parts) = world.open_of(Operation::Messages, &body).await.expect("a head");
            while futures::StreamExt::next(&mut parts).await.is_some() {}
        });
        left.await.expect_err("it hangs");
        eventually("the provider's call has ended", || provider.gone() == 1).await;
        assert_eq!(world.settled(1).await[0].outcome(), Outcome::ClientGone);
    }
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_told_in_anthropics_words() {
    let (world, _) = one(answer(400, "application/json", "{\"error\":{\"message\":\"too hot\",\"type\":\"x\"}}")).await;
    let told = ask(&world, ",\"temperature\":9").await;
    assert_eq!(told.head.status, 400);
    let error: Value = serde_json::from_str(&told.body).expect("JSON");
    assert_eq!((&error["type"], &error["error"]["message"]), (&json!("error"), &json!("too hot")));
    assert_eq!(error["error"]["type"], "invalid_request_error");
}

#[tokio::test]
async fn what_a_chat_completion_cannot_say_is_refused_and_named() {
    let (world, provider) = one(answer(200, "application/json", "{}")).await;
    let body = format!("{ASK},\"tools\":[{{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}}]}}");
    let refused = world.ask_of(Operation::Messages, &body).await.expect_err("a refusal");
    assert_eq!((refused.reason, refused.fields[0].0.as_str()), (Reason::InvalidArgument, "tools[0]"));
    let refused =
        world.ask_of(Operation::Messages, "{\"model\":\"gpt\",\"messages\":[]}").await.expect_err("a refusal");
    assert_eq!(refused.fields[0].0, "max_tokens");
    assert!(provider.received().is_empty());
}

const MESSAGE: &str = "{ \"type\":\"message\", \"content\":[{\"type\":\"text\",\"text\":\"Hi\"}],\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":10,\"output_tokens\":1}}";
const NATIVE: &[&str] = &[
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":10,\"output_tokens\":1}}}\n\n",
    "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hé日\"}}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":12}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
];

/// A provider that has messages in their own words.
async fn native(script: Vec<Step>) -> (World, crate::provider::Provider) {
    let provider = crate::provider::Provider::start(script).await;
    let mut settings = crate::world::settings("one", 0, provider.base_url());
    settings.options_json = "{\"native\":[\"messages\"]}".to_owned();
    (World::new(vec![settings]).await, provider)
}

#[tokio::test]
async fn a_provider_that_speaks_anthropics_language_gets_and_gives_bytes_untouched() {
    let (world, provider) = native(answer(200, "application/json", MESSAGE)).await;
    let told = ask(&world, ", \"unknown\" : 1.10").await;
    assert_eq!(told.body, MESSAGE);
    assert_eq!(provider.received()[0].line, "POST /v1/messages HTTP/1.1");
    assert_eq!(String::from_utf8_lossy(&provider.received()[0].body), format!("{ASK}, \"unknown\" : 1.10}}"));
    let tokens = |output| Some(Tokens { input: 3, cache_read: 10, output, ..Tokens::default() });
    assert_eq!(world.settled(1).await[0].tokens, tokens(1));

    provider.now(stream(NATIVE));
    let told = ask(&world, ",\"stream\":true").await;
    assert_eq!((told.body, told.failure), (NATIVE.concat(), None));
    assert_eq!(world.settled(2).await[1].tokens, tokens(12), "numbers are totals, not to be added");
}

#[tokio::test]
async fn an_error_or_an_early_end_in_anthropics_own_stream_is_seen() {
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    let (world, provider) = native(stream(&[NATIVE[0], error])).await;
    let refused = world.ask_of(Operation::Messages, &format!("{ASK},\"stream\":true}}")).await.expect_err("a failure");
    assert!(refused.message.contains("Overloaded"), "before content it is an error: {refused}");
    provider.now(stream(&NATIVE[..5]));
    let told = ask(&world, ",\"stream\":true").await;
    assert_eq!(told.failure.expect("a failure").reason, Reason::UpstreamIncomplete);
    assert_eq!(world.settled(2).await[1].outcome(), Outcome::Incomplete);
}

#[tokio::test]
async fn tokens_are_counted_without_asking_a_provider_that_does_not_count() {
    let (world, provider) = one(vec![]).await;
    let body = "{\"model\":\"gpt\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello there\"}]}";
    let told = world.ask_of(Operation::CountTokens, body).await.expect("a count");
    let told: Value = serde_json::from_str(&told.body).expect("JSON");
    assert!(told["input_tokens"].as_i64().is_some_and(|count| count > 5), "{told}");
    assert!(provider.received().is_empty());
    assert!(world.book().admits.is_empty(), "what reaches no provider needs no admission");
    let (world, provider) = native(answer(200, "application/json", "{\"input_tokens\": 14}")).await;
    let told = world.ask_of(Operation::CountTokens, body).await.expect("a count");
    assert_eq!(told.body, "{\"input_tokens\": 14}");
    assert_eq!(provider.received()[0].line, "POST /v1/messages/count_tokens HTTP/1.1");
    let settle = &world.settled(1).await[0];
    assert_eq!((settle.tokens, settle.estimated), (Some(Tokens::default()), false), "counting costs nothing");
    assert!(world.book().admits[0].free);
}
