//! OpenAI's responses and completions, in front of a provider that has chat completions only, and of one that has them.

use crate::{
    provider::{DONE, HELLO, Provider, ROLE, STOP, Step, USAGE, WORLD, answer, piece, stream, stream_head},
    world::{World, eventually, one, settings},
};
use proto::{
    Reason,
    gateway::Operation,
    usage::{Outcome, Tokens},
};
use serde_json::{Value, json};

const ASK: &str = "{\"model\":\"gpt\",\"input\":\"Hi\"";

async fn ask(world: &World, more: &str) -> crate::ask::Answer {
    world.ask_of(Operation::Responses, &format!("{ASK}{more}}}")).await.expect("an answer")
}

/// A provider with these operations in their own words.
async fn with(native: &str, script: Vec<Step>) -> (World, Provider) {
    let provider = Provider::start(script).await;
    let mut settings = settings("one", 0, provider.base_url());
    settings.options_json = format!("{{\"native\":[{native}]}}");
    (World::new(vec![settings]).await, provider)
}

/// The data of a stream's events.
fn events(body: &str) -> Vec<Value> {
    let event = |text: &str| {
        let (name, data) = text.split_once('\n').expect("two lines");
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON");
        assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
        data
    };
    body.split("\n\n").filter(|text| !text.is_empty()).map(event).collect()
}

#[tokio::test]
async fn items_and_functions_are_told_as_a_chat_completion_and_its_answer_as_a_response() {
    let chat = r#"{"id":"chatcmpl-7","model":"gpt-x","choices":[{"index":0,"message":{"role":"assistant","content":"Wait.","reasoning_content":"hm","tool_calls":[{"id":"call_1","type":"function","function":{"name":"now","arguments":""}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":20,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":4}}}"#;
    let (world, provider) = one(answer(200, "application/json", chat)).await;
    let request = json!({
        "model": "gpt", "instructions": "Be brief.", "max_output_tokens": 99, "temperature": 0.5,
        "reasoning": {"effort": "low"}, "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}}},
        "tools": [{"type": "function", "name": "now", "parameters": {"type": "object"}, "strict": true}],
        "tool_choice": {"type": "function", "name": "now"}, "metadata": {"k": "v"}, "include": ["reasoning.encrypted_content"],
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "See"}, {"type": "input_image", "image_url": "data:image/png;base64,AA"}]},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "noon"},
        ],
    });
    let told = world.ask_of(Operation::Responses, &request.to_string()).await.expect("an answer");
    let sent: Value = serde_json::from_slice(&provider.received()[0].body).expect("JSON");
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
            ]},
            {"role": "assistant", "content": "I look.", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "noon"},
        ])
    );
    assert_eq!((&sent["max_completion_tokens"], &sent["reasoning_effort"]), (&json!(99), &json!("low")));
    assert_eq!(sent["tool_choice"], json!({"type": "function", "function": {"name": "now"}}));
    assert_eq!(sent["response_format"]["json_schema"], json!({"name": "a", "schema": {"type": "object"}}));
    assert_eq!(told.head.dropped, ["include", "input.reasoning"]);

    let response: Value = serde_json::from_str(&told.body).expect("JSON");
    assert_eq!((&response["object"], &response["status"]), (&json!("response"), &json!("completed")));
    assert_eq!((&response["store"], &response["metadata"]), (&json!(false), &json!({"k": "v"})));
    let kinds: Vec<&Value> = response["output"].as_array().expect("items").iter().map(|item| &item["type"]).collect();
    assert_eq!(kinds, ["reasoning", "message", "function_call"]);
    assert_eq!(
        (&response["output"][2]["call_id"], &response["output"][2]["arguments"]),
        (&json!("call_1"), &json!("{}"))
    );
    assert_eq!(response["usage"]["output_tokens_details"]["reasoning_tokens"], 4);
    assert_eq!(response["usage"]["total_tokens"], 29);
    world.settled(1).await;
}

#[tokio::test]
async fn a_stream_is_told_in_the_events_of_responses_numbered_without_a_gap() {
    let (world, _) = one(stream(&[ROLE, HELLO, WORLD, STOP, USAGE, DONE])).await;
    let told = ask(&world, ",\"stream\":true").await;
    assert_eq!(told.failure, None);
    let events = events(&told.body);
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(kinds, expected);
    assert!(events.iter().enumerate().all(|(n, event)| event["sequence_number"] == n));
    let last = &events[9]["response"];
    assert_eq!(last["output"][0]["content"][0]["text"], "Hello 日本 world");
    assert_eq!((&last["id"], &last["usage"]["output_tokens"]), (&events[0]["response"]["id"], &json!(2)));
    let tokens = Tokens { input: 9, output: 2, ..Tokens::default() };
    assert_eq!(world.settled(1).await[0].tokens, Some(tokens));
}

#[tokio::test]
async fn parallel_calls_are_items_of_their_own_and_an_end_by_length_is_incomplete() {
    let call = |index: usize, more: &str| {
        format!(
            "data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":{index},{more}}}]}}}}]}}\n\n"
        )
    };
    let begin = |n: usize| call(n, &format!("\"id\":\"t{n}\",\"function\":{{\"name\":\"f{n}\",\"arguments\":\"\"}}"));
    let more = |n: usize, text: &str| call(n, &format!("\"function\":{{\"arguments\":{}}}", json!(text)));
    let pieces = [begin(0), begin(1), more(1, "{\"b\":2}"), more(0, "{\"a\""), more(0, ":1}")];
    let mut pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    let cut = STOP.replace("\"stop\"", "\"length\"");
    pieces.extend([cut.as_str(), USAGE, DONE]);
    let (world, _) = one(stream(&pieces)).await;
    let events = events(&ask(&world, ",\"stream\":true").await.body);
    let last = events.last().expect("an end");
    assert_eq!((&last["type"], &last["response"]["status"]), (&json!("response.incomplete"), &json!("incomplete")));
    assert_eq!(last["response"]["incomplete_details"]["reason"], "max_output_tokens");
    for (index, arguments) in ["{\"a\":1}", "{\"b\":2}"].iter().enumerate() {
        assert_eq!(&last["response"]["output"][index]["arguments"], arguments);
        let deltas = events.iter().filter(|e| e["type"] == "response.function_call_arguments.delta");
        let text: String = deltas.filter(|e| e["output_index"] == index).filter_map(|e| e["delta"].as_str()).collect();
        assert_eq!(&text, arguments);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_with_the_next_number() {
    let (world, _) = one(vec![stream_head(), piece(ROLE), piece(HELLO), Step::Close]).await;
    let told = ask(&world, ",\"stream\":true").await;
    let failure = told.failure.expect("a failure");
    assert_eq!(failure.reason, Reason::UpstreamIncomplete);
    assert!(!told.body.contains("response.completed"));
    assert_eq!(failure.get("sequence_number"), Some(events(&told.body).len().to_string().as_str()));
    assert_eq!(world.settled(1).await[0].outcome(), Outcome::Incomplete);
}

#[tokio::test]
async fn what_is_stored_elsewhere_or_runs_elsewhere_is_refused_and_named() {
    let (world, provider) = one(answer(200, "application/json", "{}")).await;
    for (more, field) in [
        (",\"conversation\":\"conv_1\"", "conversation"),
        (",\"tools\":[{\"type\":\"web_search\"}]", "tools[0]"),
        (",\"background\":true", "background"),
    ] {
        let refused = world.ask_of(Operation::Responses, &format!("{ASK}{more}}}")).await.expect_err("a refusal");
        assert_eq!((refused.reason, refused.fields[0].0.as_str()), (Reason::InvalidArgument, field));
    }
    assert!(provider.received().is_empty());
}

const RESPONSE: &str = "{ \"object\":\"response\",\"error\":null,\"output\":[],\"usage\":{\"input_tokens\":7,\"input_tokens_details\":{\"cached_tokens\":2},\"output_tokens\":3,\"total_tokens\":10}}";
const NATIVE: &[&str] = &[
    "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"usage\":null,\"error\":null}}\n\n",
    "event: response.output_text.delta\r\ndata: {\"type\":\"response.output_text.delta\",\r\ndata: \"sequence_number\":1,\"delta\":\"Hé日\"}\r\n\r\n",
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":2,\"response\":{\"usage\":{\"input_tokens\":7,\"output_tokens\":3}}}\n\n",
];

#[tokio::test]
async fn a_provider_that_has_responses_gets_and_gives_bytes_untouched() {
    let (world, provider) = with("\"responses\"", answer(200, "application/json", RESPONSE)).await;
    let told = ask(&world, ", \"store\" : true, \"x\":1.10").await;
    assert_eq!(told.body, RESPONSE);
    assert_eq!(provider.received()[0].line, "POST /v1/responses HTTP/1.1");
    let sent = format!("{ASK}, \"store\" : true, \"x\":1.10}}");
    assert_eq!(String::from_utf8_lossy(&provider.received()[0].body), sent);
    let tokens = Tokens { input: 5, cache_read: 2, output: 3, ..Tokens::default() };
    assert_eq!(world.settled(1).await[0].tokens, Some(tokens));
    provider.now(stream(NATIVE));
    let told = ask(&world, ",\"stream\":true").await;
    assert_eq!((told.body, told.failure), (NATIVE.concat(), None));
    assert_eq!(world.settled(2).await[1].outcome(), Outcome::Completed);
}

#[tokio::test]
async fn a_native_stream_that_fails_first_falls_back_and_one_that_ends_early_is_incomplete() {
    let failed = "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":1,\"response\":{\"error\":{\"code\":\"x\",\"message\":\"out of coffee\"}}}\n\n";
    let (world, provider) = with("\"responses\"", stream(&[NATIVE[0], failed])).await;
    let second = Provider::start(stream(&[ROLE, HELLO, STOP, DONE])).await;
    world.book().providers.push(settings("second", 1, second.base_url()));
    let told = ask(&world, ",\"stream\":true").await;
    assert_eq!((told.head.provider.as_str(), told.head.attempts, told.failure), ("second", 2, None));
    assert!(told.body.contains("response.completed"), "the second has chat only, and is told alike: {}", told.body);
    provider.now(stream(&NATIVE[..2]));
    let told = ask(&world, ",\"stream\":true").await;
    let failure = told.failure.expect("a failure");
    assert_eq!((failure.reason, failure.get("sequence_number")), (Reason::UpstreamIncomplete, Some("2")));
    eventually("it is settled", || world.book().settles.len() == 3).await;
    assert_eq!(world.settled(3).await[2].outcome(), Outcome::Incomplete);
}

#[tokio::test]
async fn a_completion_is_passed_on_or_told_as_a_chat_completion() {
    let completion = "{\"object\":\"text_completion\",\"choices\":[{\"text\":\"x\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}";
    let body = "{\"model\":\"gpt\",\"prompt\":\"Once\",\"max_tokens\":5}";
    let (world, provider) = one(answer(200, "application/json", completion)).await;
    assert_eq!(world.ask_of(Operation::Completions, body).await.expect("an answer").body, completion);
    assert_eq!(provider.received()[0].line, "POST /v1/completions HTTP/1.1");
    let (world, provider) = with("", stream(&[ROLE, HELLO, STOP, USAGE, DONE])).await;
    let told = world.ask_of(Operation::Completions, &body.replace('}', ",\"stream\":true}")).await.expect("an answer");
    assert_eq!(told.failure, None);
    assert!(told.body.contains("\"text\":\"Hello 日本\"") && told.body.ends_with(DONE), "{}", told.body);
    let sent: Value = serde_json::from_slice(&provider.received()[0].body).expect("JSON");
    assert_eq!(sent["messages"], json!([{"role": "user", "content": "Once"}]));
}
